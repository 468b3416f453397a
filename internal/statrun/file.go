package statrun

import (
	"fmt"
	"time"

	"github.com/gperf-dev/gperf/internal/machine"
	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/internal/synth"
	"github.com/gperf-dev/gperf/perfevent/counting"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// Tags of a STAT_CONFIG record.
const (
	tagAggregation = 0
	tagInterval    = 1 // milliseconds
	tagScale       = 2
)

// file is the recording of gperf stat record: the records that perf stat record writes.
type file struct {
	w        *perfdata.Writer
	buf      []byte
	interval bool
}

// newFile writes what stands before the counts.
func newFile(o *Options, set *counting.Set) (*file, error) {
	f := &file{w: o.Record, interval: o.Interval > 0}
	features, err := machine.Features(o.Root)
	if err != nil {
		return nil, err
	}
	features.Version, features.Cmdline, features.Stat = o.Features.Version, o.Features.Cmdline, true
	v := describe(set, o)
	var events []perfdata.Event
	for i, e := range set.Events() {
		events = append(events, perfdata.Event{Name: e.Name, Attr: e.Attr, IDs: e.IDs, Leader: e.Leader, Format: e.Spec.Format,
			Unit: v.Events[i].Unit, Scale: v.Events[i].Scale})
	}
	features.Groups = perfdata.GroupsOf(events)
	if err := f.w.Begin(events, features); err != nil {
		return nil, err
	}
	return f, f.describe(o, set, events, v.Threads)
}

func (f *file) describe(o *Options, set *counting.Set, events []perfdata.Event, threads []statview.Thread) error {
	if !f.w.Stream() { // a stream's Begin has told them
		for i := range events {
			if err := f.unit(&events[i]); err != nil {
				return err
			}
		}
	}
	m := &record.ThreadMap{}
	for _, t := range threads {
		m.Threads = append(m.Threads, record.ThreadMapEntry{PID: uint64(t.TID), Comm: t.Comm})
	}
	if err := f.emit(m); err != nil {
		return err
	}
	if err := synth.CPUMap(set.CPUs(), f.emit); err != nil {
		return err
	}
	scale := uint64(1)
	if o.View.NoScale {
		scale = 0
	}
	return f.emit(&record.StatConfig{Terms: []record.StatTerm{
		{Tag: tagAggregation, Value: uint64(o.View.Aggregation)}, {Tag: tagInterval, Value: uint64(o.Interval.Milliseconds())}, {Tag: tagScale, Value: scale},
	}})
}

func (f *file) unit(e *perfdata.Event) error {
	if len(e.IDs) == 0 {
		return nil
	}
	if e.Unit != "" {
		if err := f.emit(&record.EventUpdate{Kind: record.EventUpdateUnit, ID: e.IDs[0], Text: e.Unit}); err != nil {
			return err
		}
	}
	if e.Scale == 1 {
		return nil
	}
	return f.emit(&record.EventUpdate{Kind: record.EventUpdateScale, ID: e.IDs[0], Scale: e.Scale})
}

// counts writes what was read.
func (f *file) counts(set *counting.Set, values [][]counting.Value) error {
	threads := len(set.Threads())
	for i, cells := range values {
		e := set.Events()[i]
		if len(e.IDs) != len(cells) {
			continue // threads that had ended: nobody can tell whose the others are
		}
		for j, v := range cells {
			cpu := int32(e.CPUs[j/threads])
			s := &record.Stat{ID: e.IDs[j], CPU: uint32(cpu), Thread: uint32(j % threads), Value: v.Count, Enabled: v.Enabled, Running: v.Running}
			if err := f.emit(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// round ends a set of counts.
func (f *file) round(at time.Duration, final bool) error {
	r := &record.StatRound{Time: uint64(at)}
	if final {
		r.Kind = 1
	}
	if err := f.emit(r); err != nil {
		return err
	}
	return f.w.Flush()
}

func (f *file) emit(b record.Body) error {
	f.buf = record.Append(nil, f.buf[:0], b)
	if len(f.buf) == 0 {
		return fmt.Errorf("a %v record would be longer than %d bytes", b.Type(), record.MaxSize)
	}
	return f.w.WriteRecord(f.buf)
}

// finish ends the recording, of which the last counts took so long.
func (f *file) finish(elapsed time.Duration) error {
	if !f.interval {
		if err := f.round(elapsed, true); err != nil {
			return err
		}
	}
	return f.w.Finish(&perfdata.Features{SampleTime: new(perfdata.SampleTime)})
}
