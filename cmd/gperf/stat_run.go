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
	app     *app
	o       *statOptions
	by      ending
	markers *markers

	listening chan struct{} // closed when signals come as wishes
}

func runStat(c *cobra.Command, a *app, o *statOptions, argv []string) error {
	k := &statting{app: a, o: o, listening: make(chan struct{})}
	status, err := k.resolved(c, argv)
	if sig := k.by.instead(err); sig != 0 {
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

// resolved looks the events up, and counts them. Markers that it has to define for that go with it, also after a signal.
func (k *statting) resolved(c *cobra.Command, argv []string) (status int, err error) {
	ctx, found := context.WithCancel(c.Context())
	defer found()
	stops, forget := k.untilSignal(found)
	defer forget()
	defer func() {
		if k.markers != nil {
			err = errors.Join(err, k.markers.undo())
		}
	}()
	opts, err := k.options(ctx, c, argv)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return 0, err
	}
	out, closeOut, err := k.o.openOutput(ctx, k.app)
	if err != nil {
		return 0, err
	}
	opts.Out, opts.Interrupt, opts.Ready = out, stops, k.listening
	status, err = k.run(c.Context(), opts)
	return status, errors.Join(err, closeOut())
}

// run counts, with what can end it and what can be asked of it meanwhile.
func (k *statting) run(ctx context.Context, opts *statrun.Options) (status int, err error) {
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
	if path == "-" {
		opts.Quiet = true // as perf: the counts are in the stream
		opts.CommandOut = os.Stderr
	}
	opts.Features.Version = "gperf " + version
	opts.Features.Cmdline = append([]string{ownPath()}, os.Args[1:]...)
	return w, nil
}
