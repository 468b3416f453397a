package dwarfunit

// maxList bounds how many items one list may have; real ones have some thousands.
const maxList = 1 << 20

// rangeList reads the list that a DW_AT_ranges attribute names.
func (c *Context) rangeList(a *Attr) ([]Range, error) {
	if c.U.Version < 5 {
		off := a.U
		if c.U.part.dwo {
			off += c.gnuRanges
		}
		return readList(c, c.sec.Ranges, ".debug_ranges", off, c.oldRanges)
	}
	off := a.U
	if a.Form == FormRnglistx {
		rel, ok := c.indexed(c.sec.RngLists, ".debug_rnglists", c.rngBase, a.U, c.U.OffSize)
		if !ok {
			return nil, &FormatError{".debug_rnglists", int(c.rngBase), "range list index outside of the section"}
		}
		off = c.rngBase + rel
	}
	return readList(c, c.sec.RngLists, ".debug_rnglists", off, c.newRanges)
}

// window is how much of a list is relocated at first.
const window = 4096

// readList reads the list at off of a section. Of a relocatable file as much is relocated as the list turns out to be long.
func readList[T any](c *Context, b []byte, section string, off uint64, read func(in *cursor) []T) ([]T, error) {
	if off > uint64(len(b)) {
		return nil, &FormatError{section, int(min(off, 1<<62)), "list outside of the section"}
	}
	in := cursor{b: b, p: int(off)}
	if c.U.part.Relocate == nil {
		if out := read(&in); !in.bad {
			return out, nil
		}
		return nil, &FormatError{section, int(off), "list is damaged or not ended"}
	}
	for size := window; ; size *= 8 {
		end := min(len(b), int(off)+size)
		in = cursor{b: c.U.part.relocated(section, nil, b[off:end], int(off))}
		if out := read(&in); !in.bad {
			return out, nil
		}
		if end == len(b) {
			return nil, &FormatError{section, int(off), "list is damaged or not ended"}
		}
	}
}

func (c *Context) oldRanges(in *cursor) (out []Range) {
	base, top := c.Low, ^uint64(0)
	if c.U.AddrSize == 4 {
		top = 0xffffffff
	}
	for len(out) < maxList {
		lo, hi := in.offset(c.U.AddrSize), in.offset(c.U.AddrSize)
		switch {
		case in.bad, lo == 0 && hi == 0:
			return out
		case lo == top:
			base = hi
		case lo < hi:
			out = append(out, Range{base + lo, base + hi})
		}
	}
	return out
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

func (c *Context) newRanges(in *cursor) (out []Range) {
	base := c.Low
	for len(out) < maxList {
		var lo, hi uint64
		kind := in.u8()
		if in.bad {
			break
		}
		switch kind {
		case rleEnd:
			return out
		case rleBaseAddrx:
			base = c.addrx(in)
			continue
		case rleStartxEndx:
			lo = c.addrx(in)
			hi = c.addrx(in)
		case rleStartxLength:
			lo = c.addrx(in)
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
	in.bad = in.bad || len(out) == maxList
	return out
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
			if c.U.part.dwo {
				return readList(c, c.sec.Loc, ".debug_loc.dwo", a.U, c.gnuLocations)
			}
			return readList(c, c.sec.Loc, ".debug_loc", a.U, c.oldLocations)
		}
		return readList(c, c.sec.LocLists, ".debug_loclists", a.U, c.newLocations)
	case FormLoclistx:
		rel, ok := c.indexed(c.sec.LocLists, ".debug_loclists", c.locBase, a.U, c.U.OffSize)
		if !ok {
			return nil, &FormatError{".debug_loclists", int(min(c.locBase, 1<<62)), "location list index outside of the section"}
		}
		return readList(c, c.sec.LocLists, ".debug_loclists", c.locBase+rel, c.newLocations)
	}
	return nil, c.U.fail(c.U.Off, "location of an unknown form")
}

func (c *Context) oldLocations(in *cursor) (out []Loc) {
	base, top := c.Low, ^uint64(0)
	if c.U.AddrSize == 4 {
		top = 0xffffffff
	}
	for len(out) < maxList {
		lo, hi := in.offset(c.U.AddrSize), in.offset(c.U.AddrSize)
		if in.bad {
			break
		}
		if lo == 0 && hi == 0 {
			return out
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
	in.bad = in.bad || len(out) == maxList
	return out
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

func (c *Context) newLocations(in *cursor) (out []Loc) {
	base := c.Low
	for len(out) < maxList {
		var l Loc
		kind := in.u8()
		if in.bad {
			break
		}
		switch kind {
		case lleEnd:
			return out
		case lleBaseAddrx:
			base = c.addrx(in)
			continue
		case lleBase:
			base = in.offset(c.U.AddrSize)
			continue
		case lleGNUViewPair: // which of several statements at one address; says nothing about addresses
			in.uleb()
			in.uleb()
			continue
		case lleStartxEndx:
			l.Lo = c.addrx(in)
			l.Hi = c.addrx(in)
		case lleStartxLength:
			l.Lo = c.addrx(in)
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
	in.bad = in.bad || len(out) == maxList
	return out
}
