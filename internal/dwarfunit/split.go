package dwarfunit

// inherit takes over what a split unit leaves to its skeleton: addresses, and in DWARF 4 the ranges.
func (c *Context) inherit() error {
	skel, err := c.Data.Context(int(c.U.skeleton) - 1)
	if err != nil {
		return err
	}
	own := c.U.part.Sections
	own.Addr = skel.sec.Addr
	if c.U.Version < 5 {
		own.Ranges = skel.sec.Ranges
		c.strBase = 0
	}
	c.sec = &own
	c.addrBase, c.Low, c.gnuRanges = skel.addrBase, skel.Low, skel.gnuRanges
	return nil
}

// Kinds of items in .debug_loc.dwo, https://gcc.gnu.org/wiki/DebugFission: all addresses are indices.
const (
	gnuEnd = iota
	gnuBase
	gnuStartEnd
	gnuStartLength
	gnuOffsetPair
)

func (c *Context) gnuLocations(in *cursor) (out []Loc) {
	base := c.Low
	for len(out) < maxList && !in.bad {
		var l Loc
		switch kind := in.u8(); kind {
		case gnuEnd:
			return out
		case gnuBase:
			base = c.addrx(in)
			continue
		case gnuStartEnd:
			l.Lo = c.addrx(in)
			l.Hi = c.addrx(in)
		case gnuStartLength:
			l.Lo = c.addrx(in)
			l.Hi = l.Lo + uint64(in.u32())
		case gnuOffsetPair:
			l.Lo = base + uint64(in.u32())
			l.Hi = base + uint64(in.u32())
		default:
			in.bad = true
		}
		l.Expr = in.bytes(uint64(in.u16()))
		if l.Lo < l.Hi && !in.bad {
			out = append(out, l)
		}
	}
	in.bad = true
	return nil
}
