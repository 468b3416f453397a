package statview

import (
	"cmp"
	"slices"
)

// place is where a CPU sits, as far as counts are told apart by it.
func (v *View) place(cpu int) Place {
	p, ok := v.o.Places[cpu]
	if !ok {
		p = Place{-1, -1, -1, -1}
	}
	switch v.o.Aggregation {
	case PerNode:
		return Place{p.Node, -1, -1, -1}
	case PerSocket:
		return Place{-1, p.Socket, -1, -1}
	case PerDie:
		return Place{-1, p.Socket, p.Die, -1}
	}
	return Place{-1, p.Socket, p.Die, p.Core}
}

// placeList are the places of the CPUs that were asked for, ascending.
func (v *View) placeList() []Place {
	var out []Place
	seen := map[Place]bool{}
	for _, cpu := range v.o.CPUs {
		if p := v.place(cpu); !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Socket, b.Socket), cmp.Compare(a.Die, b.Die), cmp.Compare(a.Core, b.Core))
	})
	return out
}

// spots lists, of event i, the indexes of its CPUs by their places. It is made once: there may be thousands of either.
func (v *View) spots(i int) map[Place][]int {
	if v.cpusAt == nil {
		v.cpusAt = make([]map[Place][]int, len(v.o.Events))
	}
	if v.cpusAt[i] == nil {
		m := map[Place][]int{}
		for k, cpu := range v.o.Events[i].CPUs {
			p := v.place(cpu)
			m[p] = append(m[p], k)
		}
		v.cpusAt[i] = m
	}
	return v.cpusAt[i]
}
