package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/statview"
)

// errAggregations tells that counts cannot be told apart by what runs on many CPUs.
var errAggregations = errors.New("control groups, -A and --per-... but --per-thread tell CPUs apart: they need -a or -C")

// check finds flags that cannot go together, in perf's order.
func (o *statOptions) check(c *cobra.Command, command bool) error {
	f := c.Flags()
	set := f.Changed
	for _, bad := range []struct {
		is   bool
		text string
	}{
		{!o.record && o.output != "" && o.logFD != 0, "one of --output and --log-fd"},
		{o.logFD < 0, "--log-fd is the number of an open file"},
		{o.metricOnly && o.perThread, "--metric-only does not go with --per-thread"},
		{o.metricOnly && o.runs > 1, "--metric-only does not go with -r"},
		{o.listen != "" && o.runs != 1, "--listen serves the counts of one run: leave -r away"},
		{o.table && o.runs <= 1, "--table needs -r with 2 or more"},
		{o.separator != "" && set("big-num") && o.bigNum, "-B does not go with -x"},
		{o.separator != "" && o.json, "one of -x and -j"},
		{o.runs < 0, "the number of -r cannot be negative"},
		{o.record && o.runs != 1, "-r does not go with stat record"},
		{o.interval < 0 || o.times < 0 || o.timeout < 0, "times cannot be negative"},
		{o.times > 0 && o.interval == 0, "--interval-count needs -I"},
		{set("timeout") && o.timeout < 10, "the time of --timeout is 10 at least"},
		{o.timeout > 0 && o.interval > 0, "--timeout does not go with -I: --interval-count ends it"},
		{len(o.cgroups) > 0 && o.eachCGroup != "", "one of --cgroup and --for-each-cgroup"},
		{o.user && o.kernel, "one of --all-user and --all-kernel"},
		{o.runs != 1 && !command, "-r needs a command"},
		{o.bpfCounters || set("bpf-prog"), "counting by BPF programs is not there: without it the same events are counted by the kernel"},
		{set("iostat"), "--iostat is not there: count the units' events by name"},
		{o.percoreThread, "--percore-show-thread is not there: --per-core adds up a core's threads, -A tells them apart"},
		{o.perCache || o.perCluster, "--per-cache and --per-cluster are of a later perf: --per-core, --per-die and --per-socket are there"},
		{len(o.sets()) > 1, "one of --topdown, --transaction and --smi-cost"},
		{o.topdownLevel > 1, "--td-level is 1: further levels are not there"},
	} {
		if bad.is {
			return usageErrorOf(c, errors.New(bad.text))
		}
	}
	return nil
}

// aggregation is how counts are added up.
func (o *statOptions) aggregation() statview.Aggregation {
	for _, a := range []struct {
		is bool
		to statview.Aggregation
	}{
		{o.noAggr, statview.PerCPU}, {o.perThread, statview.PerThread}, {o.perCore, statview.PerCore}, {o.perDie, statview.PerDie},
		{o.perSocket, statview.PerSocket}, {o.perNode, statview.PerNode},
	} {
		if a.is {
			return a.to
		}
	}
	return statview.Global
}

// openOutput opens where counts go. A FIFO, also one for a recording, is waited for until it has a reader, or ctx is done.
func (o *statOptions) openOutput(ctx context.Context, a *app) (io.Writer, func() error, error) {
	nothing := func() error { return nil }
	how := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if o.add {
		how = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	switch {
	case o.logFD > 0:
		// A copy of ours, which does not reach the command.
		fd, err := unix.FcntlInt(uintptr(o.logFD), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return nil, nil, fmt.Errorf("--log-fd %d: %w", o.logFD, err)
		}
		f := os.NewFile(uintptr(fd), fmt.Sprintf("fd %d", o.logFD))
		return f, f.Close, nil
	case o.record || o.quiet || o.output == "" || o.output == "-":
		if o.clear && !isTerminal(os.Stderr) {
			return nil, nil, &exitError{255, "--interval-clear needs a terminal to print to", "leave it away, or print to one"}
		}
		if !o.record {
			return a.err, nothing, nil
		}
		fifo, err := awaitReader(ctx, o.output)
		return a.err, func() error { _ = fifo.Close(); return nil }, err
	case o.clear:
		return nil, nil, &exitError{255, "--interval-clear needs a terminal to print to", "leave -o away"}
	}
	fifo, err := awaitReader(ctx, o.output)
	if err != nil {
		return nil, nil, err
	}
	defer fifo.Close()
	f, err := os.OpenFile(o.output, how, 0o666)
	if err != nil {
		return nil, nil, fmt.Errorf("where to print the counts: %w", err)
	}
	if _, err := fmt.Fprintf(f, "# started on %s\n\n", time.Now().Format(time.ANSIC)); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, f.Close, nil
}

// title is what is counted, as perf's heading has it.
func (o *statOptions) title(argv []string, system bool) string {
	switch {
	case o.pids != "":
		return "process id '" + o.pids + "'"
	case o.tids != "":
		return "thread id '" + o.tids + "'"
	case o.system || system && o.cpus == "":
		return "'system wide'"
	case o.cpus != "":
		return "'CPU(s) " + o.cpus + "'"
	}
	return "'" + strings.Join(argv, " ") + "'"
}
