package eventlist

import (
	"encoding/json"
	"fmt"

	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/sampletext"
	"github.com/gperf-dev/gperf/internal/sdtnote"
)

// AppendText appends a line for each event, and with details one more for what it stands for.
func AppendText(dst []byte, events []Event, details bool) []byte {
	for _, e := range events {
		name := e.Name
		if e.Alias != "" {
			name += " OR " + e.Alias
		}
		name = string(sampletext.AppendEscaped(nil, name))
		dst = fmt.Appendf(dst, "  %-50s [%s]\n", name, e.Class)
		if details && e.Details != "" {
			dst = append(dst, "        "...)
			dst = append(sampletext.AppendEscaped(dst, e.Details), '\n')
		}
	}
	return dst
}

// AppendNames appends the names on one line, for the shell's completion.
func AppendNames(dst []byte, events []Event) []byte {
	for _, e := range events {
		if e.Class != Raw && e.Class != Breakpoint {
			dst = append(sampletext.AppendEscaped(dst, e.Name), ' ')
		}
	}
	return dst
}

// AppendJSON appends the list as perf 6.12 has it: an array of jsonout.ListedEvent.
func AppendJSON(dst []byte, events []Event, details bool) ([]byte, error) {
	list := make([]jsonout.ListedEvent, len(events))
	for i, e := range events {
		list[i] = jsonout.ListedEvent{Name: e.Name, Alias: e.Alias, Type: string(e.Class), Unit: e.PMU, CountUnit: e.Unit}
		if details {
			list[i].Encoding = e.Details
		}
	}
	text, err := json.MarshalIndent(list, "", "\t")
	return append(append(dst, text...), '\n'), err
}

// Markers lists the static markers (USDT) of a program or library, each name once.
func Markers(path string) ([]Event, error) {
	f, err := objfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	markers, err := sdtnote.Read(f)
	var all []Event
	seen := map[string]bool{}
	for _, m := range markers {
		name := sdtnote.GroupPrefix + m.Provider + ":" + m.Name
		if !seen[name] {
			seen[name] = true
			all = append(all, Event{Class: SDT, Name: name, Details: m.Args})
		}
	}
	return all, err
}
