package perfdata

import (
	"errors"
	"slices"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// formatTable is the recording's tracepoint formats by id; nil until they were parsed.
type formatTable map[uint64]*tracefs.Format

// The most that a stream may make its reader do by telling more of its events between their records: events walked, ids indexed. All of a
// kernel's tracepoints on a thousand CPUs take a tenth of it.
const maxEventWork = 1 << 24

// maxEvents is more than forty times what all tracepoints of a kernel are.
const maxEvents = 1 << 17

var errManyEvents = errors.New("more than any kernel has")

var errEventWork = errors.New("the stream tells of its events again and again between their records")

// refresh completes events and set by what came by since the last time. It is put off until somebody asks, so that a stream which begins with
// thousands of events is not gone through for each of them.
func (r *Reader) refresh() {
	if !r.stale || r.refreshErr != nil {
		return
	}
	r.stale = false
	if len(r.events) != r.set.Len() {
		layouts := make([]record.EventLayout, len(r.events))
		for i := range r.events {
			layouts[i] = record.EventLayout{Layout: r.events[i].Layout(), IDs: r.events[i].IDs}
			r.work += len(r.events[i].IDs)
		}
		set, err := record.NewSet(layouts)
		if err != nil {
			r.refreshErr = r.corrupt(r.lastAttr, false, err, "%d events", len(layouts))
			return
		}
		r.set = set
	}
	r.describeEvents()
	r.applyUpdates()
	if r.work > maxEventWork {
		r.refreshErr = r.corrupt(r.in.off, false, errEventWork, "%d events", len(r.events))
	}
}

// own makes r.events a slice that nobody else has seen.
func (r *Reader) own() {
	r.work += len(r.events)
	if r.shared {
		r.events, r.shared = slices.Clone(r.events), false
	}
}

// describeEvents completes the events by what the features tell: names, groups, formats.
func (r *Reader) describeEvents() {
	r.parseFormats()
	r.own()
	for i := range r.events {
		e := &r.events[i]
		if e.Attr.Type == perfevent.TypeTracepoint && r.formats[e.Attr.Config] != nil {
			e.Format = r.formats[e.Attr.Config]
		}
		r.nameEvent(e, i)
	}
	end := uint64(0) // groups stand in the order of their events and share none
	for _, g := range r.features.Groups {
		if uint64(g.Leader) < end {
			continue
		}
		end = min(uint64(g.Leader)+uint64(g.Members), uint64(len(r.events)))
		for i := uint64(g.Leader); i < end; i++ {
			r.events[i].Leader = int(g.Leader)
		}
	}
}

// nameEvent gives event i the best name that is known: EVENT_DESC's, by place, then the format's, then that of the attr.
func (r *Reader) nameEvent(e *Event, i int) {
	switch d := r.features.EventDesc; {
	case e.Name != "" && e.named:
	case i < len(d) && d[i].Name != "":
		e.Name, e.named = d[i].Name, true
	case e.Format != nil:
		e.Name = e.Format.System + ":" + e.Format.Name
	case e.Name == "":
		e.Name = e.Attr.Name()
	}
}

// parseFormats parses the formats that the events need, once.
func (r *Reader) parseFormats() {
	if r.formats != nil || r.features.TracingData == nil {
		return
	}
	r.formats = formatTable{}
	formats, errs := r.features.TracingData.Formats()
	for _, f := range formats {
		r.formats[uint64(f.ID)] = f
	}
	r.damaged(errs...)
}

// addEvent takes an event that came by in a stream. ParseAttr takes the native order: Swap has turned the attr.
func (r *Reader) addEvent(h *record.HeaderAttr, off int64) error {
	if len(r.events) == maxEvents {
		return errManyEvents
	}
	attr, err := perfevent.ParseAttr(h.Attr, native())
	if err != nil {
		return err
	}
	r.events = append(r.events, Event{Attr: attr, IDs: slices.Clone(h.IDs), Leader: len(r.events)})
	r.stale, r.lastAttr = true, off
	return nil
}

// updateEvent takes an EVENT_UPDATE.
func (r *Reader) updateEvent(u *record.EventUpdate) {
	const most = 1 << 12 // wait
	if len(r.updates) >= most {
		r.refresh()
	}
	u.Data = slices.Clone(u.Data)
	r.updates, r.stale = append(r.updates, u), true
}

// applyUpdates applies what came by since the last time. An update for an id that nobody has is ignored, as perf does it.
func (r *Reader) applyUpdates() {
	for _, u := range r.updates {
		r.applyUpdate(u)
	}
	r.updates = r.updates[:0]
}

func (r *Reader) applyUpdate(u *record.EventUpdate) {
	i, ok := r.set.Event(u.ID)
	if !ok || i >= len(r.events) {
		return
	}
	e := &r.events[i]
	switch u.Kind {
	case record.EventUpdateUnit:
		e.Unit = u.Text
	case record.EventUpdateScale:
		e.Scale = u.Scale
	case record.EventUpdateName:
		e.Name, e.named = u.Text, true
	case record.EventUpdateTypes:
		e.Types = u.Data
	}
}
