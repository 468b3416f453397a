package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/statrun"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// statting is one run of gperf stat.
type statting struct {
	app *app
	o   *statOptions
	by  ending
}

func runStat(c *cobra.Command, a *app, o *statOptions, argv []string) error {
	k := &statting{app: a, o: o}
	opts, err := k.options(c, argv)
	if err != nil {
		return err
	}
	out, closeOut, err := o.openOutput(a)
	if err != nil {
		return err
	}
	opts.Out = out
	status, err := k.run(c.Context(), opts)
	if err = errors.Join(err, closeOut()); err != nil {
		return err
	}
	if sig := k.by.signal(); sig != 0 {
		return dieOf(sig)
	}
	if status != 0 {
		return &exitError{status: status}
	}
	return nil
}

// run counts, with what can end it and what can be asked of it meanwhile.
func (k *statting) run(ctx context.Context, opts *statrun.Options) (status int, err error) {
	stops, forget := k.untilSignal()
	defer forget()
	opts.Interrupt = stops
	requests, stop, err := k.requests(ctx)
	if err != nil {
		return 0, err
	}
	defer stop()
	opts.Requests = requests
	unlisten, err := k.listen(ctx, opts)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, unlisten()) }()
	if k.o.record {
		w, err := k.recording(opts)
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, w.Close()) }()
		opts.Record = w
	}
	return statrun.Run(ctx, *opts)
}

// recording opens what stat record writes.
func (k *statting) recording(opts *statrun.Options) (*perfdata.Writer, error) {
	path := k.o.output
	if path == "" {
		path = defaultInput
		if isPipe(os.Stdout) {
			path = "-"
		}
	}
	w, err := perfdata.Create(path)
	if err != nil {
		return nil, err
	}
	if w.Stream() {
		opts.Quiet = true // as perf: the counts are in the stream
	}
	if path == "-" {
		opts.CommandOut = os.Stderr
	}
	opts.Features.Version = "gperf " + version
	opts.Features.Cmdline = append([]string{ownPath()}, os.Args[1:]...)
	return w, nil
}
