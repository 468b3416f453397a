package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gperf-dev/gperf/internal/statrun"
	"github.com/gperf-dev/gperf/perfevent/recorder"
)

// untilSignal gives the wishes that signals stand for. Ctrl-C reaches the command too, which is waited for; a loop without end
// (-r 0) is ended by it at once, as perf is. What still looks for events is ended by the function that is given.
//
// The runtime begins a thread for signals, and asks it for each: that goes beside the search, up to when k.listening is closed. Before,
// a signal ends gperf, and nothing has been begun that would outlive it. The function that is returned ends the listening. It leaves the signals
// caught: gperf ends next, and to give them back takes two changes of threads for each.
func (k *statting) untilSignal(search context.CancelFunc) (<-chan statrun.Stop, func()) {
	signals, stops := make(chan os.Signal, 4), make(chan statrun.Stop, 4)
	quit := make(chan struct{})
	go func() {
		signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT)
		if !signal.Ignored(syscall.SIGHUP) {
			signal.Notify(signals, syscall.SIGHUP)
		}
		close(k.listening)
		for {
			select {
			case sig := <-signals:
				k.by.by(sig)
				search()
				stop := statrun.StopNow
				if sig == syscall.SIGINT {
					stop = statrun.StopGently
				}
				select {
				case stops <- stop:
				default: // one is enough
				}
			case <-quit:
				return
			}
		}
	}()
	return stops, func() {
		<-k.listening
		close(quit)
	}
}

// define is what a selector.Resolver calls for an event that is not there. What it makes has to be undone after a signal too.
func (k *statting) define(ctx context.Context, name string) ([]string, error) {
	<-k.listening
	return k.markers.define(ctx, name)
}

// found is what a selector.Resolver calls for an event that is there.
func (k *statting) found(ctx context.Context, names []string) {
	<-k.listening
	k.markers.found(ctx, names)
}

// requests gives what --control asks.
func (k *statting) requests(ctx context.Context) (<-chan recorder.Request, func(), error) {
	if k.o.control == "" {
		return nil, func() {}, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	control, err := recorder.OpenControl(k.o.control, func(text string) { k.note("%s", text) })
	if err != nil {
		cancel()
		return nil, nil, err
	}
	to := make(chan recorder.Request)
	go func() {
		err := control.Serve(func(q recorder.Request) {
			select {
			case to <- q:
			case <-ctx.Done():
			}
		})
		if err != nil && ctx.Err() == nil {
			k.note("control: %v", err)
		}
	}()
	return to, func() {
		cancel()
		_ = control.Close() // nobody reads it any more
	}, nil
}

func (k *statting) note(format string, args ...any) {
	if !k.o.sayNothing() {
		k.app.note(format, args...)
	}
}

func (k *statting) say(text string) {
	if !k.o.quiet {
		for line := range strings.Lines(text) {
			fmt.Fprintln(k.app.err, shown(strings.TrimSuffix(line, "\n")))
		}
	}
}

// sayNothing tells that what is printed is for programs, which read it from standard error: notes would be in their way.
func (o *statOptions) sayNothing() bool {
	forPrograms := o.separator != "" || o.json
	toError := o.record || o.logFD == 0 && (o.output == "" || o.output == "-")
	return o.quiet || forPrograms && toError && o.verbose == 0
}
