package dwarfunit

import "sort"

// Context is a unit made ready for reading entries. It does not change once made.
type Context struct {
	Data  *Data
	U     *Unit
	Index int

	Low      uint64 // DW_AT_low_pc of the unit, the base of its lists
	Language uint64
	sec      *Sections // that its forms refer to
	info     []byte    // up to its end
	base     int       // what an index into info is to be added to
	buf      []byte
	once     bool // the unit is read once: a copy in buf costs less than pages that are mapped and unmapped
	table    table
	strBase  uint64
	addrBase uint64
	rngBase  uint64
	locBase  uint64
	// gnuRanges is what offsets of the split unit begin with in .debug_ranges of the file itself.
	gnuRanges uint64
}

// Languages of units whose functions all stand at file level, DWARF 5 table 7.17.
const (
	langC89  = 0x01
	langC    = 0x02
	langC99  = 0x0c
	langGo   = 0x16
	langC11  = 0x1d
	langC17  = 0x2c
	langMIPS = 0x8001 // assembler
)

// maxOpened bounds how many units' tables are kept.
const maxOpened = 256

// Context makes unit i ready, or returns it from before.
func (d *Data) Context(i int) (*Context, error) {
	d.mu.Lock()
	c := d.opened[i]
	d.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c = &Context{Data: d, U: &d.Units[i], Index: i}
	if err := c.prepare(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.opened) >= maxOpened {
		clear(d.opened)
	}
	d.opened[i] = c
	return c, nil
}

// Root returns the unit's own entry.
func (c *Context) Root() (*Entry, error) {
	e, err := c.Entry(c.U.First)
	if err == nil && e == nil {
		return nil, c.U.fail(c.U.First, "unit without an entry")
	}
	return e, err
}

// prepare reads what entries are read by; Data, U and Index are set.
func (c *Context) prepare() error {
	c.sec = &c.U.part.Sections
	c.load()
	if err := c.Data.compile(c.U, &c.table); err != nil {
		return err
	}
	return c.readRoot()
}

// readRoot takes from the unit's entry what others are read by.
func (c *Context) readRoot() error {
	root, err := c.Root()
	if err != nil {
		return err
	}
	header := uint64(8) // of a contribution to the tables that version 5 indexes
	if c.U.OffSize == 8 {
		header = 16
	}
	if c.U.Version >= 5 {
		c.strBase, c.addrBase = header, header
		c.rngBase, c.locBase = header+4, header+4
	}
	if c.U.skeleton > 0 {
		if err := c.inherit(); err != nil {
			return err
		}
	}
	for _, a := range root.Attrs {
		switch a.At {
		case AttrStrOffsetsBase:
			c.strBase = a.U
		case AttrAddrBase, AttrGNUAddrBase:
			c.addrBase = a.U
		case AttrRnglistsBase:
			c.rngBase = a.U
		case AttrGNURangesBase:
			c.gnuRanges = a.U
		case AttrLoclistsBase:
			c.locBase = a.U
		case AttrLanguage:
			c.Language = a.U
		}
	}
	if a := root.Attr(AttrLowPC); a != nil {
		c.Low, _ = c.address(a)
	}
	return nil
}

// address returns the address that an attribute holds or stands for.
func (c *Context) address(a *Attr) (uint64, bool) {
	switch a.Form {
	case FormAddr:
		return a.U, true
	case FormAddrx, FormAddrx1, FormAddrx2, FormAddrx3, FormAddrx4, FormGNUAddrIndex:
		return c.AddrIndex(a.U)
	}
	return 0, false
}

// AddrIndex returns the address with an index in .debug_addr.
func (c *Context) AddrIndex(index uint64) (uint64, bool) {
	return c.indexed(c.sec.Addr, ".debug_addr", c.addrBase, index, c.U.AddrSize)
}

// flat tells whether functions stand at the unit's top level only.
func (c *Context) flat() bool {
	switch c.Language {
	case langC89, langC, langC99, langC11, langC17, langGo, langMIPS:
		return true
	}
	return false
}

// Range is addresses from Lo to before Hi.
type Range struct{ Lo, Hi uint64 }

// Ranges returns the addresses of an entry's code, in the order of the debug information.
func (e *Entry) Ranges() ([]Range, error) {
	if r := e.Attr(AttrRanges); r != nil {
		return e.Unit.rangeList(r)
	}
	low := e.Attr(AttrLowPC)
	if low == nil {
		return nil, nil
	}
	lo, ok := e.Unit.address(low)
	if !ok {
		return nil, e.Unit.U.fail(e.Off, "address index outside of .debug_addr")
	}
	high := e.Attr(AttrHighPC)
	if high == nil {
		return []Range{{lo, lo + 1}}, nil
	}
	hi, isAddr := e.Unit.address(high)
	if !isAddr {
		hi = lo + high.U
	}
	if hi <= lo {
		return nil, nil
	}
	return []Range{{lo, hi}}, nil
}

// EntryPC returns where the entry's code is entered: DW_AT_entry_pc, else its
// low_pc, else the first of its ranges.
func (e *Entry) EntryPC() (uint64, bool) {
	low, hasLow := uint64(0), false
	if a := e.Attr(AttrLowPC); a != nil {
		low, hasLow = e.Unit.address(a)
	}
	if a := e.Attr(AttrEntryPC); a != nil {
		if pc, ok := e.Unit.address(a); ok {
			return pc, true
		}
		if !a.IsBlock() && !e.Has(AttrRanges) && hasLow {
			return low + a.U, true // DWARF 5 section 2.18: an offset from the base
		}
	}
	if hasLow {
		return low, true
	}
	r, err := e.Ranges()
	if err != nil || len(r) == 0 {
		return 0, false
	}
	return r[0].Lo, true
}

// Contains tells whether pc is in one of the ranges.
func Contains(ranges []Range, pc uint64) bool {
	for _, r := range ranges {
		if pc >= r.Lo && pc < r.Hi {
			return true
		}
	}
	return false
}

// Normalize sorts ranges and joins those that touch.
func Normalize(r []Range) []Range {
	sort.Slice(r, func(i, j int) bool { return r[i].Lo < r[j].Lo })
	out := r[:0]
	for _, x := range r {
		if n := len(out); n > 0 && x.Lo <= out[n-1].Hi {
			out[n-1].Hi = max(out[n-1].Hi, x.Hi)
			continue
		}
		out = append(out, x)
	}
	return out
}

// HasLocationLists tells whether a variable or parameter of the unit has a location list, which
// compilers write when they optimise. perf tells by it whether a function has a prologue to skip.
func (c *Context) HasLocationLists() bool {
	for i := range c.table.a {
		a := &c.table.a[i]
		if a.known && (a.tag == TagFormalParameter || a.tag == TagVariable) && c.listForm(a) {
			return true
		}
	}
	return false
}

func (c *Context) listForm(a *abbrev) bool {
	specs := cursor{b: c.U.part.Abbrev, p: a.attrs}
	for {
		at, form := specs.uleb(), specs.uleb()
		if specs.bad || at == 0 && form == 0 {
			return false
		}
		if form == FormImplicitConst {
			specs.sleb()
		}
		if at == AttrLocation {
			return form == FormSecOffset || form == FormLoclistx || c.U.Version < 4 && (form == FormData4 || form == FormData8)
		}
	}
}
