package perfdata

import (
	"slices"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// formatTable is the recording's tracepoint formats by id; nil until they were parsed.
type formatTable map[uint64]*tracefs.Format

// describeEvents completes the events by what the features tell: names, groups, formats. The events become a new slice.
func (r *Reader) describeEvents() {
	r.parseFormats()
	events := slices.Clone(r.events)
	for i := range events {
		e := &events[i]
		if e.Attr.Type == perfevent.TypeTracepoint && r.formats[e.Attr.Config] != nil {
			e.Format = r.formats[e.Attr.Config]
		}
		r.nameEvent(e, i)
	}
	for _, g := range r.features.Groups {
		for i := uint64(g.Leader); i < uint64(g.Leader)+uint64(g.Members) && i < uint64(len(events)); i++ {
			events[i].Leader = int(g.Leader)
		}
	}
	r.events = events
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
	r.features.Damage = append(r.features.Damage, errs...)
}

// addEvent takes an event that came by in a stream. ParseAttr takes the native order: Swap has turned the attr.
func (r *Reader) addEvent(h *record.HeaderAttr) error {
	attr, err := perfevent.ParseAttr(h.Attr, native())
	if err != nil {
		return err
	}
	events := append(slices.Clip(r.events), Event{Attr: attr, IDs: slices.Clone(h.IDs), Leader: len(r.events)})
	layouts := make([]record.EventLayout, len(events))
	for i := range events {
		layouts[i] = record.EventLayout{Layout: events[i].Layout(), IDs: events[i].IDs}
	}
	set, err := record.NewSet(layouts)
	if err != nil {
		return err
	}
	r.events, r.set = events, set
	r.describeEvents()
	return nil
}

// updateEvent takes an EVENT_UPDATE. One for an id that nobody has is ignored, as perf does it.
func (r *Reader) updateEvent(u *record.EventUpdate) {
	i := slices.IndexFunc(r.events, func(e Event) bool { return slices.Contains(e.IDs, u.ID) })
	if i < 0 {
		return
	}
	events := slices.Clone(r.events)
	e := &events[i]
	switch u.Kind {
	case record.EventUpdateUnit:
		e.Unit = u.Text
	case record.EventUpdateScale:
		e.Scale = u.Scale
	case record.EventUpdateName:
		e.Name, e.named = u.Text, true
	case record.EventUpdateTypes:
		e.Types = slices.Clone(u.Data)
	}
	r.events = events
}
