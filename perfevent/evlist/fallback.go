package evlist

import (
	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/fallback"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// fallBack changes an event that could not be opened into one that may be.
// See evsel__fallback in tools/perf/util/evsel.c.
func (p *opener) fallBack(e *Event, err *perfevent.OpenError) bool {
	a := &e.Attr
	switch err.Errno {
	case unix.ENOENT, unix.ENXIO, unix.ENODEV:
		if a.Type != perfevent.TypeHardware || a.Config&perfevent.GenericMask != perfevent.HWCPUCycles {
			return false
		}
		a.Type, a.Config = perfevent.TypeSoftware, perfevent.SWCPUClock
		if e.Spec.Modifiers.PreciseMax { // perf's too loses the bit on its way
			a.Flags &^= perfevent.FlagExcludeGuest
		}
		p.o.notify("no hardware counter for %s here: sampling by the CPU clock instead", e.Name)
		e.Name = ""
		return true
	case unix.EACCES, unix.EPERM:
		whole := e.Name
		if !fallback.WithoutKernel(a, &e.Name, err) {
			return false
		}
		p.o.notify("kernel.perf_event_paranoid is %d: leaving kernel and hypervisor out of %s", err.Paranoid, whole)
		if a.KernelOnly() {
			p.o.notify("%s happens in the kernel alone: nothing of it will be recorded (%s)", whole, perfevent.KernelForAll)
		}
		return true
	}
	return false
}

// named gives an event without a name the one that its attributes have.
func (e *Event) named() {
	if e.Name == "" {
		e.Name = e.Attr.Name()
	}
}

// stripFeatures takes away, once, from all events what an older kernel does
// not know. It says EINVAL to all of it alike.
func (p *opener) stripFeatures(err *perfevent.OpenError) bool {
	if err.Errno != unix.EINVAL && err.Errno != unix.E2BIG || p.stripped {
		return false
	}
	p.stripped = true
	flags, read, sample := missingFeatures()
	changed := false
	for _, e := range p.list.events {
		a := &e.Attr
		if len(e.Open) > 0 || a.Flags&flags == 0 && a.ReadFormat&read == 0 && a.SampleType&sample == 0 {
			continue
		}
		a.Flags &^= flags
		a.ReadFormat &^= read
		if a.SampleType&sample != 0 {
			a.SampleType = a.SampleType&^sample | record.SampleID
		}
		changed = true
	}
	return changed
}

// missingFeatures are the bits that perf sets by default and this kernel does
// not have. What cannot be told is taken for there.
func missingFeatures() (flags perfevent.AttrFlags, read record.ReadFormat, sample record.SampleFormat) {
	lacks := func(have func() error) bool { return isNotSupported(have()) }
	if lacks(perfevent.HaveMmap2) {
		flags |= perfevent.FlagMmap2
	}
	if lacks(perfevent.HaveCommExec) {
		flags |= perfevent.FlagCommExec
	}
	if lacks(perfevent.HaveKsymbol) {
		flags |= perfevent.FlagKsymbol
	}
	if lacks(perfevent.HaveBPFEvent) {
		flags |= perfevent.FlagBPFEvent
	}
	if lacks(perfevent.HaveReadLost) {
		read |= record.ReadLost
	}
	if lacks(perfevent.HaveSampleIdentifier) {
		sample |= record.SampleIdentifier
	}
	return flags, read, sample
}

// breakGroup makes lone events of a group with the modifier W that the PMU
// could not take as a whole, and closes those that are open.
func (p *opener) breakGroup(i int, err *perfevent.OpenError) bool {
	e := p.list.events[i]
	leader := e.Leader
	if leader == i || !p.list.events[leader].Spec.Modifiers.Weak || !fallback.GroupTooLarge(err) {
		return false
	}
	p.o.notify("the group of %s does not fit on the PMU: measuring its events one by one", p.list.events[leader].Name)
	for j, m := range p.list.events {
		if m.Leader != leader {
			continue
		}
		_ = m.close() // they are opened again at once
		m.Leader = j
		m.Attr.Flags |= p.list.events[leader].Attr.Flags & (perfevent.FlagDisabled | perfevent.FlagEnableOnExec)
	}
	return true
}
