// Package counting opens events on CPUs and threads to count, not to sample: no rings, and an event that the machine does not
// have is no error but is not supported. It is the engine of gperf stat; a program that wants the running counts of a machine
// uses it alike.
//
// A [Set] belongs to one goroutine, but for [Set.Read] and [Set.Counts].
package counting

import (
	"errors"
	"io/fs"
	"sync"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// ErrGroupFull is why a member of a group is not counted: the events before it take all counters that a group can have.
var ErrGroupFull = errors.New("its group has more events than the CPU's counters take at once: make two groups of it")

// Options tell how to count. The zero value counts as perf stat does.
type Options struct {
	NoInherit          bool // children are not counted
	AllUser, AllKernel bool
	// Delayed says that the caller enables the events only some time after the workload runs: its exec does not.
	Delayed bool
	// Identifier lets the events carry an id in samples, which perf wants of events in a file. It costs nothing.
	Identifier bool
	// Sys is /sys, Proc is /proc; nil: of this machine.
	Sys, Proc fs.FS
	// Notify is told in a sentence what had to be changed. It may be nil.
	Notify func(string)

	open opener // of tests
}

// Event is one event that is counted.
type Event struct {
	Spec selector.Spec
	Name string
	Attr perfevent.Attr // as opened
	// Leader is the index of the group's leader among [Set.Events], or the event's own. A group that could not be opened as
	// a whole has been taken apart.
	Leader int
	// CPUs are those it is counted on, [perfevent.AnyCPU] alone if it follows threads.
	CPUs []int
	// Err is why the event is not supported; nil if it is counted. It is a [*perfevent.OpenError], or [ErrGroupFull].
	Err error
	// IDs are the kernel's numbers of the open events, in the order of the readings.
	IDs []uint64

	open  []counter // by CPU and thread; nil where there is none
	tool  Tool
	group []int // of a leader: its members and itself
}

// Supported tells whether the event is counted.
func (e *Event) Supported() bool { return e.Err == nil }

// Tool tells which of the events without a counter it is.
func (e *Event) Tool() Tool { return e.tool }

// Value is one reading.
type Value struct {
	Count   uint64
	Enabled uint64 // nanoseconds that the event was enabled
	Running uint64 // nanoseconds that it was on its unit
}

// Set is a set of open events.
type Set struct {
	events  []*Event
	cpus    []int
	threads []int
	held    bool // the exec of a workload starts the events

	reading sync.Mutex // of scratch
	scratch []perfevent.Count
}

// Events are the events in the order of the specs.
func (s *Set) Events() []*Event { return s.events }

// CPUs are those that were asked for; [perfevent.AnyCPU] alone if events follow their threads.
func (s *Set) CPUs() []int { return s.cpus }

// Threads are those that are counted; [perfevent.AnyPID] alone for all.
func (s *Set) Threads() []int { return s.threads }

// Targets is what to count: see [evlist.Targets].
type Targets = evlist.Targets

// counter is an open event: a *perfevent.Event, or a test's.
type counter interface {
	Read() (perfevent.Count, error)
	ReadGroup([]perfevent.Count) ([]perfevent.Count, error)
	Enable() error
	Disable() error
	ID() (uint64, error)
	SetFilter(string) error
	Close() error
}

type opener func(a *perfevent.Attr, t perfevent.Target, group counter, flags int) (counter, error)

// kernel opens an event for real.
func kernel(a *perfevent.Attr, t perfevent.Target, group counter, flags int) (counter, error) {
	leader, _ := group.(*perfevent.Event)
	e, err := perfevent.Open(a, t, leader, flags)
	if err != nil {
		return nil, err
	}
	return e, nil
}
