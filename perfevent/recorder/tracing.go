package recorder

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"os"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// tracingData collects what a reader needs to print tracepoints; nil when there are none. types has what probe noted of their fields,
// texts the formats of those that have others than the kernel's; both may be nil.
func tracingData(trace *tracefs.FS, formats []*tracefs.Format, types []*argtype.Event, texts [][]byte) (*perfdata.TracingData, error) {
	var t *perfdata.TracingData
	systems := map[string]int{}
	for n, format := range formats {
		if format == nil || trace == nil {
			continue
		}
		if t == nil {
			var err error
			if t, err = tracingHead(trace); err != nil {
				return nil, err
			}
		}
		text, err := trace.FormatText(format.System, format.Name)
		if err != nil {
			return nil, fmt.Errorf("format of %s:%s: %w", format.System, format.Name, err)
		}
		if texts != nil && texts[n] != nil {
			text = texts[n]
		} else if types != nil && types[n] != nil {
			text = types[n].RewriteFormat(text)
		}
		if format.System == "ftrace" {
			t.Ftrace = append(t.Ftrace, text)
			continue
		}
		i, ok := systems[format.System]
		if !ok {
			i = len(t.Systems)
			systems[format.System] = i
			t.Systems = append(t.Systems, perfdata.TracingSystem{Name: format.System})
		}
		t.Systems[i].Formats = append(t.Systems[i].Formats, text)
	}
	return t, nil
}

// tracingData is that of the events of a list.
func (r *run) tracingData(list []*evlist.Event, types map[*evlist.Event]*argtype.Event) (*perfdata.TracingData, error) {
	formats, meant, texts := make([]*tracefs.Format, len(list)), make([]*argtype.Event, len(list)), make([][]byte, len(list))
	for i, e := range list {
		if e.Attr.Type == perfevent.TypeTracepoint {
			formats[i], meant[i] = e.Spec.Format, types[e]
		}
		if out := e.Spec.Output; out != nil {
			formats[i], texts[i] = e.Spec.Format, out.FormatText
		}
	}
	return tracingData(r.o.Trace, formats, meant, texts)
}

// tracingHead is what does not depend on the events. A kernel that lacks one of these files has nothing to tell in it.
func tracingHead(trace *tracefs.FS) (*perfdata.TracingData, error) {
	t := &perfdata.TracingData{Version: "0.6", LongSize: bits.UintSize / 8, PageSize: os.Getpagesize()}
	t.BigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1
	var err error
	if t.HeaderPage, err = trace.HeaderPage(); err != nil {
		return nil, fmt.Errorf("layout of the trace buffer's pages: %w", err)
	}
	if t.HeaderEvent, err = trace.HeaderEvent(); err != nil {
		return nil, fmt.Errorf("layout of the trace buffer's events: %w", err)
	}
	if t.PrintkFormats, err = trace.PrintkFormats(); err != nil {
		t.PrintkFormats = nil
	}
	if t.SavedCmdlines, err = trace.SavedCmdlines(); err != nil {
		t.SavedCmdlines = nil
	}
	return t, nil
}

// types finds what probe has noted of the events' fields: an entry for each event that is a probe of gperf's and has not
// been defined anew since.
func (r *run) types(list []*evlist.Event) map[*evlist.Event]*argtype.Event {
	out := map[*evlist.Event]*argtype.Event{}
	for _, e := range list {
		if e.Spec.Output != nil {
			out[e] = e.Spec.Output.Types
		}
	}
	if r.o.Trace == nil || r.o.Types.Dir == "" {
		return out
	}
	for _, kind := range []tracefs.ProbeKind{tracefs.UProbe, tracefs.KProbe} {
		lines, err := r.o.Trace.Probes(kind)
		if err != nil {
			continue // this kernel has no probes of the kind
		}
		definitions := tracefs.Definitions(lines)
		for _, e := range list {
			f := e.Spec.Format
			if f == nil || out[e] != nil || definitions[f.System+":"+f.Name] == "" {
				continue
			}
			if t, err := r.o.Types.Load(f.System, f.Name, definitions[f.System+":"+f.Name]); err == nil && t != nil {
				out[e] = t
			}
		}
	}
	return out
}
