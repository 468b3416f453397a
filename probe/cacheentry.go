package probe

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// CachedEvent is a definition with what it was resolved to.
type CachedEvent struct {
	Text  string   // [GROUP:EVENT=]POINT [ARG]...
	SDT   bool     // it stands for a static marker
	Lines []string // to write to the kernel, one for each place
}

// parseCache reads a file of perf's: a line "#DEFINITION", or "%MARKER", and behind it the lines to write to the kernel.
func parseCache(b []byte) ([]CachedEvent, error) {
	var all []CachedEvent
	n := 0
	for line := range bytes.Lines(b) {
		n++
		text := string(bytes.TrimSuffix(line, []byte("\n")))
		switch {
		case text == "":
		case text[0] == '#' || text[0] == '%':
			all = append(all, CachedEvent{Text: text[1:], SDT: text[0] == '%'})
		case len(all) == 0:
			return nil, fmt.Errorf("line %d stands before any definition", n)
		default:
			if _, err := tracefs.ParseProbeLine(tracefs.UProbe, text); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
			e := &all[len(all)-1]
			e.Lines = append(e.Lines, text)
		}
	}
	return all, nil
}

func formatCache(all []CachedEvent) []byte {
	var b bytes.Buffer
	for _, e := range all {
		mark := "#"
		if e.SDT {
			mark = "%"
		}
		b.WriteString(mark + e.Text + "\n")
		for _, line := range e.Lines {
			b.WriteString(line + "\n")
		}
	}
	return b.Bytes()
}

// cached is the event as the cache keeps it. It has its name also where the user gave none: by that it is found.
func (e *Event) cached() CachedEvent {
	d := e.Definition
	if d.Point.Kind == SDTPoint {
		return CachedEvent{Text: e.Group + ":" + e.Name + "=" + d.Point.Function, SDT: true, Lines: e.KernelLines()}
	}
	text := e.Group + ":" + e.Name + "=" + d.Point.text(func(path string) string { return path })
	for i := range d.Args {
		text += " " + d.Args[i].Text
	}
	lines := e.KernelLines()
	slices.Sort(lines)
	return CachedEvent{Text: text, Lines: slices.Compact(lines)}
}

// put adds an event, or replaces that of the same name or definition.
func (f *CachedFile) put(e CachedEvent) {
	group, event := e.name()
	f.Events = slices.DeleteFunc(f.Events, func(o CachedEvent) bool {
		g, n := o.name()
		return o.Text == e.Text || g == group && n == event
	})
	f.Events = append(f.Events, e)
}

// name returns the event's name; perf keeps none for a definition without, but its lines have one.
func (e *CachedEvent) name() (group, event string) {
	if i := nameSeparator(e.Text); i >= 0 {
		group, event, _ = strings.Cut(e.Text[:i], ":")
		return group, event
	}
	if len(e.Lines) == 0 {
		return "", ""
	}
	l, err := tracefs.ParseProbeLine(tracefs.UProbe, e.Lines[0])
	if err != nil {
		return "", ""
	}
	return l.Group, l.Event
}

// passes tells whether a filter lets the event through, by EVENT, GROUP:EVENT or the definition.
func (e *CachedEvent) passes(f *Filter) bool {
	if f == nil {
		return true
	}
	group, event := e.name()
	return f.Match(event, group+":"+event, e.Text)
}
