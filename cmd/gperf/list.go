package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/eventlist"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// listFlags is what gperf list is asked for.
type listFlags struct {
	details, json, raw bool
	file               string
}

func newListCommand(a *app) *cobra.Command {
	f := &listFlags{}
	c := &cobra.Command{
		Use:   "list [OPTIONS] [hw|sw|cache|tracepoint|pmu|sdt|GLOB]...",
		Short: "list the events of this machine",
		Args:  cobra.ArbitraryArgs,
		RunE:  func(_ *cobra.Command, args []string) error { return f.run(a, args) },
	}
	l := c.Flags()
	l.BoolVar(&f.details, "details", false, "show what each event stands for")
	l.BoolVarP(&f.json, "json", "j", false, "print JSON, described by docs/schema/list.json")
	l.BoolVar(&f.raw, "raw-dump", false, "print names only, on one line")
	l.StringVarP(&f.file, "exec", "x", "", "also list the static markers of a program or library, `file`")
	return c
}

func (f *listFlags) run(a *app, args []string) error {
	trace, err := tracefs.Find()
	if err != nil {
		a.note("no tracepoints: %v", err)
		trace = nil
	}
	s := eventlist.Sources{
		Resolver: &selector.Resolver{Sys: os.DirFS("/sys"), Trace: trace}, Trace: trace, Fields: f.details,
		Supported: func(t perfevent.Type, config uint64) bool { return perfevent.HaveEvent(t, config) == nil },
	}
	var markerErr error
	if f.file != "" {
		if s.Markers, markerErr = eventlist.Markers(f.file); markerErr != nil && s.Markers == nil {
			return markerErr
		}
	}
	all, err := s.All()
	list := all
	if len(args) > 0 {
		list = []eventlist.Event{}
	}
	for _, arg := range args {
		if arg == "metric" || arg == "metricgroup" || arg == "metrics" || arg == "metricgroups" {
			a.note("metrics are computed from tables of processors' makers, which gperf does not have")
			continue
		}
		list = append(list, eventlist.Select(all, arg)...)
	}
	out, jsonErr := f.print(list)
	_, werr := a.out.Write(out)
	return errors.Join(err, markerErr, jsonErr, werr)
}

func (f *listFlags) print(list []eventlist.Event) ([]byte, error) {
	switch {
	case f.json:
		return eventlist.AppendJSON(nil, list, f.details)
	case f.raw:
		return eventlist.AppendNames(nil, list), nil
	}
	return eventlist.AppendText(nil, list, f.details), nil
}
