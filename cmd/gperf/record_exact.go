package main

import (
	"context"
	"errors"

	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/bpf"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// openList opens the events, with --exact those that programs write to as well.
func (r *recording) openList(ctx context.Context, specs []selector.Spec, targets evlist.Targets) (*evlist.List, func() error, error) {
	plan := &bpf.Exact{}
	if r.o.exact {
		var err error
		specs, plan, err = bpf.PrepareExact(specs, bpf.ExactOptions{Trace: r.trace, Types: argtype.Store{Dir: argtype.DefaultDir},
			Targets: targets, Open: r.o.open, Notify: func(text string) { r.note("%s", text) }})
		if err != nil {
			return nil, nil, err
		}
	}
	list, err := evlist.Open(ctx, specs, targets, r.o.open)
	if err != nil {
		return nil, nil, errors.Join(err, plan.Close())
	}
	end := func() error { return errors.Join(list.Close(), plan.Close()) }
	if err := plan.Attach(list); err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return list, end, nil
}
