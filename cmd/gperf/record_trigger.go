package main

import (
	"context"

	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/recorder"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// specs resolves what is recorded, and the events of --switch-output-event.
func (r *recording) specs(ctx context.Context, resolver *selector.Resolver) (specs []selector.Spec, err error) {
	if specs, err = r.o.events.specs(ctx, resolver, r.note); err == nil && len(r.o.triggers.words) > 0 {
		r.trigger, err = r.o.triggers.specs(ctx, resolver, r.note)
	}
	return specs, err
}

// startTrigger opens the events of --switch-output-event. stop closes them, when the context is done.
func (r *recording) startTrigger(ctx context.Context, targets evlist.Targets, send func(recorder.Request)) (stop func(), err error) {
	if len(r.trigger) == 0 {
		return func() {}, nil
	}
	trigger, err := recorder.OpenTrigger(ctx, r.trigger, targets, func(text string) { r.note("%s", text) })
	if err != nil {
		return nil, err
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := trigger.Serve(ctx, send); err != nil {
			r.note("--switch-output-event: %v", err)
		}
	}()
	return func() {
		<-over
		_ = trigger.Close() // nothing was written to it
	}, nil
}
