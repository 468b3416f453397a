package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/internal/sampletext"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/probe"
)

// list is --list.
func (p *prober) list(ctx context.Context) error {
	if p.o.keep {
		return p.listKept()
	}
	filter, err := probe.ParseFilter(joinPatterns(p.o.words.texts()))
	if err != nil {
		return p.failed(&statusError{err, 129}, "")
	}
	m, err := p.manager()
	if err != nil {
		return p.failed(err, "Failed to show event list.")
	}
	lines, err := m.List(filter)
	if err != nil {
		return p.failed(err, "Failed to show event list.")
	}
	l := probe.NewLister(p.options(ctx), &argtype.Store{Dir: argtype.DefaultDir}, lines)
	defer l.Close()
	out := bufio.NewWriter(p.app.out)
	last := ""
	for _, line := range lines {
		text := shown(l.Text(ctx, line))
		if text == last && line.Type == 'p' && strings.Contains(text, "%return") { // the returns of a Go function are one point
			continue
		}
		fmt.Fprintln(out, text)
		last = text
	}
	return out.Flush()
}

// joinPatterns makes one filter of several.
func joinPatterns(all []string) string { return strings.Join(all, "|") }

// remove is --del.
func (p *prober) remove() error {
	if p.o.keep {
		return p.removeKept()
	}
	const last = "Failed to delete events."
	text := joinPatterns(p.o.words.texts())
	filter, err := probe.ParseFilter(text)
	if err != nil {
		return p.failed(&statusError{err, 129}, "")
	}
	m, err := p.manager()
	if err != nil {
		return p.failed(err, last)
	}
	var removed []string
	if p.o.dryRun {
		removed, err = m.Names(filter)
	} else {
		removed, err = m.Remove(filter)
	}
	for _, name := range removed {
		p.say("Removed event: %s", name)
	}
	if err != nil {
		return p.failed(err, last)
	}
	if len(removed) == 0 {
		return p.failed(&exitError{status: 254, text: fmt.Sprintf("%q does not hit any event.", text), hint: "list the events: gperf probe -l"}, last)
	}
	return nil
}

// functions is --funcs.
func (p *prober) functions(ctx context.Context) error {
	const last = "Failed to show functions."
	w := p.o.words.words[len(p.o.words.words)-1]
	text := w.text
	if text == defaultFuncs {
		text = probe.DefaultFuncsFilter
		if p.o.filter != "" {
			text = p.o.filter
		}
	}
	markers, isMarkers := strings.CutPrefix(text, "%")
	if isMarkers {
		text = markers
	}
	filter, err := probe.ParseFilter(text)
	if err != nil {
		return p.failed(&statusError{err, 129}, "")
	}
	rs := p.resolvers()
	defer rs.close()
	r, err := rs.get(ctx, p.o.words.target)
	if err != nil {
		return p.failed(err, last)
	}
	list := r.Functions
	if isMarkers {
		list = r.MarkerNames
	}
	names, err := list(filter)
	if err != nil {
		return p.failed(err, last)
	}
	out := bufio.NewWriterSize(p.app.out, 1<<16)
	var line []byte
	for _, name := range names {
		line = append(sampletext.AppendEscaped(line[:0], name), '\n')
		_, _ = out.Write(line) // Flush tells of errors
	}
	return out.Flush()
}
