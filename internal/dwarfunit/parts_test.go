package dwarfunit

import (
	"encoding/binary"
	"testing"
)

// packageIndex makes a .debug_cu_index of one unit.
func packageIndex(version uint32, columns ...uint32) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, version)
	for _, n := range []uint32{uint32(len(columns)), 1, 2} {
		b = le.AppendUint32(b, n)
	}
	b = le.AppendUint64(b, 0)
	b = le.AppendUint64(b, 0x1122334455667788)
	b = le.AppendUint32(le.AppendUint32(b, 0), 1)
	for _, kind := range columns {
		b = le.AppendUint32(b, kind)
	}
	for i := range columns {
		b = le.AppendUint32(b, uint32(i))
	}
	for range columns {
		b = le.AppendUint32(b, 2)
	}
	return b
}

func TestParsePackage(t *testing.T) {
	s := Sections{Info: []byte("abcd"), Abbrev: []byte("efgh"), Str: []byte("ijkl"), RngLists: []byte("mnop"), Loc: []byte("qrst"), LocLists: []byte("uvwx")}
	units, err := ParsePackage("index", packageIndex(5, columnInfo, columnAbbrev, columnRng, columnLoc))
	if err != nil || len(units) != 1 || units[0].ID != 0x1122334455667788 {
		t.Fatalf("%v %v", units, err)
	}
	got := units[0].Of(&s)
	if string(got.Info) != "ab" || string(got.Abbrev) != "fg" || string(got.Str) != "ijkl" || string(got.RngLists) != "op" || len(got.Loc) != 0 || len(got.LocLists) != 0 {
		t.Errorf("%q %q %q", got.Info, got.Abbrev, got.RngLists)
	}
	if units, err = ParsePackage("index", packageIndex(2, columnInfo, columnLoc)); err != nil || string(units[0].Of(&s).Loc) != "rs" {
		t.Errorf("version 2: %v %v", units, err)
	}
	for _, bad := range [][]byte{nil, packageIndex(3, columnInfo), packageIndex(5, columnInfo)[:40]} {
		if _, err := ParsePackage("index", bad); err == nil {
			t.Errorf("%x is taken", bad)
		}
	}
}

func FuzzParsePackage(f *testing.F) {
	f.Add(packageIndex(5, columnInfo, columnAbbrev), []byte("abcd"))
	f.Add(packageIndex(2, columnInfo, columnTypes), []byte("abcd"))
	f.Fuzz(func(t *testing.T, b, section []byte) {
		units, err := ParsePackage("index", b)
		isFormat(t, err)
		s := Sections{Info: section, Abbrev: section, Loc: section, More: []MoreUnits{{"types", section, true}}}
		for i := range units {
			_ = units[i].Of(&s)
		}
	})
}

// FuzzParts joins units of several sections, which refer to each other as they like.
func FuzzParts(f *testing.F) {
	for _, file := range seedFiles(f) {
		s := sectionsOf(file)
		f.Add(s.Info, s.Abbrev, s.Str, append(s.Ranges, s.RngLists...), append(s.Loc, s.LocLists...), append(s.StrOffsets, s.Addr...))
	}
	f.Fuzz(func(t *testing.T, info, abbrev, str, ranges, locs, tables []byte) {
		s := Sections{Info: info, Abbrev: abbrev, Str: str, LineStr: str, StrOffsets: tables, Addr: tables, Ranges: ranges, RngLists: ranges,
			Loc: locs, LocLists: locs}
		relocatable := s
		relocatable.Relocate = func(_ string, dst []byte, off int) {
			for i := range dst {
				dst[i] ^= byte(off+i) & 1
			}
		}
		relocatable.More = []MoreUnits{{".debug_types", info, true}}
		for _, first := range []Sections{s, relocatable} {
			d, err := New(first)
			if err != nil {
				isFormat(t, err)
				continue
			}
			isFormat(t, d.AddAlternate(s, "alt"))
			skeletons, err := d.Skeletons()
			isFormat(t, err)
			for i := range min(len(d.Units), 3) { // whatever is a skeleton
				skeletons = append(skeletons, Skeleton{Unit: i, ID: d.Units[i].Signature})
			}
			_, err = d.AddSplit(s, "dwo", skeletons)
			isFormat(t, err)
			for _, name := range []string{"fun", "inl"} {
				_, err := d.Find(Search{Name: name, Workers: 1})
				isFormat(t, err)
			}
			d.UnitAt(0x401000)
			for i := range d.Units {
				c, err := d.Context(i)
				if err != nil {
					isFormat(t, err)
					continue
				}
				budget := 100
				if root, err := c.Root(); err == nil {
					visit(t, root, &budget)
				}
			}
		}
	})
}
