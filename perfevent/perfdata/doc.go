// Package perfdata reads and writes recordings in perf's format: perf.data files and the stream that perf writes into a pipe.
//
// A file is a header, the events' attrs and ids, the records, and behind them the features: what is known of machine and recording, the
// formats of tracepoints, build-ids. A stream is records only; attrs, features and formats come as records of types 64 and above. Reader
// gives both through one Next. docs/formats.md has the layout.
package perfdata

import (
	"time"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Event is one event of a recording.
type Event struct {
	Name string // as it was asked for: "cycles:u", "sched:sched_switch"
	Attr perfevent.Attr
	IDs  []uint64 // the kernel's ids, one a CPU or thread

	Unit  string  // of the counts, "" for none
	Scale float64 // what a count is multiplied with; 0 means 1

	// Leader is the index of the group's leader among the events, or the event's own.
	Leader int

	// Format is a tracepoint's format as the recording has it; nil if it has none, and for other events. Read only.
	Format *tracefs.Format

	// Types is what the fields mean beyond Format, as perfevent/argtype encodes it; nil for nothing. A Writer's Begin writes it ahead of
	// the records.
	Types []byte

	named bool // by the recording, not after the attr
}

// Layout returns the layout of the event's records.
func (e *Event) Layout() *record.Layout { return e.Attr.Layout() }

// Info is what a Reader knows of the recording beside events and features.
type Info struct {
	Path       string    // "" if it was not opened by one
	CapturedOn time.Time // when the file was last written, which is what perf tells; zero if no path was opened
	Version    int       // 1 for all files since 2010, perf's own numbering
	Stream     bool      // perf's pipe format
	Foreign    bool      // written on a machine of the other byte order
	DataOffset int64     // bytes
	DataSize   int64     // bytes; 0 for a stream
	// Unfinished tells that the recorder was stopped hard, or still records. Of a live file (Writer.Live) all rounds up to the last whole one
	// are read, with features; of others the records as far as they go, and there are no features.
	Unfinished bool
}
