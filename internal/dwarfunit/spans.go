package dwarfunit

import (
	"cmp"
	"iter"
	"slices"
	"sort"
)

// Spans tells by an address what ranges belong to. Ranges may overlap.
type Spans struct {
	all   []span
	reach []uint64 // for each span, where it and all before it end
}

type span struct {
	Range
	id int
}

// Add adds a range of what the caller knows as id. Ranges that begin at 0 are of what the linker left out.
func (s *Spans) Add(r Range, id int) {
	if r.Lo != 0 && r.Lo < r.Hi {
		s.all = append(s.all, span{r, id})
	}
}

// Sort makes ready for At, when all are added.
func (s *Spans) Sort() {
	slices.SortStableFunc(s.all, func(a, b span) int { return cmp.Compare(a.Lo, b.Lo) })
	s.reach = make([]uint64, len(s.all))
	reach := uint64(0)
	for i := range s.all {
		reach = max(reach, s.all[i].Hi)
		s.reach[i] = reach
	}
}

// Len is how many ranges there are.
func (s *Spans) Len() int { return len(s.all) }

// At yields the ids of the ranges that pc is in, that which begins nearest before it first.
func (s *Spans) At(pc uint64) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := sort.Search(len(s.all), func(i int) bool { return s.all[i].Lo > pc }) - 1; i >= 0 && s.reach[i] > pc; i-- {
			if pc < s.all[i].Hi && !yield(s.all[i].id) {
				return
			}
		}
	}
}
