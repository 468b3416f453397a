// Package eventlist lists the events that a machine has, as perf list does.
package eventlist

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/glob"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Class is a kind of event, in perf's words.
type Class string

// The classes in the order in which they are listed.
const (
	Hardware   Class = "Hardware event"
	Software   Class = "Software event"
	Tool       Class = "Tool event"
	Cache      Class = "Hardware cache event"
	PMU        Class = "Kernel PMU event"
	Raw        Class = "Raw hardware event descriptor"
	Breakpoint Class = "Hardware breakpoint"
	Tracepoint Class = "Tracepoint event"
	SDT        Class = "SDT event"
)

func order() []Class {
	return []Class{Hardware, Software, Tool, Cache, PMU, Raw, Breakpoint, Tracepoint, SDT}
}

// Event is one line of the list.
type Event struct {
	Class   Class
	Name    string
	Alias   string // "" for none
	PMU     string // of a PMU's event
	Unit    string // of a PMU's counts
	Details string // what it stands for, for --details
}

// Sources are where events come from.
type Sources struct {
	Resolver *selector.Resolver // with the Sys and Trace to look in
	Trace    *tracefs.FS        // nil: no tracepoints
	// Supported tells whether this machine has a generic event. nil: all.
	Supported func(perfevent.Type, uint64) bool
	Markers   []Event // static markers of a file, see Markers
	// Fields asks for the fields of tracepoints as Details, which takes a file each.
	Fields bool
}

// All lists the events, class by class, sorted by name in each. A tracefs that cannot be read is an error; the other events come with it.
func (s *Sources) All() ([]Event, error) {
	var all []Event
	for _, g := range selector.Generics() {
		class := genericClass(g)
		if class != Tool && s.Supported != nil && !s.Supported(g.Type, g.Config) {
			continue
		}
		e := Event{Class: class, Name: g.Name, Alias: g.Alias, Details: fmt.Sprintf("type=%d,config=%#x", g.Type, g.Config)}
		if class == Tool {
			e.Details = "a clock of the tool's own, in ns"
		}
		all = append(all, e)
	}
	all = append(all, s.pmus()...)
	all = append(all,
		Event{Class: Raw, Name: "rNNN", Details: "hexadecimal number for the core's PMU: config"},
		Event{Class: Raw, Name: "cpu/t1=v1[,t2=v2,t3 ...]/modifier", Details: "terms of a PMU: its formats below /sys/bus/event_source/devices"},
		Event{Class: Breakpoint, Name: "mem:<addr>[/len][:access]", Details: "access: r, w, x or several of them"})
	points, err := s.tracepoints()
	all = append(append(all, points...), s.Markers...)
	rank := map[Class]int{}
	for i, c := range order() {
		rank[c] = i
	}
	slices.SortStableFunc(all, func(a, b Event) int {
		if a.Class != b.Class {
			return rank[a.Class] - rank[b.Class]
		}
		if a.Class == Raw || a.Class == Tool {
			return 0
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return all, err
}

func genericClass(g selector.Generic) Class {
	switch {
	case g.Tool:
		return Tool
	case g.Type == perfevent.TypeHardware:
		return Hardware
	case g.Type == perfevent.TypeHWCache:
		return Cache
	}
	return Software
}

// pmus lists the events of PMUs. Those of the core's can be named without it.
func (s *Sources) pmus() []Event {
	var all []Event
	for _, p := range s.Resolver.PMUEvents() {
		full := p.PMU + "/" + p.Name
		for term := range strings.SplitSeq(p.Terms, ",") {
			if name, value, _ := strings.Cut(term, "="); value == "?" {
				full += "," + name + "=?"
			}
		}
		full += "/"
		e := Event{Class: PMU, Name: full, PMU: p.PMU, Unit: p.Unit, Details: p.PMU + "/" + p.Terms + "/"}
		if p.PMU == "cpu" || strings.HasPrefix(p.PMU, "cpu_") || strings.HasPrefix(p.PMU, "armv8_pmuv3") {
			e.Name, e.Alias = p.Name, full
		}
		if p.Scale != "" {
			e.Details += " * " + p.Scale
		}
		all = append(all, e)
	}
	return all
}

func (s *Sources) tracepoints() ([]Event, error) {
	if s.Trace == nil {
		return nil, nil
	}
	systems, err := s.Trace.Systems()
	if err != nil {
		return nil, err
	}
	var all []Event
	for _, system := range systems {
		events, err := s.Trace.Events(system)
		if err != nil {
			continue // its probes were removed meanwhile
		}
		for _, name := range events {
			if system == "ftrace" { // most of its formats are for the tracers only, and have no number to be opened by
				if _, err := s.Trace.ID(system, name); err != nil {
					continue
				}
			}
			e := Event{Class: Tracepoint, Name: system + ":" + name}
			if s.Fields {
				e.Details = s.fields(system, name)
			}
			all = append(all, e)
		}
	}
	return all, nil
}

func (s *Sources) fields(system, name string) string {
	f, err := s.Trace.Format(system, name)
	if err != nil {
		return "" // gone since
	}
	var names []string
	for i := range f.Fields {
		names = append(names, f.Fields[i].Decl)
	}
	return strings.Join(names, "; ")
}

// Select takes what perf list takes with one argument: a class word, SYSTEM:EVENT with globs, or a part of a name with globs.
func Select(all []Event, arg string) []Event {
	classes := map[string][]Class{
		"hw": {Hardware}, "hardware": {Hardware}, "sw": {Software, Tool}, "software": {Software, Tool},
		"cache": {Cache}, "hwcache": {Cache}, "pmu": {PMU}, "tracepoint": {Tracepoint}, "sdt": {SDT},
	}
	want, isClass := classes[arg]
	system, name, point := strings.Cut(arg, ":")
	var out []Event
	for _, e := range all {
		ok := false
		sys, event, _ := strings.Cut(e.Name, ":")
		switch {
		case isClass:
			ok = slices.Contains(want, e.Class)
		case e.Class == Raw || e.Class == Breakpoint:
		case point:
			ok = (e.Class == Tracepoint || e.Class == SDT) && glob.Match(system, sys) && glob.Match(name, event)
		case e.Class == Tracepoint || e.Class == SDT:
			ok = glob.Match("*"+arg+"*", event)
		default:
			ok = glob.Match("*"+arg+"*", e.Name) || e.Alias != "" && glob.Match("*"+arg+"*", e.Alias)
		}
		if ok {
			out = append(out, e)
		}
	}
	return out
}
