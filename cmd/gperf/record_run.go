package main

import (
	"context"
	"errors"
	"os"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/recorder"
	"github.com/gperf-dev/gperf/perfevent/selector"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// recording is one run of gperf record.
type recording struct {
	app     *app
	o       *recordOptions
	argv    []string
	trace   *tracefs.FS
	trigger []selector.Spec // of --switch-output-event
	command *workload.Command
	onLine  atomic.Bool // progress stands on the terminal's line
	ended   ending      // what the run was ended by, or what its command was killed by
}

func runRecord(c *cobra.Command, a *app, o *recordOptions, args []string) error {
	r := &recording{app: a, o: o, argv: args}
	targets, err := o.complete(c.Flags(), len(args) > 0, r.note)
	if err != nil {
		return err
	}
	return r.run(c.Context(), targets)
}

// note tells what is no error, unless -q.
func (r *recording) note(format string, args ...any) {
	if !r.o.quiet {
		r.clearLine()
		r.app.note(format, args...)
	}
}

func (r *recording) run(ctx context.Context, targets evlist.Targets) (err error) {
	ctx, stop := r.untilSignal(ctx)
	defer stop()
	status, err := r.resolved(ctx, targets)
	stop()
	if sig := r.ended.instead(err); sig != 0 {
		return dieOf(sig)
	}
	if err != nil {
		return err
	}
	if status != 0 {
		return &exitError{status: status}
	}
	return nil
}

// resolved looks the events up, and records them. Markers that it has to define for that go with it, also after a signal.
func (r *recording) resolved(ctx context.Context, targets evlist.Targets) (status int, err error) {
	m := newMarkers(targets, r.argv, r.note)
	defer func() { err = errors.Join(err, m.undo()) }()
	resolver := &selector.Resolver{Sys: os.DirFS("/sys"), Define: m.define, Found: m.found}
	specs, err := r.specs(ctx, resolver)
	if err != nil || r.o.dryRun {
		return 0, err
	}
	if r.trace = resolver.Trace; r.trace == nil && hasTracepoint(specs) {
		if r.trace, err = tracefs.Find(); err != nil {
			return 0, err
		}
	}
	return r.started(ctx, specs, targets)
}

// started starts the command, records, and returns the command's exit status.
func (r *recording) started(ctx context.Context, specs []selector.Spec, targets evlist.Targets) (status int, err error) {
	var command recorder.Command
	if len(r.argv) > 0 {
		var o workload.Options
		if r.o.output == "-" {
			o.Stdout = os.Stderr // standard output is the recording's
		}
		if r.command, err = workload.Start(r.argv, nil, o); err != nil {
			return 0, err
		}
		defer r.command.Kill()
		command = recorder.Command{PID: r.command.PID, Name: r.argv[0], Release: r.command.Release, Done: r.command.Done()}
		targets.Workload = r.command.PID
	}
	list, closeList, err := r.openList(ctx, specs, targets)
	if err != nil {
		return 0, r.whyGone(err)
	}
	defer func() { err = errors.Join(err, closeList()) }()
	if r.o.verbose > 0 {
		r.tell(list)
	}
	fifo, err := awaitReader(ctx, r.o.output)
	if err != nil {
		return 0, err
	}
	defer fifo.Close()
	requests, stop, err := r.requests(ctx, targets)
	if err != nil {
		return 0, err
	}
	defer stop()
	return r.write(ctx, list, command, requests)
}

func (r *recording) options(command recorder.Command) recorder.Options {
	o := recorder.Options{
		Command:    command,
		Trace:      r.trace,
		Types:      argtype.Store{Dir: argtype.DefaultDir},
		Delay:      r.o.wait,
		Spans:      r.o.spans,
		NoBuildIDs: r.o.noBuildIDs,
		Sync:       r.o.sync,
		NoTasks:    r.o.noTasks,
		NoMaps:     r.o.noMaps,
		CGroups:    r.o.open.CGroups && !r.o.noCGroups,
		DataMaps:   r.o.open.Address,
		Namespaces: r.o.open.Namespaces,
		Notify:     func(text string) { r.note("%s", text) },
	}
	o.Compress, o.MaxSize, o.TailSynthesize, o.Overwrite = r.o.compress, r.o.maxBytes, r.o.tail, r.o.open.Overwrite
	o.Realtime, o.Urgent = r.o.realtime, !r.o.calm
	o.Progress = r.progress()
	o.Features.Version = "gperf " + version
	o.Features.Cmdline = append([]string{ownPath()}, os.Args[1:]...)
	return o
}

// ownPath is what perf too writes as the first word of its command line: the program's file.
func ownPath() string {
	if path, err := os.Executable(); err == nil {
		return path
	}
	return os.Args[0]
}
