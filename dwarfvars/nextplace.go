package dwarfvars

import (
	"slices"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// NextReadable returns the place in p's function where e has a value that usable takes: the next behind p, else the last before it.
// Locations may begin within the instruction of a call; boundary gives the instruction at or behind an address, 0 if it cannot tell.
func (i *Info) NextReadable(p Place, e *Expr, boundary func(begin, addr uint64) uint64, usable func(*Location) bool) (Place, bool) {
	fn, _, err := i.functionOf(&p)
	if err != nil {
		return Place{}, false
	}
	ranges, err := fn.Ranges()
	if err != nil {
		return Place{}, false
	}
	begin := p.Addr - p.Offset
	for _, addr := range i.changes(&p, fn, e.Root) {
		if addr = boundary(begin, addr); addr == 0 || !dwarfunit.Contains(ranges, addr) {
			continue
		}
		q := p
		q.Addr, q.Offset, q.Skipped, q.Go = addr, addr-begin, false, NotGo
		if loc, err := i.Value(q, e); err == nil && usable(&loc) {
			return q, true
		}
	}
	return Place{}, false
}

// changes lists where the locations of a variable begin: those behind p in order, then those before it backwards.
func (i *Info) changes(p *Place, fn *dwarfunit.Entry, name string) []uint64 {
	v, err := i.variable(p, fn, name)
	if err != nil || v == nil {
		return nil
	}
	h := i.holder(v, dwarfunit.AttrLocation)
	if h == nil {
		return nil
	}
	locs, err := h.Unit.Locations(h.Attr(dwarfunit.AttrLocation))
	if err != nil {
		return nil
	}
	var after, before []uint64
	for _, l := range locs {
		switch {
		case l.Default:
		case l.Lo > p.Addr:
			after = append(after, l.Lo)
		case l.Lo < p.Addr:
			before = append(before, l.Lo)
		}
	}
	slices.Sort(after)
	slices.Sort(before)
	slices.Reverse(before)
	return append(after, before...)
}
