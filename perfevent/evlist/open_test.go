package evlist

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

func TestBadOptions(t *testing.T) {
	specs := (&selector.Resolver{}).Default()
	all := Targets{SystemWide: true}
	for _, test := range []struct {
		name    string
		specs   []selector.Spec
		targets Targets
		options Options
		want    string
	}{
		{"no event", nil, all, Options{}, "no event"},
		{"no target", specs, Targets{}, Options{}, "nothing to measure"},
		{"both rates", specs, all, Options{Freq: 1, Period: 1}, "frequency and period"},
		{"odd ring", specs, all, Options{MmapPages: 3}, "3 pages"},
		{"deep stack", specs, all, Options{StackSize: 1 << 16}, "65536 bytes"},
		{"offline CPU", specs, Targets{CPUs: []int{99}}, Options{Sys: fstest.MapFS{"devices/system/cpu/online": {Data: []byte("0-3\n")}}}, "CPU 99"},
		{"no process", specs, Targets{PIDs: []int{7}}, Options{Proc: fstest.MapFS{}}, "no process 7"},
		{"no thread", specs, Targets{TIDs: []int{7}}, Options{Proc: fstest.MapFS{}}, "no thread 7"},
		{"strict frequency", specs, all, Options{Freq: 1 << 40, StrictFreq: true}, "above the kernel's maximum"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, err := Open(context.Background(), test.specs, test.targets, test.options)
			if l != nil {
				t.Error("a list beside the error")
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			var hint interface{ Hint() string }
			if !errors.As(err, &hint) || hint.Hint() == "" {
				t.Errorf("%v has no hint", err)
			}
		})
	}
}

func TestFrequencyIsLimited(t *testing.T) {
	limit, err := perfevent.MaxSampleRate()
	if err != nil {
		t.Fatal(err)
	}
	for _, freq := range []uint64{FreqMax, 1 << 40} {
		var notes []string
		o := Options{Freq: freq, Notify: func(s string) { notes = append(notes, s) }}
		if err := o.complete(&Targets{SystemWide: true}); err != nil {
			t.Fatal(err)
		}
		if o.Freq != uint64(limit) || (freq == FreqMax) != (len(notes) == 0) {
			t.Errorf("%d became %d, notes %q", freq, o.Freq, notes)
		}
	}
}

// TestRefusals: what the kernel refuses is told with the event's name.
func TestRefusals(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for _, test := range []struct {
		selection, name string
		errno           unix.Errno
	}{
		{"mem:0x1000/4:x", "mem:0x1000", unix.EINVAL},
		{"msr/config=0x7777/", "msr/config=0x7777/", unix.EINVAL},
	} {
		specs, err := resolve(test.selection)
		if err != nil {
			t.Logf("%v", err) // a machine without this PMU
			continue
		}
		l, err := Open(context.Background(), specs, Targets{PIDs: []int{os.Getpid()}}, Options{})
		if err == nil {
			t.Errorf("%s: opened %v", test.selection, l.Close())
			continue
		}
		var open *perfevent.OpenError
		if !errors.As(err, &open) || !errors.Is(err, test.errno) || open.Name != test.name {
			t.Errorf("%s: %v", test.selection, err)
		}
	}
}

func TestNoSuchThread(t *testing.T) {
	testkit.Need(t, testkit.Root)
	proc := fstest.MapFS{"4194300/task/4194300/comm": {}}
	_, err := Open(context.Background(), (&selector.Resolver{}).Default(), Targets{PIDs: []int{4194300}}, Options{Proc: proc})
	if !errors.Is(err, unix.ESRCH) {
		t.Errorf("got %v", err)
	}
}

// TestEndedThreadIsDropped: of several threads one may end before it is opened.
func TestEndedThreadIsDropped(t *testing.T) {
	testkit.Need(t, testkit.Root)
	pid := sleeper(t)
	proc := fstest.MapFS{"1/task/" + strconv.Itoa(pid) + "/comm": {}, "1/task/4194300/comm": {}}
	var notes []string
	specs, err := resolve("cpu-clock,page-faults")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Open(context.Background(), specs, Targets{PIDs: []int{1}}, Options{Proc: proc, Notify: func(s string) { notes = append(notes, s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !slices.Equal(l.Threads(), []int{pid}) || len(notes) != 1 {
		t.Errorf("threads %v, notes %q", l.Threads(), notes)
	}
	for _, e := range l.Events() {
		if len(e.IDs) != len(l.CPUs()) || len(e.Open) != len(e.IDs) {
			t.Errorf("%s: ids %v, %d open", e.Name, e.IDs, len(e.Open))
		}
	}
}

// openFiles is one more than the highest file descriptor in use.
func openFiles(t *testing.T) int {
	t.Helper()
	fd, err := unix.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Close(fd); err != nil {
		t.Fatal(err)
	}
	return fd
}

// TestMoreFiles: the soft limit of open files is raised when it is in the way.
func TestMoreFiles(t *testing.T) {
	testkit.Need(t, testkit.Root)
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Error(err)
		}
	}()
	low := old
	low.Cur = uint64(openFiles(t) + 3)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	l := openAll(t, "cs,faults,dummy,cpu-clock", Targets{SystemWide: true}, Options{})
	if got := len(l.Events()); got != 5 {
		t.Errorf("%d events", got)
	}
}

func TestFilter(t *testing.T) {
	testkit.Need(t, testkit.Root)
	specs, err := resolve("sched:sched_switch")
	if err != nil {
		t.Fatal(err)
	}
	specs[0].Filter = "nofield == 1"
	_, err = Open(context.Background(), specs, Targets{SystemWide: true}, Options{})
	want := `failed to set filter "nofield == 1" on event sched:sched_switch`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v", err)
	}
	specs[0].Filter = "prev_pid == 1"
	l, err := Open(context.Background(), specs, Targets{SystemWide: true}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
