// Package evlist opens events on CPUs and threads, with the attributes,
// rings and fallbacks that perf 6.1 has for the same command line. It serves
// recording, counting and live views alike.
package evlist

import (
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Targets says on what to open the events. The zero value is wrong: set
// SystemWide, CPUs, PIDs, TIDs or Workload.
type Targets struct {
	SystemWide bool
	CPUs       []int // only these; with no PIDs and TIDs, as SystemWide on them
	PIDs       []int // all threads that they have now
	TIDs       []int // these threads only; their children are not followed unless Options.Inherit
	Workload   int   // pid of a command that is held before its exec; 0: none
	PerThread  bool  // one ring a thread instead of one a CPU; no inheritance
}

// Event is one selected event, open everywhere.
type Event struct {
	Spec selector.Spec
	Name string         // Spec.Name, or what a fallback made of it
	Attr perfevent.Attr // as opened
	IDs  []uint64       // of all its open events, CPU by CPU, in a CPU thread by thread

	// Open are the open events in the order of IDs, Targets what each measures.
	Open    []*perfevent.Event
	Targets []perfevent.Target
}

// Ring is a ring buffer and what writes to it.
type Ring struct {
	*perfevent.Ring
	CPU int // -1: a thread's
	TID int // -1: a CPU's
	FD  int // of the event that it was mapped by, to poll
}
