package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/statrun"
	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/perfevent/counting"
)

// options turns flags into what the engine takes.
func (k *statting) options(ctx context.Context, c *cobra.Command, argv []string) (*statrun.Options, error) {
	o := k.o
	if err := o.check(c, len(argv) > 0); err != nil {
		return nil, err
	}
	targets, err := o.targets(len(argv) > 0, k.note)
	if err != nil {
		return nil, usageErrorOf(c, err)
	}
	if targets.HasTask() && len(targets.CPUs) > 0 {
		k.note("-p and -t win: -C is ignored")
		targets.CPUs = nil
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
	opts.View.Title = o.title(argv, targets.SystemWide || targets.AllThreads)
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
