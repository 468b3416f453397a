// Package symtab holds the names of a file or a kernel and their addresses: ELF symbol tables and kallsyms, with perf's choice of the name
// to show for an address.
//
// A Table is immutable and safe for concurrent use. A table made from an ELF file reads names from the file's mapping, so the
// [objfile.File] stays open as long as the table is used; a Symbol handed out owns its strings.
package symtab

import (
	"iter"
	"sort"
)

// Type says what a symbol stands for.
type Type uint8

// The values are ELF's STT_ numbers.
const (
	NoType Type = 0
	Object Type = 1
	Func   Type = 2
	IFunc  Type = 10 // an indirect function: the address is its resolver's
)

// Bind is a symbol's binding.
type Bind uint8

// The values are ELF's STB_ numbers.
const (
	Local  Bind = 0
	Global Bind = 1
	Weak   Bind = 2
	Unique Bind = 10
)

// Symbol is one name. Addr is a virtual address of the file (no load bias), or a kernel address. Size is the size that lookups work with:
// what the file says, or, where it says 0, what perf makes of it, up to the next symbol.
type Symbol struct {
	Name    string // as in the file, not demangled
	Addr    uint64
	Size    uint64
	Type    Type
	Bind    Bind
	Section int    // ELF section index; 0 if there is none, as for kallsyms
	Version string // symbol version ("GLIBC_2.34"), without @; "" without one
	Module  string // kernel module in brackets ("[ext4]"), "" for the kernel itself and for ELF files
	Shadow  bool   // an alias: lookups by address give another name
	Hidden  bool   // other files do not see it; a linker makes it local
	PLT     bool   // made up for a slot of the procedure linkage table: Name ends in "@plt"
}

// IsFunc reports whether the symbol is code by its type.
func (s *Symbol) IsFunc() bool { return s.Type == Func || s.Type == IFunc }

// IsIFunc reports whether the symbol is an indirect function: its address is that of the resolver, which runs once at load time; a probe
// there will not see the calls.
func (s *Symbol) IsIFunc() bool { return s.Type == IFunc }

// source is what tables differ in: how entries are stored. Entries are sorted by address; entry i is valid for 0 <= i < len.
type source interface {
	len() int
	addr(i int) uint64
	// find gives the entry to show for addr, -1 for none.
	find(addr uint64) int
	symbol(i int) Symbol
	// name may alias the table's storage; it is valid as long as the table.
	name(i int) []byte
	// named tells whether sameName(name(i), want).
	named(i int, want string) bool
}

// Table maps addresses to symbols and names to addresses.
type Table struct {
	src source
	// Hidden is set for a kallsyms whose addresses are all zero: the kernel hides them (kernel.kptr_restrict, or no CAP_SYSLOG).
	hidden bool
}

// Len is the number of symbols, aliases included.
func (t *Table) Len() int { return t.src.len() }

// Hidden reports whether the table is a kallsyms that shows zeros instead of addresses, since the reader lacks CAP_SYSLOG or
// kernel.kptr_restrict is 2. Names are there, lookups find nothing.
func (t *Table) Hidden() bool { return t.hidden }

// Lookup gives the symbol that perf would show for addr.
func (t *Table) Lookup(addr uint64) (Symbol, bool) {
	i := t.src.find(addr)
	if i < 0 {
		return Symbol{}, false
	}
	return t.src.symbol(i), true
}

// Find is Lookup without the strings: the symbol's index, for use as a cache key and with At. It is -1 if there is none.
func (t *Table) Find(addr uint64) int { return t.src.find(addr) }

// Addr is the address of the symbol with an index that Find gave.
func (t *Table) Addr(i int) uint64 { return t.src.addr(i) }

// At is the symbol with an index that Find gave.
func (t *Table) At(i int) Symbol { return t.src.symbol(i) }

// Name is the name of the symbol with an index below Len. It is a part of the table's storage.
func (t *Table) Name(i int) []byte { return t.src.name(i) }

// Where is the ELF section and the kernel module of the symbol with an index below Len, as Symbol has them.
func (t *Table) Where(i int) (section int, module string) {
	switch src := t.src.(type) {
	case *elfTable:
		return int(src.entries[i].section), ""
	case *kallTable:
		_, m, _ := src.record(i)
		return 0, src.modules[m]
	}
	return 0, ""
}

// All walks the symbols in address order, aliases included.
func (t *Table) All() iter.Seq[Symbol] {
	return func(yield func(Symbol) bool) {
		for i := range t.src.len() {
			if !yield(t.src.symbol(i)) {
				return
			}
		}
	}
}

// ModuleBase is where the code of a kernel module ("[ext4]") begins: its lowest function, rounded down to a page. Only a kallsyms has
// modules.
func (t *Table) ModuleBase(module string) (base uint64, ok bool) {
	k, ok := t.src.(*kallTable)
	if !ok {
		return 0, false
	}
	return k.moduleBase(module)
}

// Named gives all symbols with that name, in address order: a name that several files of a program use for static functions is there
// several times. A name without a version finds symbols of every version ("memcpy" finds "memcpy@@GLIBC_2.14").
func (t *Table) Named(name string) []Symbol {
	var out []Symbol
	for i := range t.src.len() {
		if t.src.named(i, name) {
			out = append(out, t.src.symbol(i))
		}
	}
	return out
}

// HasAt reports whether one of the symbols that begin at addr, aliases included, has that name, with any version.
func (t *Table) HasAt(addr uint64, name string) bool {
	n := t.src.len()
	if k, ok := t.src.(*kallTable); ok && k.shown < n { // sorted in two parts
		return t.hasAt(0, k.shown, addr, name) || t.hasAt(k.shown, n, addr, name)
	}
	return t.hasAt(0, n, addr, name)
}

func (t *Table) hasAt(from, to int, addr uint64, name string) bool {
	i := from + sort.Search(to-from, func(i int) bool { return t.src.addr(from+i) >= addr })
	for ; i < to && t.src.addr(i) == addr; i++ {
		if t.src.named(i, name) {
			return true
		}
	}
	return false
}
