package dwarfunit

import (
	"cmp"
	"math"
	"slices"
)

// Opcodes of line programs, DWARF 5 sections 6.2.5.2 and 6.2.5.3.
const (
	lineExtended       = 0
	lineCopy           = 1
	lineAdvancePC      = 2
	lineAdvanceLine    = 3
	lineSetFile        = 4
	lineSetColumn      = 5
	lineNegateStmt     = 6
	lineBasicBlock     = 7
	lineConstAddPC     = 8
	lineFixedAdvancePC = 9
	lineSetPrologueEnd = 10
	lineSetEpilogue    = 11
	lineSetISA         = 12

	lineEndSequence = 1
	lineSetAddress  = 2
	lineDefineFile  = 3
)

// lineState is the machine that a line program drives.
type lineState struct {
	addr, op uint64
	file     uint64
	line     int64
	flags    LineFlags
}

func (h *lineHeader) start() lineState {
	s := lineState{file: 1, line: 1}
	if h.defaultStmt {
		s.flags = LineStmt
	}
	return s
}

func (s *lineState) advance(h *lineHeader, by uint64) {
	if h.maxOps == 1 {
		s.addr += h.minInst * by
		return
	}
	total := s.op + by
	s.addr += h.minInst * (total / h.maxOps)
	s.op = total % h.maxOps
}

// run makes the rows. A row takes a byte of the program at least, which bounds them.
func (t *LineTable) run() error {
	h := &t.h
	in := h.program
	s := h.start()
	for in.p < len(in.b) && !in.bad {
		at := in.p
		op := in.u8()
		switch {
		case op >= h.opcodeBase:
			if h.lineRange == 0 {
				return lineError(h.off+at, "line range is zero")
			}
			adj := uint64(op - h.opcodeBase)
			s.advance(h, adj/h.lineRange)
			s.line += h.lineBase + int64(adj%h.lineRange)
			t.emit(&s)
		case op == lineExtended:
			t.extended(&in, &s)
		default:
			if !t.standard(&in, &s, op) {
				return lineError(h.off+at, "line range is zero")
			}
		}
	}
	if in.bad {
		return lineError(h.off, "line program is cut short")
	}
	return nil
}

func (t *LineTable) emit(s *lineState) {
	line := uint32(0)
	if s.line > 0 && s.line <= math.MaxInt32 {
		line = uint32(s.line)
	}
	t.Rows = append(t.Rows, LineRow{Addr: s.addr, File: t.number(s.file), Line: line, Flags: s.flags})
	s.flags &^= LinePrologueEnd
}

func (t *LineTable) standard(in *cursor, s *lineState, op uint8) bool {
	h := &t.h
	switch op {
	case lineCopy:
		t.emit(s)
	case lineAdvancePC:
		s.advance(h, in.uleb())
	case lineAdvanceLine:
		s.line += in.sleb()
	case lineSetFile:
		s.file = in.uleb()
	case lineSetColumn, lineSetISA:
		in.uleb()
	case lineNegateStmt:
		s.flags ^= LineStmt
	case lineBasicBlock, lineSetEpilogue:
	case lineConstAddPC:
		if h.lineRange == 0 {
			return false
		}
		s.advance(h, uint64(255-h.opcodeBase)/h.lineRange)
	case lineFixedAdvancePC:
		s.addr += uint64(in.u16())
		s.op = 0
	case lineSetPrologueEnd:
		s.flags |= LinePrologueEnd
	default: // one of a later version, which says how many operands to pass over
		for range h.lengths[op-1] {
			in.uleb()
		}
	}
	return true
}

func (t *LineTable) extended(in *cursor, s *lineState) {
	body := in.bytes(in.uleb())
	if len(body) == 0 {
		return
	}
	args := cursor{b: body, p: 1}
	switch body[0] {
	case lineEndSequence:
		s.flags |= LineEnd
		t.emit(s)
		*s = t.h.start()
	case lineSetAddress:
		size := len(body) - 1
		if size != 8 && size != 4 {
			size = int(t.addrSize)
		}
		s.addr, s.op = args.offset(uint8(size)), 0
		in.bad = in.bad || args.bad
	case lineDefineFile:
		if f, ok := t.h.file(&args); ok {
			t.h.files = append(t.h.files, f)
			t.same = append(t.same, uint32(len(t.same)))
		}
	}
}

// sort brings the rows into the order of addresses; sequences may stand in any.
func (t *LineTable) sort() {
	compare := func(a, b LineRow) int {
		if a.Addr != b.Addr {
			return cmp.Compare(a.Addr, b.Addr)
		}
		return int(b.Flags&LineEnd) - int(a.Flags&LineEnd)
	}
	if !slices.IsSortedFunc(t.Rows, compare) {
		slices.SortStableFunc(t.Rows, compare)
	}
}

// From returns the index of the first row at addr or behind it.
func (t *LineTable) From(addr uint64) int {
	i, _ := slices.BinarySearchFunc(t.Rows, addr, func(r LineRow, a uint64) int { return cmp.Compare(r.Addr, a) })
	return i
}

// Covering returns the row whose instructions hold addr: the first of those with its address, where the statement begins.
func (t *LineTable) Covering(addr uint64) (LineRow, bool) {
	last := t.From(addr)
	for last < len(t.Rows) && t.Rows[last].Addr == addr {
		last++
	}
	if last == 0 {
		return LineRow{}, false
	}
	for _, r := range t.Rows[t.From(t.Rows[last-1].Addr):last] {
		if r.Flags&LineEnd == 0 {
			return r, true
		}
	}
	return LineRow{}, false
}

// StatementAt returns the first row at exactly addr that begins a statement.
func (t *LineTable) StatementAt(addr uint64) (LineRow, bool) {
	for k := t.From(addr); k < len(t.Rows) && t.Rows[k].Addr == addr; k++ {
		if t.Rows[k].Flags&(LineStmt|LineEnd) == LineStmt {
			return t.Rows[k], true
		}
	}
	return LineRow{}, false
}
