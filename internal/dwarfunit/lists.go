package dwarfunit

// maxList bounds how many items one list may have; real ones have some thousands.
const maxList = 1 << 20

// rangeList reads the list that a DW_AT_ranges attribute names.
func (c *Context) rangeList(a *Attr) ([]Range, error) {
	if c.U.Version < 5 {
		off := a.U
		if c.rngBase != 0 {
			off += c.rngBase // GNU split DWARF
		}
		return c.oldRanges(off)
	}
	off := a.U
	if a.Form == FormRnglistx {
		rel, ok := indexed(c.Data.RngLists, c.rngBase, a.U, c.U.OffSize)
		if !ok {
			return nil, &FormatError{".debug_rnglists", int(c.rngBase), "range list index outside of the section"}
		}
		off = c.rngBase + rel
	}
	return c.newRanges(off)
}

func at(b []byte, off uint64) cursor {
	if off > uint64(len(b)) {
		return cursor{b: b, p: len(b), bad: true}
	}
	return cursor{b: b, p: int(off)}
}

func (c *Context) oldRanges(off uint64) ([]Range, error) {
	in := at(c.Data.Ranges, off)
	base, top := c.Low, ^uint64(0)
	if c.U.AddrSize == 4 {
		top = 0xffffffff
	}
	var out []Range
	for len(out) < maxList {
		lo, hi := in.offset(c.U.AddrSize), in.offset(c.U.AddrSize)
		switch {
		case in.bad:
			return nil, &FormatError{".debug_ranges", int(min(off, 1<<62)), "range list is not ended"}
		case lo == 0 && hi == 0:
			return out, nil
		case lo == top:
			base = hi
		case lo < hi:
			out = append(out, Range{base + lo, base + hi})
		}
	}
	return out, nil
}

// Kinds of items in .debug_rnglists, DWARF 5 section 7.25.
const (
	rleEnd = iota
	rleBaseAddrx
	rleStartxEndx
	rleStartxLength
	rleOffsetPair
	rleBase
	rleStartEnd
	rleStartLength
)

func (c *Context) newRanges(off uint64) ([]Range, error) {
	in := at(c.Data.RngLists, off)
	base := c.Low
	var out []Range
	for len(out) < maxList {
		var lo, hi uint64
		kind := in.u8()
		if in.bad {
			break
		}
		switch kind {
		case rleEnd:
			return out, nil
		case rleBaseAddrx:
			base = c.addrx(&in)
			continue
		case rleStartxEndx:
			lo = c.addrx(&in)
			hi = c.addrx(&in)
		case rleStartxLength:
			lo = c.addrx(&in)
			hi = lo + in.uleb()
		case rleOffsetPair:
			lo = base + in.uleb()
			hi = base + in.uleb()
		case rleBase:
			base = in.offset(c.U.AddrSize)
			continue
		case rleStartEnd:
			lo = in.offset(c.U.AddrSize)
			hi = in.offset(c.U.AddrSize)
		case rleStartLength:
			lo = in.offset(c.U.AddrSize)
			hi = lo + in.uleb()
		default:
			in.bad = true
		}
		if in.bad {
			break
		}
		if lo < hi {
			out = append(out, Range{lo, hi})
		}
	}
	return nil, &FormatError{".debug_rnglists", int(min(off, 1<<62)), "range list is damaged"}
}

func (c *Context) addrx(in *cursor) uint64 {
	v, ok := c.AddrIndex(in.uleb())
	in.bad = in.bad || !ok
	return v
}

// Loc is one item of a location list: an expression and where it holds.
type Loc struct {
	Range
	Expr    []byte // nothing when the variable is optimised out there
	Default bool   // holds where no other item does
}

// Locations returns the locations that an attribute gives: those of its list, or the
// one expression that holds everywhere.
func (c *Context) Locations(a *Attr) ([]Loc, error) {
	if a.IsBlock() {
		return []Loc{{Range: Range{0, ^uint64(0)}, Expr: a.B}}, nil
	}
	switch a.Form {
	case FormSecOffset, FormData4, FormData8:
		if c.U.Version < 5 {
			return c.oldLocations(a.U)
		}
		return c.newLocations(a.U)
	case FormLoclistx:
		rel, ok := indexed(c.Data.LocLists, c.locBase, a.U, c.U.OffSize)
		if !ok {
			return nil, &FormatError{".debug_loclists", int(min(c.locBase, 1<<62)), "location list index outside of the section"}
		}
		return c.newLocations(c.locBase + rel)
	}
	return nil, infoError(c.U.Off, "location of an unknown form")
}

func (c *Context) oldLocations(off uint64) ([]Loc, error) {
	in := at(c.Data.Loc, off)
	base, top := c.Low, ^uint64(0)
	if c.U.AddrSize == 4 {
		top = 0xffffffff
	}
	var out []Loc
	for len(out) < maxList {
		lo, hi := in.offset(c.U.AddrSize), in.offset(c.U.AddrSize)
		if in.bad {
			break
		}
		if lo == 0 && hi == 0 {
			return out, nil
		}
		if lo == top {
			base = hi
			continue
		}
		expr := in.bytes(uint64(in.u16()))
		if in.bad {
			break
		}
		if lo < hi {
			out = append(out, Loc{Range: Range{base + lo, base + hi}, Expr: expr})
		}
	}
	return nil, &FormatError{".debug_loc", int(min(off, 1<<62)), "location list is not ended"}
}

// Kinds of items in .debug_loclists, DWARF 5 section 7.7.3, and GNU's.
const (
	lleEnd = iota
	lleBaseAddrx
	lleStartxEndx
	lleStartxLength
	lleOffsetPair
	lleDefault
	lleBase
	lleStartEnd
	lleStartLength
	lleGNUViewPair
)

func (c *Context) newLocations(off uint64) ([]Loc, error) {
	in := at(c.Data.LocLists, off)
	base := c.Low
	var out []Loc
	for len(out) < maxList {
		var l Loc
		kind := in.u8()
		if in.bad {
			break
		}
		switch kind {
		case lleEnd:
			return out, nil
		case lleBaseAddrx:
			base = c.addrx(&in)
			continue
		case lleBase:
			base = in.offset(c.U.AddrSize)
			continue
		case lleGNUViewPair: // which of several statements at one address; says nothing about addresses
			in.uleb()
			in.uleb()
			continue
		case lleStartxEndx:
			l.Lo = c.addrx(&in)
			l.Hi = c.addrx(&in)
		case lleStartxLength:
			l.Lo = c.addrx(&in)
			l.Hi = l.Lo + in.uleb()
		case lleOffsetPair:
			l.Lo = base + in.uleb()
			l.Hi = base + in.uleb()
		case lleDefault:
			l.Hi, l.Default = ^uint64(0), true
		case lleStartEnd:
			l.Lo = in.offset(c.U.AddrSize)
			l.Hi = in.offset(c.U.AddrSize)
		case lleStartLength:
			l.Lo = in.offset(c.U.AddrSize)
			l.Hi = l.Lo + in.uleb()
		default:
			in.bad = true
		}
		l.Expr = in.bytes(in.uleb())
		if in.bad {
			break
		}
		if l.Lo < l.Hi {
			out = append(out, l)
		}
	}
	return nil, &FormatError{".debug_loclists", int(min(off, 1<<62)), "location list is damaged"}
}
