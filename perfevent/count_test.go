package perfevent

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/record"
)

func TestScaled(t *testing.T) {
	for _, test := range []struct {
		count Count
		want  uint64
		mux   bool
	}{
		{Count{Value: 7}, 7, false}, // no times asked for
		{Count{Value: 7, Enabled: 100, Running: 100}, 7, false},
		{Count{Value: 100, Enabled: 300, Running: 100}, 300, true},
		{Count{Value: 100, Enabled: 300, Running: 200}, 150, true},
		{Count{Value: 1 << 60, Enabled: 1 << 40, Running: 1 << 39}, 1 << 61, true},
		{Count{Value: 0, Enabled: 300}, 0, true}, // never ran
	} {
		if got := test.count.Scaled(); got != test.want || test.count.Multiplexed() != test.mux {
			t.Errorf("%+v: scaled %d (multiplexed %t), want %d", test.count, got, test.count.Multiplexed(), test.want)
		}
	}
}

func TestCountSub(t *testing.T) {
	later, earlier := Count{Value: 10, Enabled: 9, Running: 8, ID: 5, Lost: 3}, Count{Value: 1, Enabled: 2, Running: 3, ID: 5, Lost: 1}
	if got, want := later.Sub(earlier), (Count{Value: 9, Enabled: 7, Running: 5, ID: 5, Lost: 2}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// software are events that each kernel has.
func software(configs ...uint64) []Attr {
	attrs := make([]Attr, len(configs))
	for i, c := range configs {
		attrs[i] = Attr{Type: TypeSoftware, Config: c}
	}
	return attrs
}

func TestGroup(t *testing.T) {
	testkit.Need(t, testkit.Root)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	g, err := OpenGroup(software(SWTaskClock, SWPageFaults), Target{CPU: AnyCPU}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if counts, err := g.Read(nil); err != nil || len(counts) != 2 || counts[0].Value != 0 || counts[0].Enabled != 0 {
		t.Fatalf("before Enable: %+v, %v", counts, err)
	}
	if err := g.Enable(); err != nil {
		t.Fatal(err)
	}
	touchPages(t, 50)
	if err := g.Disable(); err != nil {
		t.Fatal(err)
	}
	counts, err := g.Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	if counts[1].Value < 50 || counts[0].Value == 0 || counts[0].Enabled <= 0 || counts[0].Enabled != counts[1].Enabled {
		t.Errorf("after 50 pages were touched: %+v", counts)
	}
	if err := g.Reset(); err != nil {
		t.Fatal(err)
	}
	if counts, err = g.Read(counts[:0]); err != nil || counts[1].Value != 0 {
		t.Errorf("after Reset: %+v, %v", counts, err)
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	if err := g.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

// touchPages makes page faults of the calling thread.
func touchPages(t testing.TB, pages int) {
	t.Helper()
	mem, err := unix.Mmap(-1, 0, pages*os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Madvise(mem, unix.MADV_NOHUGEPAGE); err != nil && !errors.Is(err, unix.EINVAL) {
		t.Fatal(err)
	}
	for i := range pages {
		mem[i*os.Getpagesize()] = 1
	}
	if err := unix.Munmap(mem); err != nil {
		t.Fatal(err)
	}
}

// TestLargeGroup reads a group whose answer is longer than the first buffer.
func TestLargeGroup(t *testing.T) {
	testkit.Need(t, testkit.Root)
	configs := make([]uint64, 100)
	for i := range configs {
		configs[i] = SWDummy
	}
	g, err := OpenGroup(software(configs...), Target{CPU: AnyCPU}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if counts, err := g.Read(nil); err != nil || len(counts) != 100 {
		t.Errorf("%d counts, %v", len(counts), err)
	}
}

func TestGroupErrors(t *testing.T) {
	testkit.Need(t, testkit.Root)
	if _, err := OpenGroup(nil, Target{CPU: AnyCPU}, 0); err == nil {
		t.Error("an empty group: no error")
	}
	before := openFiles(t)
	attrs := append(software(SWDummy), Attr{Type: 1 << 30})
	var open *OpenError
	if _, err := OpenGroup(attrs, Target{CPU: AnyCPU}, 0); !errors.As(err, &open) || open.Attr.Type != 1<<30 {
		t.Errorf("an event that is not there: %v", err)
	}
	if after := openFiles(t); after != before {
		t.Errorf("%d open files, %d before the failure", after, before)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// ofThisProcess counts the page faults and the time of all threads.
func ofThisProcess(t *testing.T) *Counters {
	t.Helper()
	attrs := software(SWPageFaults, SWTaskClock)
	for i := range attrs {
		attrs[i].Flags = FlagInherit | FlagInheritThread
	}
	c, err := OpenCounters(attrs, Process(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestCountersOfThisProcess(t *testing.T) {
	testkit.Need(t, testkit.Root)
	c := ofThisProcess(t)
	if err := c.Enable(); err != nil {
		t.Fatal(err)
	}
	// Threads that end, and threads that are new: a locked goroutine's dies with it.
	const threads, pages = 8, 100
	done := make(chan bool)
	for range threads {
		go func() {
			runtime.LockOSThread()
			touchPages(t, pages)
			done <- true
		}()
	}
	for range threads {
		<-done
	}
	if err := c.Disable(); err != nil {
		t.Fatal(err)
	}
	totals, err := c.Read(nil)
	if err != nil {
		t.Fatal(err)
	}
	faults := totals[0]
	// The runtime faults a little too; twice as much would be threads counted twice.
	if faults.Value < threads*pages || faults.Value >= 2*threads*pages || faults.Scaled != faults.Value || faults.Multiplexed() {
		t.Errorf("%d threads that touch %d pages each: %+v", threads, pages, faults)
	}
}

// TestCountersPause leaves out what threads do meanwhile, those that end too.
func TestCountersPause(t *testing.T) {
	testkit.Need(t, testkit.Root)
	c := ofThisProcess(t)
	const pages = 500
	var totals []Total
	do := func(what string, f func() error) {
		t.Helper()
		if err := f(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	elsewhere := func() error {
		done := make(chan bool)
		go func() {
			runtime.LockOSThread() // and dies with its thread
			touchPages(t, pages)
			done <- true
		}()
		<-done
		return nil
	}
	read := func() (err error) { totals, err = c.Read(totals[:0]); return err }
	check := func(what string, low, high uint64) {
		t.Helper()
		do("read", read)
		if got := totals[0].Value; got < low || got > high || totals[0].Multiplexed() {
			t.Errorf("%s: %+v, want %d to %d faults", what, totals[0], low, high)
		}
	}
	const some = pages / 2 // the runtime's own
	do("enable", c.Enable)
	do("first", elsewhere)
	do("pause", c.Pause)
	do("left out", elsewhere)
	do("pause again", c.Pause)
	check("paused", pages, pages+some)
	was := totals[0]
	do("left out", elsewhere)
	check("paused for longer", was.Value, was.Value)
	do("resume", c.Resume)
	do("resume again", c.Resume)
	do("second", elsewhere)
	check("resumed", 2*pages, 2*pages+some)
	do("pause", c.Pause)
	do("left out", elsewhere)
	do("reset while paused", c.Reset)
	check("reset", 0, 0)
	do("left out", elsewhere)
	do("resume", c.Resume)
	check("resumed", 0, some)
	do("third", elsewhere)
	check("counted", pages, pages+some)
	if n := testing.AllocsPerRun(10, func() {
		do("pause", c.Pause)
		do("resume", c.Resume)
		do("read", read)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestCountersAgree asks each scope that holds a child for the same child.
func TestCountersAgree(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for _, test := range []struct {
		name  string
		scope Scope
	}{{"machine", Machine()}, {"cgroup", Cgroup(ownCgroup(t))}, {"process", Process(os.Getpid())}} {
		t.Run(test.name, func(t *testing.T) {
			attrs := software(SWTaskClock)
			attrs[0].Flags = FlagInherit
			if test.name != "process" {
				attrs[0] = Attr{Type: TypeSoftware, Config: SWCPUClock}
			}
			c, err := OpenCounters(attrs, test.scope)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := c.Enable(); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("sh", "-c", "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done")
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			totals, err := c.Read(nil)
			if err != nil {
				t.Fatal(err)
			}
			used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			if got := time.Duration(totals[0].Value); got < used*8/10 {
				t.Errorf("counted %v, the child alone used %v", got, used)
			}
		})
	}
}

// ownCgroup is the directory of the control group that this test is in.
func ownCgroup(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{"/sys/fs/cgroup/perf_event", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		if _, err := os.Stat(filepath.Join(dir, "cgroup.procs")); err == nil {
			return dir // the root holds all
		}
	}
	t.Fatal("no control groups are mounted under /sys/fs/cgroup")
	return ""
}

func TestCountersErrors(t *testing.T) {
	testkit.Need(t, testkit.Root)
	before := openFiles(t)
	for name, test := range map[string]struct {
		scope Scope
		want  error
	}{
		"no such process": {Process(1<<22 + 1), unix.ESRCH},
		"no such thread":  {Thread(1<<22 + 1), unix.ESRCH},
		"no such CPU":     {OnCPU(100000), unix.ENODEV},
		"no such cgroup":  {Cgroup("/sys/fs/cgroup/no/such"), unix.ENOENT},
		"not a cgroup":    {Cgroup("/tmp"), unix.EBADF},
		"not a directory": {Cgroup("/etc/hostname"), unix.ENOTDIR},
		"an empty path":   {Cgroup(""), unix.ENOENT},
	} {
		if _, err := OpenCounters(software(SWTaskClock), test.scope); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if after := openFiles(t); after != before {
		t.Errorf("%d open files, %d before the failures", after, before)
	}
}

func TestReadsAllocateNothing(t *testing.T) {
	testkit.Need(t, testkit.Root)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	one := Attr{Type: TypeSoftware, Config: SWTaskClock, ReadFormat: CountFormat | record.ReadID}
	e, err := Open(&one, Target{CPU: AnyCPU}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	attrs := software(SWTaskClock, SWPageFaults, SWContextSwitches, SWCPUMigrations)
	g, err := OpenGroup(attrs, Target{CPU: AnyCPU}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	c, err := OpenCounters(attrs, Process(0))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := OpenReader(&one)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	counts, totals := make([]Count, 0, 4), make([]Total, 0, 4)
	for name, read := range map[string]func() error{
		"Event.Read":    func() error { _, err := e.Read(); return err },
		"Group.Read":    func() (err error) { counts, err = g.Read(counts[:0]); return err },
		"Counters.Read": func() (err error) { totals, err = c.Read(totals[:0]); return err },
		"Reader.Read":   func() error { _, err := r.Read(); return err },
	} {
		if n := testing.AllocsPerRun(100, func() {
			if err := read(); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
