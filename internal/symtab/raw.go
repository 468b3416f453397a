package symtab

import (
	"debug/elf"
	"encoding/binary"
	"errors"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// Raw is a file's symbols without a table of them: to ask for a few addresses costs less than to sort all symbols.
type Raw struct {
	parts []rawPart
}

type rawPart struct {
	file       *objfile.File
	syms, strs []byte
}

// OpenRaw gives the symbols that FromSeparate would read. f and debug stay open as long as they are in use.
func OpenRaw(f, debug *objfile.File) (*Raw, error) {
	r := &Raw{}
	if !debug.HasSection(".symtab") {
		debug = f
	}
	var errs []error
	for _, name := range []string{".symtab", ".dynsym"} {
		if !debug.HasSection(name) || name == ".dynsym" && debug != f {
			continue
		}
		syms, strs, err := symbolSection(debug, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		r.parts = append(r.parts, rawPart{debug, syms, strs})
	}
	if len(r.parts) == 0 && len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return r, nil
}

// NamesAt gives the names, without versions, of the symbols that begin at addr, aliases included, in the file's order. A
// file that is cut short meanwhile has none.
func (r *Raw) NamesAt(addr uint64) []string {
	var names []string
	for i := range r.parts {
		p := &r.parts[i]
		// What was read before the file became shorter holds.
		_ = objfile.Guard(p.file.Path(), func() error {
			names = p.namesAt(addr, names)
			return nil
		})
	}
	return names
}

func (p *rawPart) namesAt(addr uint64, names []string) []string {
	if p.file.Machine() == elf.EM_ARM {
		return names // addresses have the Thumb flag: only a table tells
	}
	if !p.file.Is64() {
		var raw [4]byte
		p.file.Order().PutUint32(raw[:], uint32(addr))
		want := binary.NativeEndian.Uint32(raw[:])
		for at := 0; at+elf.Sym32Size <= len(p.syms); at += elf.Sym32Size {
			if binary.NativeEndian.Uint32(p.syms[at+4:]) == want && addr>>32 == 0 {
				names = p.take(at, names)
			}
		}
		return names
	}
	var raw [8]byte
	p.file.Order().PutUint64(raw[:], addr)
	want := binary.NativeEndian.Uint64(raw[:])
	for at := 0; at+elf.Sym64Size <= len(p.syms); at += elf.Sym64Size {
		if binary.NativeEndian.Uint64(p.syms[at+8:]) == want {
			names = p.take(at, names)
		}
	}
	return names
}

func (p *rawPart) take(at int, names []string) []string {
	s := rawSym(p.file, p.syms[at:])
	if !wanted(p.file, p.file.Sections(), &s, p.strs) {
		return names
	}
	return append(names, withoutVersion(cString(p.strs, s.Name)))
}
