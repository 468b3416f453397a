package dwarfunit

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"sync"
)

// Rule says how the canonical frame address (the stack pointer before the call) is found:
// Expr if it is not nil, else register Reg plus Offset.
type Rule struct {
	Reg    int
	Offset int64
	Expr   []byte
}

// RuleKind is how a register of the caller is found.
type RuleKind uint8

// Kinds of rules, DWARF 5 section 6.4.1. A register without a rule is as it was, or was not saved: the machine's ABI tells.
const (
	RuleUndefined     RuleKind = iota // it cannot be found; of the return address: there is no caller
	RuleSameValue                     // it is as it was
	RuleOffset                        // in memory, at the frame address plus Offset
	RuleValOffset                     // the frame address plus Offset
	RuleRegister                      // in register From
	RuleExpression                    // in memory, where Expr says
	RuleValExpression                 // what Expr says
)

// RegisterRule is how one register of the caller is found.
type RegisterRule struct {
	Reg    int
	Kind   RuleKind
	From   int
	Offset int64
	Expr   []byte // runs with the frame address on its stack
}

// Row is one row of the table that call frame information describes.
type Row struct {
	CFA       Rule
	Registers []RegisterRule
	Return    int  // number of the return address's column
	Signal    bool // the frame is one that the kernel made for a signal: it returns to an instruction that was not a call
	Signed    bool // AArch64: the return address has an authentication code
}

// FrameSection is .eh_frame or .debug_frame.
type FrameSection struct {
	Data []byte
	Addr uint64 // virtual address of .eh_frame, to which its pointers are relative
	EH   bool   // it is .eh_frame
	// Header is .eh_frame_hdr, at HeaderAddr: linkers sort the entries there, which spares reading all of them. It may be nil.
	Header     []byte
	HeaderAddr uint64
}

func (s *FrameSection) err(off int, reason string) error {
	name := ".debug_frame"
	if s.EH {
		name = ".eh_frame"
	}
	return &FormatError{name, off, reason}
}

// fde is where one function's entry is, for the table that is made once.
type fde struct {
	lo, n uint64
	off   int
}

// FrameTable finds a function's call frame information. It is safe for concurrent use.
type FrameTable struct {
	s     FrameSection
	index []byte // of the header: pairs of numbers, relative to its address
	once  sync.Once
	fdes  []fde
	upto  []uint64 // highest end among the entries up to here, since entries may overlap
	first error    // what was damaged; entries before it are kept
}

// NewFrameTable returns a table of the section, which is read when it is first asked.
func NewFrameTable(s FrameSection) *FrameTable { return &FrameTable{s: s, index: s.headerIndex()} }

// CFA returns the rule by which the frame address is found at pc. It is false if no
// entry covers pc.
func (t *FrameTable) CFA(pc uint64) (Rule, bool, error) {
	row, ok, err := t.Row(pc)
	return row.CFA, ok, err
}

// Row returns the row for pc. It is false if no entry covers pc.
func (t *FrameTable) Row(pc uint64) (Row, bool, error) {
	if t.index != nil {
		return t.rowByHeader(pc)
	}
	t.once.Do(t.read)
	k := sort.Search(len(t.fdes), func(k int) bool { return t.fdes[k].lo > pc }) - 1
	for ; k >= 0 && t.upto[k] > pc; k-- {
		if pc-t.fdes[k].lo < t.fdes[k].n {
			return t.s.row(t.fdes[k].off, pc)
		}
	}
	return Row{}, false, t.first
}

// headerIndex returns the sorted table of .eh_frame_hdr, nil if there is none of the form that linkers write: pairs of four bytes each.
// Linux Standard Base, "Exception Frames".
func (s *FrameSection) headerIndex() []byte {
	const version, pcrelSdata4, udata4, datarelSdata4 = 1, 0x1b, 0x03, 0x3b
	h := s.Header
	if len(h) < 12 || h[0] != version || h[1] != pcrelSdata4 || h[2] != udata4 || h[3] != datarelSdata4 {
		return nil
	}
	n := uint64(binary.LittleEndian.Uint32(h[8:]))
	if n == 0 || n > uint64(len(h)-12)/8 {
		return nil
	}
	return h[12 : 12+8*n]
}

func (t *FrameTable) rowByHeader(pc uint64) (Row, bool, error) {
	at := func(k, word int) uint64 {
		return t.s.HeaderAddr + uint64(int64(int32(binary.LittleEndian.Uint32(t.index[8*k+4*word:]))))
	}
	k := sort.Search(len(t.index)/8, func(k int) bool { return at(k, 0) > pc }) - 1
	if k < 0 {
		return Row{}, false, nil
	}
	off := at(k, 1) - t.s.Addr
	if off >= uint64(len(t.s.Data)) {
		return Row{}, false, &FormatError{".eh_frame_hdr", 12 + 8*k + 4, "refers to no entry"}
	}
	return t.s.row(int(off), pc)
}

func (t *FrameTable) read() {
	var e cie
	cieOff := -1
	for off := 0; off < len(t.s.Data); {
		rec, err := t.s.record(off)
		if err != nil {
			t.first = err
			break
		}
		off = rec.next
		if rec.body == nil || rec.isCIE { // nil: a terminator
			continue
		}
		if rec.cieOff != cieOff {
			if e, err = t.s.cie(rec.cieOff); err != nil {
				t.first = err
				continue
			}
			cieOff = rec.cieOff
		}
		lo, n, _ := t.s.bounds(&rec, &e)
		if n > 0 {
			t.fdes = append(t.fdes, fde{lo, n, rec.off})
		}
	}
	slices.SortFunc(t.fdes, func(a, b fde) int { return cmp.Compare(a.lo, b.lo) })
	t.upto = make([]uint64, len(t.fdes))
	top := uint64(0)
	for k, f := range t.fdes {
		top = max(top, f.lo+f.n)
		t.upto[k] = top
	}
}

// row runs the instructions of the entry at off up to pc. It is false if the entry does not cover pc.
func (s *FrameSection) row(off int, pc uint64) (Row, bool, error) {
	rec, err := s.record(off)
	if err != nil {
		return Row{}, false, err
	}
	if rec.body == nil || rec.isCIE {
		return Row{}, false, s.err(off, "reference to what describes no function")
	}
	e, err := s.cie(rec.cieOff)
	if err != nil {
		return Row{}, false, err
	}
	lo, n, c := s.bounds(&rec, &e)
	if !c.bad && pc-lo >= n {
		return Row{}, false, nil
	}
	if e.augmented {
		c.bytes(c.uleb())
	}
	if c.bad {
		return Row{}, false, s.err(off, "entry is cut short")
	}
	m := cfiMachine{s: s, cie: &e, loc: lo, pc: pc}
	reached := !m.run(e.insns, e.insnsAt)
	m.initial = slices.Clone(m.regs)
	if !reached {
		m.run(c.b[c.p:], rec.bodyOff+c.p)
	}
	if m.bad {
		return Row{}, false, s.err(off, "frame instruction of an unknown kind")
	}
	return Row{CFA: m.cfa, Registers: m.regs, Return: e.returnColumn, Signal: e.signal, Signed: m.signed}, true, nil
}
