package dwarfvars

import (
	"debug/dwarf"
	"sort"
	"sync"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// row is one row of a unit's line table.
type row struct {
	addr        uint64
	file        string
	line        int
	stmt        bool
	prologueEnd bool
	end         bool // first address after a sequence
}

// lineReader opens the line table of one unit. Only the unit's bytes are given to
// the standard library, which would read all units else.
func (i *Info) lineReader(c *dwarfunit.Context) *dwarf.LineReader {
	s := &i.data.Sections
	d, err := dwarf.New(s.Abbrev, nil, nil, s.Info[c.U.Off:c.U.End], s.Line, nil, s.Ranges, s.Str)
	if err != nil {
		return nil
	}
	for _, extra := range []struct {
		name string
		data []byte
	}{{".debug_line_str", s.LineStr}, {".debug_str_offsets", s.StrOffsets}, {".debug_addr", s.Addr}, {".debug_rnglists", s.RngLists}} {
		if extra.data != nil && d.AddSection(extra.name, extra.data) != nil {
			return nil
		}
	}
	cu, err := d.Reader().Next()
	if err != nil || cu == nil {
		return nil
	}
	lr, err := d.LineReader(cu)
	if err != nil {
		return nil
	}
	return lr
}

// maxTables bounds how many units' line tables are kept.
const maxTables = 16

// lineTables are the units' line tables that were asked for last.
type lineTables struct {
	mu   sync.Mutex
	rows map[int][]row
}

// rows returns the line table of one unit, by address; it is not to be changed.
func (i *Info) rows(c *dwarfunit.Context) []row {
	t := &i.lines
	t.mu.Lock()
	defer t.mu.Unlock()
	if r, ok := t.rows[c.Index]; ok {
		return r
	}
	if t.rows == nil || len(t.rows) >= maxTables {
		t.rows = map[int][]row{}
	}
	r := i.readRows(c)
	t.rows[c.Index] = r
	return r
}

func (i *Info) readRows(c *dwarfunit.Context) []row {
	lr := i.lineReader(c)
	if lr == nil {
		return nil
	}
	var out []row
	var e dwarf.LineEntry
	for lr.Next(&e) == nil {
		r := row{addr: e.Address, line: e.Line, stmt: e.IsStmt, prologueEnd: e.PrologueEnd, end: e.EndSequence}
		if e.File != nil {
			r.file = e.File.Name
		}
		out = append(out, r)
	}
	sort.SliceStable(out, func(a, b int) bool {
		if out[a].addr != out[b].addr {
			return out[a].addr < out[b].addr
		}
		return out[a].end && !out[b].end
	})
	return out
}

// afterPrologue returns the address after the prologue of a function: where the
// line table says that it ends, else where the table's second address is.
func (i *Info) afterPrologue(fn *dwarfunit.Entry, entry uint64) (uint64, bool) {
	ranges, err := fn.Ranges()
	if err != nil {
		return 0, false
	}
	high := entry + sizeFrom(ranges, entry)
	rows := i.rows(fn.Unit)
	first := sort.Search(len(rows), func(k int) bool { return rows[k].addr >= entry })
	second, begun := uint64(0), false
	for _, r := range rows[first:] {
		if r.addr >= high {
			break
		}
		if r.end {
			continue
		}
		begun = begun || r.addr == entry
		if !begun {
			return 0, false
		}
		if r.prologueEnd {
			return r.addr, true
		}
		if second == 0 && r.addr > entry {
			second = r.addr
		}
	}
	return second, second != 0
}

// lineOf returns the row that covers an address.
func lineOf(rows []row, addr uint64) (row, bool) {
	k := sort.Search(len(rows), func(k int) bool { return rows[k].addr > addr }) - 1
	if k < 0 || rows[k].end {
		return row{}, false
	}
	// The first of the rows with this address is where the statement begins.
	for k > 0 && rows[k-1].addr == rows[k].addr && !rows[k-1].end {
		k--
	}
	return rows[k], true
}

// statementAt returns the first row at exactly addr that begins a statement.
func statementAt(rows []row, addr uint64) (row, bool) {
	k := sort.Search(len(rows), func(k int) bool { return rows[k].addr >= addr })
	for ; k < len(rows) && rows[k].addr == addr; k++ {
		if rows[k].stmt && !rows[k].end {
			return rows[k], true
		}
	}
	return row{}, false
}

// decl returns where a function or variable is declared.
func (i *Info) decl(e *dwarfunit.Entry) (file string, line int) {
	if n, ok := i.number(e, dwarfunit.AttrDeclLine); ok {
		line = int(min(n, 1<<31-1))
	}
	h := i.holder(e, dwarfunit.AttrDeclFile)
	if h == nil {
		return "", line
	}
	n, _ := h.Uint(dwarfunit.AttrDeclFile)
	return i.fileName(h.Unit, n), line
}

// fileName returns the path with a number in the unit's line table.
func (i *Info) fileName(c *dwarfunit.Context, n uint64) string {
	lr := i.lineReader(c)
	if lr == nil {
		return ""
	}
	files := lr.Files()
	if n >= uint64(len(files)) || files[n] == nil {
		return ""
	}
	return files[n].Name
}
