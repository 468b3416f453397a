// Package statrun is the engine of gperf stat: it runs the command, reads its counters when they are due, writes them into a
// recording and gives them to statview. Reading such a recording is here too.
package statrun

import (
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/gperf-dev/gperf/internal/metric"
	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/perfevent/counting"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/recorder"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Events is what to count.
type Events struct {
	Specs []selector.Spec
	// CGroups has the name of each spec's control group; empty if there are none.
	CGroups []string
	Metrics []Metric
}

// Metric is a figure to print, with the specs that its events are.
type Metric struct {
	metric.Metric
	Events map[string]int
}

// Options tell how to count. The zero value counts the command once and prints nothing.
type Options struct {
	Events   Events
	Targets  counting.Targets
	Counting counting.Options
	// View is how to print. Events, Threads, Places and Metrics are filled in.
	View statview.Options

	Argv       []string // the command; it may be empty
	CommandOut *os.File // the command's standard output; nil: this process's
	Forever    bool     // -r 0: run it again and again
	Interval   time.Duration
	Times      int // intervals to print; 0: all
	Timeout    time.Duration
	Delay      time.Duration // -D; negative: leave the events off
	Summary    bool
	Sync       bool   // sync(2) before each run
	Pre, Post  string // shell commands around each run
	NoMux      bool   // fail if events would take turns
	Usage      bool   // tell the CPU time of the command
	Quiet      bool
	Verbose    bool // say what was read

	// Root is the file system from "/".
	Root fs.FS
	Out  io.Writer
	// Note is told a sentence that is no count, Say prints a line of perf's own, such as "sleep: Terminated".
	Note, Say func(text string)

	// Interrupt gets what ends the counting: see [Stop]. Nothing counts before Ready is closed, if it is not nil: until then a signal may
	// end this program.
	Interrupt <-chan Stop
	Ready     <-chan struct{}
	Requests  <-chan recorder.Request
	// Running is told the open counters, for what serves them beside; it may be nil. What it returns is called before they close.
	Running func(*counting.Set) (done func())

	// Record is where counts are written too; nil for nowhere. Features has what the caller knows of the recording.
	Record   *perfdata.Writer
	Features perfdata.Features
}

// Stop is a wish that the counting ends.
type Stop int

// The wishes.
const (
	StopGently Stop = iota // as Ctrl-C, which a command gets from the terminal too: its end is waited for
	StopNow                // the command is ended by SIGTERM
)

// MuxError tells that there are fewer counters than events, which NoMux does not allow.
type MuxError struct{ Fit counting.Fit }

func (e *MuxError) Error() string { return fitWords(e.Fit) }

// Hint is the next step.
func (e *MuxError) Hint() string {
	return "select fewer events with -e, or leave --no-mux away: they then take turns, and their counts are estimates"
}

// ExitStatus is that of wrong settings.
func (e *MuxError) ExitStatus() int { return 255 }
