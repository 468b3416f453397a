package inlines

import (
	"cmp"
	"slices"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// none is no node.
const none = -1

// body is which of the functions that were put into one are at which addresses.
type body struct {
	nodes  []node
	begins []uint64 // where another node begins to be the innermost
	inner  []int32  // that node; none behind the end of all
}

// node is one function that was put into the one of parent, or into the one with code.
type node struct {
	origin int
	parent int32
}

// at returns the innermost node at pc.
func (b *body) at(pc uint64) int32 {
	i, exact := slices.BinarySearch(b.begins, pc)
	if !exact {
		i--
	}
	if i < 0 {
		return none
	}
	return b.inner[i]
}

// maker gathers the nodes of a body, callers before what was put into them.
type maker struct {
	nodes []node
	path  []int32 // the nodes that the next one may be in, by depth
	spans []span
}

type span struct {
	dwarfunit.Range
	node int32
}

func (m *maker) add(in dwarfunit.Inlined) {
	n := node{origin: in.Origin, parent: none}
	m.path = m.path[:min(in.Depth, len(m.path))]
	if len(m.path) > maxDepth {
		return
	}
	if d := len(m.path); d > 0 {
		n.parent = m.path[d-1]
	}
	at := int32(len(m.nodes))
	m.nodes, m.path = append(m.nodes, n), append(m.path, at)
	for _, r := range in.Ranges {
		if r.Lo < r.Hi {
			m.spans = append(m.spans, span{r, at})
		}
	}
}

// body lays the ranges over each other: of those that begin at an address the longest first, a caller before what was put into it.
func (m *maker) body() *body {
	slices.SortStableFunc(m.spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(b.Hi, a.Hi), cmp.Compare(a.node, b.node))
	})
	b := &body{nodes: m.nodes}
	var open []span
	closeTo := func(pc uint64) {
		for len(open) > 0 && open[len(open)-1].Hi <= pc {
			end := open[len(open)-1].Hi
			for len(open) > 0 && open[len(open)-1].Hi <= end {
				open = open[:len(open)-1]
			}
			b.begin(end, innermost(open))
		}
	}
	for _, s := range m.spans {
		closeTo(s.Lo)
		open = append(open, s)
		b.begin(s.Lo, s.node)
	}
	closeTo(^uint64(0))
	return b
}

func innermost(open []span) int32 {
	if len(open) == 0 {
		return none
	}
	return open[len(open)-1].node
}

// begin notes that from pc on a node is the innermost.
func (b *body) begin(pc uint64, n int32) {
	last := len(b.begins) - 1
	switch {
	case last >= 0 && b.begins[last] == pc:
		b.inner[last] = n
	case last >= 0 && b.inner[last] == n:
	default:
		b.begins, b.inner = append(b.begins, pc), append(b.inner, n)
	}
}
