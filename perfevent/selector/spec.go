// Package selector turns the names of events, as the option -e of perf takes
// them, into what perf_event_open wants.
//
// [Parse] knows the grammar and nothing of the machine. A [Resolver] looks
// names up: in tables for the kernel's generic events, in /sys for those of
// PMUs, in tracefs for tracepoints and probes.
package selector

import (
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Spec is one event to open.
type Spec struct {
	// Name is what outputs call the event: perf's name for it.
	Name string

	// Attr has type, config, exclude bits and precise as the name asks.
	// What depends on the command line is set by package evlist.
	Attr perfevent.Attr

	Modifiers Modifiers
	Terms     Config

	// Format is the event's format in tracefs; nil if it is no tracepoint.
	Format *tracefs.Format

	// Leader is the index, in the slice that Resolve returns, of the
	// leader of the event's group; its own index if it has none.
	Leader int

	// Filter is set by the caller (--filter); a tracepoint filter.
	Filter string
}

// Config are the terms between slashes that say how to sample one event.
// A nil pointer leaves it to the command line.
type Config struct {
	Period, Freq *uint64
	Time         *bool   // time=0: no timestamps
	Inherit      *bool   // inherit, no-inherit
	Callchain    *string // call-graph=no, fp, dwarf, lbr
	StackSize    *uint64 // stack-size=, bytes, for dwarf
	MaxStack     *uint64 // max-stack=, frames
	BranchType   *string // branch_type=
	Overwrite    *bool   // overwrite, no-overwrite
	AuxOutput    bool    // aux-output
	AuxSize      *uint64 // aux-sample-size=
	Percore      bool    // percore
}

// Modifiers are the letters after an event's last colon.
type Modifiers struct {
	User, Kernel, Hypervisor bool  // u k h: only there
	Guest, Host              bool  // G H: only there
	Precise                  uint8 // how many p
	PreciseMax               bool  // P: as precise as it goes
	SampleRead               bool  // S: the group is read at each sample
	Pinned                   bool  // D
	Exclusive                bool  // e
	ExcludeIdle              bool  // I
	Weak                     bool  // W: break the group up if it does not fit
	BPF                      bool  // b: counted by a BPF program
}
