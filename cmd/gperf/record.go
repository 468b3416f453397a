package main

import (
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/recorder"
)

// recordOptions are the flags of record.
type recordOptions struct {
	events eventWords // -e and --filter in their order
	targetFlags
	open      evlist.Options
	perThread bool

	frequency string
	callGraph string
	framePtrs bool
	branches  bool

	branchFilter, userRegs, interruptRegs string
	pages                                 string
	clock                                 string
	delay                                 string
	wait                                  time.Duration // by delay, as the next; negative: for ever
	spans                                 []recorder.Span
	timestamp                             bool
	period                                bool

	output     string
	quiet      bool
	verbose    int
	noBuildIDs bool
	noCache    bool
	synth      string
	noTasks    bool // by synth, as the next
	noMaps     bool
	noCGroups  bool
	dryRun     bool
	sync       bool
	strict     bool
	exact      bool
	compress   int
	realtime   int
	calm       bool // --realtime=0
	tail       bool
	control    string

	switchOutput string // --switch-output, and what it says
	switchBytes  int64
	switchEvery  time.Duration
	switchFiles  int
	triggers     eventWords // --switch-output-event
	stampName    bool
	maxSize      string
	maxBytes     int64
}

func newRecordCommand(a *app) *cobra.Command {
	o := &recordOptions{}
	c := &cobra.Command{
		Use: "record [OPTIONS] [--] [COMMAND [ARGS]]",
		Long: "Record samples of events into a file, until COMMAND ends or, without one, until Ctrl-C. With -a, -C, -p or -t\n" +
			"the command is only the clock. Without any of them and without a command all CPUs are recorded.",
		Short: "record samples of events into a file",
		RunE:  func(c *cobra.Command, args []string) error { return runRecord(c, a, o, args) },
	}
	f, e := c.Flags(), &o.open
	f.VarP(o.events.flag(wordEvent), "event", "e", "record `EVENT`: a name, SYSTEM:NAME, rHEX, PMU/TERMS/; commas, {groups} and :modifiers (default cycles)")
	f.Var(o.events.flag(wordFilter), "filter", "take only what `FILTER` says of the event before")
	f.Var(o.events.flag(wordNotOwn), "exclude-perf", "leave out what gperf does itself, of the tracepoint before")
	f.Lookup("exclude-perf").NoOptDefVal = "true"
	f.VarP(o.events.flag(wordCGroup), "cgroup", "G", "take the events before only in the cgroups `LIST`, one an event, or one for all")
	f.BoolVar(&o.events.group, "group", false, "make one group of all events")
	o.targetFlags.add(f, "record", "record")
	f.StringVarP(&o.uid, "uid", "u", "", "record the threads of `USER`, a name or a number")
	f.BoolVar(&o.perThread, "per-thread", false, "one buffer a thread; its children are not followed")
	f.StringVarP(&o.output, "output", "o", "", "write to `FILE`, - for standard output (default perf.data)")
	f.StringVarP(&o.frequency, "freq", "F", "", "take `N` samples a second, or max (default 4000)")
	f.Uint64VarP(&e.Period, "count", "c", 0, "take a sample every `N` events")
	f.BoolVarP(&o.framePtrs, "g", "g", false, "take call chains, by frame pointers")
	f.StringVar(&o.callGraph, "call-graph", "", "take call chains by `HOW`: fp, dwarf[,BYTES], lbr")
	f.BoolVar(&e.UserChains, "user-callchains", false, "only the user's part of call chains")
	f.BoolVar(&e.KernelChains, "kernel-callchains", false, "only the kernel's part of call chains")
	f.StringVarP(&o.pages, "mmap-pages", "m", "", "buffers of `PAGES`, or of a size: 2M")
	f.BoolVarP(&e.NoInherit, "no-inherit", "i", false, "do not follow children")
	f.BoolVarP(&e.InheritStat, "stat", "s", false, "count for each thread too")
	f.BoolVarP(&e.NoSamples, "no-samples", "n", false, "take no samples")
	f.BoolVar(&e.NoBuffering, "no-buffering", false, "write each sample at once")
	f.BoolVar(&e.AllUser, "all-user", false, "record user space only")
	f.BoolVar(&e.AllKernel, "all-kernel", false, "record the kernel only")
	f.BoolVar(&e.StrictFreq, "strict-freq", false, "refuse a frequency above the kernel's maximum instead of lowering it")
	f.StringVarP(&o.delay, "delay", "D", "", "begin `MS` milliseconds after the command, or only from 10 to 20 and from 30 to 40: 10-20,30-40; -1: leave the events off")
	f.StringVar(&o.synth, "synth", "all", "tell of what was there before: `KINDS`: all, task, mmap, cgroup, no")
	f.BoolVarP(&o.noBuildIDs, "no-buildid", "B", false, "do not look over the recording for build-ids at its end")
	f.BoolVarP(&o.noCache, "no-buildid-cache", "N", false, "do not copy files to ~/.debug; gperf never does")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print no messages but errors")
	f.CountVarP(&o.verbose, "verbose", "v", "tell what is opened")
	f.BoolVar(&o.sync, "sync", false, "put each round on the medium before the header tells of it: for lost power")
	f.BoolVar(&o.exact, "exact", false, "record text in the values of probes by its own length, by a BPF program on the probe")
	f.BoolVar(&o.strict, "strict", false, "exit status 3 if anything was lost")
	recordFileFlags(f, o)
	recordHardwareFlags(f, o)
	recordSampleFlags(f, o)
	addRefused(f)
	addTaken(f)
	f.BoolVar(&o.dryRun, "dry-run", false, "check the options and stop")
	return c
}

// recordFileFlags are the flags on the files that are written, and on when.
func recordFileFlags(f *pflag.FlagSet, o *recordOptions) {
	f.StringVar(&o.switchOutput, "switch-output", "", "go on in another file at `WHEN`: signal (SIGUSR2), a size: 100M, or a time: 30s, 5m, 1h (default signal)")
	f.Lookup("switch-output").NoOptDefVal = "signal"
	f.Var(o.triggers.flag(wordEvent), "switch-output-event", "go on in another file when `EVENT` occurs in the processes that are recorded, or with a command in any; EVENT/period=N/: each Nth time")
	f.IntVar(&o.switchFiles, "switch-max-files", 0, "keep the last `N` files of --switch-output")
	f.BoolVar(&o.stampName, "timestamp-filename", false, "put the time behind the file's name")
	f.StringVar(&o.maxSize, "max-size", "", "end the recording when the file has `SIZE`: 100M")
	f.BoolVar(&o.open.Overwrite, "overwrite", false, "keep the latest records only: write them at the end, and on SIGUSR2 in a file of their own")
	f.IntVarP(&o.realtime, "realtime", "r", 0, "empty the buffers at the real-time `PRIORITY` (SCHED_FIFO), 1 to 99; 0: as other processes (default 1 where that is allowed)")
	f.BoolVar(&o.tail, "tail-synthesize", false, "tell of processes and mappings at the end instead of the beginning")
	f.IntVarP(&o.compress, "compression-level", "z", 0, "compress by `LEVEL` of zstd, 1 to 22 (default 1)")
	f.Lookup("compression-level").NoOptDefVal = "1"
	f.StringVar(&o.control, "control", "", "take commands from `FILES`: fd:CONTROL[,ACK] or fifo:CONTROL[,ACK]; enable, disable, snapshot, evlist, ping, stop")
}
