package dwarfunit

import (
	"math/rand"
	"slices"
	"testing"
)

// TestSpans compares with a look at every range.
func TestSpans(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for range 200 {
		var s Spans
		var all []Range
		for id := range random.Intn(20) {
			lo := uint64(random.Intn(60))
			r := Range{lo, lo + uint64(random.Intn(20))}
			all = append(all, r)
			s.Add(r, id)
		}
		s.Sort()
		for pc := range uint64(90) {
			var want []int
			for id, r := range all {
				if r.Lo != 0 && pc >= r.Lo && pc < r.Hi {
					want = append(want, id)
				}
			}
			got := slices.Collect(s.At(pc))
			for i := 1; i < len(got); i++ {
				if all[got[i-1]].Lo < all[got[i]].Lo {
					t.Errorf("%d: %v of %v do not begin ever farther before it", pc, got, all)
				}
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("%d: %v, want %v of %v", pc, got, want, all)
			}
		}
	}
}
