package headertext

import (
	"strconv"

	"github.com/gperf-dev/gperf/internal/sampletext"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// ListOptions say what perf evlist prints of each event beside its name.
type ListOptions struct {
	Attrs  bool // all fields of the attr that are not zero
	Freq   bool // its frequency or period
	Groups bool // a line for each group instead
	Fields bool // the fields of a tracepoint
}

// AppendEventList appends a line for each event, or for each group, and perf's tip. See evsel__fprintf in tools/perf/util/evsel_fprintf.c and
// builtin-evlist.c.
func AppendEventList(dst []byte, events []perfdata.Event, groups []perfdata.Group, o ListOptions) []byte {
	tracepoints := false
	for i := range events {
		e := &events[i]
		tracepoints = tracepoints || e.Attr.Type == perfevent.TypeTracepoint
		switch {
		case !o.Groups:
			dst = appendListed(dst, e, o)
		case e.Leader == i:
			dst = appendGroup(dst, events, groups, i)
		}
	}
	if tracepoints && !o.Fields {
		dst = append(dst, "# Tip: use 'perf evlist --trace-fields' to show fields for tracepoint events\n"...)
	}
	return dst
}

// appendListed appends an event's line. What follows the name begins with a colon, what follows that with a comma.
func appendListed(dst []byte, e *perfdata.Event, o ListOptions) []byte {
	dst = sampletext.AppendEscaped(dst, e.Name)
	before := byte(':')
	add := func(parts ...string) {
		dst, before = append(dst, before), ','
		for _, p := range parts {
			dst = sampletext.AppendEscaped(dst, p)
		}
	}
	switch {
	case o.Attrs:
		eachAttr(&e.Attr, func(name, value string) { add(" ", name, ": ", value) })
	case o.Freq && e.Attr.Freq != 0:
		add(" sample_freq=", decimal(e.Attr.Freq))
	case o.Freq:
		add(" sample_period=", decimal(e.Attr.Period))
	}
	switch {
	case !o.Fields:
	case e.Attr.Type != perfevent.TypeTracepoint:
		add(" (not a tracepoint)")
	case e.Format == nil || len(e.Format.Fields) == 0:
		add(" (no trace field)")
	default:
		for i, f := range e.Format.Fields {
			if i == 0 {
				add(" trace_fields: ", f.Name)
			} else {
				add(f.Name)
			}
		}
	}
	return append(dst, '\n')
}

func decimal(v uint64) string { return strconv.FormatUint(v, 10) }

// appendGroup appends the names of the group that event i leads, in braces if it is not alone.
func appendGroup(dst []byte, events []perfdata.Event, groups []perfdata.Group, i int) []byte {
	end := i + 1
	for end < len(events) && events[end].Leader == i {
		end++
	}
	if end > i+1 {
		for _, g := range groups {
			if int(g.Leader) == i && g.Name != "{anon_group}" {
				dst = sampletext.AppendEscaped(dst, g.Name)
			}
		}
		dst = append(dst, '{')
	}
	for j := i; j < end; j++ {
		if j > i {
			dst = append(dst, ',')
		}
		dst = sampletext.AppendEscaped(dst, events[j].Name)
	}
	if end > i+1 {
		dst = append(dst, '}')
	}
	return append(dst, '\n')
}
