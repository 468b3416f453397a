package dwarfunit

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

// CFA returns the rule by which the frame address is found at pc. It is false
// if no entry covers pc.
func (s *FrameSection) CFA(pc uint64) (Rule, bool, error) {
	for off := 0; off < len(s.Data); {
		rec, err := s.record(off)
		if err != nil {
			return Rule{}, false, err
		}
		off = rec.next
		if rec.body == nil || rec.isCIE { // nil: the terminator
			continue
		}
		r, ok, err := s.tryFDE(rec, pc)
		if err != nil || ok {
			return r, ok, err
		}
	}
	return Rule{}, false, nil
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

func (s *FrameSection) tryFDE(rec frameRecord, pc uint64) (Rule, bool, error) {
	e, err := s.cie(rec.cieOff)
	if err != nil {
		return Rule{}, false, err
	}
	c := cursor{b: rec.body}
	lo := s.pointer(&c, e.encoding, e.addrSize, s.Addr+uint64(rec.bodyOff))
	n := s.pointer(&c, e.encoding&0x0f, e.addrSize, 0)
	if c.bad {
		return Rule{}, false, s.err(rec.off, "entry is cut short")
	}
	if pc < lo || pc-lo >= n {
		return Rule{}, false, nil
	}
	if e.augmented {
		c.bytes(c.uleb())
	}
	if c.bad {
		return Rule{}, false, s.err(rec.off, "entry is cut short")
	}
	m := cfiMachine{cie: &e, loc: lo, pc: pc}
	if m.run(e.insns) {
		m.run(c.b[c.p:])
	}
	if m.bad {
		return Rule{}, false, s.err(rec.off, "frame instruction of an unknown kind")
	}
	return m.rule, true, nil
}

// cfiMachine runs call frame instructions as far as the frame address needs them.
type cfiMachine struct {
	cie   *cie
	loc   uint64
	pc    uint64
	rule  Rule
	saved []Rule
	bad   bool
}

// maxSaved bounds DW_CFA_remember_state in hostile files.
const maxSaved = 1024

// run is false when the row for pc is reached or an instruction is bad.
func (m *cfiMachine) run(insns []byte) bool {
	c := cursor{b: insns}
	for c.p < len(c.b) {
		op := c.u8()
		switch op & 0xc0 {
		case 0x40: // advance_loc
			if !m.advance(uint64(op & 0x3f)) {
				return false
			}
			continue
		case 0x80: // offset
			c.uleb()
			continue
		case 0xc0: // restore
			continue
		}
		if !m.extended(op, &c) {
			return false
		}
		if c.bad {
			m.bad = true
			return false
		}
	}
	return true
}

func (m *cfiMachine) advance(n uint64) bool {
	m.loc += n * m.cie.codeAlign
	return m.loc <= m.pc
}

func (m *cfiMachine) extended(op uint8, c *cursor) bool {
	switch op {
	case 0x00, 0x2d: // nop, AArch64 negate_ra_state
	case 0x01: // set_loc
		m.loc = c.offset(m.cie.addrSize)
		return m.loc <= m.pc
	case 0x02:
		return m.advance(uint64(c.u8()))
	case 0x03:
		return m.advance(uint64(c.u16()))
	case 0x04:
		return m.advance(uint64(c.u32()))
	case 0x05, 0x09, 0x14: // offset_extended, register, val_offset
		c.uleb()
		c.uleb()
	case 0x06, 0x07, 0x08, 0x2e: // restore_extended, undefined, same_value, GNU_args_size
		c.uleb()
	case 0x0a:
		if len(m.saved) < maxSaved {
			m.saved = append(m.saved, m.rule)
		}
	case 0x0b:
		if n := len(m.saved); n > 0 {
			m.rule, m.saved = m.saved[n-1], m.saved[:n-1]
		}
	case 0x0c: // def_cfa
		m.rule = Rule{Reg: regNumber(c.uleb()), Offset: int64(c.uleb())}
	case 0x0d: // def_cfa_register
		m.rule.Reg, m.rule.Expr = regNumber(c.uleb()), nil
	case 0x0e: // def_cfa_offset
		m.rule.Offset, m.rule.Expr = int64(c.uleb()), nil
	case 0x0f: // def_cfa_expression
		m.rule = Rule{Expr: c.bytes(c.uleb())}
	case 0x10, 0x16: // expression, val_expression
		c.uleb()
		c.bytes(c.uleb())
	case 0x11, 0x15: // offset_extended_sf, val_offset_sf
		c.uleb()
		c.sleb()
	case 0x12: // def_cfa_sf
		m.rule = Rule{Reg: regNumber(c.uleb()), Offset: c.sleb() * m.cie.dataAlign}
	case 0x13: // def_cfa_offset_sf
		m.rule.Offset, m.rule.Expr = c.sleb()*m.cie.dataAlign, nil
	case 0x2f: // GNU_negative_offset_extended
		c.uleb()
		c.uleb()
	default:
		m.bad = true
		return false
	}
	return true
}

// regNumber keeps a register's number small enough for tables.
func regNumber(v uint64) int { return int(min(v, 1<<20)) }
