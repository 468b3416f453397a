package recorder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/selector"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// The test binary is the shim of the commands that it records.
func TestMain(m *testing.M) {
	workload.Shim()
	os.Exit(m.Run())
}

// recorded is what a test's recording holds.
type recorded struct {
	summary Summary
	events  []perfdata.Event
	f       *perfdata.Features
	types   []record.Type
	bodies  []record.Body // of records that are no samples
	times   []uint64      // of samples
}

func (r *recorded) count(t record.Type) (n int) {
	for _, have := range r.types {
		if have == t {
			n++
		}
	}
	return n
}

// take records events while a command runs, or until it is told that the recording goes on, and reads the file.
func take(t *testing.T, path, events string, argv []string, w workload.Options, targets evlist.Targets, o Options) (*recorded, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	trace, err := tracefs.Find()
	if err != nil && strings.Contains(events, ":") {
		t.Fatal(err)
	}
	o.Trace = trace
	groups, err := selector.Parse(events)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := (&selector.Resolver{Trace: trace, Sys: os.DirFS("/sys")}).Resolve(ctx, groups)
	if err != nil {
		t.Fatal(err)
	}
	if len(argv) > 0 {
		c, err := workload.Start(argv, nil, w)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Kill()
		o.Command = Command{PID: c.PID, Name: argv[0], Executed: c.Executed(), Release: c.Release, Done: c.Done()}
		targets.Workload = c.PID
	}
	list, err := evlist.Open(ctx, specs, targets, evlist.Options{Delayed: o.Delay != 0 || len(o.Spans) > 0 && o.Spans[0].From > 0, Paused: len(o.Spans) > 0})
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	out, err := perfdata.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	summary, err := Run(ctx, list, out, o)
	if err != nil {
		return nil, err
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return readBack(t, path, summary), nil
}

func readBack(t *testing.T, path string, summary Summary) *recorded {
	t.Helper()
	in, err := perfdata.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r := &recorded{summary: summary, f: in.Features()}
	var rec record.Record
	for {
		err := in.Next(&rec)
		if errors.Is(err, io.EOF) {
			r.events = in.Events() // with what the records told of them
			return r
		}
		if err != nil {
			t.Fatal(err)
		}
		r.types = append(r.types, rec.Type)
		if rec.Type == record.TypeSample {
			if _, at, ok := in.Set().Find(rec.Bytes); ok {
				r.times = append(r.times, at)
			}
			continue
		}
		i, _, ok := in.Set().Find(rec.Bytes)
		if !ok {
			i = 0
		}
		b, err := record.Decode(in.Events()[i].Layout(), rec.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		r.bodies = append(r.bodies, b)
	}
}

// mustTake is take for recordings that have to succeed.
func mustTake(t *testing.T, events string, argv []string, w workload.Options, targets evlist.Targets, o Options) *recorded {
	t.Helper()
	var path string
	return mustTakeFile(t, &path, events, argv, w, targets, o)
}

// mustTakeFile is mustTake and tells where the file is.
func mustTakeFile(t *testing.T, path *string, events string, argv []string, w workload.Options, targets evlist.Targets, o Options) *recorded {
	t.Helper()
	*path = filepath.Join(t.TempDir(), "perf.data")
	r, err := take(t, *path, events, argv, w, targets, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Only what the command does is recorded, from its exec on; ahead of it stands what perf writes there.
func TestCommand(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs)
	r := mustTake(t, "sched:sched_process_exec", []string{"true"}, workload.Options{}, evlist.Targets{}, Options{})
	head := []record.Type{
		record.TypeIDIndex, record.TypeMmap, record.TypeThreadMap, record.TypeCPUMap, record.TypeComm, record.TypeFinishedInit,
	}
	n := len(head)
	var kernel record.Type // module mappings stand behind the kernel's, as many as there are
	got := slices.DeleteFunc(slices.Clone(r.types), func(t record.Type) bool {
		again := t == record.TypeMmap && kernel == t
		kernel = t
		return again
	})
	if len(got) < n || !cmp.Equal(got[:n], head) {
		t.Errorf("recording begins with %v, want %v", got, head)
	}
	if r.summary.Samples != 1 || r.count(record.TypeSample) != 1 {
		t.Errorf("%d samples told, %d there; want one exec", r.summary.Samples, r.count(record.TypeSample))
	}
	if r.count(record.TypeExit) != 1 || r.count(record.TypeComm) != 2 {
		t.Errorf("records: %v", r.types)
	}
	if r.f.SampleTime == nil || r.f.SampleTime.First == 0 || r.f.SampleTime.First != r.f.SampleTime.Last {
		t.Errorf("sample times %+v of one sample", r.f.SampleTime)
	}
	for _, name := range []string{"[kernel.kallsyms]", "[vdso]"} {
		if !slices.ContainsFunc(r.f.BuildIDs, func(b record.BuildID) bool { return b.Filename == name && b.Size > 0 }) {
			t.Errorf("no build-id of %s", name)
		}
	}
	if r.events[0].Format == nil || r.events[0].Format.Name != "sched_process_exec" {
		t.Errorf("format of the event: %+v", r.events[0].Format)
	}
}

// A program that cannot start itself as a shim holds its command behind the exec; its mappings come from /proc then.
func TestTracedCommand(t *testing.T) {
	testkit.Need(t, testkit.Root)
	r := mustTake(t, "page-faults", []string{"true"}, workload.Options{Ptrace: true}, evlist.Targets{}, Options{})
	if r.summary.Samples == 0 {
		t.Error("no samples of a command that was traced")
	}
	first := slices.Index(r.types, record.TypeFinishedInit)
	if first < 0 || !slices.Contains(r.types[:first], record.TypeMmap2) {
		t.Errorf("no mapping was told ahead of the samples: %v", r.types)
	}
}

func TestStartError(t *testing.T) {
	testkit.Need(t, testkit.Root)
	_, err := take(t, filepath.Join(t.TempDir(), "perf.data"), "page-faults", []string{"gperf-no-such-command"}, workload.Options{}, evlist.Targets{}, Options{})
	const want = "Failed to collect 'page-faults' for the 'gperf-no-such-command' workload: No such file or directory"
	var start *StartError
	if !errors.As(err, &start) || err.Error() != want || !errors.Is(err, fs.ErrNotExist) || start.Hint() == "" {
		t.Errorf("error %v, want %v", err, want)
	}
}

// With whole CPUs the command is only the clock; all threads are told of.
func TestSystemWide(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs)
	r := mustTake(t, "sched:sched_process_exec,cpu-clock", []string{"true"}, workload.Options{}, evlist.Targets{SystemWide: true}, Options{})
	if r.summary.Samples == 0 || r.count(record.TypeFork) < 2 {
		t.Errorf("%d samples, %d FORK records", r.summary.Samples, r.count(record.TypeFork))
	}
	units := 0
	for _, b := range r.bodies {
		if u, ok := b.(*record.EventUpdate); ok && (u.Text == "msec" || u.Scale == 1e-6) {
			units++
		}
	}
	if units != 2 {
		t.Errorf("%d of the 2 records on the clock's unit", units)
	}
}

func TestThreadsOfThisProcess(t *testing.T) {
	testkit.Need(t, testkit.Root)
	r := mustTake(t, "dummy", []string{"true"}, workload.Options{}, evlist.Targets{PIDs: []int{os.Getpid()}}, Options{})
	comms := 0
	for _, b := range r.bodies {
		if c, ok := b.(*record.Comm); ok && int(c.PID) == os.Getpid() {
			comms++
		}
	}
	if comms < 2 { // a Go program has several threads
		t.Errorf("%d threads of this process were told", comms)
	}
	if r.count(record.TypeMmap2) == 0 {
		t.Error("no mapping of this process")
	}
}

// Events that start after a delay miss the command's exec.
func TestDelay(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs)
	var notes []string
	o := Options{Delay: time.Millisecond, Notify: func(s string) { notes = append(notes, s) }}
	r := mustTake(t, "sched:sched_process_exec", []string{"sleep", "0.2"}, workload.Options{}, evlist.Targets{}, o)
	if r.summary.Samples != 0 {
		t.Errorf("%d samples, want none: the exec came before", r.summary.Samples)
	}
	if !slices.Contains(notes, "Events enabled") {
		t.Errorf("notes: %q", notes)
	}
}

// What probe noted of the fields travels ahead of the samples, while the kernel lists the same definition.
func TestTypesTravel(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Uprobes)
	trace, err := tracefs.Find()
	if err != nil {
		t.Fatal(err)
	}
	program, err := filepath.EvalSymlinks("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	group := fmt.Sprintf("probe_trec%d", os.Getpid())
	if err := trace.Define(tracefs.UProbe, fmt.Sprintf("p:%s/start %s:%#x n=%%ax:u32", group, program, entry(t, program))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := trace.Remove(tracefs.UProbe, group, "start"); err != nil {
			t.Error(err)
		}
	})
	store := argtype.Store{Dir: t.TempDir()}
	e := &argtype.Event{Group: group, Name: "start", Definition: definition(t, trace, group), Fields: []argtype.Field{{
		Name: "n", Raw: []string{"n"}, Type: argtype.Type{Kind: argtype.Enum, Name: "color", Values: []argtype.EnumValue{{Value: 0, Name: "RED"}}},
	}}}
	if err := store.Save(e); err != nil {
		t.Fatal(err)
	}
	r := mustTake(t, group+":start", []string{program}, workload.Options{}, evlist.Targets{}, Options{Types: store})
	if r.summary.Samples != 1 {
		t.Errorf("%d samples of a program's first instruction", r.summary.Samples)
	}
	got, err := argtype.Decode(r.events[0].Types)
	if err != nil || got.Name != "start" || len(got.Fields) != 1 || got.Fields[0].Type.Name != "color" {
		t.Errorf("types in the recording: %+v, %v", got, err)
	}
	if !strings.Contains(r.events[0].Format.PrintFmt, "RED") {
		t.Errorf("print format of the recording: %s", r.events[0].Format.PrintFmt)
	}
}

func definition(t *testing.T, trace *tracefs.FS, group string) string {
	t.Helper()
	lines, err := trace.Probes(tracefs.UProbe)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if l.Group == group {
			return l.Text
		}
	}
	t.Fatal("the probe is not listed")
	return ""
}

func entry(t *testing.T, program string) uint64 {
	t.Helper()
	f, err := objfile.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	off, ok := f.FileOffset(f.Entry())
	if !ok {
		t.Fatal("the entry point is not in the file")
	}
	return off
}

func TestClock(t *testing.T) {
	var f perfdata.Features
	if err := clock(&f, &perfevent.Attr{}); err != nil || f.ClockData != nil {
		t.Errorf("no clock asked for: %+v, %v", f.ClockData, err)
	}
	const monotonic = 1
	if err := clock(&f, &perfevent.Attr{Flags: perfevent.FlagUseClockID, ClockID: monotonic}); err != nil {
		t.Fatal(err)
	}
	if f.ClockIDRes == 0 || f.ClockData == nil || f.ClockData.ClockID != monotonic || f.ClockData.EventClock == 0 {
		t.Errorf("%d ns, %+v", f.ClockIDRes, f.ClockData)
	}
}

func TestBuildIDs(t *testing.T) {
	f := newFiles(os.DirFS("/"))
	for range 2 { // each file once
		f.add(record.MiscUser, uint32(os.Getpid()), "[vdso]")
		f.add(record.MiscUser, uint32(os.Getpid()), "//anon")
		f.add(record.MiscUser, uint32(os.Getpid()), "/dev/null")
		f.add(record.MiscUser, uint32(os.Getpid()), "/gone (deleted)")
		f.add(record.MiscKernel, ^uint32(0), "[no_such_module]")
	}
	if len(f.ids) != 1 || f.ids[0].Filename != "[vdso]" || f.ids[0].PID != -1 || f.ids[0].Size != 20 {
		t.Errorf("build-ids: %+v", f.ids)
	}
}
