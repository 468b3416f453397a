// Package evlist opens events on CPUs and threads, with the attributes,
// rings and fallbacks that perf 6.1 has for the same command line. It serves
// recording and live views alike.
package evlist

import (
	"errors"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Event is one selected event, open on all targets.
type Event struct {
	Spec selector.Spec
	Name string         // Spec.Name, or what a fallback made of it
	Attr perfevent.Attr // as opened
	IDs  []uint64       // of Open, in its order

	// Leader is the index in [List.Events] of the group's leader; the
	// event's own if it has none.
	Leader int

	// Open are the open events, CPU by CPU, on a CPU thread by thread.
	Open []Handle

	tracking  bool // carries the records about tasks and mappings
	immediate bool // counts from its opening on
	onExec    bool // counts from the workload's exec on, even if the others wait longer
}

// Handle is an event open on one CPU, for one thread.
type Handle struct {
	*perfevent.Event
	ID  uint64
	CPU int // -1: any
	TID int // -1: any; 0: the calling thread
}

// Ring is a ring buffer and what writes to it.
type Ring struct {
	*perfevent.Ring
	CPU int // -1: a thread's ring
	TID int // -1: a CPU's ring, of all its threads
}

// List is a set of open events. [List.Wake] may be called at any time until
// Close, all else by one goroutine.
type List struct {
	events  []*Event
	rings   []*Ring
	cpus    []int
	threads []int
	held    bool // the exec of a workload starts the events
	poll    poller
}

// Events are the events in the order of the specs, followed by the dummy
// event that carries the records about tasks if the list needs one.
func (l *List) Events() []*Event { return l.events }

// Rings are the rings, one for each CPU or, if the events follow their thread
// from CPU to CPU, one for each thread. All events of that CPU or thread
// write to it.
func (l *List) Rings() []*Ring { return l.rings }

// CPUs are those that events were opened on; -1 alone if they follow their
// threads.
func (l *List) CPUs() []int { return l.cpus }

// Threads are those that events were opened for; -1 alone for all.
func (l *List) Threads() []int { return l.threads }

// Enable starts all events that the exec of a workload does not start.
func (l *List) Enable() error {
	return l.each(func(e *Event, h Handle) error {
		if l.held && e.Attr.Flags&perfevent.FlagEnableOnExec != 0 {
			return nil
		}
		return h.Enable()
	})
}

// EnableAll starts all events, also those that wait for the exec of a
// workload.
func (l *List) EnableAll() error {
	return l.each(func(_ *Event, h Handle) error { return h.Enable() })
}

// Disable stops all events.
func (l *List) Disable() error {
	return l.each(func(_ *Event, h Handle) error { return h.Disable() })
}

// Pause stops all events but a dummy that tells of tasks and mappings, which
// the list has with Options.Delayed or Options.Paused. EnableAll goes on.
func (l *List) Pause() error {
	return l.each(func(e *Event, h Handle) error {
		if e.tracking && isDummy(&e.Attr) {
			return nil
		}
		return h.Disable()
	})
}

// each visits the leaders, which take their groups with them.
func (l *List) each(do func(*Event, Handle) error) error {
	for i, e := range l.events {
		if e.Leader != i {
			continue
		}
		for _, h := range e.Open {
			if err := do(e, h); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close unmaps all rings and closes all events. The errors of all are joined.
func (l *List) Close() error {
	var errs []error
	for _, r := range l.rings {
		errs = append(errs, r.Close())
	}
	for _, e := range l.events {
		errs = append(errs, e.close())
	}
	errs = append(errs, l.poll.close())
	l.rings = nil
	return errors.Join(errs...)
}

func (e *Event) close() error {
	var errs []error
	for _, h := range e.Open {
		errs = append(errs, h.Close())
	}
	e.Open, e.IDs = nil, nil
	return errors.Join(errs...)
}
