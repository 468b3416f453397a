package recorder

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/gperf-dev/gperf/internal/cgroup"
	"github.com/gperf-dev/gperf/internal/machine"
	"github.com/gperf-dev/gperf/internal/synth"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// describe collects what stands before all records: the events and what is known of the machine.
func (r *run) describe() error {
	f, err := machine.Features(r.o.Root)
	if err != nil {
		return err
	}
	r.release = f.OSRelease
	f.Version, f.Cmdline = r.o.Features.Version, r.o.Features.Cmdline
	list := withRing(r.list)
	types := r.types(list)
	events := make([]perfdata.Event, len(list))
	for i, e := range list {
		events[i] = perfdata.Event{Name: e.Name, Attr: e.Attr, IDs: e.IDs, Leader: leaderOf(r.list, list, e), Format: e.Spec.Format}
		if out := e.Spec.Output; out != nil {
			a := &events[i].Attr
			a.Type, a.Config = perfevent.Type(out.Type), out.Config
		}
		if t := types[e]; t != nil {
			if events[i].Types, err = t.AppendBinary(nil); err != nil {
				return fmt.Errorf("meaning of the fields of %s: %w", e.Name, err)
			}
		}
		if isClock(e) && r.w.Stream() {
			events[i].Unit, events[i].Scale = clockUnit, clockScale // the Writer tells them with the name
		}
		if e.Attr.SampleType&record.SampleBranchStack != 0 {
			f.BranchStack = true
		}
	}
	r.layout = events[0].Layout()
	f.Groups = perfdata.GroupsOf(events)
	if f.TracingData, err = r.tracingData(list, types); err != nil {
		return err
	}
	if err := clock(f, &list[0].Attr); err != nil {
		return err
	}
	r.events, r.features = events, f
	return nil
}

// withRing are the events that have a ring.
func withRing(l *evlist.List) []*evlist.Event {
	return slices.DeleteFunc(slices.Clone(l.Events()), func(e *evlist.Event) bool { return e.Spec.Silent })
}

// leaderOf is where in a part of the list an event's leader is.
func leaderOf(l *evlist.List, part []*evlist.Event, e *evlist.Event) int {
	return slices.Index(part, l.Events()[e.Leader])
}

// synthesize writes the records of what was there before, in perf's order (record__synthesize in its builtin-record.c).
func (r *run) synthesize() error {
	if err := r.timeConv(); err != nil {
		return err
	}
	if err := synth.IDIndex(idIndex(r.list), r.emit); err != nil {
		return err
	}
	if err := r.kernel(); err != nil {
		return err
	}
	if err := r.units(); err != nil {
		return err
	}
	if err := synth.ThreadMap(r.list.Threads(), r.emit); err != nil {
		return err
	}
	if err := synth.CPUMap(r.list.CPUs(), r.emit); err != nil {
		return err
	}
	if r.o.CGroups {
		if err := synth.CGroups(r.o.Root, r.emit); errors.Is(err, cgroup.ErrNotMounted) {
			r.notify("cgroups will have no names: %v", err)
		} else if err != nil {
			return err
		}
	}
	return r.tasks()
}

// idIndex is an entry for each open event. What record calls the event's number is, in perf's files, that of the ring.
func idIndex(list *evlist.List) []record.IDEntry {
	type place struct{ cpu, tid int }
	rings := map[place]uint64{}
	for i, r := range list.Rings() {
		rings[place{r.CPU, r.TID}] = uint64(i)
	}
	var out []record.IDEntry
	for _, e := range withRing(list) {
		for _, h := range e.Open {
			ring, ok := rings[place{h.CPU, -1}]
			if !ok {
				ring = rings[place{-1, h.TID}]
			}
			out = append(out, record.IDEntry{ID: h.ID, Event: ring, CPU: uint64(h.CPU), TID: uint64(h.TID)})
		}
	}
	return out
}

// The kernel counts clocks in nanoseconds, perf shows milliseconds.
const (
	clockUnit  = "msec"
	clockScale = 1e-6
)

// isClock reports whether a clock was asked for. One that stands in for CPU cycles gets no unit, as in perf.
func isClock(e *evlist.Event) bool {
	a := &e.Spec.Attr
	return a.Type == perfevent.TypeSoftware && (a.Config == perfevent.SWCPUClock || a.Config == perfevent.SWTaskClock)
}

// units tells in what unit the counts of events are.
func (r *run) units() error {
	for _, e := range r.list.Events() {
		if !isClock(e) || r.w.Stream() || len(e.IDs) == 0 {
			continue
		}
		if err := r.emit(&record.EventUpdate{Kind: record.EventUpdateUnit, ID: e.IDs[0], Text: clockUnit}); err != nil {
			return err
		}
		if err := r.emit(&record.EventUpdate{Kind: record.EventUpdateScale, ID: e.IDs[0], Scale: clockScale}); err != nil {
			return err
		}
	}
	return nil
}

// kernel tells of the kernel and its modules, unless no event can sample there.
func (r *run) kernel() error {
	if r.excludesKernel() {
		return nil
	}
	var failed error
	emit := func(b record.Body) error {
		failed = r.emit(b)
		return failed
	}
	if r.text == nil { // looking through the kernel's symbols takes long
		if err := synth.Kernel(r.o.Root, func(b record.Body) error { r.text = append(r.text, b); return nil }); err != nil {
			r.notify("the kernel's addresses will have no names: %v; as root, echo 0 > /proc/sys/kernel/kptr_restrict shows them", err)
			return nil
		}
	}
	for _, b := range r.text {
		if err := r.emit(b); err != nil {
			return err
		}
	}
	if err := synth.Modules(r.o.Root, r.release, emit); err != nil && failed == nil {
		r.notify("addresses in kernel modules will have no names: %v", err)
	}
	return failed
}

func (r *run) excludesKernel() bool {
	for _, e := range r.list.Events() {
		if e.Attr.Flags&perfevent.FlagExcludeKernel == 0 {
			return false
		}
	}
	return true
}

// tasks tells of the processes that are recorded and were there before.
func (r *run) tasks() error {
	o := synth.Options{NoTasks: r.o.NoTasks, NoMaps: r.o.NoMaps, DataMaps: r.o.DataMaps, Namespaces: r.o.Namespaces}
	c, threads := r.o.Command, r.list.Threads()
	var err error
	switch {
	case len(threads) == 1 && threads[0] == perfevent.AnyPID:
		err = synth.Processes(r.o.Root, o, r.emit)
	case c.Executed || len(threads) != 1 || threads[0] != c.PID:
		err = synth.Threads(r.o.Root, threads, o, r.emit)
		if r.started && errors.Is(err, fs.ErrNotExist) {
			err = nil // it has ended meanwhile
		}
	}
	if err != nil || c.PID == 0 || c.Executed {
		return err
	}
	return synth.Command(r.o.Root, c.PID, o, r.emit)
}
