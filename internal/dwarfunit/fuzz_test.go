package dwarfunit

import (
	"debug/elf"
	"errors"
	"path/filepath"
	"testing"
)

// seedFiles are small programs of several compilers; their README says how they are made.
func seedFiles(tb testing.TB) (files []*elf.File) {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "..", "dwarfvars", "testdata", "small", "*"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		f, err := elf.Open(path)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { f.Close() })
		files = append(files, f)
	}
	return files
}

// FuzzData walks whatever the sections make of units. Errors must be *FormatError.
func FuzzData(f *testing.F) {
	for _, file := range seedFiles(f) {
		s := sectionsOf(file)
		f.Add(s.Info, s.Abbrev, s.Str, append(s.Ranges, s.RngLists...), append(s.Loc, s.LocLists...), append(s.StrOffsets, s.Addr...), s.ARanges)
	}
	f.Fuzz(func(t *testing.T, info, abbrev, str, ranges, locs, tables, aranges []byte) {
		d, err := New(Sections{Info: info, Abbrev: abbrev, Str: str, LineStr: str, StrOffsets: tables, Addr: tables, Ranges: ranges, RngLists: ranges,
			Loc: locs, LocLists: locs, ARanges: aranges})
		if err != nil {
			isFormat(t, err)
			return
		}
		for _, name := range []string{"fun", "inl"} {
			_, err := d.Find(Search{Name: name, Workers: 1})
			isFormat(t, err)
		}
		_, err = d.Named(Search{Name: "counter", Workers: 1}, TagVariable, TagStructureType)
		isFormat(t, err)
		isFormat(t, d.EachFunction(1, func(Named) {}))
		d.UnitAt(0x401000)
		for n := range d.UnitRanges(1).At(0x401000) {
			inlined(t, d, n)
		}
		for i := range d.Units {
			c, err := d.Context(i)
			if err != nil {
				isFormat(t, err)
				continue
			}
			root, err := c.Root()
			if err != nil {
				isFormat(t, err)
				continue
			}
			budget := 200
			visit(t, root, &budget)
			c.HasLocationLists()
		}
	})
}

// inlined looks for what was put into the functions of a unit.
func inlined(t *testing.T, d *Data, unit int) {
	c, err := d.Whole(unit)
	isFormat(t, err)
	if err != nil {
		return
	}
	functions, err := d.FunctionRanges(c)
	isFormat(t, err)
	if functions == nil {
		return
	}
	for off := range functions.At(0x401000) {
		isFormat(t, c.EachInlined(off, func(Inlined) {}))
	}
}

func visit(t *testing.T, e *Entry, budget *int) {
	if *budget--; *budget < 0 {
		return
	}
	_, err := e.Ranges()
	isFormat(t, err)
	e.EntryPC()
	for k := range e.Attrs {
		if e.Attrs[k].At == AttrLocation {
			_, err := e.Unit.Locations(&e.Attrs[k])
			isFormat(t, err)
		}
		e.Unit.text(&e.Attrs[k])
	}
	isFormat(t, e.EachChild(func(kid *Entry) bool {
		visit(t, kid, budget)
		return *budget > 0
	}))
}

func isFormat(t *testing.T, err error) {
	t.Helper()
	var format *FormatError
	if err != nil && !errors.As(err, &format) {
		t.Errorf("%T: %v", err, err)
	}
}

// FuzzCFA asks call frame information of any bytes, with and without a sorted table of any bytes.
func FuzzCFA(f *testing.F) {
	for _, file := range seedFiles(f) {
		if s := file.Section(".eh_frame"); s != nil {
			b, err := s.Data()
			if err != nil {
				f.Fatal(err)
			}
			var hdr []byte
			if h := file.Section(".eh_frame_hdr"); h != nil {
				if hdr, err = h.Data(); err != nil {
					f.Fatal(err)
				}
			}
			f.Add(b, hdr, s.Addr, true)
			f.Add(b, []byte(nil), s.Addr, false)
		}
	}
	f.Fuzz(func(t *testing.T, b, header []byte, addr uint64, eh bool) {
		table := NewFrameTable(FrameSection{Data: b, Addr: addr, EH: eh, Header: header, HeaderAddr: addr - uint64(len(header))})
		for _, pc := range []uint64{0, 0x401000, 0x401010, addr, ^uint64(0)} {
			row, _, err := table.Row(pc)
			isFormat(t, err)
			if len(row.Registers) > maxRules {
				t.Errorf("%d rules", len(row.Registers))
			}
		}
	})
}
