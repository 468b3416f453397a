package dwarfvars

import "github.com/gperf-dev/gperf/internal/dwarfunit"

// Source is where an address comes from, told as perf probe --list tells it.
type Source struct {
	Function string // function that the address is in; of inlined ones the innermost that it is not the entry of
	Symbol   string // out-of-line function
	Offset   uint64 // of the address from the entry of Symbol
	Inlined  bool   // Function is inlined there
	DeclFile string // where Function is declared
	DeclLine int
	File     string // of the address
	Line     int    // of the address; 0 if unknown
	// Relative is Line counted from DeclLine, -1 if the line is unknown or in another file than Function: then
	// perf gives Symbol and Offset.
	Relative int
	// Statement tells that the address is the beginning of a statement, or of a function or an inlined instance. perf
	// shows a line only then.
	Statement bool
}

// PlaceOf tells which function and line an address belongs to. It is false if no
// unit has code there.
func (i *Info) PlaceOf(addr uint64) (Source, bool) {
	c, ok := i.data.UnitAt(addr)
	if !ok {
		return Source{}, false
	}
	s := Source{Relative: -1}
	rows := i.rows(c)
	if r, ok := rows.Covering(addr); ok {
		s.File, s.Line = rows.Path(uint64(r.File)), int(r.Line)
	}
	if r, ok := rows.StatementAt(addr); ok {
		s.File, s.Line, s.Statement = rows.Path(uint64(r.File)), int(r.Line), true
	}
	fn := i.functionAt(c, addr)
	if fn == nil {
		return s, s.Line != 0
	}
	entry, _ := fn.EntryPC()
	s.Function, s.Symbol, s.Offset = i.name(fn), i.linkage(fn), addr-entry
	s.DeclFile, s.DeclLine = i.decl(fn)
	if addr == entry {
		s.File, s.Line, s.Relative, s.Statement = s.DeclFile, s.DeclLine, 0, true
		return s, true
	}
	i.descend(&s, fn, addr)
	if s.Line != 0 && s.File == s.DeclFile && s.Line >= s.DeclLine {
		s.Relative = s.Line - s.DeclLine
	}
	return s, true
}

// descend goes into the inlined functions at an address. At the entry of one, the line is that of its call.
func (i *Info) descend(s *Source, fn *dwarfunit.Entry, addr uint64) {
	for range maxChain {
		in := i.inlinedAt(fn, addr, 0)
		if in == nil {
			return
		}
		if entry, ok := in.EntryPC(); ok && entry == addr {
			if n, ok := in.Uint(dwarfunit.AttrCallLine); ok {
				file, _ := in.Uint(dwarfunit.AttrCallFile)
				s.Line, s.File, s.Statement = lineNumber(n), i.fileName(in.Unit, file), true
			}
			return
		}
		fn = in
		s.Function, s.Inlined = i.name(in), true
		s.DeclFile, s.DeclLine = i.decl(in)
	}
}

// functionAt returns the out-of-line function of a unit that has code at pc.
func (i *Info) functionAt(c *dwarfunit.Context, pc uint64) *dwarfunit.Entry {
	off, err := i.data.FunctionAt(c, pc)
	if err != nil || off == 0 {
		return nil
	}
	e, err := c.Entry(off)
	if err != nil {
		return nil
	}
	return e
}

// inlinedAt returns the outermost function inlined into e at pc, in e's blocks too.
func (i *Info) inlinedAt(e *dwarfunit.Entry, pc uint64, depth int) (out *dwarfunit.Entry) {
	if depth > maxChain {
		return nil
	}
	// A damaged function has no inlined ones.
	_ = e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagInlinedSubroutine && kid.Tag != dwarfunit.TagLexicalBlock {
			return true
		}
		if r, err := kid.Ranges(); err != nil || !dwarfunit.Contains(r, pc) {
			return true
		}
		if kid.Tag == dwarfunit.TagInlinedSubroutine {
			out = kid
		} else {
			out = i.inlinedAt(kid, pc, depth+1)
		}
		return out == nil
	})
	return out
}
