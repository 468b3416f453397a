package evlist

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// recorded is an event as perf wrote it.
type recorded struct {
	Name string
	Attr perfevent.Attr
	IDs  int
}

// perfRecords runs perf record and reads the attributes out of its file.
func perfRecords(dir string, args ...string) ([]recorded, error) {
	file := filepath.Join(dir, "perf.data")
	args = append([]string{"record", "-N", "-B", "-o", file}, args...)
	if out, err := testkit.RunWatched(5*time.Minute, "perf", append(args, "--", "true")...); err != nil {
		return nil, fmt.Errorf("perf %q: %w\n%s", args, err, out)
	}
	return readEvents(file)
}

// readEvents reads names, as perf tells them, and attributes of a file.
func readEvents(file string) ([]recorded, error) {
	out, err := exec.Command("perf", "evlist", "-f", "-i", file).Output()
	if err != nil {
		return nil, fmt.Errorf("perf evlist: %w", err)
	}
	var names []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "#") {
			names = append(names, strings.TrimSuffix(line, "\n"))
		}
	}
	events, err := headerAttrs(file)
	if err != nil || len(names) != len(events) {
		return nil, fmt.Errorf("perf evlist names %q, the file has %d events: %w", names, len(events), err)
	}
	for i := range events {
		events[i].Name = names[i]
	}
	return events, nil
}

// headerAttrs reads the attr section of a perf.data file: after magic and
// size, the size of an entry and where the entries lie; an entry is an attr
// and where its ids lie.
func headerAttrs(file string) ([]recorded, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	u64 := func(off uint64) uint64 { return binary.LittleEndian.Uint64(b[off:]) }
	entry, off, size := u64(16), u64(24), u64(32)
	var events []recorded
	for ; size >= entry; off, size = off+entry, size-entry {
		a, err := perfevent.ParseAttr(b[off:], binary.LittleEndian)
		if err != nil {
			return nil, err
		}
		events = append(events, recorded{Attr: a, IDs: int(u64(off+entry-8) / 8)})
	}
	return events, nil
}

// sleeper is a process to measure.
func sleeper(t *testing.T) int {
	t.Helper()
	c := exec.Command("sleep", "600")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it may have ended
		_ = c.Wait()         // killed, so it fails
	})
	return c.Process.Pid
}

func openAll(t *testing.T, selection string, targets Targets, o Options) *List {
	t.Helper()
	specs, err := resolve(selection)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Open(context.Background(), specs, targets, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// resolve looks a selection up; nothing selected is perf's default.
func resolve(selection string) ([]selector.Spec, error) {
	if selection == "" {
		return (&selector.Resolver{}).Default(), nil
	}
	groups, err := selector.Parse(selection)
	if err != nil {
		return nil, err
	}
	r := selector.Resolver{Sys: os.DirFS("/sys")}
	return r.Resolve(context.Background(), groups)
}

// asRecorded is the list in the form in which perf's files are read.
func asRecorded(l *List) []recorded {
	var list []recorded
	for _, e := range l.Events() {
		a := e.Attr
		if a.Freq != 0 {
			a.Flags |= perfevent.FlagFreq
		}
		list = append(list, recorded{e.Name, a, len(e.IDs)})
	}
	return list
}

// asPerf is a command line of perf record and what it is for us.
type asPerf struct {
	args      string
	selection string
	targets   Targets
	options   Options
}

func (a asPerf) name() string { return strings.TrimSpace(a.args + " " + a.selection) }

func (a asPerf) perfArgs() []string {
	args := strings.Fields(a.args)
	if a.selection != "" {
		args = append(args, "-e", a.selection)
	}
	return args
}

// TestAsPerf opens events and has perf record the same: names, attributes and
// the number of ids must be the same.
func TestAsPerf(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Perf)
	pid := sleeper(t)
	p := strconv.Itoa(pid)
	all, work := Targets{SystemWide: true}, Targets{Workload: pid}
	process, thread := Targets{PIDs: []int{pid}}, Targets{TIDs: []int{pid}}
	yes, no := true, false
	mono := int32(1)
	tests := []asPerf{
		{"", "", work, Options{}},
		{"-a", "", all, Options{}},
		{"-C 0", "", Targets{CPUs: []int{0}}, Options{}},
		{"-p " + p, "", process, Options{}},
		{"-t " + p, "", thread, Options{}},
		{"-t " + p + " --inherit", "", thread, Options{Inherit: true}},
		{"-p " + p + " --per-thread", "", Targets{PIDs: []int{pid}, PerThread: true}, Options{}},
		{"--per-thread", "", Targets{Workload: pid, PerThread: true}, Options{}},
		{"--per-thread -T", "", Targets{Workload: pid, PerThread: true}, Options{Timestamp: &yes}},
		{"-F 99", "", work, Options{Freq: 99}},
		{"-F 99 -a", "cpu-clock", all, Options{Freq: 99}},
		{"-c 1000", "", work, Options{Period: 1000}},
		{"-c 1000 -a", "page-faults", all, Options{Period: 1000}},
		{"-a", "cpu-clock", all, Options{}},
		{"-g", "cpu-clock", work, Options{Callchain: CallchainFP}},
		{"-g -a", "cpu-clock", all, Options{Callchain: CallchainFP}},
		{"-i", "cpu-clock", work, Options{NoInherit: true}},
		{"", "page-faults", work, Options{}},
		{"", "cpu-clock,page-faults", work, Options{}},
		{"-p " + p, "cpu-clock,page-faults", process, Options{}},
		{"-p " + p + " --per-thread", "cpu-clock,page-faults", Targets{PIDs: []int{pid}, PerThread: true}, Options{}},
		{"", "sched:sched_switch", work, Options{}},
		{"-a", "sched:sched_switch", all, Options{}},
		{"-a -R", "sched:sched_switch", all, Options{Raw: true}},
		{"-F 99 -a", "sched:sched_switch", all, Options{Freq: 99}},
		{"-c 5", "sched:sched_switch", work, Options{Period: 5}},
		{"-g", "sched:sched_switch", work, Options{Callchain: CallchainFP}},
		{"", "sched:*", work, Options{}},
		{"-a", "sched:*", all, Options{}},
		{"-a", "raw_syscalls:sys_enter", all, Options{}},
		{"-a", "syscalls:sys_enter_openat", all, Options{}},
		{"", "page-faults,sched:sched_switch", work, Options{}},
		{"", "{cpu-clock,page-faults}", work, Options{}},
		{"", "{cpu-clock,page-faults}:S", work, Options{}},
		{"-a", "{cpu-clock,page-faults}:S", all, Options{}},
		{"", "{cpu-clock:k,page-faults}:u", work, Options{}},
		{"", "cpu-clock,{page-faults,cs}:D", work, Options{}},
		{"", "sched:sched_switch:S", work, Options{}},
		{"", "cpu-clock:u", work, Options{}},
		{"", "sched:sched_switch:u", work, Options{}},
		{"", "cycles", work, Options{}},
		{"", "cycles:p", work, Options{}},
		{"", "cycles:P", work, Options{}},
		{"", "cycles:u", work, Options{}},
		{"", "cycles:k", work, Options{}},
		{"", "cycles:uG", work, Options{}},
		{"", "cycles:H", work, Options{}},
		{"", "cpu-clock:HG", work, Options{}},
		{"", "cpu-clock:I", work, Options{}},
		{"", "cpu-clock:e", work, Options{}},
		{"", "cpu-clock:upp", work, Options{}},
		{"", "cpu-clock/period=100/", work, Options{}},
		{"", "cpu-clock/freq=100,name=foo/u", work, Options{}},
		{"-c 5", "cpu-clock/freq=100/", work, Options{Period: 5}},
		{"", "cpu-clock/no-inherit/", work, Options{}},
		{"", "cpu-clock/time=0/", work, Options{}},
		{"", "cpu-clock/max-stack=3/", work, Options{}},
		{"-g", "cpu-clock/call-graph=no/", work, Options{Callchain: CallchainFP}},
		{"-g", "cpu-clock/stack-size=1024/", work, Options{Callchain: CallchainFP}},
		{"", "cpu-clock/call-graph=dwarf,stack-size=1000/", work, Options{}},
		{"--call-graph dwarf", "cpu-clock", work, Options{Callchain: CallchainDWARF}},
		{"--call-graph dwarf,1024 -a", "cpu-clock", all, Options{Callchain: CallchainDWARF, StackSize: 1024}},
		{"", "software/config=2/", work, Options{}},
		{"", "mem:0x1000:rw", work, Options{}},
		{"", "mem:0x1000/8:rw:u", work, Options{}},
		{"-F 99", "mem:0x1000", work, Options{Freq: 99}},
		{"", "bpf-output", work, Options{}},
		{"-a", "dummy", all, Options{}},
		{"-a", "dummy,cpu-clock", all, Options{}},
		{"-D 10", "cpu-clock", work, Options{Delayed: true}},
		{"-D 10 -a", "cpu-clock", all, Options{Delayed: true}},
		{"-D 10 -p " + p, "cpu-clock", process, Options{Delayed: true}},
		{"--all-user", "cpu-clock", work, Options{AllUser: true}},
		{"--all-kernel -a", "cpu-clock", all, Options{AllKernel: true}},
		{"--namespaces", "cpu-clock", work, Options{Namespaces: true}},
		{"--all-cgroups -a", "cpu-clock", all, Options{CGroups: true}},
		{"--switch-events -a", "cpu-clock", all, Options{Switches: true}},
		{"--phys-data", "cpu-clock", work, Options{PhysAddr: true}},
		{"--data-page-size --code-page-size", "cpu-clock", work, Options{DataPageSize: true, CodePageSize: true}},
		{"-d -a", "cpu-clock", all, Options{Address: true}},
		{"-s", "cpu-clock", work, Options{InheritStat: true}},
		{"-n", "cpu-clock", work, Options{NoSamples: true}},
		{"-R -a", "cpu-clock", all, Options{Raw: true}},
		{"-W -a", "cpu-clock", all, Options{Weight: true}},
		{"--transaction", "cpu-clock", work, Options{Transaction: true}},
		{"-P -c 10", "cpu-clock", work, Options{SamplePeriod: &yes, Period: 10}},
		{"--no-timestamp", "cpu-clock", work, Options{Timestamp: &no}},
		{"--sample-cpu", "cpu-clock", work, Options{SampleCPU: true}},
		{"-k mono", "cpu-clock", work, Options{ClockID: &mono}},
		{"--buildid-mmap", "cpu-clock", work, Options{BuildIDs: true}},
		{"--no-bpf-event", "cpu-clock", work, Options{NoBPFEvent: true}},
		{"-g --user-callchains", "cpu-clock", work, Options{Callchain: CallchainFP, UserChains: true}},
		{"-g --kernel-callchains -a", "cpu-clock", all, Options{Callchain: CallchainFP, KernelChains: true}},
		{"--user-regs=ax,bx", "cpu-clock", work, Options{UserRegs: 3}},
		{"--intr-regs=ax -a", "cpu-clock", all, Options{InterruptRegs: 1}},
		{"--running-time", "cpu-clock", work, Options{RunningTime: true}},
		{"--running-time", "{cpu-clock,task-clock}:S", work, Options{RunningTime: true}},
		{"--sample-identifier", "cpu-clock", work, Options{Identifier: true}},
		{"--sample-identifier -a", "cpu-clock,task-clock", all, Options{Identifier: true}},
		{"--no-buffering", "cpu-clock", work, Options{NoBuffering: true}},
	}
	perf := make([]func() ([]recorded, error), len(tests))
	for i, test := range tests {
		perf[i] = sync.OnceValues(func() ([]recorded, error) { return perfRecords(t.TempDir(), test.perfArgs()...) })
	}
	// perf mostly waits for the kernel to free its events, so several wait
	// at a time.
	const width = 6
	var wait sync.WaitGroup
	for w := range width {
		wait.Go(func() {
			for i := w; i < len(perf); i += width {
				_, _ = perf[i]() // the error is looked at below
			}
		})
	}
	defer wait.Wait()
	for i, test := range tests {
		t.Run(test.name(), func(t *testing.T) {
			want, err := perf[i]()
			if err != nil {
				t.Fatal(err)
			}
			got := asRecorded(openAll(t, test.selection, test.targets, test.options))
			if test.options.Delayed && len(test.targets.PIDs) > 0 {
				// perf's dummy waits for an exec of the process, and misses what it does before.
				sideband := &got[len(got)-1].Attr.Flags
				*sideband |= perfevent.FlagDisabled | perfevent.FlagEnableOnExec
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("perf -, evlist +\n%s", diff)
			}
		})
	}
}
