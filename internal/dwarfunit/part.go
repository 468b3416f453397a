package dwarfunit

import (
	"fmt"
	"slices"
	"sync"
)

// part is one section of units, and the sections that these refer to.
type part struct {
	Sections
	section string // name of the one that Info is
	file    string // "" for the file itself
	base    int    // what its offsets begin with
	types   bool   // .debug_types: headers are those of type units
	dwo     bool   // of a split file
	head    *[headerSize]byte
	alt     *part // what references to an alternate file mean

	tables func() []int // where the units' abbreviations begin, sorted
}

// add lists a part's units, and those of its other sections.
func (d *Data) add(p *part) error {
	p.base, p.alt = d.next, d.alt
	first := len(d.Units)
	p.tables = sync.OnceValue(func() []int { return abbrevOffsets(d.Units[first:], p) })
	d.parts = append(d.parts, p)
	if d.Units == nil { // most units have less
		d.Units = make([]Unit, 0, min(len(p.Info)>>15, maxFirstUnits)+1)
	}
	for off := 0; off < len(p.Info); {
		u, err := p.unit(off)
		if err != nil {
			return err
		}
		off = u.End - p.base
		if u.ofType() {
			d.addSignature(&u)
		}
		d.Units = append(d.Units, u)
	}
	d.next = p.base + len(p.Info) + 1
	for _, m := range p.More {
		more := &part{Sections: p.Sections, section: m.Section, file: p.file, types: m.Types, dwo: p.dwo}
		more.Info, more.More, more.InfoReader = m.Data, nil, nil
		if err := d.add(more); err != nil {
			return err
		}
	}
	return nil
}

func (d *Data) addSignature(u *Unit) {
	if d.sigs == nil {
		d.sigs = map[uint64]int{}
	}
	if _, dup := d.sigs[u.Signature]; !dup {
		d.sigs[u.Signature] = u.TypeOff
	}
}

// abbrevOffsets lists where the abbreviations of a part's units begin.
func abbrevOffsets(units []Unit, p *part) (offs []int) {
	for i := range units {
		if units[i].part == p {
			offs = append(offs, units[i].Abbrev)
		}
	}
	slices.Sort(offs)
	return slices.Compact(offs)
}

// maxFirstUnits bounds for how many units there is room at first.
const maxFirstUnits = 4096

// headerSize is more than a unit's header has.
const headerSize = 64

// unit reads the header of the unit at off of the part's section.
func (p *part) unit(off int) (Unit, error) {
	u := Unit{Off: p.base + off, OffSize: 4, Type: unitCompile, part: p}
	c := cursor{b: p.header(off)}
	length := uint64(c.u32())
	if length == 0xffffffff {
		u.OffSize = 8
		length = c.u64()
	} else if length >= 0xfffffff0 {
		return u, u.fail(u.Off, "reserved unit length")
	}
	if c.bad || length > uint64(len(p.Info)-off-c.p) {
		return u, u.fail(u.Off, "unit is longer than its section")
	}
	u.End = u.Off + c.p + int(length)
	c.b = c.b[:min(len(c.b), u.End-u.Off)]
	version := c.u16()
	if version < 2 || version > 5 {
		return u, u.fail(u.Off, "unit of a version that is not 2 to 5")
	}
	u.Version = uint8(version)
	if version == 5 {
		u.Type = c.u8()
		u.AddrSize = c.u8()
	}
	abbrev := c.offset(u.OffSize)
	if version < 5 {
		u.AddrSize = c.u8()
		if p.types {
			u.Type = unitType
		}
	}
	switch u.Type {
	case unitType, unitSplitTyp:
		u.Signature = c.u64()
		u.TypeOff = int(min(c.offset(u.OffSize), 1<<60)) + u.Off
	case unitSkeleton, unitSplit:
		u.Signature = c.u64()
	}
	if c.bad {
		return u, u.fail(u.Off, "unit header is cut short")
	}
	if u.AddrSize != 4 && u.AddrSize != 8 {
		return u, u.fail(u.Off, "address size is not 4 or 8")
	}
	if abbrev > 1<<62 {
		return u, u.fail(u.Off, "impossible abbreviation offset")
	}
	u.Abbrev, u.First = int(abbrev), u.Off+c.p
	return u, nil
}

func (p *part) header(off int) []byte {
	b := p.Info[off:min(off+headerSize, len(p.Info))]
	if p.InfoReader != nil && p.Relocate == nil { // mapped, each unit would be brought in by its own fault
		if p.head == nil {
			p.head = new([headerSize]byte)
		}
		if n, _ := p.InfoReader.ReadAt(p.head[:len(b)], int64(off)); n == len(b) {
			return p.head[:n]
		}
	}
	if p.Relocate == nil {
		return b
	}
	return p.relocated(p.section, nil, b, off)
}

// relocated copies b, which is at off of a section, into buf and relocates it there.
func (p *part) relocated(section string, buf, b []byte, off int) []byte {
	buf = append(buf[:0], b...)
	p.Relocate(section, buf, off)
	return buf
}

// fail makes an error about the unit's section.
func (u *Unit) fail(off int, reason string) error {
	e := &FormatError{Section: u.part.section, Offset: off - u.part.base, Reason: reason}
	if u.part.file != "" {
		return fmt.Errorf("%s: %w", u.part.file, e)
	}
	return e
}

// load makes the unit's bytes ready: base is what an index into c.info is to be added to. Those of a relocatable file are
// relocated now, in memory that is used again.
func (c *Context) load() {
	p := c.U.part
	off := c.U.Off - p.base
	switch n := c.U.End - c.U.Off; {
	case p.Relocate != nil:
		c.buf = p.relocated(p.section, c.buf, p.Info[off:off+n], off)
	case c.once && p.InfoReader != nil:
		c.buf = slices.Grow(c.buf[:0], n)[:n]
		if got, _ := p.InfoReader.ReadAt(c.buf, int64(off)); got != n {
			c.buf = append(c.buf[:0], p.Info[off:off+n]...)
		}
	default:
		c.info, c.base = p.Info[:c.U.End-p.base], p.base
		return
	}
	c.info, c.base = c.buf, c.U.Off
}
