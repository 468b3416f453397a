package inlines

import (
	"testing"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// TestBody: of ranges that lie in each other, touch, or overlap as no compiler should have them, the innermost is found.
func TestBody(t *testing.T) {
	in := func(depth, origin int, ranges ...dwarfunit.Range) dwarfunit.Inlined {
		return dwarfunit.Inlined{Depth: depth, Origin: origin, Ranges: ranges}
	}
	r := func(lo, hi uint64) dwarfunit.Range { return dwarfunit.Range{Lo: lo, Hi: hi} }
	for _, tt := range []struct {
		name  string
		nodes []dwarfunit.Inlined
		want  map[uint64][]int // origins from the innermost on, by address
	}{
		{"nested", []dwarfunit.Inlined{in(0, 1, r(10, 40)), in(1, 2, r(20, 30)), in(2, 3, r(20, 22), r(28, 30)), in(0, 4, r(50, 60))},
			map[uint64][]int{9: nil, 10: {1}, 19: {1}, 20: {3, 2, 1}, 22: {2, 1}, 28: {3, 2, 1}, 30: {1}, 40: nil, 50: {4}, 60: nil}},
		{"the same range", []dwarfunit.Inlined{in(0, 1, r(10, 20)), in(1, 2, r(10, 20)), in(2, 3, r(10, 20))},
			map[uint64][]int{10: {3, 2, 1}, 19: {3, 2, 1}, 20: nil}},
		{"touching", []dwarfunit.Inlined{in(0, 1, r(10, 20)), in(0, 2, r(20, 30))}, map[uint64][]int{19: {1}, 20: {2}, 30: nil}},
		{"without a range", []dwarfunit.Inlined{in(0, 1), in(1, 2, r(10, 20))}, map[uint64][]int{10: {2, 1}}},
		{"overlapping", []dwarfunit.Inlined{in(0, 1, r(10, 20)), in(0, 2, r(15, 25))}, map[uint64][]int{14: {1}, 15: {2}, 20: {2}, 24: {2}, 25: nil}},
		{"beyond its caller", []dwarfunit.Inlined{in(0, 1, r(10, 20)), in(1, 2, r(18, 25))}, map[uint64][]int{18: {2, 1}, 24: {2, 1}, 25: nil}},
		{"backwards", []dwarfunit.Inlined{in(0, 1, r(20, 10)), in(0, 2, r(12, 14))}, map[uint64][]int{12: {2}, 15: nil}},
		{"to the end", []dwarfunit.Inlined{in(0, 1, r(10, ^uint64(0)))}, map[uint64][]int{9: nil, 10: {1}, 1 << 63: {1}}},
	} {
		var m maker
		for _, n := range tt.nodes {
			m.add(n)
		}
		b := m.body()
		for pc, want := range tt.want {
			var got []int
			for n := b.at(pc); n != none; n = b.nodes[n].parent {
				got = append(got, b.nodes[n].origin)
			}
			if len(got) != len(want) {
				t.Errorf("%s: at %d %v, want %v", tt.name, pc, got, want)
				continue
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%s: at %d %v, want %v", tt.name, pc, got, want)
				}
			}
		}
	}
}
