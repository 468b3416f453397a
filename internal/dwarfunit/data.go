package dwarfunit

import (
	"encoding/binary"
	"sort"
	"sync"
)

// Sections are the parts of a file that units are made of; a missing one is nil.
type Sections struct {
	Info, Abbrev, Str, LineStr, StrOffsets, Addr []byte
	Ranges, RngLists, Loc, LocLists, ARanges     []byte
	Line                                         []byte
}

// Unit is one unit's header.
type Unit struct {
	Off, End  int // of the unit in .debug_info, header included
	First     int // offset of the first entry
	Abbrev    int // offset of its abbreviations in .debug_abbrev
	Signature uint64
	TypeOff   int // offset of the type that a type unit is for
	Version   uint8
	AddrSize  uint8
	OffSize   uint8 // 4, or 8 in 64-bit DWARF
	Type      uint8
}

// Data is the debug information of one file. It is safe for concurrent use.
type Data struct {
	Sections
	Units []Unit

	mu      sync.Mutex
	opened  map[int]*Context
	sigs    map[uint64]int
	aranges func() ([]arange, error)
}

// New lists the units. The sections must stay as they are while Data is used.
func New(s Sections) (*Data, error) {
	d := &Data{Sections: s, opened: map[int]*Context{}}
	d.aranges = sync.OnceValues(d.readARanges)
	for off := 0; off < len(s.Info); {
		u, err := parseUnit(s.Info, off)
		if err != nil {
			return nil, err
		}
		if u.Type == unitType {
			if d.sigs == nil {
				d.sigs = map[uint64]int{}
			}
			d.sigs[u.Signature] = u.TypeOff
		}
		d.Units = append(d.Units, u)
		off = u.End
	}
	return d, nil
}

func parseUnit(info []byte, off int) (Unit, error) {
	u := Unit{Off: off, OffSize: 4, Type: unitCompile}
	c := cursor{b: info, p: off}
	length := uint64(c.u32())
	if length == 0xffffffff {
		u.OffSize = 8
		length = c.u64()
	} else if length >= 0xfffffff0 {
		return u, infoError(off, "reserved unit length")
	}
	if c.bad || length > uint64(len(info)-c.p) {
		return u, infoError(off, "unit is longer than its section")
	}
	u.End = c.p + int(length)
	c.b = info[:u.End]
	version := c.u16()
	if version < 2 || version > 5 {
		return u, infoError(off, "unit of a version that is not 2 to 5")
	}
	u.Version = uint8(version)
	if version == 5 {
		u.Type = c.u8()
		u.AddrSize = c.u8()
	}
	abbrev := c.offset(u.OffSize)
	if version < 5 {
		u.AddrSize = c.u8()
	}
	switch u.Type {
	case unitType, unitSplitTyp:
		u.Signature = c.u64()
		u.TypeOff = int(c.offset(u.OffSize)) + off
	case unitSkeleton, unitSplit:
		c.u64()
	}
	if c.bad {
		return u, infoError(off, "unit header is cut short")
	}
	if u.AddrSize != 4 && u.AddrSize != 8 {
		return u, infoError(off, "address size is not 4 or 8")
	}
	if abbrev > 1<<62 {
		return u, infoError(off, "impossible abbreviation offset")
	}
	u.Abbrev, u.First = int(abbrev), c.p
	return u, nil
}

// UnitOf returns the number of the unit that holds an offset of .debug_info, or -1.
func (d *Data) UnitOf(off int) int {
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
	for i, c := range b {
		if c == 0 {
			return b[:i:i], true
		}
	}
	return nil, false
}
