package main

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/metric"
	"github.com/gperf-dev/gperf/internal/statrun"
	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/perfevent/counting"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// options turns flags into what the engine takes.
func (k *statting) options(ctx context.Context, c *cobra.Command, argv []string) (*statrun.Options, error) {
	o := k.o
	if err := o.check(c, len(argv) > 0); err != nil {
		return nil, err
	}
	targets, err := k.targets(len(argv) > 0)
	if err != nil {
		return nil, err
	}
	aggregation := o.aggregation()
	if (len(o.cgroups) > 0 || o.eachCGroup != "" || aggregation != statview.Global && aggregation != statview.PerThread) && !targets.HasCPU() {
		return nil, usageErrorOf(c, errAggregations)
	}
	if aggregation == statview.PerThread && !targets.HasTask() {
		if err := allThreads(c, &targets); err != nil {
			return nil, err
		}
	}
	root := os.DirFS("/")
	opts := &statrun.Options{
		Targets: targets, Root: root, Argv: argv,
		Counting: counting.Options{NoInherit: o.noInherit, AllUser: o.user, AllKernel: o.kernel, Notify: func(text string) { k.note("%s", text) }},
		Forever:  o.runs == 0, Interval: millis(o.interval), Times: o.times, Timeout: millis(o.timeout), Delay: millis(o.delay),
		Summary: o.summary, Sync: o.sync, Pre: o.pre, Post: o.post, NoMux: o.noMux, Quiet: o.quiet, Verbose: o.verbose > 0,
		Usage: o.runs == 1 && targets.WorkloadAlone(),
		Note:  func(text string) { k.note("%s", text) }, Say: k.say,
	}
	if o.timeout > 0 && o.timeout < 100 {
		k.note("a time below 100 ms is measured with a large part of overhead")
	}
	opts.View = k.view(aggregation, root)
	opts.View.Title = o.title(argv, targets.SystemWide || len(targets.TIDs) > 0)
	opts.View.SkipZero = aggregation == statview.PerThread && o.pids == "" && o.tids == ""
	k.markers = newMarkers(targets, argv, k.note)
	opts.Events, err = k.events(ctx, opts, targets.HasCPU() || opts.View.SkipZero)
	if opts.Usage && opts.Events.OfCPUs() { // as perf: a unit for the whole machine knows no threads
		opts.Targets.SystemWide, opts.Usage, opts.View.Title = true, false, "'system wide'"
	}
	return opts, err
}

// view is how to print.
func (k *statting) view(aggregation statview.Aggregation, root rootFS) statview.Options {
	o := k.o
	v := statview.Options{
		Aggregation: aggregation, Runs: o.runs, Table: o.table, NoScale: !o.scale, MetricOnly: o.metricOnly, NoMerge: o.noMerge, MergeCores: o.hybrid,
		Clear: o.clear, NoCSVSummary: o.noSummary,
	}
	toTerminal := (o.output == "" || o.output == "-" || o.record) && o.logFD == 0 && isTerminal(os.Stderr)
	v.Color = toTerminal && os.Getenv("TERM") != "dumb"
	switch {
	case o.separator != "":
		v.Format, v.Separator = statview.CSV, strings.ReplaceAll(o.separator, `\t`, "\t")
	case o.json:
		v.Format = statview.JSON
	case o.bigNum:
		v.Grouping = statrun.Grouping(root, os.Getenv)
	}
	return v
}

// events are what is selected, or what perf selects.
func (k *statting) events(ctx context.Context, opts *statrun.Options, cpus bool) (statrun.Events, error) {
	o := k.o
	var e statrun.Events
	metrics, special, err := k.metrics(opts)
	if err != nil {
		return e, err
	}
	r := &selector.Resolver{Sys: os.DirFS("/sys"), Extra: statrun.Tools, Define: k.define, CoreKind: strings.TrimPrefix(o.cpuType, "cpu_")}
	if err := checkCoreKind(r); err != nil {
		return e, err
	}
	if special != nil {
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
		err = e.InCGroups(opts.Root, strings.Split(strings.Join(o.cgroups, ","), ","))
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
	for _, list := range k.o.metrics {
		found, err := metric.Lookup(list)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, found...)
	}
	for _, text := range k.o.own {
		m, err := metric.Define(text)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, m)
	}
	for name, on := range map[string]bool{statrun.Topdown: k.o.topdown, statrun.Transactions: k.o.transaction, statrun.SMICost: k.o.smi} {
		if on {
			s, err := statrun.FindSpecial(opts.Root, name)
			if err != nil {
				return nil, nil, err
			}
			return append(s.Metrics, all...), s, nil
		}
	}
	return all, nil, nil
}
