package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/recorder"
)

// requests gives what is asked of the recording while it goes on: by SIGUSR2, by --control and by --switch-output-event. stop ends it.
func (r *recording) requests(ctx context.Context, targets evlist.Targets) (requests <-chan recorder.Request, stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	to := make(chan recorder.Request)
	send := func(q recorder.Request) {
		select {
		case to <- q:
		case <-ctx.Done():
		}
	}
	control, err := r.startControl(ctx, send)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	trigger, err := r.startTrigger(ctx, targets, send)
	if err != nil {
		cancel()
		control()
		return nil, nil, err
	}
	// Without --switch-output it is taken too, as perf does: it must not end the recording.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR2)
	go func() {
		for {
			select {
			case <-signals:
				if r.o.switchOutput != "" || r.o.open.Overwrite {
					send(recorder.Request{Kind: recorder.RequestSnapshot})
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return to, func() {
		cancel()
		signal.Stop(signals)
		control()
		trigger()
	}, nil
}

// startControl serves --control. stop closes its files.
func (r *recording) startControl(ctx context.Context, send func(recorder.Request)) (stop func(), err error) {
	if r.o.control == "" {
		return func() {}, nil
	}
	control, err := recorder.OpenControl(r.o.control, func(text string) { r.note("%s", text) })
	if err != nil {
		return nil, err
	}
	go func() {
		if err := control.Serve(send); err != nil && ctx.Err() == nil {
			r.note("control: %v", err)
		}
	}()
	return func() { _ = control.Close() }, nil // nobody reads it any more
}

// list answers the command evlist of --control on standard output, as perf does.
func (r *recording) list(events []*evlist.Event) {
	for _, e := range events {
		if _, err := fmt.Fprintln(r.app.out, e.Name); err != nil {
			r.note("control: evlist: %v", err)
			return
		}
	}
}

// write records into the file, or files.
func (r *recording) write(ctx context.Context, list *evlist.List, command recorder.Command, requests <-chan recorder.Request) (status int, err error) {
	files := &outputFiles{path: r.o.output, stamp: r.o.stampName, max: r.o.switchFiles, tell: r.say}
	w, err := files.create()
	if err != nil {
		return 0, err
	}
	o := r.options(command)
	o.Requests, o.List = requests, r.list
	if r.o.switchOutput != "" || r.o.open.Overwrite && !w.Stream() {
		files.stamp = files.stamp || r.o.switchOutput != ""
		o.Rotation = recorder.Rotation{Size: r.o.switchBytes, Every: r.o.switchEvery, Next: files.next}
	}
	summary, err := recorder.Run(ctx, list, w, o)
	w = files.writer
	if err != nil {
		err = errors.Join(err, w.Close())
		if !w.Stream() && !w.Rounds() {
			_ = os.Remove(r.o.output) // there is nothing in it
		}
		return 0, r.whyGone(err)
	}
	name, err := files.close()
	if err != nil {
		return 0, err
	}
	r.closing(summary, name)
	status, err = r.commandStatus()
	return status, errors.Join(err, r.strict(summary))
}
