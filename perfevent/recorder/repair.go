package recorder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/machine"
	"github.com/gperf-dev/gperf/internal/synth"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Repaired is what Repair did.
type Repaired struct {
	Whole   bool // it was complete, and nothing was written but what is Mended
	Records int64
	Samples uint64
	Dropped int64 // bytes of a last record that was cut
	Mended  int   // records that the kernel wrote so that perf stops at them; they are right now, in a whole file too

	// SameBoot tells that the file was recorded since this machine was booted, so that what it lacked was taken from the machine.
	SameBoot bool
	// Formats is the number of tracepoints whose formats were added; Missing of those that have none.
	Formats, Missing int
}

// Repair completes the file at path whose recorder was killed: it writes the size of the records and the table of features. What perf had not
// written down yet (formats of tracepoints, the machine's description) is taken from this machine, if it has not been booted since. Of the
// records only those are touched that the kernel wrote wrong (see perfdata.Writer.Mend). trace may be nil.
func Repair(path string, root fs.FS, trace *tracefs.FS, version string) (done Repaired, err error) {
	w, s, err := perfdata.Reopen(path)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	done = Repaired{Whole: s.Whole, Records: s.Records, Dropped: s.Dropped}
	if s.Whole {
		seen, err := lookOver(w, root)
		if err == nil {
			done.Mended = seen.mended
		}
		return done, err
	}
	f := s.Features
	in, err := w.Reread()
	if err != nil {
		return done, err
	}
	events := in.Events()
	if done.SameBoot = sameBoot(in, root); done.SameBoot {
		if f, err = completed(f, root, version); err != nil {
			return done, err
		}
		if f.TracingData == nil && trace != nil {
			if err := addFormats(f, events, trace, &done); err != nil {
				return done, err
			}
		}
	}
	if f.TracingData == nil {
		done.Missing = tracepoints(events)
	}
	if f.EventDesc == nil {
		f.EventDesc = events
	}
	seen, err := lookOver(w, root)
	if err != nil {
		return done, err
	}
	done.Samples, done.Mended, f.SampleTime = seen.samples, seen.mended, &seen.times
	w.SetLosses(seen.all)
	if done.SameBoot {
		f.BuildIDs = seen.files
	}
	if err := w.Finish(f); err != nil {
		return done, fmt.Errorf("completing %s: %w", path, err)
	}
	return done, nil
}

// completed adds what the file does not tell of the machine.
func completed(f *perfdata.Features, root fs.FS, version string) (*perfdata.Features, error) {
	if f.Hostname != "" {
		return f, nil
	}
	all, err := machine.Features(root)
	if err != nil {
		return nil, err
	}
	all.Version, all.TracingData, all.EventDesc, all.Groups = version, f.TracingData, f.EventDesc, f.Groups
	return all, nil
}

// sameBoot tells whether the kernel that was recorded is the one that runs: at the same address, which differs at each boot.
func sameBoot(in *perfdata.Reader, root fs.FS) bool {
	var here *record.Mmap
	if synth.Kernel(root, func(b record.Body) error { here, _ = b.(*record.Mmap); return nil }) != nil || here == nil {
		return false
	}
	var rec record.Record
	for in.Next(&rec) == nil {
		if rec.Type != record.TypeMmap {
			continue
		}
		body, err := record.Decode(eventOf(in, &rec).Attr.Layout(), rec.Bytes)
		if m, ok := body.(*record.Mmap); ok && err == nil && m.Misc&record.MiscCPUModeMask == record.MiscKernel && strings.HasPrefix(m.Filename, "[kernel.kallsyms]") {
			return m.Filename == here.Filename && m.Addr == here.Addr
		}
	}
	return false
}

func tracepoints(events []perfdata.Event) (n int) {
	for i := range events {
		if events[i].Attr.Type == perfevent.TypeTracepoint {
			n++
		}
	}
	return n
}

// addFormats finds the formats of tracepoints by their numbers, and the events' names.
func addFormats(f *perfdata.Features, events []perfdata.Event, trace *tracefs.FS, done *Repaired) error {
	if tracepoints(events) == 0 {
		return nil
	}
	byID, err := formatsByID(trace)
	if err != nil {
		return err
	}
	var formats []*tracefs.Format
	for i := range events {
		e := &events[i]
		if e.Attr.Type != perfevent.TypeTracepoint {
			continue
		}
		name, ok := byID[e.Attr.Config]
		if !ok {
			done.Missing++
			continue
		}
		format, err := trace.Format(name[0], name[1])
		if err != nil {
			return err
		}
		formats = append(formats, format)
		e.Name = name[0] + ":" + name[1]
		done.Formats++
	}
	f.TracingData, err = tracingData(trace, formats, nil, nil)
	return err
}

// formatsByID is system and name of all tracepoints of this kernel.
func formatsByID(trace *tracefs.FS) (map[uint64][2]string, error) {
	systems, err := trace.Systems()
	if err != nil {
		return nil, err
	}
	out := map[uint64][2]string{}
	for _, system := range systems {
		names, err := trace.Events(system)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, name := range names {
			f, err := os.Open(trace.Path("events", system, name, "id"))
			if err != nil {
				continue // ftrace's own have none, or it was just removed
			}
			b, err := io.ReadAll(io.LimitReader(f, 64))
			f.Close()
			if id, errNumber := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 32); err == nil && errNumber == nil {
				out[id] = [2]string{system, name}
			}
		}
	}
	return out, nil
}
