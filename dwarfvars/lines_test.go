package dwarfvars

import (
	"testing"

	"github.com/gperf-dev/gperf/internal/objfile"
)

func TestFileMatches(t *testing.T) {
	for _, c := range []struct {
		path, want string
		ok         bool
	}{
		{"/src/mm/slab.c", "slab.c", true}, {"/src/mm/slab.c", "mm/slab.c", true}, {"/src/mm/slab.c", "/src/mm/slab.c", true},
		{"/src/mm/slab.c", "lab.c", false}, {"/src/mm/slab.c", "m/slab.c", false}, {"/src/mm/slab.c", "", false},
		{"mm/slab.c", "/src/mm/slab.c", true}, {"/mm/slab.c", "/src/mm/slab.c", false}, {"slab.c", "/src/mm/blab.c", false}, {"", "slab.c", false},
	} {
		if got := fileMatches(c.path, c.want); got != c.ok {
			t.Errorf("%q for %q: %v", c.path, c.want, got)
		}
	}
}

func TestNearestLines(t *testing.T) {
	if before, after := nearest([]int{3, 9, 7, 5}, 6); before != 5 || after != 7 {
		t.Errorf("%d and %d", before, after)
	}
	if before, after := nearest(nil, 6); before != 0 || after != 0 {
		t.Errorf("%d and %d", before, after)
	}
}

// FuzzLines asks for lines of a file whose bytes may be anything.
func FuzzLines(f *testing.F) {
	for _, b := range seeds(f) {
		f.Add(b, 1)
	}
	f.Fuzz(func(t *testing.T, b []byte, line int) {
		file, err := objfile.New(b, "fuzzed")
		if err != nil {
			return
		}
		i, err := openFile(file, "fuzzed", Options{NoFind: true, Workers: 1})
		if err != nil {
			return
		}
		defer i.Close()
		even := func(string, string) (func(int) bool, error) { return func(n int) bool { return n%2 == 0 }, nil }
		for _, o := range []LineOptions{{Function: "fun", Line: line}, {Function: "inl", Match: even}, {File: "small.c", Line: line}, {File: "small.c", Match: even, Max: 50}} {
			places, _, err := i.LinePlaces(o)
			if err == nil && len(places) == 0 {
				t.Errorf("%+v: neither a place nor an error", o)
			}
		}
		for _, o := range []SourceOptions{{Function: "fun", End: -1}, {Function: "inl", Start: line, End: line}, {File: "small.c", End: -1}} {
			lines, err := i.SourceLines(o)
			if err == nil && len(lines.Lines) == 0 {
				t.Errorf("%+v: neither a line nor an error", o)
			}
		}
	})
}
