package counting

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/fallback"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Open opens all events on all targets. Nothing counts until the workload's exec or [Set.Enable]. An event that the machine does
// not have is in the set, with the reason; a group that cannot be opened as a whole is taken apart if it is weak. The error is an
// [*perfevent.OpenError] for what the user may change (permission, files), else of the targets. The caller closes the set.
func Open(ctx context.Context, specs []selector.Spec, t Targets, o Options) (*Set, error) {
	p := &opening{o: &o, t: &t, set: &Set{held: t.WorkloadAlone() && !o.Delayed}}
	if o.Sys == nil {
		o.Sys = os.DirFS("/sys")
	}
	if o.Proc == nil {
		o.Proc = os.DirFS("/proc")
	}
	if o.open == nil {
		o.open = kernel
	}
	if err := p.run(ctx, specs); err != nil {
		return nil, errors.Join(err, p.set.Close())
	}
	return p.set, nil
}

type opening struct {
	o   *Options
	t   *Targets
	set *Set

	userOnly struct { // the events that are counted without the kernel
		paranoid     int
		names, empty []string // empty: of which nothing is left
	}
}

func (p *opening) run(ctx context.Context, specs []selector.Spec) error {
	s := p.set
	var err error
	if s.cpus, s.threads, err = p.t.Where(p.o.Sys, p.o.Proc); err != nil {
		return err
	}
	for i := range specs {
		s.events = append(s.events, p.event(&specs[i]))
	}
	s.toolsLeaveGroups()
	for i := 0; i < len(s.events); i++ {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if i, err = p.openEvent(i); err != nil {
			return err
		}
	}
	p.tellUserOnly()
	p.leaveGroups()
	s.groups()
	return p.filters()
}

// event makes the attributes of an event as perf stat does (create_perf_stat_counter in its util/stat.c).
func (p *opening) event(spec *selector.Spec) *Event {
	e := &Event{Spec: *spec, Name: spec.Name, Attr: spec.Attr, Leader: spec.Leader, CPUs: p.set.cpus}
	e.tool, _ = FindTool(spec.Name)
	a := &e.Attr
	a.ReadFormat = record.ReadTotalTimeEnabled | record.ReadTotalTimeRunning
	a.Period, a.Freq, a.SampleType = 0, 0, 0
	if p.o.Identifier {
		a.SampleType = record.SampleIdentifier
	}
	flag := func(f perfevent.AttrFlags, on bool) {
		a.Flags &^= f
		if on {
			a.Flags |= f
		}
	}
	inherit := !p.o.NoInherit
	if spec.Terms.Inherit != nil {
		inherit = *spec.Terms.Inherit
	}
	flag(perfevent.FlagInherit, inherit)
	if p.o.AllUser {
		flag(perfevent.FlagExcludeKernel, true)
		flag(perfevent.FlagExcludeUser, false)
	}
	if p.o.AllKernel {
		flag(perfevent.FlagExcludeUser, true)
		flag(perfevent.FlagExcludeKernel, false)
	}
	if spec.CPUs != nil && p.t.HasCPU() {
		e.CPUs = nil
		for _, c := range p.set.cpus {
			if slices.Contains(spec.CPUs, c) {
				e.CPUs = append(e.CPUs, c)
			}
		}
	}
	return e
}

// toolsLeaveGroups takes the events that no counter counts out of their groups: the kernel knows nothing of them. Where one leads, the
// first of the others does.
func (s *Set) toolsLeaveGroups() {
	leads := map[int]int{} // by the group's leader of before
	for i, e := range s.events {
		if e.tool != NoTool {
			e.Leader = i
			continue
		}
		leader, found := leads[e.Leader]
		if !found {
			leader = i
			leads[e.Leader] = i
		}
		e.Leader = leader
	}
}

// openEvent opens event i everywhere. It returns the index of the last event that has been dealt with: less than i if a group
// was taken apart, whose events come again.
func (p *opening) openEvent(i int) (int, error) {
	e := p.set.events[i]
	if e.tool != NoTool {
		return i, nil
	}
	leader := e.Leader == i
	alone := !slices.ContainsFunc(p.set.events, func(o *Event) bool { return o != e && o.Leader == e.Leader })
	if !alone {
		e.Attr.ReadFormat |= record.ReadID | record.ReadGroup
	}
	if leader {
		e.Attr.Flags |= perfevent.FlagDisabled
		if p.set.held {
			e.Attr.Flags |= perfevent.FlagEnableOnExec
		}
	} else if first := e.Leader; p.set.events[first].Err != nil {
		p.takeApart(first)
		return first - 1, nil
	}
	for {
		err := p.everywhere(e)
		if err == nil {
			return i, nil
		}
		if errClose := e.close(); errClose != nil {
			return i, errors.Join(err, errClose)
		}
		var open *perfevent.OpenError
		if !errors.As(err, &open) {
			return i, err
		}
		open.Name = e.Name
		switch {
		case fallback.RaiseFiles(open, len(p.set.events)*len(p.set.cpus)*len(p.set.threads)), p.withoutKernel(e, open), withGuests(e, open):
		case !leader && e.Spec.Modifiers.Weak && fallback.GroupTooLarge(open):
			first := e.Leader
			p.takeApart(first)
			if p.o.Notify != nil {
				p.o.Notify(fmt.Sprintf("the group of %s does not fit on its unit as a whole: its events are counted one by one", p.set.events[first].Name))
			}
			return first - 1, nil
		case missing(open):
			e.Err = open
			if !leader && open.Errno == unix.EINVAL && p.opensAlone(e, open) {
				e.Err = ErrGroupFull
			}
			return i, nil
		default:
			return i, open
		}
	}
}

// missing tells that the machine does not have the event, in the way asked for: perf says "not supported" then.
func missing(err *perfevent.OpenError) bool {
	switch err.Errno {
	case unix.EINVAL, unix.ENOSYS, unix.ENOENT, unix.EOPNOTSUPP, unix.ENXIO, unix.ENODEV:
		return true
	}
	return false
}

// opensAlone tells that what was refused in a group is an event of this machine nevertheless.
func (p *opening) opensAlone(e *Event, refused *perfevent.OpenError) bool {
	a := e.Attr
	a.Flags |= perfevent.FlagDisabled
	c, err := p.o.open(&a, refused.Target, nil, 0)
	if err != nil {
		return false
	}
	_ = c.Close() // it was never on
	return true
}

// takeApart makes lone events of a group, which are opened again.
func (p *opening) takeApart(leader int) {
	for i, e := range p.set.events {
		if e.Leader != leader {
			continue
		}
		_ = e.close() // they are opened again at once
		e.Leader, e.Err = i, nil
		e.Attr.ReadFormat &^= record.ReadID | record.ReadGroup
	}
}

// withGuests takes back that guests are left out, of a unit that cannot tell them apart and refuses the attributes.
func withGuests(e *Event, err *perfevent.OpenError) bool {
	const world = perfevent.FlagExcludeGuest | perfevent.FlagExcludeHost
	if err.Errno != unix.EINVAL || e.Attr.Flags&world == 0 || e.Spec.Modifiers.HostGuest {
		return false
	}
	e.Attr.Flags &^= world
	return true
}

// leaveGroups takes those without a counter out of their groups, so that the others are read.
func (p *opening) leaveGroups() {
	for i, e := range p.set.events {
		if e.Err != nil {
			e.Leader = i
		}
	}
}

// everywhere opens an event on all CPUs for all threads.
func (p *opening) everywhere(e *Event) error {
	if e.Spec.CGroup == "" {
		return p.each(e, func(tid int) int { return tid }, 0)
	}
	dir, err := os.Open(e.Spec.CGroup)
	if err != nil {
		return fmt.Errorf("control group: %w", err)
	}
	defer dir.Close() // the kernel keeps its own reference
	err = p.each(e, func(int) int { return int(dir.Fd()) }, perfevent.FlagPIDCgroup)
	if open := (*perfevent.OpenError)(nil); errors.As(err, &open) {
		open.CGroup = e.Spec.CGroup
	}
	return err
}

func (p *opening) each(e *Event, pid func(tid int) int, flags int) error {
	for c, cpu := range e.CPUs {
		for j, tid := range p.set.threads {
			var leader counter
			if l := p.set.events[e.Leader]; l != e {
				if leader = l.at(cpu, c, j, len(p.set.threads)); leader == nil {
					e.open = append(e.open, nil)
					continue // the thread has gone
				}
			}
			opened, err := p.o.open(&e.Attr, perfevent.Target{PID: pid(tid), CPU: cpu}, leader, flags)
			if errors.Is(err, unix.ESRCH) && p.t.HasTask() && len(p.set.threads) > 1 {
				e.open = append(e.open, nil)
				continue
			}
			if err != nil {
				return err
			}
			e.open = append(e.open, opened)
			id, err := opened.ID()
			if err != nil {
				return err
			}
			e.IDs = append(e.IDs, id)
		}
	}
	if len(e.IDs) == 0 && len(e.CPUs) > 0 {
		return &perfevent.OpenError{Attr: e.Attr, Target: perfevent.Target{PID: p.set.threads[0], CPU: perfevent.AnyCPU}, Errno: unix.ESRCH}
	}
	return nil
}

// at is what is open on a CPU, probably its first-th, for the thread-th of so many threads; nil for nothing.
func (e *Event) at(cpu, first, thread, threads int) counter {
	if first >= len(e.CPUs) || e.CPUs[first] != cpu {
		first = slices.Index(e.CPUs, cpu)
	}
	if i := first*threads + thread; first >= 0 && i < len(e.open) {
		return e.open[i]
	}
	return nil
}

// tellUserOnly tells what withoutKernel did.
func (p *opening) tellUserOnly() {
	u := &p.userOnly
	if p.o.Notify == nil || len(u.names) == 0 {
		return
	}
	p.o.Notify(fmt.Sprintf("kernel.perf_event_paranoid is %d: leaving kernel and hypervisor out of %s", u.paranoid, strings.Join(u.names, ", ")))
	if len(u.empty) > 0 {
		p.o.Notify(fmt.Sprintf("counted in the kernel alone, so 0 without it: %s (%s)", strings.Join(u.empty, ", "), perfevent.KernelForAll))
	}
}

// withoutKernel leaves the kernel out of an event where only that is forbidden, and notes what to tell of it.
func (p *opening) withoutKernel(e *Event, err *perfevent.OpenError) bool {
	whole := e.Name
	if !fallback.WithoutKernel(&e.Attr, &e.Name, err) {
		return false
	}
	p.userOnly.paranoid = err.Paranoid
	p.userOnly.names = append(p.userOnly.names, whole)
	if e.Attr.KernelOnly() {
		p.userOnly.empty = append(p.userOnly.empty, whole)
	}
	return true
}

func (p *opening) filters() error {
	for _, e := range p.set.events {
		if e.Spec.Filter == "" {
			continue
		}
		for _, c := range e.open {
			if c == nil {
				continue
			}
			if err := fallback.SetFilter(c, e.Name, e.Spec.Filter); err != nil {
				return err
			}
		}
	}
	return nil
}
