// Package selector turns the names of events, as the option -e of perf takes
// them, into what perf_event_open wants.
//
// [Parse] knows the grammar and nothing of the machine. A [Resolver] looks
// names up: in tables for the kernel's generic events, in /sys for those of
// PMUs, in tracefs for tracepoints and probes.
package selector

import (
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Spec is one event to open.
type Spec struct {
	// Name is what outputs call the event: perf's name for it.
	Name string

	// Attr has type, config, exclude bits and precise as the name asks,
	// and the period of events that have one of their own. What depends on
	// the command line is set by package evlist.
	Attr perfevent.Attr

	Modifiers Modifiers
	Terms     Sampling

	// Format is the event's format in tracefs; nil if it is no tracepoint.
	Format *tracefs.Format

	// CPUs are the only ones on which the event's PMU can be asked (its
	// cpumask in /sys); nil for all.
	CPUs []int

	// Core is the PMU, such as cpu_atom, of the kind of cores that the event
	// counts on, on a machine with several kinds. A task is counted by it
	// while it runs on one of CPUs. "" for all other events.
	Core string

	// onCore tells that the event is one of a PMU by name that is of the cores,
	// so that it follows threads. Where there is one kind of cores, as with
	// armv8_pmuv3/…/, Core is "": cycles counts on them too, and names none.
	onCore bool

	// Leader is the index, in the slice that Resolve returns, of the
	// leader of the event's group; its own index if it has none.
	Leader int

	// Group is the name given to the group, GroupSize its members if this
	// is the leader of a group in braces.
	Group     string
	GroupSize int

	// CGroup is the directory of the cgroup that the event is confined to, set by the caller (-G); "" for none.
	CGroup string

	// Filter is a tracepoint filter, set by the caller (--filter).
	Filter string

	// Silent opens the event without a ring: what it sees is recorded by another, which a BPF program writes to (package bpf).
	Silent bool
	// Output is set for an event that a BPF program writes to: it is open for all tasks on each CPU, from the beginning.
	Output *Output
}

// OnCore tells that the event is counted by a PMU of the CPUs, not by one outside of them, nor by software.
func (s *Spec) OnCore() bool {
	switch s.Attr.Type {
	case perfevent.TypeHardware, perfevent.TypeHWCache, perfevent.TypeRaw:
		return true
	}
	return s.onCore || s.Core != ""
}

// Output says what readers are told of an event that a BPF program writes to.
type Output struct {
	Type, Config uint64         // of the event whose samples these are
	FormatText   []byte         // what its format file would say
	Types        *argtype.Event // what its fields mean
}

// Sampling are the terms between slashes that say how to sample one event.
// A nil pointer leaves it to the command line.
type Sampling struct {
	Period     *uint64 // period=: events a sample
	Freq       *uint64 // freq=: samples a second
	Time       *bool   // time=0: no timestamps
	Inherit    *bool   // inherit, no-inherit
	Callchain  *string // call-graph= no, fp, dwarf or lbr
	StackSize  *uint64 // stack-size=: bytes of a dwarf call graph
	MaxStack   *uint64 // max-stack=: frames
	BranchType *uint64 // branch_type=: perfevent.Branch… bits
}

// Modifiers are what the letters after an event's name, or its group's, ask
// for beyond the bits in the attr.
type Modifiers struct {
	// Given tells that the event itself had modifiers.
	Given bool
	// HostGuest tells that G or H was among them.
	HostGuest bool
	// PreciseMax is P: as precise as the hardware can.
	PreciseMax bool
	// SampleRead is S: each sample of the leader holds the group's counts.
	SampleRead bool
	// Weak is W: open the events one by one if the group does not fit.
	Weak bool
	// BPF is b: counted by a BPF program; for counting only.
	BPF bool
}
