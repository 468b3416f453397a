package selector

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/cpulist"
	"github.com/gperf-dev/gperf/perfevent"
)

// A machine with several kinds of cores (Alder Lake and later) has a PMU for
// each: cpu_core, cpu_atom. A generic event, which names none, is one event on
// each of them: else only the cores of the first kind would be counted.

// corePrefix begins the names of such PMUs. A machine with one kind of cores
// has "cpu", without.
const corePrefix = "cpu_"

// coreUnit is the PMU of one kind of cores.
type coreUnit struct {
	name string
	typ  perfevent.Type
	cpus []int
}

// CoreKinds are the kinds of cores of a machine with several, such as atom and
// core; none if there is one kind. Resolver.CoreKind is one of them.
func (r *Resolver) CoreKinds() []string {
	var kinds []string
	for _, u := range r.allCores() {
		kinds = append(kinds, strings.TrimPrefix(u.name, corePrefix))
	}
	return kinds
}

// allCores looks once: a selection names generic events more often.
func (r *Resolver) allCores() []coreUnit {
	r.once.Do(func() {
		for _, name := range r.pmuNames() {
			if u, ok := r.readCore(name); ok {
				r.cores = append(r.cores, u)
			}
		}
		slices.SortFunc(r.cores, func(a, b coreUnit) int { return cmp.Compare(a.typ, b.typ) }) // cpu_core first, as in perf
	})
	return r.cores
}

// coreUnit tells whether a PMU is that of a kind of cores.
func (r *Resolver) coreUnit(name string) (coreUnit, bool) {
	if !strings.HasPrefix(name, corePrefix) {
		return coreUnit{}, false
	}
	i := slices.IndexFunc(r.allCores(), func(u coreUnit) bool { return u.name == name })
	if i < 0 {
		return coreUnit{}, false
	}
	return r.allCores()[i], true
}

// readCore reads of a PMU what makes it that of a kind of cores: no other has
// the file of their CPUs.
func (r *Resolver) readCore(name string) (coreUnit, bool) {
	if !strings.HasPrefix(name, corePrefix) {
		return coreUnit{}, false
	}
	text, err := r.sysText(name, "cpus")
	if err != nil {
		return coreUnit{}, false
	}
	cpus, err := cpulist.Parse(text)
	if err != nil || len(cpus) == 0 {
		return coreUnit{}, false
	}
	text, err = r.sysText(name, "type")
	if err != nil {
		return coreUnit{}, false
	}
	typ, err := strconv.ParseUint(text, 10, 32)
	return coreUnit{name, perfevent.Type(typ), cpus}, err == nil
}

// onEach makes of an event one on each kind of cores, if there are several.
// name writes it with a unit's name.
func (r *Resolver) onEach(s Spec, name func(unit string) string) []Spec {
	switch s.Attr.Type {
	case perfevent.TypeHardware, perfevent.TypeHWCache, perfevent.TypeRaw:
	default:
		return []Spec{s}
	}
	var specs []Spec
	for _, u := range r.allCores() {
		if r.CoreKind == "" || u.name == corePrefix+r.CoreKind {
			one := s
			one.on(&u)
			one.Name = name(u.name)
			specs = append(specs, one)
		}
	}
	if specs == nil {
		return []Spec{s}
	}
	return specs
}

// on lets a unit count a generic event.
func (s *Spec) on(u *coreUnit) {
	if s.Attr.Type == perfevent.TypeRaw {
		s.Attr.Type = u.typ
	} else {
		s.Attr.Config |= uint64(u.typ) << perfevent.GenericPMUShift
	}
	s.Core, s.CPUs = u.name, u.cpus
}

// onUnit writes the event with its unit: cpu_core/cycles/u of cycles:u,
// cpu_core/cycles,period=1000/ of cycles/period=1000/.
func (e *Event) onUnit(unit string) string {
	name, terms, slashed := strings.Cut(e.Text, "/")
	if slashed {
		terms, _, _ = strings.Cut(terms, "/")
	} else {
		name, _, _ = strings.Cut(name, ":")
	}
	if terms != "" {
		name += "," + terms
	}
	return unit + "/" + name + "/" + e.Modifiers
}

// generic applies a term that names a generic event or a raw one, as in
// cpu_core/cycles/; false if it is none, or the PMU is not one of cores.
func (l *look) generic(s *Spec, pmu string, t Term) bool {
	u, ok := l.r.coreUnit(pmu)
	if !ok || t.HasValue {
		return false
	}
	if isRaw(t.Name) {
		config, err := strconv.ParseUint(t.Name[1:], 16, 64)
		s.Attr.Config |= config
		return err == nil
	}
	sym, ok := findSymbol(t.Name)
	if !ok || sym.typ == perfevent.TypeSoftware {
		return false
	}
	s.Attr.Type, s.Attr.Config = sym.typ, s.Attr.Config|sym.config
	s.on(&u)
	return true
}

// apart makes of a group in braces, whose events begin at first, one for each
// kind of cores: counters of several PMUs are no group. What no PMU of cores
// counts stays with the first.
func apart(all []Spec, first int) {
	group := all[first:]
	var order []string
	for i := range group {
		if c := group[i].Core; c != "" && !slices.Contains(order, c) {
			order = append(order, c)
		}
	}
	if len(order) < 2 {
		return
	}
	slices.SortStableFunc(group, func(a, b Spec) int {
		return max(slices.Index(order, a.Core), 0) - max(slices.Index(order, b.Core), 0)
	})
}
