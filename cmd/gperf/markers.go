package main

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/sdtnote"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
	"github.com/gperf-dev/gperf/probe"
)

// markers defines the static markers (USDT) that a command line names as events, for as long as the command runs.
type markers struct {
	search  probe.MarkerSearch
	argv    []string // whose programs are searched, if not nil
	note    func(format string, args ...any)
	manager *probe.Manager
	events  []*probe.Event
}

// newMarkers looks in the files of what is measured: of the processes that were named, or of the command, or of all processes.
func newMarkers(t evlist.Targets, argv []string, note func(string, ...any)) *markers {
	m := &markers{search: probe.MarkerSearch{System: os.DirFS("/")}, note: note}
	if ids := slices.Concat(t.PIDs, t.TIDs); len(ids) > 0 {
		m.search.Processes = ids
	} else {
		m.argv = argv
	}
	return m
}

// programs returns the files of the programs that a command line names: its first word, and those behind a sudo, env or timeout.
func programs(argv []string) []string {
	const most = 16 // words that are tried
	var files []string
	for _, word := range argv[:min(len(argv), most)] {
		if strings.HasPrefix(word, "-") {
			continue
		}
		if path, err := exec.LookPath(word); err == nil && !slices.Contains(files, path) {
			files = append(files, path)
		}
	}
	return files
}

// define is what a selector.Resolver calls for an event that is not there. Only the names of markers are defined.
func (m *markers) define(ctx context.Context, name string) ([]string, error) {
	if !strings.HasPrefix(name, sdtnote.GroupPrefix) {
		return nil, fs.ErrNotExist
	}
	events, err := m.resolve(ctx, name)
	if err != nil {
		return nil, err
	}
	if m.manager == nil {
		trace, err := tracefs.Find()
		if err != nil {
			return nil, err
		}
		m.manager = probe.NewManager(trace, &argtype.Store{Dir: argtype.DefaultDir})
	}
	// Of files that give a marker other values each has an event: NAME, NAME_1.
	if err := m.manager.Add(probe.AddOptions{Force: true}, events...); err != nil {
		return nil, err
	}
	m.events = append(m.events, events...)
	var names []string
	for _, e := range events {
		names = append(names, e.Group+":"+e.Name)
		for _, note := range e.Notes {
			m.note("%s", note)
		}
	}
	return names, ctx.Err()
}

// undo takes away what define defined. The events must be closed.
func (m *markers) undo() error {
	if len(m.events) == 0 {
		return nil
	}
	return m.manager.Undo(m.events...)
}
