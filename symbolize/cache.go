package symbolize

import (
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/symbolize/unwind"
)

// The bounds of a Cache's memory; beyond one, what it bounds starts anew.
const (
	maxMappings = 1 << 16
	maxNames    = 1 << 17
)

// Cache remembers answers for one goroutine: addresses, the modules behind mappings, and names, which are made (and demangled) once each.
type Cache struct {
	s       *Symbolizer
	kernels answers
	users   answers
	modules map[*Mapping]*module
	shifts  map[*Mapping]distance
	codes   map[*Mapping]*unwind.Code
	names   map[nameKey]Frame
	types   map[goTypeKey]GoType
	source  map[string]string // names of inlined functions as they are shown
	inlines []string
}

// distance is between a kernel mapping's recorded and present place.
type distance struct {
	by uint64
	ok bool
}

type nameKey struct {
	t *symtab.Table
	i int
}

// NewCache gives a goroutine its own memory of answers.
func (s *Symbolizer) NewCache() *Cache {
	return &Cache{
		s: s, modules: make(map[*Mapping]*module), shifts: make(map[*Mapping]distance), codes: make(map[*Mapping]*unwind.Code),
		names: make(map[nameKey]Frame),
	}
}

// Kernel resolves an address of the kernel as it is now, or as the given kallsyms or vmlinux has it.
func (c *Cache) Kernel(addr uint64) (*Frame, Reason) { return c.KernelIn(nil, addr) }

// KernelIn resolves an address in one of the kernel's mappings as the recording has them: its main one, with Path "[kernel.kallsyms]_text"
// and the address of _text as Offset, or a module's, with Path "/lib/modules/…/ext4.ko" or "[ext4]". The kernel and its modules move at
// each boot; a recording of an earlier boot is resolved by the distance between then and now.
//
// The frame is the Cache's: it stays as it is, and is the same for the same address until the Cache starts anew. So it is with User.
func (c *Cache) KernelIn(m *Mapping, addr uint64) (*Frame, Reason) {
	a, known := c.kernels.of(m, addr)
	if !known {
		a.frame, a.reason = c.kernel(m, addr)
	}
	return &a.frame, a.reason
}

// isSymbol tells that the mapping is one function by itself.
func (m *Mapping) isSymbol() bool { return m != nil && m.Symbol != "" }

func (m *Mapping) symbol(addr uint64) Frame {
	return Frame{Name: m.Symbol, Mangled: m.Symbol, Offset: addr - m.Start, Size: m.End - m.Start, Module: m.Path}
}

// shift is kernel.shift, remembered.
func (c *Cache) shift(m *Mapping) (uint64, bool) {
	if m == nil {
		return 0, true
	}
	if d, ok := c.shifts[m]; ok {
		return d.by, d.ok
	}
	if len(c.shifts) >= maxMappings {
		clear(c.shifts)
	}
	var d distance
	d.by, d.ok = c.s.loadKernel().shift(m)
	c.shifts[m] = d
	return d.by, d.ok
}

// User resolves an address in a mapping; m may be nil. at is the virtual address in the file, before any load bias (0 if not known). An
// address that no symbol covers still has its module.
func (c *Cache) User(m *Mapping, addr uint64) (f *Frame, at uint64, r Reason) {
	a, known := c.users.of(m, addr)
	if !known {
		a.frame, a.at, a.reason = c.user(m, addr)
	}
	return &a.frame, a.at, a.reason
}

func (c *Cache) user(m *Mapping, addr uint64) (Frame, uint64, Reason) {
	if m == nil || addr < m.Start || addr >= m.End {
		return Frame{Module: Unknown}, 0, Unmapped
	}
	if m.isSymbol() {
		return m.symbol(addr), addr, OK
	}
	mod := c.module(m)
	unknown := Frame{Module: moduleName(m)}
	at, ok := mod.vaddr(m, addr)
	if mod.table == nil {
		return unknown, at, mod.reason
	}
	if !ok {
		return unknown, 0, OutsideSegments
	}
	i := mod.table.Find(at)
	if i < 0 {
		if mod.table.Len() == 0 {
			return unknown, at, NoSymbols
		}
		return unknown, at, NotCovered
	}
	f, start := c.name(mod.table, i)
	f.Offset, f.Module = at-start, unknown.Module
	return f, at, OK
}

func (c *Cache) module(m *Mapping) *module {
	if mod, ok := c.modules[m]; ok {
		return mod
	}
	if len(c.modules) >= maxMappings {
		clear(c.modules)
	}
	mod := c.s.module(m)
	c.modules[m] = mod
	return mod
}

// name gives symbol i's frame without an offset, and its address.
func (c *Cache) name(t *symtab.Table, i int) (Frame, uint64) {
	k := nameKey{t, i}
	f, ok := c.names[k]
	if !ok {
		if len(c.names) >= maxNames {
			clear(c.names)
		}
		f = c.s.frame(t, i)
		c.names[k] = f
	}
	return f, t.Addr(i)
}
