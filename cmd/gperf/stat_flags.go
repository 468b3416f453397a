package main

import "github.com/spf13/pflag"

// statRunFlags are the flags on when to count.
func statRunFlags(f *pflag.FlagSet, o *statOptions) {
	f.IntVarP(&o.runs, "repeat", "r", 1, "run the command `N` times and print means and spreads; 0: for ever")
	f.IntVarP(&o.interval, "interval-print", "I", 0, "print the counts of every `MS` milliseconds")
	f.IntVar(&o.times, "interval-count", 0, "print so many intervals: `N`")
	f.BoolVar(&o.clear, "interval-clear", false, "clear the screen before each interval")
	f.IntVar(&o.timeout, "timeout", 0, "end the command after `MS` milliseconds, 10 at least")
	f.IntVarP(&o.delay, "delay", "D", 0, "begin `MS` milliseconds after the command; -1: leave the events off")
	f.BoolVarP(&o.sync, "sync", "S", false, "call sync(2) before each run")
	f.StringVar(&o.pre, "pre", "", "run the shell command `COMMAND` before each run")
	f.StringVar(&o.post, "post", "", "run the shell command `COMMAND` behind each run")
	f.StringVar(&o.control, "control", "", "take commands from `HOW`: fd:CTL[,ACK] or fifo:CTL[,ACK]")
	f.StringVar(&o.listen, "listen", "", "serve the running counts as OpenMetrics at `ADDRESS`: a port, which is then on 127.0.0.1, or HOST:PORT")
	f.BoolVarP(&o.null, "null", "n", false, "count nothing, tell the time")
	f.BoolVarP(&o.noInherit, "no-inherit", "i", false, "do not count in children")
	f.BoolVar(&o.user, "all-user", false, "count in user space only")
	f.BoolVar(&o.kernel, "all-kernel", false, "count in the kernel only")
	f.BoolVarP(&o.group, "group", "g", false, "put all events into one group")
	f.BoolVar(&o.scale, "scale", true, "raise the counts of events that took turns to the whole time; --no-scale: leave them")
	f.BoolVar(&o.noMux, "no-mux", false, "fail if the CPU has too few counters for all events at once")
	f.CountVarP(&o.verbose, "verbose", "v", "tell what is opened")
}

// statOutputFlags are the flags on what is printed where.
func statOutputFlags(f *pflag.FlagSet, o *statOptions) {
	f.StringVarP(&o.separator, "field-separator", "x", "", "print fields with `SEP` between them; \\t is a tab")
	f.BoolVarP(&o.json, "json-output", "j", false, "print a JSON object a line")
	words := "print into `FILE` instead of standard error"
	if o.record {
		words = "record into `FILE`, - for standard output (default perf.data)"
	}
	f.StringVarP(&o.output, "output", "o", "", words)
	f.BoolVar(&o.add, "append", false, "append to the file of -o")
	f.IntVar(&o.logFD, "log-fd", 0, "print to the open file `N`")
	f.BoolVarP(&o.bigNum, "big-num", "B", true, "print separators between thousands, as the locale has them; --no-big-num: none")
	f.BoolVar(&o.table, "table", false, "with -r: print the time of each run")
	f.BoolVar(&o.summary, "summary", false, "with -I: print the counts of the whole time too")
	f.BoolVar(&o.noSummary, "no-csv-summary", false, "leave the word 'summary' away from the summary's fields")
	f.BoolVar(&o.quiet, "quiet", false, "print nothing but errors")
}

// statRareFlags are the flags that few machines can serve.
func statRareFlags(f *pflag.FlagSet, o *statOptions) {
	f.BoolVarP(&o.transaction, "transaction", "T", false, "count hardware transactions")
	f.BoolVar(&o.topdown, "topdown", false, "tell what holds the pipeline up, where the CPU counts that")
	f.IntVar(&o.topdownLevel, "td-level", 0, "with --topdown: the level `N`, 1")
	f.BoolVar(&o.smi, "smi-cost", false, "tell the cost of system management interrupts")
	f.StringVar(&o.cpuType, "cputype", "", "count generic events on the cores of one `KIND` only, where there are several: core, atom")
	f.BoolVar(&o.bpfCounters, "bpf-counters", false, "refused: there is no counting by BPF programs")
	f.StringVarP(&o.bpfProgram, "bpf-prog", "b", "", "refused: there is no counting of BPF programs: `ID`")
	f.StringVar(&o.iostat, "iostat", "", "refused: there are no tables of I/O units: `WHAT`")
	f.Lookup("iostat").NoOptDefVal = "default"
	f.BoolVar(&o.hybrid, "hybrid-merge", false, "add up the counts of one event on several kinds of cores")
	f.BoolVar(&o.percoreThread, "percore-show-thread", false, "refused: the term 'percore' is not known")
	f.BoolVar(&o.perCache, "per-cache", false, "refused, of a later perf: use --per-core or --per-socket")
	f.BoolVar(&o.perCluster, "per-cluster", false, "refused, of a later perf: use --per-core or --per-socket")
	for _, name := range []string{"bpf-counters", "bpf-prog", "iostat", "percore-show-thread", "per-cache", "per-cluster"} {
		f.Lookup(name).Hidden = true
	}
}
