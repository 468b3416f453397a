package probe

import (
	"errors"
	"slices"
	"sync"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/internal/gobin"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// image is an ELF file with what is known of it: symbols, and debug information on demand.
type image struct {
	path    string
	options dwarfvars.Options
	file    *objfile.File
	machine *arch.Machine

	infoOnce sync.Once
	info     *dwarfvars.Info
	infoErr  error

	separateOnce sync.Once
	separate     *objfile.File // where .symtab is; often file

	tableOnce sync.Once
	table     *symtab.Table
	tableErr  error
	names     map[uint64][]string // of the symbols at addresses that were asked for without a table

	goOnce   sync.Once
	goBinary *gobin.Binary
	goErr    error
}

func openImage(path string, o Options) (*image, error) {
	f, err := objfile.Open(path)
	if err != nil {
		if errors.Is(err, objfile.ErrNotELF) {
			return nil, &NotELFError{Path: path}
		}
		return nil, &TargetError{Path: path, Err: err}
	}
	m, err := arch.ForMachine(f.Machine())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &image{path: path, options: dwarfvars.Options{Root: o.Root, Cache: o.Cache, Fetch: o.Fetch}, file: f, machine: m}, nil
}

func (m *image) close() error {
	var errs []error
	if m.info != nil {
		errs = append(errs, m.info.Close())
	}
	if m.separate != nil && m.separate != m.file {
		errs = append(errs, m.separate.Close())
	}
	return errors.Join(append(errs, m.file.Close())...)
}

// debug returns the debug information; the error is a *dwarfvars.NoDebugInfoError if there is none.
func (m *image) debug() (*dwarfvars.Info, error) {
	m.infoOnce.Do(func() { m.info, m.infoErr = dwarfvars.Open(m.path, m.options) })
	return m.info, m.infoErr
}

// symbols returns the symbol table, of the separate debug file if the file itself is stripped and has one.
func (m *image) symbols() (*symtab.Table, error) {
	m.tableOnce.Do(func() { m.table, m.tableErr = m.readSymbols() })
	return m.table, m.tableErr
}

func (m *image) readSymbols() (*symtab.Table, error) {
	return symtab.FromSeparate(m.file, m.symbolFile())
}

// symbolFile is the file that has the symbol table.
func (m *image) symbolFile() *objfile.File {
	m.separateOnce.Do(func() {
		m.separate = m.file
		if m.file.HasSection(".symtab") {
			return
		}
		if info, err := m.debug(); err == nil && info.Path() != m.path {
			if f, err := objfile.Open(info.Path()); err == nil {
				m.separate = f
			}
		}
	})
	return m.separate
}

// symbolAt names the function that an address lies in.
func (m *image) symbolAt(addr uint64) (name string, offset uint64, ok bool) {
	t, err := m.symbols()
	if err != nil {
		return "", 0, false
	}
	if s, ok := t.Lookup(addr); ok {
		return s.Name, addr - s.Addr, true
	}
	if b, err := m.golang(); err == nil {
		fn, ok := b.Functions.Find(addr)
		return fn.Name, addr - fn.Entry, ok
	}
	return "", 0, false
}

// learn finds the symbols at some addresses, for isNamed, without a table of all.
func (m *image) learn(addrs []uint64) {
	if m.table != nil || m.file.IsRelocatable() { // there symbols count from their sections
		return
	}
	if r, err := symtab.OpenRaw(m.file, m.symbolFile()); err == nil {
		m.names = r.NamesAt(addrs)
	}
}

// isNamed reports whether the symbol table has one of the names for the address, and which comes first.
func (m *image) isNamed(addr uint64, names ...string) (string, bool) {
	if have, ok := m.names[addr]; ok {
		return firstOf(names, func(n string) bool { return slices.Contains(have, n) })
	}
	t, err := m.symbols()
	if err != nil {
		return "", false
	}
	return firstOf(names, func(n string) bool { return t.HasAt(addr, n) })
}

func firstOf(names []string, has func(string) bool) (string, bool) {
	if i := slices.IndexFunc(names, has); i >= 0 {
		return names[i], true
	}
	return "", false
}

// code returns the bytes from address to address, if the file has them.
func (m *image) code(from, to uint64) []byte {
	s, ok := m.file.SectionOf(from)
	if !ok || to < from || to > s.Addr+s.Size {
		return nil
	}
	b, err := m.file.Data(s.Index)
	if err != nil || to-s.Addr > uint64(len(b)) {
		return nil
	}
	return b[from-s.Addr : to-s.Addr]
}

// inSection reports whether the section with that index has that name.
func (m *image) inSection(index int, name string) bool {
	all := m.file.Sections()
	return index >= 0 && index < len(all) && all[index].Name == name
}
