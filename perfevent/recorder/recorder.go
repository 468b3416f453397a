// Package recorder writes what open events tell into a recording: it drains their rings into a [perfdata.Writer] until the
// command has ended, the threads have gone or the context is done.
//
// Bytes go from ring to file as they are; no record is looked at while it flows. All that a reader needs stands before the
// first sample: events, ids, formats, the meaning of fields, and records of what was there before. What can be told only
// afterwards (build-ids of the files that were mapped, first and last time) is found by one pass over the finished file.
package recorder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Command is a process that waits to be let go when its events are armed. The zero value stands for none.
type Command struct {
	PID int
	// Name is how errors call it.
	Name string
	// Executed tells that it waits behind its exec: its events have to be enabled by hand, its mappings be told.
	Executed bool
	// Release lets it go and returns when it has executed.
	Release func() error
	// Done is closed when it has ended, which ends the recording.
	Done <-chan struct{}
}

// Options tell how to record. The zero value records until the context is done.
type Options struct {
	Command Command

	// Features are what the caller knows: Version, Cmdline. The machine's are added.
	Features perfdata.Features
	// Root is the file system from "/"; nil: the machine's own.
	Root fs.FS
	// Trace is where the formats of tracepoints are; it may be nil when there are no tracepoints.
	Trace *tracefs.FS
	// Types is where probe left the meaning of fields; the zero Store has none.
	Types argtype.Store

	// Delay starts the events only so long after the command, not with its exec; the list must be opened with Delayed.
	// A negative one leaves them off.
	Delay time.Duration
	// Spans are the times after the command's start in which the events are on, in their order, without Delay; the last one ends the recording.
	// The list must be opened with Paused, and with Delayed unless the first begins at 0.
	Spans []Span
	// NoBuildIDs leaves the last pass out, and with it build-ids, times and the number of samples (-B).
	NoBuildIDs bool
	// Tasks choose what is told of processes that were there before (--synth, --data, --namespaces).
	NoTasks, NoMaps, DataMaps, Namespaces, CGroups bool

	// Sync puts the records of each round on the medium before the header tells of them: for lost power. It costs a wait a round.
	Sync bool

	// Realtime is the SCHED_FIFO priority at which rings are drained, 1 to 99; 0: as other processes, or Urgent.
	Realtime int
	// Urgent drains rings before other processes run, by what the user may have for that: the lowest real-time priority, or else short turns. It
	// changes nothing when the user has given gperf another priority (nice, chrt).
	Urgent bool
	// Compress packs the records of rings by this level of zstd's; 0: not.
	Compress int
	// MaxSize ends the recording when a file has so many bytes; 0: never.
	MaxSize int64
	// Rotation goes on in other files.
	Rotation Rotation
	// Overwrite leaves the records in the rings, which overwrite the oldest, and writes them at the end of each file only. The list is to be opened
	// with Overwrite.
	Overwrite bool
	// TailSynthesize tells of processes and mappings at the end of each file, as they are then, not at its beginning.
	TailSynthesize bool
	// Requests are what is asked of the recording while it goes on; nil: nothing.
	Requests <-chan Request
	// List answers RequestList.
	List func([]*evlist.Event)

	// Progress is told each second how far the recording is; nil: nobody asks, and no record is looked at.
	Progress func(Progress)
	// Notify takes what the user should know, one text a matter; nil: nobody does.
	Notify func(text string)
}

// Summary is what has been recorded.
type Summary struct {
	Bytes   int64  // of header and records; without the features
	Samples uint64 // 0 under NoBuildIDs
	Lost    uint64 // samples and other records that found no room
	Losses  []Loss // the same by event; those that lost nothing are left out
	Wakeups int
}

// Loss is what one event lost.
type Loss struct {
	Event   string
	Records uint64
}

// WriteError tells that the recording could not be written further: the disk is full, say. What the file held at the end of its last round stays.
type WriteError struct {
	Err  error
	Kept int64 // bytes of records that the file keeps, 0 if it has no whole round
	// Before tells that files of the same recording are complete.
	Before bool
}

func (e *WriteError) Error() string { return "writing the recording: " + e.Err.Error() }

// Unwrap returns Err.
func (e *WriteError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *WriteError) Hint() string {
	switch {
	case errors.Is(e.Err, unix.EPIPE):
		return "who read the recording has ended; what was written until then is a whole stream but for its last record"
	case e.Kept == 0 && e.Before:
		return "the files before this one are whole; -o FILE writes to another disk, --switch-max-files=N keeps the last ones only"
	case e.Kept == 0:
		return "nothing was recorded; -o FILE writes to another disk"
	}
	return fmt.Sprintf("the file is whole up to there (%.3f MB) and can be read; -o FILE writes to another disk, --max-size=SIZE stops in time", float64(e.Kept)/1024/1024)
}

// StartError tells that the command could not be executed.
type StartError struct {
	Event   string // first event's name
	Command string
	Err     error // with the errno
}

func (e *StartError) Error() string {
	var exec *workload.ExecError
	if errors.As(e.Err, &exec) {
		return fmt.Sprintf("Failed to collect '%s' for the '%s' workload: %s", e.Event, exec.Name, exec.Reason())
	}
	return fmt.Sprintf("Failed to collect '%s' for the '%s' workload: %v", e.Event, e.Command, e.Err)
}

// Unwrap returns Err.
func (e *StartError) Unwrap() error { return e.Err }

// Hint is that of Err.
func (e *StartError) Hint() string {
	var h interface{ Hint() string }
	if errors.As(e.Err, &h) {
		return h.Hint()
	}
	return ""
}

// Run records. It calls w's Begin and Finish, not its Close, which is needed after an error too; the list stays open. A context that is done
// ends the recording as the end of the command does, without an error. The error is a [*StartError] when the command could not be executed, a
// [*WriteError] when the recording could not be written further.
func Run(ctx context.Context, list *evlist.List, w *perfdata.Writer, o Options) (Summary, error) {
	if o.Root == nil {
		o.Root = os.DirFS("/")
	}
	r := &run{list: list, w: w, o: o, requests: make(chan Request, maxRequests)}
	err := r.record(ctx)
	if err != nil && r.w.Err() != nil {
		err = &WriteError{Err: r.w.Err(), Kept: r.w.Kept(), Before: r.summary.Bytes > 0}
	}
	return r.summary, err
}

func (r *run) record(ctx context.Context) error {
	if r.o.Progress != nil {
		r.tally = new(tally)
	}
	if err := r.describe(); err != nil {
		return err
	}
	if err := r.open(); err != nil {
		return err
	}
	if err := r.start(); err != nil {
		return err
	}
	if err := r.drainFirst(ctx); err != nil {
		return err
	}
	return r.complete()
}

// drainFirst drains at the priority that was asked for.
func (r *run) drainFirst(ctx context.Context) error {
	restore, err := prefer(r.o.Realtime, r.o.Urgent && r.o.Compress == 0) // compression takes much of a CPU, which others need too
	if err != nil {
		return err
	}
	return errors.Join(r.drain(ctx), restore())
}

// run is one recording.
type run struct {
	list *evlist.List
	w    *perfdata.Writer
	o    Options

	layout  *record.Layout // of the first event: records of ours have the trailer that it asks for
	release string         // uname -r
	buf     []byte
	summary Summary

	events   []perfdata.Event
	features *perfdata.Features
	text     []record.Body // where the kernel lies
	requests chan Request
	emitted  int
	started  bool              // the command has done its exec
	told     map[uint64]uint64 // losses that are written down, by the event's id

	tally      *tally    // nil without Progress
	progressed time.Time // when that was told
}

func (r *run) notify(format string, args ...any) {
	if r.o.Notify != nil {
		r.o.Notify(fmt.Sprintf(format, args...))
	}
}

// emit writes one record of ours. Where the kernel would tell who and when, zeros stand, as in perf's.
func (r *run) emit(b record.Body) error {
	r.buf = record.Append(r.layout, r.buf[:0], b)
	if len(r.buf) == 0 {
		return fmt.Errorf("a %v record would be longer than %d bytes", b.Type(), record.MaxSize)
	}
	if err := r.w.WriteRecord(r.buf); err != nil || !r.started {
		return err
	}
	// Between two files /proc is read while the events go on: what comes meanwhile belongs to the same round.
	const often = 32
	if r.emitted++; r.emitted%often == 0 && !r.o.Overwrite {
		return r.takeRings()
	}
	return nil
}

// start arms the events and lets the command go.
func (r *run) start() error {
	c := r.o.Command
	if r.o.Delay != 0 || len(r.o.Spans) > 0 && r.o.Spans[0].From > 0 {
		r.notify("Events disabled")
	} else {
		enable := r.list.Enable // the others start with the command's exec
		if c.Executed {
			enable = r.list.EnableAll
		}
		if err := enable(); err != nil {
			return err
		}
	}
	if c.Release != nil {
		if err := c.Release(); err != nil {
			return &StartError{Event: r.list.Events()[0].Name, Command: c.Name, Err: err}
		}
	}
	r.started, r.o.Command.Executed = true, true
	if err := r.emit(&record.Mark{Kind: record.TypeFinishedInit}); err != nil {
		return err
	}
	return r.w.EndRound() // from here on the file is whole
}
