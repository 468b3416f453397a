package dwarfunit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// built returns a file's data without an index, and its index's tables by tag.
func built(t testing.TB, s Sections) (*Data, map[string][]byte) {
	t.Helper()
	d, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := d.BuildIndex(0)
	if err != nil {
		t.Fatal(err)
	}
	byTag := map[string][]byte{}
	for _, table := range tables {
		byTag[table.Tag] = table.Data
	}
	return d, byTag
}

// indexed returns the same data with an index.
func indexed(t testing.TB, s Sections, tables map[string][]byte) *Data {
	t.Helper()
	d, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.UseIndex(tableOf(tables)); err != nil {
		t.Fatal(err)
	}
	return d
}

func tableOf(tables map[string][]byte) func(string) ([]byte, error) {
	return func(tag string) ([]byte, error) {
		b, ok := tables[tag]
		if !ok {
			return nil, errors.New("no such table")
		}
		return b, nil
	}
}

// functionNames are the names that a file has functions of, and two that it has not.
func functionNames(t testing.TB, d *Data) []string {
	t.Helper()
	var names []string
	err := d.EachFunction(0, func(n Named) { names = append(names, string(n.Name), string(n.Linkage)) })
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return append(slices.Compact(names), "printf", "not there")
}

// TestIndexLikeScan asks for every name and address with and without an index.
func TestIndexLikeScan(t *testing.T) {
	for _, o := range objects(t) {
		t.Run(o.name, func(t *testing.T) {
			scan, tables := built(t, o.data.Sections)
			index := indexed(t, o.data.Sections, tables)
			for _, name := range functionNames(t, scan) {
				want, werr := scan.Find(Search{Name: name})
				got, err := index.Find(Search{Name: name})
				if d := cmp.Diff(used(want), used(got)); d != "" || (err == nil) != (werr == nil) {
					t.Errorf("%s: %v, %v (-scan +index):\n%s", name, werr, err, d)
				}
			}
			for _, name := range []string{"stdout", "table", "none"} {
				want, werr := scan.Named(Search{Name: name}, TagVariable)
				got, err := index.Named(Search{Name: name}, TagVariable)
				if !slices.Equal(got, want) || (err == nil) != (werr == nil) {
					t.Errorf("variable %s: %v, %v; scan: %v, %v", name, got, err, want, werr)
				}
			}
			// Without .debug_aranges all rests on the index.
			bare := o.data.Sections
			bare.ARanges = nil
			index = indexed(t, bare, tables)
			for pc := range codeOf(t, scan) {
				want, wok := scan.UnitAt(pc)
				got, ok := index.UnitAt(pc)
				if ok != wok || ok && got.Index != want.Index {
					t.Errorf("unit at %#x differs", pc)
				}
			}
			if !index.Indexed() {
				t.Error("the index turned bad")
			}
		})
	}
}

// used drops declarations that nothing refers to: nobody looks at them, and an index has none.
func used(all []Func) (out []Func) {
	for _, f := range all {
		if !f.Decl || len(f.Instances) > 0 {
			out = append(out, f)
		}
	}
	return out
}

// codeOf gives addresses at and around the bounds of all units' code.
func codeOf(t *testing.T, d *Data) map[uint64]bool {
	t.Helper()
	out := map[uint64]bool{0: true, 1: true, ^uint64(0): true}
	for i := range d.Units {
		c, err := d.Context(i)
		if err != nil {
			t.Fatal(err)
		}
		root, err := c.Root()
		if err != nil {
			t.Fatal(err)
		}
		ranges, err := root.Ranges()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range ranges {
			for _, pc := range []uint64{r.Lo - 1, r.Lo, (r.Lo + r.Hi) / 2, r.Hi - 1, r.Hi} {
				out[pc] = true
			}
		}
	}
	return out
}

// TestOtherIndex gives each file the index of another.
func TestOtherIndex(t *testing.T) {
	files := seedFiles(t)
	for i, f := range files {
		_, tables := built(t, sectionsOf(files[(i+1)%len(files)]))
		d, err := New(sectionsOf(f))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.UseIndex(tableOf(tables)); !errors.Is(err, ErrNoIndex) {
			t.Errorf("the index of another file: %v", err)
		}
		if err := d.UseIndex(tableOf(nil)); err == nil || d.Indexed() {
			t.Error("an index without tables is used")
		}
	}
}

// TestHostileIndex changes an index's tables: all answers must be as without, or, where an entry of several was taken away,
// nothing that is not in the file.
func TestHostileIndex(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, f := range seedFiles(t) {
		s := sectionsOf(f)
		scan, tables := built(t, s)
		for range 50 {
			bad := map[string][]byte{}
			for _, tag := range slices.Sorted(maps.Keys(tables)) {
				b := slices.Clone(tables[tag])
				if tag != tagMeta && len(b) > 0 {
					for range 1 + r.IntN(4) {
						b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
					}
				}
				bad[tag] = b
			}
			checkHostile(t, scan, indexed(t, s, bad))
		}
	}
}

// checkHostile compares the answers of a hostile index with a scan's.
func checkHostile(t *testing.T, scan, index *Data) {
	t.Helper()
	for _, name := range functionNames(t, scan) {
		want, err := scan.Find(Search{Name: name, Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		got, err := index.Find(Search{Name: name, Workers: 1})
		if err != nil || len(used(got)) == 0 && len(used(want)) > 0 {
			t.Fatalf("%s: %d functions, %v", name, len(got), err)
		}
		for _, g := range got {
			k := slices.IndexFunc(want, func(w Func) bool { return w.Off == g.Off })
			if k < 0 || want[k].Code != g.Code || want[k].Unit != g.Unit {
				t.Fatalf("%s: an entry at %#x that the scan does not find", name, g.Off)
			}
			for _, in := range g.Instances {
				if !slices.Contains(want[k].Instances, in) {
					t.Fatalf("%s: an instance at %#x that the scan does not find", name, in.Off)
				}
			}
		}
	}
	for pc := range codeOf(t, scan) {
		want, wok := scan.UnitAt(pc)
		got, ok := index.UnitAt(pc)
		if ok != wok || ok && got.Index != want.Index {
			t.Fatalf("unit at %#x differs", pc)
		}
	}
}

// FuzzIndex reads tables that may be anything.
func FuzzIndex(f *testing.F) {
	files := seedFiles(f)
	for i, file := range files {
		_, tables := built(f, sectionsOf(file))
		f.Add(uint8(i), tables[tagFunctions], tables[tagVariables], tables[tagRanges], tables[tagOrigins], tables[tagMeta])
	}
	f.Fuzz(func(t *testing.T, which uint8, functions, variables, ranges, origins, meta []byte) {
		s := sectionsOf(files[int(which)%len(files)])
		s.ARanges = nil
		scan, _ := built(t, s)
		index, err := New(s)
		if err != nil {
			t.Fatal(err)
		}
		tables := map[string][]byte{tagMeta: meta, tagFunctions: functions, tagVariables: variables, tagRanges: ranges, tagOrigins: origins}
		if err := index.UseIndex(tableOf(tables)); err != nil {
			return
		}
		checkHostile(t, scan, index)
		if _, err := index.Named(Search{Name: "counter", Workers: 1}, TagVariable); err != nil {
			t.Error(err)
		}
	})
}

func TestSortPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 511, 512, 5000} {
		for _, mask := range []uint64{0xff, 0xffffffff00000003, ^uint64(0)} {
			a := make([]uint64, n)
			for i := range a {
				a[i] = r.Uint64() & mask
			}
			want := slices.Sorted(slices.Values(a))
			if got := sortPairs(a); !slices.Equal(got, want) {
				t.Errorf("%d numbers of %#x are not sorted", n, mask)
			}
		}
	}
}

// TestIndexLayout holds the bytes against what docs/formats.md says.
func TestIndexLayout(t *testing.T) {
	for _, f := range seedFiles(t) {
		d, tables := built(t, sectionsOf(f))
		le := binary.LittleEndian
		if m := tables[tagMeta]; len(m) != 24 || le.Uint32(m) != uint32(len(d.Units)) || le.Uint64(m[8:]) != uint64(len(d.Info)) {
			t.Errorf("META: % x", m)
		}
		last := uint64(0)
		for b := tables[tagFunctions]; len(b) > 0; b = b[8:] {
			pair := uint64(le.Uint32(b))<<32 | uint64(le.Uint32(b[4:]))
			e, err := d.Entry(int(le.Uint32(b[4:])))
			if err != nil || e == nil || e.Tag != TagSubprogram || pair <= last {
				t.Fatalf("FUNC: %#x behind %#x: %v", pair, last, err)
			}
			last = pair
		}
	}
}

// TestInfoReader reads units through a reader, and through one that is of no use.
func TestInfoReader(t *testing.T) {
	for _, o := range objects(t) {
		s := o.data.Sections
		for _, b := range [][]byte{s.Info, nil, s.Info[:len(s.Info)/2]} {
			s.InfoReader = bytes.NewReader(b)
			d, err := New(s)
			if err != nil {
				t.Fatalf("%s: %v", o.name, err)
			}
			want, werr := o.data.BuildIndex(1)
			got, err := d.BuildIndex(2)
			if diff := cmp.Diff(want, got); diff != "" || err != nil || werr != nil {
				t.Errorf("%s: %v, %v, index (-mapped +read):\n%s", o.name, werr, err, diff)
			}
			for _, name := range functionNames(t, d) {
				want, werr := o.data.Find(Search{Name: name})
				got, err := d.Find(Search{Name: name})
				if diff := cmp.Diff(want, got); diff != "" || (err == nil) != (werr == nil) {
					t.Errorf("%s, %s: %v, %v (-mapped +read):\n%s", o.name, name, werr, err, diff)
				}
			}
		}
	}
}

// TestInlineNames: where a name stands in place, the look at the abbreviations must tell so.
func TestInlineNames(t *testing.T) {
	for _, f := range seedFiles(t) {
		d, err := New(sectionsOf(f))
		if err != nil {
			t.Fatal(err)
		}
		m := d.newMatcher("x", TagSubprogram)
		for i := range d.Units {
			c, err := d.Context(i)
			if err != nil {
				t.Fatal(err)
			}
			inPlace := false
			for k := range c.table.a {
				a := &c.table.a[k]
				inPlace = inPlace || a.known && a.tag == TagSubprogram && (a.name.form == FormString || a.linkage.form == FormString)
			}
			if inPlace && !m.inlineNames(d, &d.Units[i]) {
				t.Errorf("unit %d: names in place are not seen", i)
			}
		}
	}
}
