// Package benchcount opens the events that go with a Go benchmark and turns
// their counts into metrics an operation, in the units of Go's benchmark format.
//
// It serves benchmarks that count themselves (perfevent/perfbench) and those
// that are counted from outside (gperf bench).
package benchcount

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// defaultEvents are the events that count unless others are named. Braces keep
// together what is divided by each other.
func defaultEvents() []string {
	return []string{"{cycles,instructions}", "{branches,branch-misses}", "cache-misses"}
}

// defaultSoftware are the events of the kernel that stand in where a machine
// has no hardware counters.
func defaultSoftware() []string { return []string{"task-clock", "page-faults", "context-switches"} }

// Options say what to count.
type Options struct {
	Events []string                                                             // as option -e takes them; empty: defaultEvents, or defaultSoftware without a PMU
	Scope  perfevent.Scope                                                      // on what
	Flags  perfevent.AttrFlags                                                  // set in each attr
	Sys    fs.FS                                                                // /sys
	Open   func([]perfevent.Attr, perfevent.Scope) (*perfevent.Counters, error) // nil: perfevent.OpenCounters
}

// Set are the open events of a benchmark. One goroutine at a time may use it.
type Set struct {
	groups []group
}

// group is what is on the PMU together.
type group struct {
	names    []string
	counters *perfevent.Counters
	totals   []perfevent.Total // of the last read
}

// Open opens what can be opened, and says in problems, one sentence each, what
// could not be and why. A set of no events is of use like any other. All events
// start disabled, unless the flags say otherwise. The caller closes the set.
func Open(o Options) (*Set, []string) {
	if o.Open == nil {
		o.Open = perfevent.OpenCounters
	}
	s := &Set{}
	if len(o.Events) > 0 {
		return s, s.openAll(o, o.Events)
	}
	problems := s.openAll(o, defaultEvents())
	if len(s.groups) > 0 {
		return s, problems
	}
	problems = problems[:1] // the same for all of them
	if more := s.openAll(o, defaultSoftware()); len(more) > 0 {
		problems = append(problems, more[0])
	}
	if s.Empty() {
		return s, problems
	}
	var instead []string
	for _, g := range s.groups {
		instead = append(instead, g.names...)
	}
	return s, append(problems, "counting "+strings.Join(instead, ", ")+" instead")
}

// openAll opens selections of events, and says what went wrong.
func (s *Set) openAll(o Options, events []string) (problems []string) {
	for _, text := range events {
		specs, err := resolve(o.Sys, text)
		if err != nil {
			problems = append(problems, "cannot count "+text+": "+inWords(err))
			continue
		}
		for first := 0; first < len(specs); {
			next := first + 1
			for next < len(specs) && specs[next].Leader == first {
				next++
			}
			if err := s.open(o, specs[first:next]); err != nil {
				problems = append(problems, inWords(err))
			}
			first = next
		}
	}
	return problems
}

func resolve(sys fs.FS, text string) ([]selector.Spec, error) {
	groups, err := selector.Parse(text)
	if err != nil {
		return nil, err
	}
	return (&selector.Resolver{Sys: sys}).Resolve(context.Background(), groups)
}

// open opens a group, of user space alone where the kernel may not be counted.
func (s *Set) open(o Options, specs []selector.Spec) error {
	attrs, names := make([]perfevent.Attr, len(specs)), make([]string, len(specs))
	for i := range specs {
		attrs[i], names[i] = specs[i].Attr, specs[i].Name
		attrs[i].Flags |= o.Flags
		attrs[i].Period, attrs[i].Freq = 0, 0 // a tracepoint's default is for sampling
		attrs[i].Precise = 0
	}
	called := strings.Join(names, ", ")
	counters, err := o.Open(attrs, o.Scope)
	var open *perfevent.OpenError
	if errors.As(err, &open) && open.NotAllowed() && !open.Filtered() && mayLeaveKernelOut(&open.Attr) {
		for i := range attrs {
			attrs[i].Flags |= perfevent.FlagExcludeKernel | perfevent.FlagExcludeHV
			names[i] = userOnly(names[i])
		}
		counters, err = o.Open(attrs, o.Scope)
	}
	if err != nil {
		return fmt.Errorf("cannot count %s: %w", called, err)
	}
	s.groups = append(s.groups, group{names: names, counters: counters})
	return nil
}

// mayLeaveKernelOut tells whether an event still counts something in user space
// alone. The kernel's own doings are events of the kernel.
func mayLeaveKernelOut(a *perfevent.Attr) bool {
	return a.Type != perfevent.TypeTracepoint && !a.KernelOnly() && a.Flags&(perfevent.FlagExcludeKernel|perfevent.FlagExcludeUser) == 0
}

// userOnly is what perf calls an event that it could open for user space only.
func userOnly(name string) string {
	if strings.Contains(name, ":") {
		return name + "u"
	}
	return name + ":u"
}

// inWords is an error and its next step, in one line. Which of a process's
// threads met it is left out, so that the same lack has the same words.
func inWords(err error) string {
	text := err.Error()
	var open *perfevent.OpenError
	var unknown *selector.UnknownEventError
	var syntax *selector.SyntaxError
	switch { // the two of selector point at a column in a second line
	case errors.As(err, &open):
		text = strings.Replace(text, open.Error(), open.Reason(), 1)
	case errors.As(err, &unknown):
		text = unknown.Message
	case errors.As(err, &syntax):
		text = syntax.Message
	}
	var hinter interface{ Hint() string }
	if errors.As(err, &hinter) && hinter.Hint() != "" {
		text = fmt.Sprintf("%s (%s)", text, hinter.Hint())
	}
	return text
}

// Empty tells that no event could be opened.
func (s *Set) Empty() bool { return len(s.groups) == 0 }

// Enable starts counting.
func (s *Set) Enable() error { return s.each((*perfevent.Counters).Enable) }

// Pause leaves out what is counted until Resume.
func (s *Set) Pause() error { return s.each((*perfevent.Counters).Pause) }

// Resume ends what Pause began.
func (s *Set) Resume() error { return s.each((*perfevent.Counters).Resume) }

// Reset makes counts and times begin at zero.
func (s *Set) Reset() error { return s.each((*perfevent.Counters).Reset) }

// Close closes all events. A second Close does nothing.
func (s *Set) Close() error { return s.each((*perfevent.Counters).Close) }

func (s *Set) each(do func(*perfevent.Counters) error) error {
	var errs []error
	for _, g := range s.groups {
		errs = append(errs, do(g.counters))
	}
	return errors.Join(errs...)
}
