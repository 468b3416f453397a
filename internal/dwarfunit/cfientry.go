package dwarfunit

// cie is what the entries of a common information entry share.
type cie struct {
	codeAlign uint64
	dataAlign int64
	encoding  uint8 // of addresses, DW_EH_PE_*
	augmented bool  // entries carry augmentation data
	addrSize  uint8
	insns     []byte
	insnsAt   int // where they are in the section

	returnColumn int
	signal       bool
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
		e.returnColumn = int(c.u8())
	} else {
		e.returnColumn = regNumber(c.uleb())
	}
	if !ok || c.bad || e.addrSize != 4 && e.addrSize != 8 {
		return e, s.err(off, "common entry is damaged")
	}
	if len(aug) > 0 && !s.augmentation(&c, &e, aug) {
		return e, s.err(off, "augmentation of an unknown kind")
	}
	e.insns, e.insnsAt = c.b[c.p:], rec.bodyOff+c.p
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
		case 'S':
			e.signal = true
		case 'B', 'G': // pointer authentication key, memory tagging
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
