package dwarfvars

import (
	"sync"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// fileSymbols is the file's symbol table, read when it is needed first.
type fileSymbols struct {
	once  sync.Once
	table *symtab.Table
}

// symbolTable returns the file's symbols; nil if there are none.
func (i *Info) symbolTable() *symtab.Table {
	i.symbols.once.Do(func() {
		if t, err := symtab.FromSeparate(i.file, i.debug); err == nil {
			i.symbols.table = t
		}
	})
	return i.symbols.table
}

// symbolOf returns the address of a variable that is declared only, by the symbol table: what defines it may be in a unit without debug
// information, in assembler, or in an entry that completes another (DW_AT_specification), which has no name.
func (i *Info) symbolOf(v *dwarfunit.Entry) (uint64, bool) {
	if !v.Flag(dwarfunit.AttrDeclaration) || !v.Flag(dwarfunit.AttrExternal) {
		return 0, false
	}
	table := i.symbolTable()
	if table == nil {
		return 0, false
	}
	for _, s := range table.Named(i.linkage(v)) {
		if s.Type == symtab.Object && s.Bind != symtab.Local {
			return s.Addr, true
		}
	}
	return 0, false
}
