package dwarfvars

import (
	"slices"
	"sort"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// lineSpot is an address that a line of the source belongs to.
type lineSpot struct {
	file string
	line int
	addr uint64
}

// scope is a function with code: out of line, or inlined somewhere.
type scope struct {
	e      *dwarfunit.Entry
	real   *dwarfunit.Entry // the out-of-line function that it is in
	ranges []dwarfunit.Range
	entry  uint64
	file   string // where it is declared
	line   int
	call   lineSpot // of an inlined one
	depth  int      // 0: out of line
	kids   []*scope // inlined into it
	read   bool     // kids are known
}

// unitWalk walks the lines of one unit. What perf takes for lines are the beginnings of statements, the entries of
// functions for the lines that declare them, and the entries of inlined functions for the lines that call them
// (die_walk_lines in tools/perf/util/dwarf-aux.c).
type unitWalk struct {
	i     *Info
	rows  *dwarfunit.LineTable
	funcs []*scope // by address
}

func (i *Info) walkUnit(c *dwarfunit.Context) (*unitWalk, error) {
	entries, err := i.data.FunctionsOf(c)
	if err != nil && len(entries) == 0 {
		return nil, err
	}
	w := &unitWalk{i: i, rows: i.rows(c)}
	for _, e := range entries {
		if s := w.scope(e, nil); s != nil {
			s.real = e
			w.funcs = append(w.funcs, s)
		}
	}
	sort.SliceStable(w.funcs, func(a, b int) bool { return w.funcs[a].ranges[0].Lo < w.funcs[b].ranges[0].Lo })
	return w, nil
}

// eachScope calls f for each piece of code of a function: its own, and its instances. The walk knows no more than the
// function that the piece is in.
func (i *Info) eachScope(fn *dwarfunit.Func, f func(*unitWalk, *scope) error) error {
	instances := fn.Instances
	if fn.Code {
		instances = []dwarfunit.Instance{{Unit: fn.Unit, Off: fn.Off, Real: fn.Off}}
	}
	var w *unitWalk
	for _, in := range instances {
		if in.Real == 0 {
			continue
		}
		if w == nil || w.funcs[0].e.Off != in.Real {
			real, err := i.data.Entry(in.Real)
			if err != nil {
				return err
			}
			w = nil
			if real == nil {
				continue
			}
			next := &unitWalk{i: i}
			if s := next.scope(real, nil); s != nil {
				s.real = real
				next.rows, next.funcs = i.rows(real.Unit), []*scope{s}
				w = next
			}
		}
		if w == nil {
			continue
		}
		s := w.funcs[0]
		if in.Off != in.Real {
			e, err := i.data.Entry(in.Off)
			if err != nil {
				return err
			}
			if e == nil || i.redundant(e) {
				continue
			}
			if s = w.scope(e, s); s == nil {
				continue
			}
		}
		if err := f(w, s); err != nil {
			return err
		}
	}
	return nil
}

// scope makes a scope of an entry; nil for one without code in the file. Of an inlined one no more than the entry may be left.
func (w *unitWalk) scope(e *dwarfunit.Entry, parent *scope) *scope {
	ranges, err := e.Ranges()
	entry, ok := e.EntryPC()
	if err != nil || len(ranges) == 0 && parent == nil || !ok || entry == 0 { // 0: dropped by the linker
		return nil
	}
	s := &scope{e: e, ranges: ranges, entry: entry}
	s.file, s.line = w.i.decl(e)
	if parent == nil {
		return s
	}
	s.real, s.depth = parent.real, parent.depth+1
	if n, ok := e.Uint(dwarfunit.AttrCallLine); ok {
		file, _ := e.Uint(dwarfunit.AttrCallFile)
		s.call = lineSpot{w.i.fileName(e.Unit, file), lineNumber(n), entry}
	}
	return s
}

// inlined returns what is inlined into a scope, blocks looked through.
func (w *unitWalk) inlined(s *scope) []*scope {
	if !s.read && s.depth < maxChain {
		w.collect(s, s.e, 0)
	}
	s.read = true
	return s.kids
}

func (w *unitWalk) collect(s *scope, e *dwarfunit.Entry, block int) {
	if block > maxChain {
		return
	}
	// A damaged function has no inlined ones.
	_ = e.EachChild(func(kid *dwarfunit.Entry) bool {
		switch kid.Tag {
		case dwarfunit.TagLexicalBlock:
			w.collect(s, kid, block+1)
		case dwarfunit.TagInlinedSubroutine:
			if in := w.scope(kid, s); in != nil {
				s.kids = append(s.kids, in)
			}
		}
		return true
	})
}

// at returns the functions at an address, from the one out of line to the innermost inlined one.
func (w *unitWalk) at(addr uint64) (chain []*scope) {
	k := sort.Search(len(w.funcs), func(k int) bool { return w.funcs[k].ranges[0].Lo > addr }) - 1
	var s *scope
	if k >= 0 && dwarfunit.Contains(w.funcs[k].ranges, addr) {
		s = w.funcs[k]
	}
	for n := 0; s == nil && n < len(w.funcs); n++ { // a part of a function that lies elsewhere
		if len(w.funcs[n].ranges) > 1 && dwarfunit.Contains(w.funcs[n].ranges, addr) {
			s = w.funcs[n]
		}
	}
	for s != nil {
		chain = append(chain, s)
		kids := w.inlined(s)
		s = nil
		if n := slices.IndexFunc(kids, func(kid *scope) bool { return dwarfunit.Contains(kid.ranges, addr) }); n >= 0 {
			s = kids[n]
		}
	}
	return chain
}

// lineAt returns the line that perf goes back to from an address: at the entry of a function that of its declaration,
// else that of the statement that begins there.
func (w *unitWalk) lineAt(addr uint64) (lineSpot, bool) {
	k := sort.Search(len(w.funcs), func(k int) bool { return w.funcs[k].ranges[0].Lo >= addr })
	if k < len(w.funcs) && w.funcs[k].entry == addr && w.funcs[k].line > 0 {
		return lineSpot{w.funcs[k].file, w.funcs[k].line, addr}, true
	}
	r, ok := w.rows.StatementAt(addr)
	if !ok || r.Line == 0 {
		return lineSpot{}, false
	}
	return lineSpot{w.rows.Path(uint64(r.File)), int(r.Line), addr}, true
}

// isAt tells whether the way back from a spot's address leads to its line, or nowhere.
func (w *unitWalk) isAt(s lineSpot) bool {
	back, ok := w.lineAt(s.addr)
	return !ok || back == s
}

// all calls f for the lines of the whole unit.
func (w *unitWalk) all(f func(lineSpot)) {
	w.statements(nil, f)
	for _, s := range w.funcs {
		w.lines(s, true, f)
	}
}

// below calls f for all lines in a function.
func (w *unitWalk) below(s *scope, f func(lineSpot)) {
	for _, r := range dwarfunit.Normalize(slices.Clone(s.ranges)) {
		w.stop(w.rows.Rows[w.rows.From(r.Lo):w.rows.From(r.Hi)], f)
	}
	w.lines(s, true, f)
}

// within calls f for a function's own lines, those of functions inlined into it left out.
func (w *unitWalk) within(s *scope, f func(lineSpot)) {
	w.statements(s, f)
	w.lines(s, false, f)
}

// lines are those of declarations and calls.
func (w *unitWalk) lines(s *scope, deep bool, f func(lineSpot)) {
	if s.file != "" && s.line > 0 {
		f(lineSpot{s.file, s.line, s.entry})
	}
	for _, kid := range w.inlined(s) {
		if kid.call.file != "" && kid.call.line > 0 {
			f(kid.call)
		}
		if deep {
			w.lines(kid, true, f)
		}
	}
}

func (w *unitWalk) statements(s *scope, f func(lineSpot)) {
	rows := w.rows.Rows
	if s == nil {
		w.stop(rows, f)
		return
	}
	own := func(at lineSpot) {
		if w.own(s, at) {
			f(at)
		}
	}
	for _, r := range dwarfunit.Normalize(slices.Clone(s.ranges)) {
		w.stop(rows[w.rows.From(r.Lo):w.rows.From(r.Hi)], own)
	}
}

// stop calls f for the rows that begin statements.
func (w *unitWalk) stop(rows []dwarfunit.LineRow, f func(lineSpot)) {
	for _, r := range rows {
		if r.Flags&(dwarfunit.LineStmt|dwarfunit.LineEnd) == dwarfunit.LineStmt && r.Line != 0 {
			f(lineSpot{w.rows.Path(uint64(r.File)), int(r.Line), r.Addr})
		}
	}
}

// own tells whether a statement is the scope's, not that of a function inlined into it. The line of the call is its own.
func (w *unitWalk) own(s *scope, at lineSpot) bool {
	inner := s
	for {
		kids := w.inlined(inner)
		n := slices.IndexFunc(kids, func(kid *scope) bool { return dwarfunit.Contains(kid.ranges, at.addr) })
		if n < 0 {
			break
		}
		inner = kids[n]
	}
	if inner == s || inner.call.file == s.file && inner.call.line == at.line {
		return true
	}
	return inner.line == s.line && inner.file == s.file
}

// fileMatches tells whether a path is the one that a user means: it ends so, in whole names. A compiler may have had
// fewer directories than the user gives.
func fileMatches(path, want string) bool {
	long, short := path, want
	if len(short) > len(long) {
		if strings.HasPrefix(path, "/") {
			return false
		}
		long, short = short, long
	}
	if short == "" || !strings.HasSuffix(long, short) {
		return false
	}
	rest := long[:len(long)-len(short)]
	return rest == "" || strings.HasSuffix(rest, "/") || strings.HasPrefix(short, "/")
}
