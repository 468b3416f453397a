package dwarfunit

import (
	"slices"
	"sort"
)

type arange struct {
	Range
	unit int
}

// readARanges reads .debug_aranges, sorted by address.
func (d *Data) readARanges() ([]arange, error) {
	var out []arange
	b := d.ARanges
	if d.Relocate != nil {
		b = slices.Clone(b)
		d.Relocate(".debug_aranges", b, 0)
	}
	for off := 0; off < len(b); {
		next, err := d.readSet(b, off, &out)
		if err != nil {
			return nil, err
		}
		off = next
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Lo < out[j].Lo })
	return out, nil
}

func (d *Data) readSet(b []byte, off int, out *[]arange) (int, error) {
	c := cursor{b: b, p: off}
	offSize := uint8(4)
	length := uint64(c.u32())
	if length == 0xffffffff {
		offSize, length = 8, c.u64()
	}
	if c.bad || length > uint64(len(c.b)-c.p) {
		return 0, &FormatError{".debug_aranges", off, "set is longer than its section"}
	}
	c.b = c.b[:c.p+int(length)]
	c.u16()
	unit := c.offset(offSize)
	addr, seg := c.u8(), c.u8()
	if addr != 8 && addr != 4 || seg != 0 || unit > uint64(len(d.Info)) {
		return len(c.b), nil // of a kind that is not ours: the units' own ranges serve
	}
	i := sort.Search(len(d.Units), func(i int) bool { return d.Units[i].Off >= int(unit) })
	if i == len(d.Units) || d.Units[i].Off != int(unit) {
		return len(c.b), nil
	}
	tuple := 2 * int(addr)
	if r := (c.p - off) % tuple; r != 0 {
		c.bytes(uint64(tuple - r))
	}
	for len(c.b)-c.p >= tuple {
		lo, n := c.offset(addr), c.offset(addr)
		if n != 0 && lo != 0 {
			*out = append(*out, arange{Range{lo, lo + n}, i})
		}
	}
	return len(c.b), nil
}

// UnitAt returns the unit that has code at pc: by .debug_aranges, else by the units'
// own ranges, as not all compilers write the former.
func (d *Data) UnitAt(pc uint64) (*Context, bool) {
	if set, err := d.aranges(); err == nil {
		i := sort.Search(len(set), func(i int) bool { return set[i].Lo > pc })
		// Ranges may overlap (a function of its own section in a unit without code); look back a little.
		for j := i - 1; j >= 0 && j >= i-16; j-- {
			if pc < set[j].Hi {
				if c, err := d.Context(set[j].unit); err == nil {
					return c.whole(), true
				}
			}
		}
	}
	if d.Indexed() {
		if i, ok := d.index.unitAt(d, pc); ok {
			c, err := d.Context(i)
			return c, err == nil
		}
	}
	return d.unitByRanges(pc)
}

func (d *Data) unitByRanges(pc uint64) (*Context, bool) {
	i := parallelFirst(len(d.Units), func(i int) bool {
		var c Context
		if d.Units[i].ofType() || d.Units[i].skeleton > 0 || d.scratch(&c, i) != nil {
			return false
		}
		root, err := c.Root()
		if err != nil {
			return false
		}
		r, err := root.Ranges()
		return err == nil && Contains(r, pc)
	})
	if i < 0 {
		return nil, false
	}
	c, err := d.Context(i)
	if err != nil {
		return nil, false
	}
	return c.whole(), true
}
