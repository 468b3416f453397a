package symtab

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// Raw is a file's symbols without a table of them: to ask for some addresses costs less than to sort all symbols.
type Raw struct {
	parts []rawPart
}

var errNoRaw = errors.New("symbols need a table")

type rawPart struct {
	file       *objfile.File
	syms, strs []byte
}

// OpenRaw gives the symbols that FromSeparate would read, but of an ARM file, where addresses have a flag, of a relocatable one, and of .gnu_debugdata. f and debug stay open as long as they are in use.
func OpenRaw(f, debug *objfile.File) (*Raw, error) {
	r := &Raw{}
	if !debug.HasSection(".symtab") {
		debug = f
	}
	if f.Machine() == elf.EM_ARM || f.Type() == elf.ET_REL || !debug.HasSection(".symtab") && f.HasSection(".gnu_debugdata") {
		return nil, errNoRaw
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

// Alone tells whether the file's symbols are all in one table, so that Name gives them all: a table made from the file
// would have no more and no fewer.
func (r *Raw) Alone() bool {
	if len(r.parts) != 1 {
		return false
	}
	f := r.parts[0].file
	return !f.HasSection(".dynsym")
}

// Len is the number of entries of an Alone table, those that are no symbols included.
func (r *Raw) Len() int { return len(r.parts[0].syms) / symSize(r.parts[0].file) }

// Name gives the name, a part of the file, and the section of entry i of an Alone table; false if a table made from the file would
// leave it out.
func (r *Raw) Name(i int) (name []byte, section int, ok bool) {
	p := &r.parts[0]
	s := rawSym(p.file, p.syms[i*symSize(p.file):])
	if !wanted(p.file, p.file.Sections(), &s, p.strs) {
		return nil, 0, false
	}
	return cString(p.strs, s.Name), int(s.Shndx), true
}

// NamesAt gives the names, without versions, of the symbols that begin at each of the addresses, aliases included, in the
// file's order. A file that is cut short meanwhile has none.
func (r *Raw) NamesAt(addrs []uint64) map[uint64][]string {
	names := make(map[uint64][]string, len(addrs))
	for _, a := range addrs {
		names[a] = nil
	}
	sieve := newSieve(addrs)
	for i := range r.parts {
		p := &r.parts[i]
		// What was read before the file became shorter holds.
		_ = objfile.Guard(p.file.Path(), func() error {
			p.namesAt(&sieve, names)
			return nil
		})
	}
	return names
}

// sieve tells of most numbers quickly that they are not in a set.
type sieve struct {
	bits  []uint64
	shift uint
}

func newSieve(set []uint64) sieve {
	const perNumber = 16 // bits, so that one in 16 is looked up in vain
	n := bits.Len(uint(max(len(set), 4) * perNumber))
	s := sieve{bits: make([]uint64, 1<<n/64), shift: 64 - uint(n)}
	for _, v := range set {
		at := s.place(v)
		s.bits[at/64] |= 1 << (at % 64)
	}
	return s
}

func (s *sieve) place(v uint64) uint64 { return v * 0x9e3779b97f4a7c15 >> s.shift }

func (s *sieve) maybe(v uint64) bool {
	at := s.place(v)
	return s.bits[at/64]>>(at%64)&1 != 0
}

func (p *rawPart) namesAt(s *sieve, names map[uint64][]string) {
	size, value := symSize(p.file), 8 // where st_value stands
	if !p.file.Is64() {
		value = 4
	}
	o := p.file.Order()
	little := p.file.Is64() && o == binary.LittleEndian
	for at := 0; at+size <= len(p.syms); at += size {
		var addr uint64
		switch {
		case little:
			addr = binary.LittleEndian.Uint64(p.syms[at+8:])
		case p.file.Is64():
			addr = o.Uint64(p.syms[at+value:])
		default:
			addr = uint64(o.Uint32(p.syms[at+value:]))
		}
		if s.maybe(addr) {
			p.take(at, addr, names)
		}
	}
}

func (p *rawPart) take(at int, addr uint64, names map[uint64][]string) {
	have, asked := names[addr]
	if !asked {
		return
	}
	if s := rawSym(p.file, p.syms[at:]); wanted(p.file, p.file.Sections(), &s, p.strs) {
		names[addr] = append(have, withoutVersion(cString(p.strs, s.Name)))
	}
}
