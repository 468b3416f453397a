// Package statview turns counts into the text of perf stat: a table, CSV or JSON, with the figures that are made of several
// counts. It opens nothing and reads no clock: a caller gives raw readings, of running counters or out of a recording, and gets
// text. So the same readings print the same way, and as perf's.
//
// Layouts and ratios follow tools/perf/util/stat-display.c and stat-shadow.c of perf 6.1; docs/differences.md tells where not.
package statview

import (
	"time"

	"github.com/gperf-dev/gperf/internal/metric"
)

// Aggregation is over what counts are added up. The numbers are those of the term AGGR_MODE in perf's STAT_CONFIG record.
type Aggregation int

// The aggregations.
const (
	PerCPU    Aggregation = 0 // -A
	Global    Aggregation = 1
	PerSocket Aggregation = 2
	PerDie    Aggregation = 3
	PerCore   Aggregation = 4
	PerThread Aggregation = 5
	PerNode   Aggregation = 7
)

// places tells that counts are added up over the CPUs of a part of the machine.
func (a Aggregation) places() bool {
	return a == PerSocket || a == PerDie || a == PerCore || a == PerNode
}

// Format is how counts are written.
type Format int

// The formats.
const (
	Text Format = iota
	CSV         // -x
	JSON        // -j: an object a line
)

// Value is one raw reading, or the difference of two.
type Value struct {
	Count   uint64
	Enabled uint64 // nanoseconds that the event was enabled
	Running uint64 // nanoseconds that it was on its unit
}

// Event is one event that was counted.
type Event struct {
	Name   string
	Unit   string
	Scale  float64 // what a count is multiplied with to be of Unit; 0 means 1
	Kind   Kind
	CGroup string
	// Exclude tells apart the parts of the machine that the event leaves out: figures are made of events with the same.
	Exclude uint8
	// Core is the number of the unit of the kind of cores that it counts on, 0 if there is one kind: figures are of one kind.
	Core uint32
	// Supported is false for an event that this machine does not have.
	Supported bool
	// CPUs are those it was counted on, in the order of its readings; -1 alone if it followed threads.
	CPUs []int
	// Leader is the index of its group's leader, or its own.
	Leader int
	// PMU is the name of the unit that counts it, Type the kernel's number of that.
	PMU  string
	Type uint32
	// PerPackage: all CPUs of a package tell the same count. Snapshot: a count is a state, no sum.
	PerPackage, Snapshot bool

	together bool // with those on the other kinds of cores
}

// Thread is one thread that was counted.
type Thread struct {
	TID  int
	Comm string
}

// Place is where a CPU sits. A part that is not known, or not asked for, is -1.
type Place struct{ Node, Socket, Die, Core int }

// Metric is a figure that the user asked for (-M, --metric).
type Metric struct {
	metric.Metric
	// Events are the indexes of the events that the expression names, by those names. It shows on the line of Line.
	Events map[string]int
	Line   int
}

// Options are what a view is made for. The zero value of a field is perf's default, but for Aggregation.
type Options struct {
	Events  []Event
	Threads []Thread // one without a name if events are counted on CPUs
	CPUs    []int    // that the user asked for
	Places  map[int]Place
	Metrics []Metric

	Aggregation Aggregation
	Format      Format
	Separator   string // between fields of CSV
	Grouping    string // between thousands; "" for none
	Title       string // what was counted: 'true'
	Runs        int    // -r; 0 means 1
	Table       bool
	NoScale     bool // counts of events that took turns stay as they are
	MetricOnly  bool
	NoMerge     bool // events of one name on several units stay apart
	MergeCores  bool // those of one name on several kinds of cores do not
	CGroups     bool
	Null        bool // there are no events
	Color       bool
	SkipZero    bool // leave threads out that counted nothing

	Interval     bool // -I
	Clear        bool // --interval-clear
	Summary      bool // --summary
	NoCSVSummary bool
}

// Run is what the clocks tell of one run of the command, or of one interval.
type Run struct {
	Elapsed   time.Duration
	User, Sys time.Duration
	// HasUsage tells that User and Sys are known.
	HasUsage bool
}

// Readings are what was read at one time: by event, in it by CPU and thread as index CPU*threads+thread. An event that could
// not be read has a nil slice.
type Readings [][]Value
