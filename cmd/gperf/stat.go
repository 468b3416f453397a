package main

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// statOptions are the flags of stat.
type statOptions struct {
	targetFlags
	events                      eventWords
	null, quiet                 bool
	cgroups                     []string
	cgroupAt                    int // words of events before the first of them
	eachCGroup                  string
	detailed                    int
	metrics                     []string // -M
	own                         []string // --metric
	metricOnly, metricNoGroup   bool
	metricNoMerge               bool
	noAggr, perSocket, perDie   bool
	perCore, perNode            bool
	perThread, noMerge          bool
	runs                        int
	interval, times, timeout    int
	delay                       int
	clear, summary, noSummary   bool
	separator                   string
	json                        bool
	output                      string
	add                         bool
	logFD                       int
	bigNum, table               bool
	scale, noMux, group         bool
	pre, post, control, listen  string
	noInherit, user, kernel     bool
	sync                        bool
	verbose                     int
	transaction, topdown, smi   bool
	topdownLevel                int
	cpuType, bpfProgram, iostat string
	bpfCounters, hybrid         bool
	percoreThread               bool
	perCache, perCluster        bool
	record                      bool
}

func newStatCommand(a *app) *cobra.Command {
	o := &statOptions{}
	c := &cobra.Command{
		Use: "stat [OPTIONS] [--] [COMMAND [ARGS]]\ngperf stat record [-o FILE] [OPTIONS] [--] [COMMAND [ARGS]]\ngperf stat report [-i FILE]",
		Long: "Count events while COMMAND runs, or until Ctrl-C without one. With -a, -C, -p or -t the command is only the clock.\n" +
			"Without any of them and without a command all CPUs are counted.",
		Short: "count events",
		RunE:  func(c *cobra.Command, args []string) error { return runStat(c, a, o, args) },
	}
	statFlags(c.Flags(), o)
	ro := &statOptions{record: true}
	record := &cobra.Command{
		Use:   "record [-o FILE] [OPTIONS] [--] [COMMAND [ARGS]]",
		Short: "count events, and write the counts into a recording too",
		RunE:  func(c *cobra.Command, args []string) error { return runStat(c, a, ro, args) },
	}
	if a.named(record.Name()) {
		statFlags(record.Flags(), ro)
	}
	c.AddCommand(record, newStatReportCommand(a))
	for _, sub := range c.Commands() {
		sub.Flags().SetInterspersed(false)
		sub.DisableFlagsInUseLine = true
	}
	return c
}

func statFlags(f *pflag.FlagSet, o *statOptions) {
	f.VarP(o.events.flag(wordEvent), "event", "e", "count `EVENT`: a name, SYSTEM:NAME, rHEX, PMU/TERMS/; commas, {groups} and :modifiers")
	f.Var(o.events.flag(wordFilter), "filter", "count only what `FILTER` says of the tracepoint before")
	o.targetFlags.add(f, "count", "count in")
	f.VarP(cgroupFlag{o}, "cgroup", "G", "count the events before in control groups `NAMES`, one for each event or one for all")
	f.StringVar(&o.eachCGroup, "for-each-cgroup", "", "count all events in each of control groups `NAMES`")
	f.CountVarP(&o.detailed, "detailed", "d", "count caches too; -dd also those of instructions and TLBs, -ddd prefetches")
	f.BoolVarP(&o.noAggr, "no-aggr", "A", false, "tell each CPU's count")
	f.BoolVar(&o.perSocket, "per-socket", false, "tell the counts of each socket")
	f.BoolVar(&o.perDie, "per-die", false, "tell the counts of each die")
	f.BoolVar(&o.perCore, "per-core", false, "tell the counts of each core")
	f.BoolVar(&o.perNode, "per-node", false, "tell the counts of each memory node")
	f.BoolVar(&o.perThread, "per-thread", false, "tell the counts of each thread")
	f.BoolVar(&o.noMerge, "no-merge", false, "tell the counts of units of one kind apart")
	f.StringArrayVarP(&o.metrics, "metrics", "M", nil, "print the metrics, or groups of them, in `NAMES`: IPC, branch_miss_rate")
	f.StringArrayVar(&o.own, "metric", nil, "print a metric of your own, `NAME=EXPRESSION` of events: 'mpki=1000*cache-misses/instructions'")
	f.BoolVar(&o.metricOnly, "metric-only", false, "print figures without counts")
	f.BoolVar(&o.metricNoGroup, "metric-no-group", false, "do not put a metric's events into a group")
	f.BoolVar(&o.metricNoMerge, "metric-no-merge", false, "no effect: metrics share the events that they have in common")
	statRunFlags(f, o)
	statOutputFlags(f, o)
	statRareFlags(f, o)
}
