package evlist

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/fallback"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Open opens all events on all targets and maps their rings. Nothing counts
// until the workload's exec or [List.Enable].
//
// As perf does, it falls back from CPU cycles to the CPU clock where there is
// no PMU, from a precise event to a less precise one where P asked for as
// much as there is, and to user space only where the kernel may not be
// measured. The soft limit of open files is raised to the hard one when it is
// in the way; it stays raised, and children inherit that.
//
// The error is an [*perfevent.OpenError], [*perfevent.MapError],
// [*perfevent.FilterError], [*NoSuchProcessError] or [*OptionError]. The
// caller closes the list.
func Open(ctx context.Context, specs []selector.Spec, t Targets, o Options) (*List, error) {
	if len(specs) == 0 {
		return nil, &OptionError{"no event was selected", "name one with -e"}
	}
	if err := o.complete(&t); err != nil {
		return nil, err
	}
	p := &opener{o: &o, t: &t, list: &List{held: t.WorkloadAlone()}}
	p.list.poll.init()
	if err := p.open(ctx, specs); err != nil {
		return nil, errors.Join(err, p.list.Close())
	}
	return p.list, nil
}

// opener makes one List.
type opener struct {
	o    *Options
	t    *Targets
	list *List

	stripped bool
}

func (p *opener) open(ctx context.Context, specs []selector.Spec) error {
	l := p.list
	var err error
	if l.cpus, err = p.t.cpus(p.o.Sys); err != nil {
		return err
	}
	if l.threads, err = p.t.threads(p.o.Proc); err != nil {
		return err
	}
	l.events = p.events(specs)
	configure(l.events, p.o, p.t)
	for i := 0; i < len(l.events); i++ {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		next, err := p.openEvent(i)
		if err != nil {
			return err
		}
		i = next
	}
	if err := p.filters(); err != nil {
		return err
	}
	if err := p.rings(); err != nil {
		return err
	}
	return p.watch()
}

// events are those of the specs and, where perf adds one, the dummy event that
// carries the records about tasks and mappings from the start on.
func (p *opener) events(specs []selector.Spec) []*Event {
	var events []*Event
	for _, s := range specs {
		events = append(events, &Event{Spec: s, Name: s.Name, Attr: s.Attr, Leader: s.Leader, immediate: s.Output != nil})
	}
	if p.o.NoTasks {
		return events
	}
	tracking := events[0]
	if tracking.Spec.Silent {
		tracking = newDummy(len(events))
		events = append(events, tracking)
	}
	if p.t.HasCPU() || p.o.Delayed || p.o.Paused {
		if !isDummy(&tracking.Attr) {
			tracking = newDummy(len(events))
			events = append(events, tracking)
		}
		tracking.onExec = p.t.WorkloadAlone()
		tracking.immediate = !tracking.onExec
	}
	tracking.tracking = true
	return events
}

func newDummy(index int) *Event {
	a := perfevent.Attr{Type: perfevent.TypeSoftware, Config: perfevent.SWDummy, Period: 1}
	return &Event{Spec: selector.Spec{Attr: a, Leader: index}, Attr: a, Leader: index}
}

// openEvent opens event i everywhere, with fallbacks. It returns the index
// of the last event that is open: i, or less if a group had to be broken up.
func (p *opener) openEvent(i int) (int, error) {
	e := p.list.events[i]
	precise := e.Attr.Precise
	for {
		err := p.openEverywhere(i)
		if err == nil {
			e.named()
			return i, nil
		}
		if errClose := e.close(); errClose != nil {
			return i, errors.Join(err, errClose)
		}
		var open *perfevent.OpenError
		if !errors.As(err, &open) {
			return i, err
		}
		e.named()
		open.Name = e.Name
		switch {
		case p.dropThread(open), fallback.RaiseFiles(open, len(p.list.events)*len(p.list.cpus)*len(p.list.threads)):
		case e.Spec.Modifiers.PreciseMax && e.Attr.Precise > 0:
			e.Attr.Precise--
		case p.stripFeatures(open):
		default:
			e.Attr.Precise = precise
			if leader := e.Leader; p.breakGroup(i, open) {
				return leader - 1, nil
			}
			if !p.fallBack(e, open) {
				return i, err
			}
		}
	}
}

// openEverywhere opens event i on all CPUs for all threads.
func (p *opener) openEverywhere(i int) error {
	e := p.list.events[i]
	cgroup, flags := 0, 0
	if e.Spec.CGroup != "" {
		if !p.t.HasCPU() {
			return &OptionError{"event " + e.Name + " of a cgroup can be measured on whole CPUs only", "add -a, or -C CPUS"}
		}
		dir, err := os.Open(e.Spec.CGroup)
		if err != nil {
			return fmt.Errorf("cgroup of event %s: %w", e.Name, err)
		}
		defer dir.Close()
		cgroup, flags = int(dir.Fd()), perfevent.FlagPIDCgroup
	}
	for _, cpu := range p.list.cpus {
		if e.Spec.CPUs != nil && cpu != perfevent.AnyCPU && !slices.Contains(e.Spec.CPUs, cpu) {
			continue
		}
		for _, tid := range e.tasks(p.list) {
			var leader *perfevent.Event
			if e.Leader != i {
				leader = p.list.events[e.Leader].on(cpu, tid, len(e.Open))
			}
			target := perfevent.Target{PID: tid, CPU: cpu}
			if flags != 0 {
				target.PID = cgroup
			}
			opened, err := perfevent.Open(&e.Attr, target, leader, flags)
			if open := (*perfevent.OpenError)(nil); errors.As(err, &open) {
				open.CGroup = e.Spec.CGroup
			}
			if err != nil {
				return err
			}
			h := Handle{Event: opened, CPU: cpu, TID: tid}
			e.Open = append(e.Open, h)
			if h.ID, err = opened.ID(); err != nil {
				return err
			}
			e.Open[len(e.Open)-1].ID = h.ID
			e.IDs = append(e.IDs, h.ID)
		}
	}
	if len(e.Open) == 0 {
		return &OptionError{"event " + e.Name + " cannot be measured on the chosen CPUs", "its unit answers on others only: see its cpumask in /sys/bus/event_source/devices"}
	}
	return nil
}

// tasks are the threads that the event is opened for on each CPU.
func (e *Event) tasks(l *List) []int {
	if e.Spec.Output != nil {
		return []int{perfevent.AnyPID}
	}
	return l.threads
}

// on finds the event on a CPU for a thread; nil if it is not open there. It looks at first where a member that was opened
// in the same order has it: CPUs times threads may be many.
func (e *Event) on(cpu, tid, first int) *perfevent.Event {
	here := func(h Handle) bool { return h.CPU == cpu && h.TID == tid }
	if first < len(e.Open) && here(e.Open[first]) {
		return e.Open[first].Event
	}
	if i := slices.IndexFunc(e.Open, here); i >= 0 {
		return e.Open[i].Event
	}
	return nil
}

// dropThread forgets a thread that ended while events were opened, if others
// are left.
func (p *opener) dropThread(err *perfevent.OpenError) bool {
	l := p.list
	if err.Errno != unix.ESRCH || !p.t.HasTask() || len(l.threads) < 2 {
		return false
	}
	gone := err.Target.PID
	l.threads = slices.DeleteFunc(l.threads, func(tid int) bool { return tid == gone })
	for _, e := range l.events {
		e.forget(gone)
	}
	p.o.notify("thread %d ended before it could be measured", gone)
	return true
}

// forget closes what is open for a thread. An error of close has no meaning
// for an event that nobody reads.
func (e *Event) forget(tid int) {
	e.IDs = e.IDs[:0]
	kept := e.Open[:0]
	for _, h := range e.Open {
		if h.TID == tid {
			_ = h.Close()
			continue
		}
		kept = append(kept, h)
		e.IDs = append(e.IDs, h.ID)
	}
	e.Open = kept
}

// filters sets the filters of tracepoints.
func (p *opener) filters() error {
	for _, e := range p.list.events {
		if e.Spec.Filter == "" {
			continue
		}
		for _, h := range e.Open {
			if err := fallback.SetFilter(h, e.Name, e.Spec.Filter); err != nil {
				return err
			}
		}
	}
	return nil
}
