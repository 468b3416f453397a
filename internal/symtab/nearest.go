package symtab

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest gives up to n names that are like name, best first, by edit distance: what to offer when a name is not there. Names that contain
// the one asked for, or that it contains, count as near too. Each name comes once.
func (t *Table) Nearest(name string, n int) []string {
	s := newNearest(name, n)
	for i := range t.src.len() {
		s.add(t.src.name(i))
	}
	return s.names()
}

// NearestOf is Table.Nearest over any names.
func NearestOf(name string, n int, names func(yield func(string) bool)) []string {
	s := newNearest(name, n)
	for have := range names {
		s.add([]byte(have))
	}
	return s.names()
}

// DidYouMean offers names in a hint; "" for none.
func DidYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "did you mean " + strings.Join(names, ", ") + "?"
}

type scored struct {
	name  string
	score int
}

// nearest keeps the best names seen.
type nearest struct {
	pattern string
	peq     [256]uint64 // for each byte, where in pattern it stands
	limit   int         // worst score that is still of use
	n       int
	best    []scored
}

// maxPattern is what fits a machine word, by which distances are computed bit-parallel.
const maxPattern = 64

func newNearest(name string, n int) *nearest {
	s := &nearest{pattern: name[:min(len(name), maxPattern)], n: n, limit: 2 + len(name)/3}
	for i := range len(s.pattern) {
		s.peq[lower(s.pattern[i])] |= 1 << i
	}
	return s
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func (s *nearest) add(name []byte) {
	if s.n <= 0 || len(s.pattern) == 0 || len(name) == 0 {
		return
	}
	score := s.score(name)
	if score > s.limit {
		return
	}
	if i := slices.IndexFunc(s.best, func(b scored) bool { return b.name == string(name) }); i >= 0 {
		return
	}
	c := scored{string(name), score}
	at, _ := slices.BinarySearchFunc(s.best, c, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(len(a.name), len(b.name)), strings.Compare(a.name, b.name))
	})
	s.best = slices.Insert(s.best, at, c)
	if len(s.best) > s.n {
		s.best = s.best[:s.n]
		s.limit = s.best[s.n-1].score
	}
}

// score is the edit distance, or 2 and a little for a longer name that contains the one asked for.
func (s *nearest) score(name []byte) int {
	diff := len(name) - len(s.pattern)
	if len(s.pattern) >= 4 && diff > 0 && diff < 24 && strings.Contains(string(name), s.pattern) {
		return 2 + diff/8
	}
	if diff > s.limit || -diff > s.limit {
		return s.limit + 1
	}
	return s.distance(name)
}

// distance is Levenshtein's, without case, by Myers' bit-vectors in the form of Hyyrö (2001).
func (s *nearest) distance(text []byte) int {
	m := len(s.pattern)
	pv, mv := ^uint64(0), uint64(0)
	last := uint64(1) << (m - 1)
	d := m
	for _, c := range text {
		eq := s.peq[lower(c)]
		xv := eq | mv
		xh := (((eq & pv) + pv) ^ pv) | eq
		ph := mv | ^(xh | pv)
		mh := pv & xh
		if ph&last != 0 {
			d++
		}
		if mh&last != 0 {
			d--
		}
		ph = ph<<1 | 1
		mh <<= 1
		pv = mh | ^(xv | ph)
		mv = ph & xv
	}
	return d
}

func (s *nearest) names() []string {
	out := make([]string, len(s.best))
	for i, b := range s.best {
		out[i] = b.name
	}
	return out
}
