package dwarfvars

import (
	"math"
	"sync"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// maxTables bounds how many units' line tables are kept.
const maxTables = 16

// lineTables are the units' line tables that were asked for last; a table without rows counts too.
type lineTables struct {
	mu    sync.Mutex
	files map[int]*dwarfunit.LineTable
	full  map[int]*dwarfunit.LineTable
}

// rows returns the line table of one unit, which is not to be changed. It is empty if the unit has none, and ends early
// where it is damaged.
func (i *Info) rows(c *dwarfunit.Context) *dwarfunit.LineTable {
	return i.lines.get(&i.lines.full, c.Index, c.Lines)
}

// files returns at least the files of one unit's line table.
func (i *Info) files(c *dwarfunit.Context) *dwarfunit.LineTable {
	i.lines.mu.Lock()
	t := i.lines.full[c.Index]
	i.lines.mu.Unlock()
	if t != nil {
		return t
	}
	return i.lines.get(&i.lines.files, c.Index, c.Files)
}

func (t *lineTables) get(kept *map[int]*dwarfunit.LineTable, unit int, read func() (*dwarfunit.LineTable, error)) *dwarfunit.LineTable {
	t.mu.Lock()
	defer t.mu.Unlock()
	if have, ok := (*kept)[unit]; ok {
		return have
	}
	if *kept == nil || len(*kept) >= maxTables {
		*kept = map[int]*dwarfunit.LineTable{}
	}
	table, err := read()
	if table == nil || err != nil && len(table.Rows) == 0 {
		table = &dwarfunit.LineTable{} // what cannot be read has no lines
	}
	(*kept)[unit] = table
	return table
}

// afterPrologue returns the address after the prologue of a function: where the
// line table says that it ends, else where the table's second address is.
func (i *Info) afterPrologue(fn *dwarfunit.Entry, entry uint64) (uint64, bool) {
	end, second := i.prologue(fn, entry)
	if end != 0 {
		return end, true
	}
	return second, second != 0
}

// tellsPrologue reports whether the line table says where the prologue of a function ends; gcc's does not.
func (i *Info) tellsPrologue(fn *dwarfunit.Entry, entry uint64) bool {
	end, _ := i.prologue(fn, entry)
	return end != 0
}

// prologue returns where the line table says that a function's prologue ends, and the table's second address in the
// function; each 0 if there is none.
func (i *Info) prologue(fn *dwarfunit.Entry, entry uint64) (end, second uint64) {
	ranges, err := fn.Ranges()
	if err != nil {
		return 0, 0
	}
	high := entry + sizeFrom(ranges, entry)
	table := i.rows(fn.Unit)
	begun := false
	for _, r := range table.Rows[table.From(entry):] {
		if r.Addr >= high {
			break
		}
		if r.Flags&dwarfunit.LineEnd != 0 {
			continue
		}
		begun = begun || r.Addr == entry
		if !begun {
			return 0, 0
		}
		if r.Flags&dwarfunit.LinePrologueEnd != 0 {
			return r.Addr, second
		}
		if second == 0 && r.Addr > entry {
			second = r.Addr
		}
	}
	return 0, second
}

// decl returns where a function or variable is declared.
func (i *Info) decl(e *dwarfunit.Entry) (file string, line int) {
	if n, ok := i.number(e, dwarfunit.AttrDeclLine); ok {
		line = lineNumber(n)
	}
	h := i.holder(e, dwarfunit.AttrDeclFile)
	if h == nil {
		return "", line
	}
	n, _ := h.Uint(dwarfunit.AttrDeclFile)
	return i.fileName(h.Unit, n), line
}

func lineNumber(n uint64) int { return int(min(n, math.MaxInt32)) }

// fileName returns the path with a number in the unit's line table.
func (i *Info) fileName(c *dwarfunit.Context, n uint64) string { return i.files(c).Path(n) }
