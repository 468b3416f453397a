package dwarfunit

import "encoding/binary"

// Columns of a .dwp file's index, DWARF 5 section 7.3.5.3. Version 2, GNU's, numbers those above abbreviations otherwise.
const (
	columnInfo   = 1
	columnTypes  = 2
	columnAbbrev = 3
	columnLine   = 4
	columnLoc    = 5 // .debug_loclists.dwo in version 5
	columnStrOff = 6
	columnRng    = 8 // .debug_rnglists.dwo, version 5 only
)

// maxColumns is more than there are kinds of sections.
const maxColumns = 16

// PackageUnit is what a .dwp file's index tells of one unit: which bytes of each section are its own.
type PackageUnit struct {
	ID    uint64
	parts [maxColumns][2]uint32 // offset and size, by column number
	old   bool
}

// ParsePackage reads .debug_cu_index or .debug_tu_index of a .dwp file.
func ParsePackage(section string, b []byte) ([]PackageUnit, error) {
	c := cursor{b: b}
	fail := func(reason string) ([]PackageUnit, error) { return nil, &FormatError{section, c.p, reason} }
	version := c.u32() // 2 and 5 are followed by two bytes of padding in version 5, by none in 2
	columns, units, slots := c.u32(), c.u32(), c.u32()
	old := version == 2
	if c.bad || !old && version&0xffff != 5 {
		return fail("index of a version that is not 2 or 5")
	}
	if columns > maxColumns || units > slots || uint64(slots)*12 > uint64(len(b)) || uint64(units)*uint64(columns)*8 > uint64(len(b)) {
		return fail("index is larger than its section")
	}
	ids, rows := c.bytes(uint64(slots)*8), c.bytes(uint64(slots)*4)
	kinds := c.bytes(uint64(columns) * 4)
	offs, sizes := c.bytes(uint64(units)*uint64(columns)*4), c.bytes(uint64(units)*uint64(columns)*4)
	if c.bad {
		return fail("index is cut short")
	}
	le := binary.LittleEndian
	out := make([]PackageUnit, 0, units)
	for slot := range int(slots) {
		row := int(le.Uint32(rows[slot*4:])) - 1
		if row < 0 || row >= int(units) || len(out) == int(units) {
			continue
		}
		u := PackageUnit{ID: le.Uint64(ids[slot*8:]), old: old}
		for k := range int(columns) {
			if kind := le.Uint32(kinds[k*4:]); kind < maxColumns {
				at := (row*int(columns) + k) * 4
				u.parts[kind] = [2]uint32{le.Uint32(offs[at:]), le.Uint32(sizes[at:])}
			}
		}
		out = append(out, u)
	}
	return out, nil
}

// Of cuts the unit's bytes out of the package's sections; strings are common to all.
func (u *PackageUnit) Of(s *Sections) Sections {
	cut := func(b []byte, column int) []byte {
		off, n := uint64(u.parts[column][0]), uint64(u.parts[column][1])
		if off > uint64(len(b)) || n > uint64(len(b))-off {
			return nil
		}
		return b[off : off+n]
	}
	out := Sections{
		Info: cut(s.Info, columnInfo), Abbrev: cut(s.Abbrev, columnAbbrev), Line: cut(s.Line, columnLine),
		StrOffsets: cut(s.StrOffsets, columnStrOff), Str: s.Str, LineStr: s.LineStr,
	}
	if u.old {
		for _, m := range s.More {
			out.More = append(out.More, MoreUnits{m.Section, cut(m.Data, columnTypes), m.Types})
		}
		out.Loc = cut(s.Loc, columnLoc)
	} else {
		out.LocLists, out.RngLists = cut(s.LocLists, columnLoc), cut(s.RngLists, columnRng)
	}
	return out
}
