package main

import (
	"fmt"
	"math/bits"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/gperf-dev/gperf/internal/machine"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/evlist"
)

// complete checks the flags and gives what events are opened on.
func (o *recordOptions) complete(flags *pflag.FlagSet, command bool, note func(string, ...any)) (t evlist.Targets, err error) {
	if t, err = o.targets(command, note); err != nil {
		return t, err
	}
	if o.output == "" {
		o.output = defaultInput
		if isPipe(os.Stdout) {
			o.output = "-" // as perf: record | script
		}
	}
	if flags.Changed("timestamp") {
		o.open.Timestamp = &o.timestamp
	}
	if flags.Changed("period") {
		o.open.SamplePeriod = &o.period
	}
	if o.branches {
		o.open.BranchType = perfevent.BranchAny
	}
	switch o.synth {
	case "all", "task", "mmap", "no":
	default:
		return t, wrongValue("synth", o.synth, "one of all, task, mmap, no")
	}
	o.open.Delayed = o.delay != 0
	o.open.Notify = func(text string) { note("%s", text) }
	for _, set := range []func(note func(string, ...any)) error{o.setFrequency, o.setCallchain, o.setPages, o.setClock} {
		if err := set(note); err != nil {
			return t, err
		}
	}
	return t, nil
}

// wrongValue is a value that a flag cannot have.
func wrongValue(flag, value, form string) error {
	return &usageError{"gperf record", fmt.Errorf("--%s cannot be %q: it is %s", flag, value, form)}
}

// delayed is --delay as a duration; -1 means for ever.
func (o *recordOptions) delayed() time.Duration { return time.Duration(o.delay) * time.Millisecond }

// targets decides as perf does when flags contradict: threads win over CPUs and the whole system.
func (o *recordOptions) targets(command bool, note func(string, ...any)) (t evlist.Targets, err error) {
	t.SystemWide, t.PerThread = o.system, o.perThread
	if t.PIDs, err = numberList("pid", o.pids); err != nil {
		return t, err
	}
	if t.TIDs, err = numberList("tid", o.tids); err != nil {
		return t, err
	}
	if t.CPUs, err = machine.ParseCPUList(o.cpus); err != nil {
		return t, err
	}
	threads := len(t.PIDs)+len(t.TIDs) > 0
	if len(t.PIDs) > 0 && len(t.TIDs) > 0 {
		note("-p is given: -t is ignored")
		t.TIDs = nil
	}
	if threads && t.SystemWide {
		note("-p and -t win: -a is ignored")
		t.SystemWide = false
	}
	if !threads && len(t.CPUs) == 0 && !command {
		t.SystemWide = true
	}
	return t, nil
}

func numberList(flag, text string) ([]int, error) {
	var out []int
	if text == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n <= 0 {
			return nil, wrongValue(flag, text, "a list of numbers: 1,2")
		}
		out = append(out, n)
	}
	return out, nil
}

func (o *recordOptions) setFrequency(func(string, ...any)) error {
	switch o.frequency {
	case "":
		return nil
	case "max":
		o.open.Freq = evlist.FreqMax
		return nil
	}
	n, err := strconv.ParseUint(o.frequency, 0, 63)
	if err != nil || n == 0 {
		return wrongValue("freq", o.frequency, "a number of samples a second, or max")
	}
	o.open.Freq = n
	return nil
}

func (o *recordOptions) setCallchain(func(string, ...any)) error {
	how, size, sized := strings.Cut(o.callGraph, ",")
	switch {
	case how == "" && o.framePtrs, how == "fp":
		o.open.Callchain = evlist.CallchainFP
	case how == "lbr":
		o.open.Callchain = evlist.CallchainLBR
	case how == "dwarf":
		o.open.Callchain = evlist.CallchainDWARF
	case how != "":
		return wrongValue("call-graph", o.callGraph, "fp, dwarf[,BYTES] or lbr")
	}
	if !sized {
		return nil
	}
	n, err := strconv.ParseUint(size, 0, 32)
	if err != nil || n == 0 || how != "dwarf" {
		return wrongValue("call-graph", o.callGraph, "fp, dwarf[,BYTES] or lbr")
	}
	o.open.StackSize = uint32(n)
	return nil
}

// setPages takes -m: a number of pages, or bytes with a unit; either is rounded up to a power of two pages.
func (o *recordOptions) setPages(note func(string, ...any)) error {
	if o.pages == "" {
		return nil
	}
	const form = "a number of pages, or a size such as 512K, 2M"
	digits := strings.TrimRight(o.pages, "BKMGbkmg")
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || n == 0 {
		return wrongValue("mmap-pages", o.pages, form)
	}
	page := uint64(os.Getpagesize())
	if unit := strings.ToUpper(o.pages[len(digits):]); unit != "" {
		shift, ok := map[string]int{"B": 0, "K": 10, "M": 20, "G": 30}[unit]
		if !ok {
			return wrongValue("mmap-pages", o.pages, form)
		}
		n = (n<<shift + page - 1) / page
	}
	if n > 1<<20 {
		return wrongValue("mmap-pages", o.pages, "at most 1048576 pages")
	}
	if rounded := uint64(1) << bits.Len64(n-1); rounded != n {
		note("rounding the buffers to %d kB (%d pages)", rounded*page>>10, rounded)
		n = rounded
	}
	o.open.MmapPages = int(n)
	return nil
}

// setClock takes the names that perf has for CLOCK_*, or a number.
func (o *recordOptions) setClock(func(string, ...any)) error {
	if o.clock == "" {
		return nil
	}
	name := strings.TrimPrefix(strings.ToLower(o.clock), "clock_")
	names := map[string]int32{
		"realtime": 0, "monotonic": 1, "mono": 1, "monotonic_raw": 4, "raw": 4, "boottime": 7, "boot": 7, "tai": 11,
	}
	id, ok := names[name]
	if !ok {
		n, err := strconv.ParseInt(o.clock, 0, 32)
		if err != nil {
			return wrongValue("clockid", o.clock, "monotonic, monotonic_raw, boottime, realtime or tai")
		}
		id = int32(n)
	}
	o.open.ClockID = &id
	return nil
}
