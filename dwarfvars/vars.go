package dwarfvars

import (
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// VarsOptions say which variables are meant.
type VarsOptions struct {
	Externs bool // also the variables of the unit's file level
	Params  bool // parameters only
	Missing bool // also those that live elsewhere in the function, for perf's --range
	AsPerf  bool // Here is what perf probe -V makes of it: it looks at the location's first operator only
}

// Variable is a variable at a place.
type Variable struct {
	Name   string
	Type   string // as perf probe -V spells it
	Param  bool
	Extern bool        // of file level
	Here   bool        // has a location at the place
	Ranges [][2]uint64 // where it has a location in the function, end exclusive; one for each location, as the debug information has them
}

// Vars returns the variables that can be seen at p, in the order of the debug
// information. [SortVariables] gives the order of perf probe -V.
func (i *Info) Vars(p Place, o VarsOptions) ([]Variable, error) {
	fn, real, err := i.functionOf(&p)
	if err != nil {
		return nil, i.wrap(err)
	}
	l := varList{i: i, p: &p, real: real, o: o}
	w := scopeWalk{i: i, pc: p.Addr, f: func(c found) { l.add(c.e, c.scope, false) }}
	if err := w.walk(fn, 0, true); err != nil {
		return nil, i.wrap(err)
	}
	if o.Externs {
		root, err := fn.Unit.Root()
		if err == nil {
			err = root.EachChild(func(kid *dwarfunit.Entry) bool {
				if kid.Tag == dwarfunit.TagVariable {
					l.add(kid, nil, true)
				}
				return true
			})
		}
		if err != nil {
			return nil, i.wrap(err)
		}
	}
	return l.out, nil
}

type varList struct {
	i    *Info
	p    *Place
	real *dwarfunit.Entry
	o    VarsOptions
	out  []Variable
}

func (l *varList) add(e, scope *dwarfunit.Entry, extern bool) {
	if l.o.Params && (e.Tag != dwarfunit.TagFormalParameter || l.i.isGoResult(e)) {
		return // a result of Go is listed as a parameter
	}
	name := l.i.name(e)
	if name == "" {
		return
	}
	v := Variable{Name: name, Param: e.Tag == dwarfunit.TagFormalParameter, Extern: extern}
	v.Here = l.here(e)
	if !v.Here && !l.o.Missing {
		return
	}
	if !extern {
		v.Ranges = l.ranges(e, scope)
	}
	if !v.Here && (len(v.Ranges) == 0 || l.o.AsPerf && !l.perfListsLater(e)) || l.o.AsPerf && l.o.Missing && !extern && len(v.Ranges) == 0 {
		return
	}
	t, err := l.i.typeOf(e)
	v.Type = unknownType
	if err == nil {
		v.Type = l.i.displayName(t)
	}
	l.out = append(l.out, v)
}

// here tells whether the variable can be read at the place, as far as that is known without looking at its type.
func (l *varList) here(e *dwarfunit.Entry) bool {
	if l.o.AsPerf {
		return l.perfLists(e)
	}
	_, err := l.i.locate(l.p, l.real, e)
	return err == nil
}

// perfLists tells whether perf probe -V lists a variable: one of file level that other units see, a constant, or one
// whose location begins with an operator that perf knows (convert_variable_location in probe-finder.c).
func (l *varList) perfLists(e *dwarfunit.Entry) bool {
	if e.Has(dwarfunit.AttrExternal) || e.Has(dwarfunit.AttrConstValue) {
		return true
	}
	a := e.Attr(dwarfunit.AttrLocation)
	if a == nil {
		return false
	}
	locs, err := e.Unit.Locations(a)
	if err != nil {
		return false
	}
	loc := pick(locs, l.p.Addr)
	if entry, ok := l.real.EntryPC(); loc == nil && ok && entry == l.p.Addr && e.Tag == dwarfunit.TagFormalParameter {
		loc = firstAfter(locs, entry, l.real)
	}
	return perfKnows(loc)
}

// perfListsLater tells whether perf probe -V --range lists a variable that has no location at the place but has one
// after it: parameters it leaves out.
func (l *varList) perfListsLater(e *dwarfunit.Entry) bool {
	a := e.Attr(dwarfunit.AttrLocation)
	if a == nil || e.Tag != dwarfunit.TagVariable {
		return false
	}
	locs, err := e.Unit.Locations(a)
	return err == nil && pick(locs, l.p.Addr) == nil && perfKnows(firstAfter(locs, l.p.Addr, l.real))
}

func perfKnows(loc *dwarfunit.Loc) bool {
	if loc == nil || len(loc.Expr) == 0 {
		return false
	}
	switch op := int(loc.Expr[0]); {
	case op >= dwarfunit.OpReg0 && op <= dwarfunit.OpBreg31:
		return true
	case op == dwarfunit.OpAddr, op == dwarfunit.OpRegx, op == dwarfunit.OpFbreg, op == dwarfunit.OpBregx:
		return true
	}
	return false
}

// firstAfter returns the location that begins first after the entry of a function.
func firstAfter(locs []dwarfunit.Loc, entry uint64, fn *dwarfunit.Entry) *dwarfunit.Loc {
	ranges, err := fn.Ranges()
	if err != nil {
		return nil
	}
	var first *dwarfunit.Loc
	for k := range locs {
		l := &locs[k]
		if l.Lo > entry && dwarfunit.Contains(ranges, l.Lo) && (first == nil || l.Lo < first.Lo) {
			first = l
		}
	}
	return first
}

// ranges returns where a variable can be read, which is in its scope at most.
func (l *varList) ranges(e, scope *dwarfunit.Entry) [][2]uint64 {
	h := l.i.holder(e, dwarfunit.AttrLocation)
	if h == nil {
		return nil
	}
	locs, err := h.Unit.Locations(h.Attr(dwarfunit.AttrLocation))
	if err != nil {
		return nil
	}
	if !h.Attr(dwarfunit.AttrLocation).IsBlock() {
		scope = l.real
	}
	within, err := scope.Ranges()
	if err != nil {
		return nil
	}
	var out [][2]uint64
	for _, loc := range locs {
		for _, r := range within {
			if lo, hi := max(loc.Lo, r.Lo), min(loc.Hi, r.Hi); lo < hi && len(loc.Expr) > 0 {
				out = append(out, [2]uint64{lo, hi})
			}
		}
	}
	return out
}

// SortVariables sorts by type and name and drops what is listed twice, as perf probe -V prints them.
func SortVariables(vars []Variable) []Variable {
	vars = slices.Clone(vars)
	line := func(v Variable) string { return v.Type + "\t" + v.Name }
	slices.SortStableFunc(vars, func(a, b Variable) int { return strings.Compare(line(a), line(b)) })
	return slices.CompactFunc(vars, func(a, b Variable) bool { return line(a) == line(b) })
}
