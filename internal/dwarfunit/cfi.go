package dwarfunit

import (
	"cmp"
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

// FrameSection is .eh_frame or .debug_frame.
type FrameSection struct {
	Data []byte
	Addr uint64 // virtual address of .eh_frame, to which its pointers are relative
	EH   bool   // it is .eh_frame
}

func (s *FrameSection) err(off int, reason string) error {
	name := ".debug_frame"
	if s.EH {
		name = ".eh_frame"
	}
	return &FormatError{name, off, reason}
}

// cie is what the entries of a common information entry share.
type cie struct {
	codeAlign uint64
	dataAlign int64
	encoding  uint8 // of addresses, DW_EH_PE_*
	augmented bool  // entries carry augmentation data
	addrSize  uint8
	insns     []byte
}

// fde is where one function's entry is, for the table that is made once.
type fde struct {
	lo, n uint64
	off   int
}

// FrameTable finds a function's call frame information. It is safe for concurrent use.
type FrameTable struct {
	s     FrameSection
	once  sync.Once
	fdes  []fde
	upto  []uint64 // highest end among the entries up to here, since entries may overlap
	first error    // what was damaged; entries before it are kept
}

// NewFrameTable returns a table of the section, which is read when it is first asked.
func NewFrameTable(s FrameSection) *FrameTable { return &FrameTable{s: s} }

// CFA returns the rule by which the frame address is found at pc. It is false if no
// entry covers pc.
func (t *FrameTable) CFA(pc uint64) (Rule, bool, error) {
	t.once.Do(t.read)
	k := sort.Search(len(t.fdes), func(k int) bool { return t.fdes[k].lo > pc }) - 1
	for ; k >= 0 && t.upto[k] > pc; k-- {
		if pc-t.fdes[k].lo < t.fdes[k].n {
			return t.s.rule(t.fdes[k].off, pc)
		}
	}
	return Rule{}, false, t.first
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

type frameRecord struct {
	off, next int
	body      []byte // after the id
	bodyOff   int
	isCIE     bool
	cieOff    int
	offSize   uint8
}

func (s *FrameSection) record(off int) (frameRecord, error) {
	r := frameRecord{off: off, offSize: 4}
	c := cursor{b: s.Data, p: off}
	length := uint64(c.u32())
	if length == 0xffffffff {
		r.offSize, length = 8, c.u64()
	}
	if c.bad || length > uint64(len(s.Data)-c.p) {
		return r, s.err(off, "entry is longer than its section")
	}
	r.next = c.p + int(length)
	if length == 0 {
		return r, nil
	}
	idAt := c.p
	size := r.offSize
	if s.EH {
		size = 4
	}
	id := c.offset(size)
	if c.bad || c.p > r.next {
		return r, s.err(off, "entry is cut short")
	}
	r.bodyOff, r.body = c.p, s.Data[c.p:r.next]
	switch {
	case s.EH:
		r.isCIE = id == 0
		r.cieOff = idAt - int(id)
	case r.offSize == 4:
		r.isCIE, r.cieOff = id == 0xffffffff, int(id)
	default:
		r.isCIE, r.cieOff = id == ^uint64(0), int(id&(1<<62-1))
	}
	return r, nil
}

func (s *FrameSection) cie(off int) (cie, error) {
	var e cie
	if off < 0 || off >= len(s.Data) {
		return e, s.err(off, "reference to no common entry")
	}
	rec, err := s.record(off)
	if err != nil {
		return e, err
	}
	if !rec.isCIE {
		return e, s.err(off, "reference to what is no common entry")
	}
	c := cursor{b: rec.body}
	version := c.u8()
	aug, ok := cstring(rec.body, 1)
	c.bytes(uint64(len(aug) + 1))
	e.addrSize = 8
	if version >= 4 {
		e.addrSize = c.u8()
		c.u8()
	}
	e.codeAlign, e.dataAlign = c.uleb(), c.sleb()
	if version == 1 {
		c.u8()
	} else {
		c.uleb()
	}
	if !ok || c.bad || e.addrSize != 4 && e.addrSize != 8 {
		return e, s.err(off, "common entry is damaged")
	}
	if len(aug) > 0 && !s.augmentation(&c, &e, aug) {
		return e, s.err(off, "augmentation of an unknown kind")
	}
	e.insns = c.b[c.p:]
	return e, nil
}

func (s *FrameSection) augmentation(c *cursor, e *cie, aug []byte) bool {
	if aug[0] != 'z' {
		return false
	}
	e.augmented = true
	n := c.uleb()
	data := cursor{b: c.bytes(n)}
	for _, k := range aug[1:] {
		switch k {
		case 'R':
			e.encoding = data.u8()
		case 'P':
			enc := data.u8()
			s.pointer(&data, enc, e.addrSize, 0)
		case 'L':
			data.u8()
		case 'S', 'B', 'G': // signal frame, pointer authentication key, memory tagging
		default:
			return !c.bad // the length lets us step over what follows
		}
	}
	return !c.bad && !data.bad
}

// pointer reads an encoded address; pos is the address of the bytes that c begins with.
func (s *FrameSection) pointer(c *cursor, enc, addrSize uint8, pos uint64) uint64 {
	pos += uint64(c.p)
	var v uint64
	switch enc & 0x0f {
	case 0x00:
		v = c.offset(addrSize)
	case 0x01:
		v = c.uleb()
	case 0x02:
		v = uint64(c.u16())
	case 0x03:
		v = uint64(c.u32())
	case 0x04, 0x0c:
		v = c.u64()
	case 0x09:
		v = uint64(c.sleb())
	case 0x0a:
		v = uint64(int16(c.u16()))
	case 0x0b:
		v = uint64(int32(c.u32()))
	default:
		c.bad = true
	}
	if enc&0x70 == 0x10 { // relative to itself
		v += pos
	}
	return v
}

// bounds returns the addresses of an entry, and the instructions with what precedes them.
func (s *FrameSection) bounds(rec *frameRecord, e *cie) (lo, n uint64, rest cursor) {
	c := cursor{b: rec.body}
	lo = s.pointer(&c, e.encoding, e.addrSize, s.Addr+uint64(rec.bodyOff))
	n = s.pointer(&c, e.encoding&0x0f, e.addrSize, 0)
	if c.bad {
		return 0, 0, c
	}
	return lo, n, c
}

// rule runs the instructions of the entry at off up to pc.
func (s *FrameSection) rule(off int, pc uint64) (Rule, bool, error) {
	rec, err := s.record(off)
	if err != nil {
		return Rule{}, false, err
	}
	e, err := s.cie(rec.cieOff)
	if err != nil {
		return Rule{}, false, err
	}
	lo, _, c := s.bounds(&rec, &e)
	if e.augmented {
		c.bytes(c.uleb())
	}
	if c.bad {
		return Rule{}, false, s.err(off, "entry is cut short")
	}
	m := cfiMachine{cie: &e, loc: lo, pc: pc}
	if m.run(e.insns) {
		m.run(c.b[c.p:])
	}
	if m.bad {
		return Rule{}, false, s.err(off, "frame instruction of an unknown kind")
	}
	return m.rule, true, nil
}
