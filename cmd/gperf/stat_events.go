package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/metric"
	"github.com/gperf-dev/gperf/internal/statrun"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// events are what is selected, or what perf selects.
func (k *statting) events(ctx context.Context, opts *statrun.Options, cpus bool) (statrun.Events, error) {
	o := k.o
	var e statrun.Events
	metrics, special, err := k.metrics(opts)
	if err != nil {
		return e, err
	}
	r := &selector.Resolver{Sys: os.DirFS("/sys"), Extra: statrun.Tools, Define: k.define, Found: k.found, CoreKind: strings.TrimPrefix(o.cpuType, "cpu_")}
	if err := checkCoreKind(r); err != nil {
		return e, err
	}
	if special != nil {
		o.cgroupAt++
		o.events.words = append([]eventWord{{wordEvent, special.Events}}, o.events.words...)
		opts.View.MetricOnly = opts.View.MetricOnly || special.FiguresOnly
	}
	if len(o.events.words) == 0 && !o.null && len(metrics) == 0 {
		o.events.words = []eventWord{{wordEvent, statrun.Default(opts.Root, cpus)}}
	}
	if more := statrun.Detailed(o.detailed); more != "" && !o.null {
		o.events.words = append(o.events.words, eventWord{wordEvent, more})
	}
	if o.null {
		return e, nil
	}
	if len(o.events.words) > 0 {
		if e.Specs, err = o.events.specs(ctx, r, k.note); err != nil {
			return e, err
		}
	}
	for i := range e.Specs {
		if o.group {
			e.Specs[i].Leader = 0
		}
	}
	if err := e.AddMetrics(ctx, r, metrics, o.metricNoGroup); err != nil {
		return e, err
	}
	switch {
	case len(o.cgroups) > 0:
		err = e.InCGroups(opts.Root, strings.Split(strings.Join(o.cgroups, ","), ","), o.beforeCGroup(len(e.Specs)))
	case o.eachCGroup != "":
		err = e.ForEachCGroup(opts.Root, strings.Split(o.eachCGroup, ","))
	}
	return e, err
}

// checkCoreKind refuses --cputype where the machine has no such cores.
func checkCoreKind(r *selector.Resolver) error {
	if r.CoreKind == "" || slices.Contains(r.CoreKinds(), r.CoreKind) {
		return nil
	}
	e := &exitError{129, "--cputype " + r.CoreKind + ": this machine has one kind of cores", "without --cputype they are counted"}
	if kinds := r.CoreKinds(); len(kinds) > 0 {
		e.text, e.hint = "--cputype "+r.CoreKind+": there are no such cores", "this machine has "+strings.Join(kinds, ", ")
	}
	return e
}

// metrics are the figures that are asked for, and the events that go with them.
func (k *statting) metrics(opts *statrun.Options) ([]metric.Metric, *statrun.Special, error) {
	var all []metric.Metric
	if len(k.o.metrics) > 0 {
		var err error
		if all, err = metric.Lookup(strings.Join(k.o.metrics, ",")); err != nil {
			return nil, nil, err
		}
	}
	for _, text := range k.o.own {
		m, err := metric.Define(text)
		if err != nil {
			return nil, nil, err
		}
		if sep := k.o.separator; sep != "" && strings.Contains(m.Name, sep) {
			return nil, nil, &exitError{129, fmt.Sprintf("the name of metric %s has the separator %q of -x in it", m.Name, sep), "name it otherwise, or take -j"}
		}
		all = append(all, m)
	}
	sets := k.o.sets()
	if len(sets) == 0 {
		return all, nil, nil
	}
	s, err := statrun.FindSpecial(opts.Root, sets[0])
	if err != nil {
		return nil, nil, err
	}
	return append(s.Metrics, all...), s, nil
}

// sets are the selections with figures of their own that were asked for.
func (o *statOptions) sets() []string {
	var names []string
	for _, set := range []struct {
		on   bool
		name string
	}{{o.topdown, statrun.Topdown}, {o.transaction, statrun.Transactions}, {o.smi, statrun.SMICost}} {
		if set.on {
			names = append(names, set.name)
		}
	}
	return names
}
