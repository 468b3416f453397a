package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/sdtnote"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
	"github.com/gperf-dev/gperf/probe"
)

// found looks at markers that are events already, which a run that was killed may have left, and says so where they are not what this run
// would define. They are recorded as they are: they may be meant.
func (m *markers) found(ctx context.Context, names []string) {
	trace, err := tracefs.Find()
	if err != nil {
		return
	}
	lines, err := trace.Probes(tracefs.UProbe)
	if err != nil {
		return // the event was found: that its definition cannot be read is no reason to stop
	}
	for _, name := range names {
		if group, event, _ := strings.Cut(name, ":"); strings.HasPrefix(group, sdtnote.GroupPrefix) {
			if why := m.differs(ctx, group, event, lines); why != "" {
				m.note("%s is an event already, %s. It is taken as it is; 'gperf probe -d %s' removes it, and this command then defines what it needs.", name, why, name)
			}
		}
	}
}

// differs says in what an event is not the one that this run would define; "" if it is that.
func (m *markers) differs(ctx context.Context, group, event string, lines []tracefs.ProbeLine) string {
	var have, texts []string
	for _, l := range lines {
		if l.Group == group && l.Event == event {
			have, texts = append(have, filePlace(l.Place)), append(texts, l.Text)
		}
	}
	if len(have) == 0 {
		return "" // not a probe of a program
	}
	at := "at " + strings.Join(have, " and ")
	wanted, err := m.resolve(ctx, group+":"+strings.TrimRight(event, "_0123456789"))
	if err != nil || len(wanted) == 0 {
		if wanted, err = m.resolve(ctx, group+":"+event); err != nil || len(wanted) == 0 {
			return at + ", which is in no program of this run"
		}
	}
	for _, e := range wanted {
		for i := range e.Places {
			if !slices.Contains(have, filePlace(e.Places[i].At)) {
				continue
			}
			store := argtype.Store{Dir: argtype.DefaultDir}
			if t, err := store.Load(group, event, strings.Join(texts, "\n")); err == nil && t.BuildID != "" && t.BuildID != e.BuildID {
				return fmt.Sprintf("%s, of an earlier build (%s)", at, t.BuildID)
			}
			return ""
		}
	}
	return at + ", which is not where the programs of this run have it"
}

// resolve finds markers in the files of what is measured.
func (m *markers) resolve(ctx context.Context, name string) ([]*probe.Event, error) {
	if m.argv != nil {
		m.search.Programs, m.argv = programs(m.argv), nil
	}
	d, err := probe.Parse("%" + name)
	if err != nil {
		return nil, err
	}
	return m.search.Resolve(ctx, d, probe.Options{System: m.search.System})
}

// filePlace is PATH:OFFSET in one spelling: the kernel puts zeros before the offset, and a semaphore stands behind it.
func filePlace(place string) string {
	place, _, _ = strings.Cut(place, "(")
	i := strings.LastIndex(place, ":0x")
	if i < 0 {
		return place
	}
	return place[:i+len(":0x")] + strings.TrimLeft(place[i+len(":0x"):], "0")
}
