package session

import (
	"bytes"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Event is one event of a source: what its samples hold and what they mean.
type Event struct {
	Name   string // as it was asked for: "cycles:u", "sched:sched_switch"
	Attr   perfevent.Attr
	Layout *record.Layout
	IDs    []uint64        // the kernel's ids, one a CPU or thread
	Format *tracefs.Format // of a tracepoint; nil if the source has none
	Types  *argtype.Event  // what the fields mean beyond Format; nil for nothing

	encoded []byte // Types as the recording has it
}

// Source gives events and their records in the order in which they were written.
type Source interface {
	// Events returns what is known of the events now. A stream may learn more of them with each HEADER_ATTR,
	// HEADER_TRACING_DATA, HEADER_FEATURE and EVENT_UPDATE; what was returned before stays as it is.
	Events() []*Event
	// Next reads one record. Its bytes are good until the next call. A record of type FINISHED_ROUND is a round mark:
	// no record behind it is older than any before the previous mark. The end is io.EOF.
	Next(*record.Record) error
}

// File makes a source of a perf.data file or stream. The reader stays the caller's to close.
func File(r *perfdata.Reader) Source {
	f := &fileSource{r: r}
	f.refresh()
	return f
}

type fileSource struct {
	r      *perfdata.Reader
	events []*Event
	stale  bool // the reader may know more of them
}

func (f *fileSource) Events() []*Event {
	if f.stale {
		f.refresh()
	}
	return f.events
}

func (f *fileSource) Next(rec *record.Record) error {
	if err := f.r.Next(rec); err != nil {
		return err
	}
	f.stale = f.stale || tellsOfEvents(rec.Type)
	return nil
}

// tellsOfEvents reports whether a record of this type may change what is known of the events.
func tellsOfEvents(t record.Type) bool {
	switch t {
	case record.TypeHeaderAttr, record.TypeHeaderTracingData, record.TypeEventUpdate, record.TypeHeaderFeature:
		return true
	}
	return false
}

// refresh takes over what the reader has learned of the events. An event of which nothing changed keeps its address.
func (f *fileSource) refresh() {
	f.stale = false
	known := f.r.Events()
	events := make([]*Event, len(known))
	for i := range known {
		k := &known[i]
		if i < len(f.events) && f.events[i].same(k) {
			events[i] = f.events[i]
			continue
		}
		e := &Event{Name: k.Name, Attr: k.Attr, Layout: k.Layout(), IDs: k.IDs, Format: k.Format, encoded: k.Types}
		if t, err := argtype.Decode(k.Types); len(k.Types) > 0 && err == nil {
			e.Types = t // without it, or with one that a later gperf wrote, the kernel's format is shown
		}
		events[i] = e
	}
	f.events = events
}

func (e *Event) same(k *perfdata.Event) bool {
	return e.Name == k.Name && e.Format == k.Format && len(e.IDs) == len(k.IDs) && bytes.Equal(e.encoded, k.Types)
}
