package dwarfunit

import (
	"bytes"
	"encoding/binary"
	"io"
	"sort"
	"sync"
)

// Sections are the parts of a file that units are made of; a missing one is nil.
type Sections struct {
	Info, Abbrev, Str, LineStr, StrOffsets, Addr []byte
	Ranges, RngLists, Loc, LocLists, ARanges     []byte
	Line                                         []byte
	More                                         []MoreUnits
	// InfoReader, which may be nil, reads the same bytes as Info.
	InfoReader io.ReaderAt
	// Relocate, of a relocatable file, does what a linker would to dst, a copy of bytes from off on of
	// the section with that name.
	Relocate func(section string, dst []byte, off int)
}

// MoreUnits is one more section of units: .debug_types, which DWARF 4 has for type units, or what an object file has in groups that the
// linker merges.
type MoreUnits struct {
	Section string // its name, as Relocate and errors have it
	Data    []byte
	Types   bool // .debug_types
}

// Unit is one unit's header.
type Unit struct {
	Off, End  int    // of the unit, header included; see Data
	First     int    // offset of the first entry
	Abbrev    int    // offset of its abbreviations in .debug_abbrev
	Signature uint64 // of a type unit; the id of a skeleton or a split unit
	TypeOff   int    // offset of the type that a type unit is for
	Version   uint8
	AddrSize  uint8
	OffSize   uint8 // 4, or 8 in 64-bit DWARF
	Type      uint8

	part     *part
	skeleton int32 // of a split unit: one more than the number of the unit with its addresses
	split    int32 // of a skeleton: one more than the number of the unit with its contents
}

// Data is the debug information of one program. It is safe for concurrent use once all parts are added.
//
// Units may be in several sections: .debug_types, an alternate file (dwz), .dwo files. One row of numbers serves as offsets in
// all of them: those below len(Info) are offsets in the file's own .debug_info; other sections follow each other above.
type Data struct {
	Sections
	Units []Unit

	parts   []*part
	alt     *part
	next    int // where the next part's offsets begin
	mu      sync.Mutex
	opened  map[int]*Context
	sigs    map[uint64]int
	aranges func() ([]arange, error)
	index   *nameIndex
}

// New lists the units. The sections must stay as they are while Data is used.
func New(s Sections) (*Data, error) {
	d := &Data{Sections: s, opened: map[int]*Context{}}
	d.aranges = sync.OnceValues(d.readARanges)
	if err := d.add(&part{Sections: s, section: ".debug_info"}); err != nil {
		return nil, err
	}
	return d, nil
}

// ofType tells whether the unit holds one type.
func (u *Unit) ofType() bool { return u.Type == unitType || u.Type == unitSplitTyp }

// unitOf returns the number of the unit that holds an offset, or -1.
func (d *Data) unitOf(off int) int {
	i := sort.Search(len(d.Units), func(i int) bool { return d.Units[i].End > off })
	if i == len(d.Units) || off < d.Units[i].First {
		return -1
	}
	return i
}

// cursor reads bytes in order; past the end it gives zeros and turns bad.
type cursor struct {
	b   []byte
	p   int
	bad bool
}

func (c *cursor) need(n int) bool {
	if n < 0 || c.p < 0 || c.p > len(c.b) || len(c.b)-c.p < n {
		c.bad = true
		return false
	}
	return true
}

func (c *cursor) u8() uint8 {
	if !c.need(1) {
		return 0
	}
	c.p++
	return c.b[c.p-1]
}

func (c *cursor) u16() uint16 {
	if !c.need(2) {
		return 0
	}
	c.p += 2
	return binary.LittleEndian.Uint16(c.b[c.p-2:])
}

func (c *cursor) u24() uint32 {
	lo := c.u16()
	return uint32(c.u8())<<16 | uint32(lo)
}

func (c *cursor) u32() uint32 {
	if !c.need(4) {
		return 0
	}
	c.p += 4
	return binary.LittleEndian.Uint32(c.b[c.p-4:])
}

func (c *cursor) u64() uint64 {
	if !c.need(8) {
		return 0
	}
	c.p += 8
	return binary.LittleEndian.Uint64(c.b[c.p-8:])
}

// offset reads a section offset of 4 or 8 bytes, or an address.
func (c *cursor) offset(size uint8) uint64 {
	switch size {
	case 8:
		return c.u64()
	case 4:
		return uint64(c.u32())
	case 2:
		return uint64(c.u16())
	}
	return uint64(c.u8())
}

func (c *cursor) uleb() uint64 {
	if uint(c.p) < uint(len(c.b)) && c.b[c.p] < 0x80 {
		c.p++
		return uint64(c.b[c.p-1])
	}
	if c.p < 0 {
		c.bad = true
		return 0
	}
	v, p := uleb(c.b, c.p)
	if p < 0 {
		c.bad, c.p = true, len(c.b)
		return 0
	}
	c.p = p
	return v
}

func (c *cursor) sleb() int64 {
	var v uint64
	for s := uint(0); ; s += 7 {
		b := c.u8()
		if c.bad {
			return 0
		}
		if s < 64 {
			v |= uint64(b&0x7f) << s
		}
		if b < 0x80 {
			if s += 7; s < 64 && b&0x40 != 0 {
				v |= ^uint64(0) << s
			}
			return int64(v)
		}
	}
}

// bytes returns the next n bytes.
func (c *cursor) bytes(n uint64) []byte {
	if n > uint64(len(c.b)) || !c.need(int(n)) {
		c.bad = true
		return nil
	}
	c.p += int(n)
	return c.b[c.p-int(n) : c.p : c.p]
}

// uleb decodes an unsigned LEB128 number at p; the position after it is -1 when b ends
// before the number does. Bits above 64 are dropped.
func uleb(b []byte, p int) (uint64, int) {
	var v uint64
	for s := uint(0); p < len(b); s += 7 {
		c := b[p]
		p++
		if s < 64 {
			v |= uint64(c&0x7f) << s
		}
		if c < 0x80 {
			return v, p
		}
	}
	return 0, -1
}

// cstring returns the bytes of the string at off, without its NUL.
func cstring(b []byte, off uint64) ([]byte, bool) {
	if off >= uint64(len(b)) {
		return nil, false
	}
	b = b[off:]
	i := bytes.IndexByte(b, 0)
	if i < 0 {
		return nil, false
	}
	return b[:i:i], true
}
