package selector

import (
	"cmp"
	"context"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Resolver looks the names of events up on a machine. It is safe for
// concurrent use if Define is.
type Resolver struct {
	// Sys is /sys, for the events of PMUs. Without it there are none.
	Sys fs.FS

	// Trace is tracefs, for tracepoints and probes. If it is nil,
	// [tracefs.Find] is asked when a selection has one.
	Trace *tracefs.FS

	// Define makes the tracepoints behind a name, which may be a glob, that
	// does not exist yet, such as sdt_SYSTEM:EVENT, a marker in a program. It
	// returns their names, SYSTEM:EVENT. An error that wraps fs.ErrNotExist
	// says that it knows none. It may be nil.
	Define func(ctx context.Context, name string) (names []string, err error)

	// Found is told the names of tracepoints that are taken as they are, for who wants to look at their definitions. It may be nil.
	Found func(ctx context.Context, names []string)

	// CoreKind confines generic events to one of [Resolver.CoreKinds]; "" is for all.
	CoreKind string

	// Extra gives events of the caller's own, by name, before all others. It may be nil.
	Extra func(name string) (Spec, bool)

	once  sync.Once
	cores []coreUnit
}

// Default is what perf records when no event is selected: CPU cycles, as
// precisely as they can be had, of the kernel too if it may be measured.
// Package evlist falls back to the CPU clock where there is no PMU.
func (r *Resolver) Default() []Spec {
	s := Spec{Name: "cycles", Modifiers: Modifiers{PreciseMax: true}}
	s.Attr = perfevent.Attr{Type: perfevent.TypeHardware, Config: perfevent.HWCPUCycles, Flags: perfevent.FlagExcludeGuest}
	mods := ""
	if !perfevent.MayMeasureKernel() {
		s.Name, mods = "cycles:u", "u"
		s.Attr.Flags |= perfevent.FlagExcludeKernel
	}
	specs := r.onEach(s, func(unit string) string { return unit + "/cycles/" + mods })
	for i := range specs {
		specs[i].Leader = i
	}
	return specs
}

// Resolve looks up what [Parse] gave. A glob becomes as many Specs as it
// matches. The error is an [*UnknownEventError] or a [*SyntaxError].
func (r *Resolver) Resolve(ctx context.Context, groups []Group) ([]Spec, error) {
	var all []Spec
	for i := range groups {
		g := &groups[i]
		first := len(all)
		for j := range g.Events {
			specs, err := r.event(ctx, g.Text, &g.Events[j])
			if err != nil {
				return nil, err
			}
			all = append(all, specs...)
		}
		if err := g.finish(all, first); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// finish sets leaders, from first on, and applies the group's modifiers.
func (g *Group) finish(all []Spec, first int) error {
	if g.Braces {
		apart(all, first)
	}
	leader, core := first, ""
	for i := first; i < len(all); i++ {
		s := &all[i]
		s.Leader = i
		if g.Braces {
			if s.Core != "" && core != "" && s.Core != core {
				leader = i
			}
			core = cmp.Or(s.Core, core)
			s.Leader, s.Group = leader, g.Name
			all[leader].GroupSize++
		}
		const leaders = perfevent.FlagPinned | perfevent.FlagExclusive
		if s.Leader != i && s.Attr.Flags&leaders != 0 {
			return &SyntaxError{Text: g.Text, Column: g.columnOf("De"), Message: "D and e hold for a whole group",
				hint: "put them behind the brace"}
		}
		s.applyModifiers(g.Modifiers, true)
		if s.Leader != i {
			s.Attr.Flags &^= leaders
		}
	}
	return nil
}

// columnOf finds the modifiers of the first member, the leader aside, that
// has one of the letters.
func (g *Group) columnOf(letters string) int {
	for i := 1; i < len(g.Events); i++ {
		if strings.ContainsAny(g.Events[i].Modifiers, letters) {
			return g.Events[i].modColumn
		}
	}
	return g.Events[0].modColumn
}

// look is one event on its way to its Specs.
type look struct {
	r    *Resolver
	text string // the whole selection
	e    *Event
}

func (l *look) syntax(column int, message string) error {
	return &SyntaxError{Text: l.text, Column: column, Message: message}
}

func (r *Resolver) event(ctx context.Context, text string, e *Event) ([]Spec, error) {
	l := &look{r, text, e}
	var specs []Spec
	var err error
	switch e.Kind {
	case KindTracepoint:
		specs, err = l.tracepoints(ctx)
	case KindRaw:
		specs, err = l.raw()
	case KindBreakpoint:
		specs, err = l.breakpoint()
	case KindPMU:
		specs, err = l.pmus()
	default:
		specs, err = l.named()
	}
	if err != nil {
		return nil, err
	}
	for i := range specs {
		if specs[i].Name == "" {
			specs[i].Name = e.Text
		}
		specs[i].applyModifiers(e.Modifiers, false)
	}
	return specs, nil
}

// newSpec is where every event starts: guests are left out by default.
func newSpec(t perfevent.Type, config uint64) Spec {
	return Spec{Attr: perfevent.Attr{Type: t, Config: config, Flags: perfevent.FlagExcludeGuest}}
}

func (l *look) named() ([]Spec, error) {
	if l.r.Extra != nil {
		if s, ok := l.r.Extra(l.e.Name); ok {
			return []Spec{s}, nil
		}
	}
	sym, ok := findSymbol(l.e.Name)
	if !ok {
		return l.pmuAlias()
	}
	s := newSpec(sym.typ, sym.config)
	if sym.typ == perfevent.TypeSoftware && sym.config == perfevent.SWBPFOutput {
		s.Attr.SampleType, s.Attr.Period = tracepointSample, 1
	}
	return l.common(s)
}

// common applies the terms of an event that has no format of its own.
func (l *look) common(s Spec) ([]Spec, error) {
	for _, t := range l.e.Terms {
		known, bad := s.applyCommon(t)
		if !known {
			return nil, &SyntaxError{Text: l.text, Column: t.Column, Message: "unknown term '" + t.Name + "'",
				hint: "valid terms: " + commonTerms}
		}
		if bad != "" {
			return nil, l.syntax(t.Column, bad)
		}
	}
	return l.r.onEach(s, l.e.onUnit), nil
}

func (l *look) raw() ([]Spec, error) {
	config, err := strconv.ParseUint(l.e.Name, 16, 64)
	if err != nil {
		return nil, l.syntax(l.e.Column, "'"+l.e.Name+"' is no hexadecimal number of 64 bits")
	}
	return l.common(newSpec(perfevent.TypeRaw, config))
}

// breakpoint: lengths and accesses default as perf's do.
func (l *look) breakpoint() ([]Spec, error) {
	s := newSpec(perfevent.TypeBreakpoint, 0)
	s.Attr.Period = 1
	s.Attr.Config1, s.Attr.Config2 = l.e.Address, l.e.Length
	s.Name, _, _ = strings.Cut(l.e.Text, "/") // perf's name for one with a length ends there
	for _, c := range []byte(l.e.Access) {
		bit := map[byte]uint32{'r': perfevent.BreakpointRead, 'w': perfevent.BreakpointWrite, 'x': perfevent.BreakpointExecute}[c]
		if s.Attr.BPType&bit != 0 {
			return nil, l.syntax(l.e.Column, "access '"+string(rune(c))+"' stands twice")
		}
		s.Attr.BPType |= bit
	}
	if s.Attr.BPType == 0 {
		s.Attr.BPType = perfevent.BreakpointRead | perfevent.BreakpointWrite
	}
	if s.Attr.Config2 == 0 {
		s.Attr.Config2 = 4
		if s.Attr.BPType == perfevent.BreakpointExecute {
			s.Attr.Config2 = 8 // sizeof(long), which the kernel insists on
		}
	}
	return []Spec{s}, nil
}

// tracepointSample is what a sample with raw data holds on top of the rest;
// see evsel__newtp_idx in tools/perf/util/evsel.c.
const tracepointSample = record.SampleRaw | record.SampleTime | record.SampleCPU | record.SamplePeriod
