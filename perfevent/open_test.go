package perfevent

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/record"
)

func TestReadAndID(t *testing.T) {
	testkit.Need(t, testkit.Root)
	a := Attr{Type: TypeSoftware, Config: SWTaskClock, ReadFormat: record.ReadID | record.ReadTotalTimeEnabled | record.ReadTotalTimeRunning}
	e, err := Open(&a, Target{CPU: AnyCPU}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	id, err := e.ID()
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Read()
	if err != nil {
		t.Fatal(err)
	}
	if c.ID != id || id == 0 || c.Enabled < c.Running {
		t.Errorf("id %d, count %+v", id, c)
	}
	if _, err := e.ReadGroup(nil); err == nil {
		t.Error("ReadGroup of a lone event: no error")
	}
}

func TestReadGroup(t *testing.T) {
	testkit.Need(t, testkit.Root)
	a := Attr{Type: TypeSoftware, Config: SWPageFaults, ReadFormat: record.ReadID | record.ReadGroup | record.ReadTotalTimeEnabled}
	leader, err := Open(&a, Target{CPU: AnyCPU}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer leader.Close()
	a.Config = SWContextSwitches
	member, err := Open(&a, Target{CPU: AnyCPU}, leader, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer member.Close()
	counts, err := leader.ReadGroup(nil)
	if err != nil {
		t.Fatal(err)
	}
	wantID, err := member.ID()
	if err != nil {
		t.Fatal(err)
	}
	if len(counts) != 2 || counts[1].ID != wantID {
		t.Errorf("counts %+v, want the second of id %d", counts, wantID)
	}
	if _, err := leader.Read(); err == nil {
		t.Error("Read of a group: no error")
	}
}

func TestEnableDisable(t *testing.T) {
	testkit.Need(t, testkit.Root)
	a := Attr{Type: TypeSoftware, Config: SWTaskClock, Flags: FlagDisabled}
	e, err := Open(&a, Target{CPU: AnyCPU}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, step := range []func() error{e.Enable, e.Disable, e.Reset} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := e.Read(); err != nil || c.Value != 0 {
		t.Errorf("after reset: %+v, %v", c, err)
	}
}

func TestOpenErrors(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for _, test := range []struct {
		name   string
		attr   Attr
		target Target
		errno  unix.Errno
	}{
		{"no such thread", Attr{Type: TypeSoftware}, Target{PID: 1<<22 + 1, CPU: AnyCPU}, unix.ESRCH},
		{"no such unit", Attr{Type: 1 << 30}, Target{PID: AnyPID}, unix.ENOENT},
		{"unknown tail", Attr{Type: TypeSoftware, Tail: "\x00\x01"}, Target{CPU: AnyCPU}, unix.E2BIG},
		{"unknown sample bit", Attr{Type: TypeSoftware, SampleType: 1 << 40}, Target{CPU: AnyCPU}, unix.EINVAL},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := Open(&test.attr, test.target, nil, 0)
			if err == nil {
				e.Close()
			}
			var open *OpenError
			if !errors.As(err, &open) || !errors.Is(err, test.errno) {
				t.Fatalf("got %v, want errno %v", err, test.errno)
			}
		})
	}
}

// A member does not open alone where its leader has been closed.
func TestClosedLeader(t *testing.T) {
	testkit.Need(t, testkit.Root)
	a := Attr{Type: TypeSoftware, Config: SWDummy}
	leader, err := Open(&a, Target{CPU: AnyCPU}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := leader.Close(); err != nil {
		t.Fatal(err)
	}
	e, err := Open(&a, Target{CPU: AnyCPU}, leader, 0)
	if err == nil {
		_ = e.Close()
	}
	if !errors.Is(err, unix.EBADF) || !strings.Contains(err.Error(), "the leader of its group is closed") {
		t.Errorf("got %v", err)
	}
}

func TestFilterError(t *testing.T) {
	testkit.Need(t, testkit.Root)
	e, err := Open(&Attr{Type: TypeSoftware, Config: SWDummy}, Target{CPU: AnyCPU}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var filter *FilterError
	if err := e.SetFilter("nofield == 1"); !errors.As(err, &filter) {
		t.Errorf("got %v", err)
	}
	if err := e.SetFilter("a\x00b"); !errors.As(err, &filter) || filter.Errno != unix.EINVAL {
		t.Errorf("got %v", err)
	}
}

func TestErrorWords(t *testing.T) {
	hw, tp := Attr{Type: TypeHardware}, Attr{Type: TypeTracepoint, Config: 5}
	user := Attr{Type: TypeHardware, Flags: FlagExcludeKernel}
	task, cpu := Target{PID: 42, CPU: AnyCPU}, Target{PID: AnyPID, CPU: 3}
	for _, test := range []struct {
		err        OpenError
		text, hint string
	}{
		{OpenError{Attr: hw, Target: cpu, Errno: unix.EACCES, Paranoid: 2}, "on CPU 3: not allowed: kernel.perf_event_paranoid is 2", "perf_event_paranoid=0"},
		{OpenError{Attr: hw, Target: task, Errno: unix.EPERM, Paranoid: 2}, "thread 42", "perf_event_paranoid=1; or leave the kernel out with the modifier :u"},
		{OpenError{Attr: Attr{Type: TypeSoftware, Config: SWContextSwitches}, Target: task, Errno: unix.EACCES, Paranoid: 2}, "is 2",
			"perf_event_paranoid=1; it happens in the kernel alone, so the modifier :u would leave nothing"},
		{OpenError{Attr: user, Target: task, Errno: unix.EPERM, Paranoid: 3}, "is 3", "perf_event_paranoid=2"},
		{OpenError{Attr: hw, Target: cpu, Errno: unix.EACCES, Paranoid: 2, rights: rights{root: true}}, "is 2", "docker run --cap-add PERFMON) and in user namespaces, or let"},
		{OpenError{Attr: hw, Target: task, Errno: unix.EPERM, Paranoid: 2, rights: rights{root: true, all: true}}, "though this process has CAP_PERFMON: a filter", "seccomp=PROFILE"},
		{OpenError{Attr: user, Target: task, Errno: unix.EACCES, Paranoid: 1}, "is 1", "CAP_SYS_PTRACE"},
		{OpenError{Attr: tp, Target: task, Errno: unix.EACCES, Paranoid: 1}, "is 1", "perf_event_paranoid=-1"},
		{OpenError{Attr: hw, Target: task, Errno: unix.EACCES, Paranoid: paranoidUnknown}, "not allowed", "CAP_PERFMON"},
		{OpenError{Errno: unix.EMFILE, OpenFiles: unix.Rlimit{Cur: 1024, Max: 20000}}, "limit of 1024", "ulimit -n 20000"},
		{OpenError{Errno: unix.EMFILE, OpenFiles: unix.Rlimit{Cur: 20000, Max: 20000}}, "20000", "fewer events"},
		{OpenError{Attr: hw, Errno: unix.ENOENT}, "no hardware counter", "cpu-clock"},
		{OpenError{Attr: tp, Errno: unix.ENOENT}, "tracepoint of id 5", "tracefs"},
		{OpenError{Attr: hw, Errno: unix.EOPNOTSUPP}, "no such event", "virtual"},
		{OpenError{Attr: Attr{BranchSampleType: 1}, Errno: unix.EOPNOTSUPP}, "branch stack", "virtual"},
		{OpenError{Attr: hw, Errno: unix.ENODEV}, "this CPU", "virtual"},
		{OpenError{Errno: unix.EBUSY}, "in use", "nmi_watchdog"},
		{OpenError{Attr: Attr{Type: TypeBreakpoint}, Errno: unix.ENOSPC}, "breakpoints are in use", "fewer"},
		{OpenError{Attr: Attr{Type: 9}, Target: task, Errno: unix.EINVAL}, "whole CPUs only", "-a"},
		{OpenError{Attr: hw, CGroup: "/tmp", Target: Target{PID: 5, CPU: 1}, Errno: unix.EBADF}, "in control group /tmp on CPU 1: it is no control group", "version 2"},
		{OpenError{Attr: hw, CGroup: "/c", Target: Target{PID: 5, CPU: 1}, Errno: unix.EACCES, Paranoid: 2}, "is 2", "whole CPUs: sysctl kernel.perf_event_paranoid=0"},
		{OpenError{Target: task, Errno: unix.ESRCH}, "has ended", "ps"},
		{OpenError{Name: "cycles:u", Errno: unix.ENFILE}, "cycles:u", "file-max"},
	} {
		if text := test.err.Error(); !strings.Contains(text, test.text) {
			t.Errorf("error %q lacks %q", text, test.text)
		}
		if hint := test.err.Hint(); !strings.Contains(hint, test.hint) {
			t.Errorf("hint %q of %q lacks %q", hint, &test.err, test.hint)
		}
	}
	// It is not for the kernel's sake that another user's process is refused.
	other := OpenError{Attr: hw, Target: task, Errno: unix.EACCES, Paranoid: 1}
	if hint := other.Hint(); strings.Contains(hint, ":u") || !strings.Contains(hint, "CAP_SYS_PTRACE") {
		t.Error(hint)
	}
	m := MapError{Pages: 512, Errno: unix.EPERM, MlockKB: 516}
	if !strings.Contains(m.Error(), "perf_event_mlock_kb is 516") || !strings.Contains(m.Hint(), "-m") {
		t.Errorf("%v; %s", &m, m.Hint())
	}
}

func TestNotSupported(t *testing.T) {
	if err := error(&OpenError{Attr: Attr{Type: TypeHardware}, Errno: unix.ENOENT}); !errors.Is(err, ErrNotSupported) {
		t.Errorf("%v does not match ErrNotSupported", err)
	}
	if err := error(&OpenError{Errno: unix.EACCES}); errors.Is(err, ErrNotSupported) {
		t.Errorf("%v matches ErrNotSupported", err)
	}
}

// TestFeatures: each test must come to an answer when root asks.
func TestFeatures(t *testing.T) {
	testkit.Need(t, testkit.Root)
	if err := HavePerfEvents(); err != nil {
		t.Fatal(err)
	}
	for _, f := range Features() {
		if err := f.Have(); err != nil && !errors.Is(err, ErrNotSupported) {
			t.Errorf("%s: %v", f.Name(), err)
		} else {
			t.Logf("%-45s %-6s %v", f.Name(), f.MinKernel(), err)
		}
	}
}

func TestParanoid(t *testing.T) {
	testkit.Need(t, testkit.Root)
	if n, err := Paranoid(); err != nil || n < -1 || n > 4 {
		t.Errorf("Paranoid: %d, %v", n, err)
	}
}
