package main

import (
	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/statrun"
	"github.com/gperf-dev/gperf/internal/statview"
)

func newStatReportCommand(a *app) *cobra.Command {
	o := &statOptions{}
	input, force := "", false
	c := &cobra.Command{
		Use:   "report [-i FILE]",
		Short: "print the counts of a recording",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			r, err := openRecording(input, force)
			if err != nil {
				return err
			}
			defer r.Close()
			k := &statting{app: a, o: o}
			aggregation := o.aggregation()
			o.runs, o.scale = 1, true
			return statrun.Report(r, statrun.ReportOptions{
				View: k.view(aggregation, osRoot()), Aggregate: aggregation != statview.Global, Out: a.err, Note: func(text string) { k.note("%s", text) },
			})
		},
	}
	f := c.Flags()
	f.StringVarP(&input, "input", "i", "", "recording to read, - for standard input (default perf.data)")
	f.BoolVarP(&force, "force", "f", false, "read a recording that belongs to another user")
	f.BoolVar(&o.perSocket, "per-socket", false, "tell the counts of each socket")
	f.BoolVar(&o.perDie, "per-die", false, "tell the counts of each die")
	f.BoolVar(&o.perCore, "per-core", false, "tell the counts of each core")
	f.BoolVar(&o.perNode, "per-node", false, "tell the counts of each memory node")
	f.BoolVarP(&o.noAggr, "no-aggr", "A", false, "tell each CPU's count")
	f.BoolVar(&o.metricOnly, "metric-only", false, "print figures without counts")
	f.StringVarP(&o.separator, "field-separator", "x", "", "print fields with `SEP` between them; \\t is a tab")
	f.BoolVarP(&o.json, "json-output", "j", false, "print a JSON object a line")
	f.BoolVarP(&o.bigNum, "big-num", "B", true, "print separators between thousands, as the locale has them; --no-big-num: none")
	return c
}
