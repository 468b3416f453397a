package benchcount

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
)

// machine opens events as a machine would that refuses some.
func machine(refuse func(a *perfevent.Attr) unix.Errno) func([]perfevent.Attr, perfevent.Scope) (*perfevent.Counters, error) {
	return func(attrs []perfevent.Attr, _ perfevent.Scope) (*perfevent.Counters, error) {
		for i := range attrs {
			if errno := refuse(&attrs[i]); errno != 0 {
				return nil, &perfevent.OpenError{Attr: attrs[i], Errno: errno, Paranoid: 2}
			}
		}
		return &perfevent.Counters{}, nil
	}
}

func names(s *Set) string {
	var all []string
	for _, g := range s.groups {
		all = append(all, strings.Join(g.names, "+"))
	}
	return strings.Join(all, " ")
}

func TestOpen(t *testing.T) {
	whole := func(*perfevent.Attr) unix.Errno { return 0 }
	noPMU := func(a *perfevent.Attr) unix.Errno {
		if a.Type == perfevent.TypeHardware {
			return unix.ENOENT
		}
		return 0
	}
	noCacheMisses := func(a *perfevent.Attr) unix.Errno {
		if a.Type == perfevent.TypeHardware && a.Config == perfevent.HWCacheMisses {
			return unix.ENOENT
		}
		return 0
	}
	userOnly := func(a *perfevent.Attr) unix.Errno {
		if a.Flags&perfevent.FlagExcludeKernel == 0 {
			return unix.EACCES
		}
		return 0
	}
	userOnlyNoPMU := func(a *perfevent.Attr) unix.Errno {
		if errno := noPMU(a); errno != 0 {
			return errno
		}
		return userOnly(a)
	}
	nothing := func(*perfevent.Attr) unix.Errno { return unix.EACCES }
	for _, test := range []struct {
		name     string
		refuse   func(*perfevent.Attr) unix.Errno
		events   []string
		open     string
		problems []string // the beginning of each
	}{
		{"all there", whole, nil, "cycles+instructions branches+branch-misses cache-misses", nil},
		{"no PMU", noPMU, nil, "task-clock page-faults context-switches", []string{"cannot count cycles, instructions: this machine has no hardware counter", "counting task-clock"}},
		{"no PMU, no kernel", userOnlyNoPMU, nil, "task-clock:u page-faults:u", []string{"cannot count cycles, instructions: this machine",
			"cannot count context-switches: not allowed", "counting task-clock:u, page-faults:u instead"}},
		{"half a PMU", noCacheMisses, nil, "cycles+instructions branches+branch-misses", []string{"cannot count cache-misses: "}},
		{"no kernel", userOnly, nil, "cycles:u+instructions:u branches:u+branch-misses:u cache-misses:u", nil},
		{"no kernel, its own event", userOnly, []string{"context-switches", "page-faults"}, "page-faults:u", []string{"cannot count context-switches: not allowed"}},
		{"no rights", nothing, nil, "", []string{"cannot count cycles, instructions: not allowed", "cannot count task-clock: not allowed"}},
		{"named, none there", noPMU, []string{"cycles", "task-clock"}, "task-clock", []string{"cannot count cycles: "}},
		{"unknown", whole, []string{"no-such", "task-clock"}, "task-clock", []string{"cannot count no-such: no event 'no-such'"}},
		{"modifiers", userOnly, []string{"cycles:u", "instructions:k"}, "cycles:u", []string{"cannot count instructions:k: not allowed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			set, problems := Open(Options{Events: test.events, Sys: fstest.MapFS{}, Open: machine(test.refuse)})
			if got := names(set); got != test.open || set.Empty() != (test.open == "") {
				t.Errorf("open: %s, want %s", got, test.open)
			}
			if len(problems) != len(test.problems) {
				t.Fatalf("problems %q, want %q", problems, test.problems)
			}
			for i, p := range problems {
				if !strings.HasPrefix(p, test.problems[i]) || strings.Contains(p, "\n") || strings.Count(p, "cannot count") > 1 {
					t.Errorf("problem %q, want %q…", p, test.problems[i])
				}
			}
		})
	}
}

func TestAppend(t *testing.T) {
	total := func(value uint64, enabled, running time.Duration) perfevent.Total {
		c := perfevent.Count{Value: value, Enabled: enabled, Running: running}
		return perfevent.Total{Value: value, Scaled: c.Scaled(), Enabled: c.Enabled, Running: c.Running}
	}
	s := &Set{groups: []group{
		{names: []string{"cycles:u", "instructions:u"}, totals: []perfevent.Total{total(1000, 10, 10), total(2500, 10, 10)}},
		{names: []string{"branches", "branch-misses"}, totals: []perfevent.Total{total(100, 40, 10), total(5, 40, 10)}},
		{names: []string{"cache-misses"}, totals: []perfevent.Total{total(0, 40, 0)}}, // never ran
		{names: []string{"task-clock"}, totals: []perfevent.Total{total(77, 10, 10)}},
	}}
	want := []Metric{
		{100, "cycles:u/op"}, {250, "instructions:u/op"}, {40, "branches/op"}, {2, "branch-misses/op"}, {7.7, "task-clock-ns/op"},
		{2.5, "insns/cycle"}, {5, "branch-miss-%"}, {0, unitRunning},
	}
	got := s.Append(nil, 10)
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got[i], want[i])
		}
	}
}

func TestUnit(t *testing.T) {
	for name, want := range map[string]string{
		"instructions": "instructions/op", "task-clock": "task-clock-ns/op", "cpu-clock:u": "cpu-clock:u-ns/op",
		"cpu/event=0x3c, umask=1/": "cpu/event=0x3c,_umask=1//op", "a\x1bb\nc": "a_b_c/op",
	} {
		if got := Unit(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestReadAllocatesNothing(t *testing.T) {
	testkit.Need(t, testkit.Root)
	s, problems := Open(Options{Events: defaultSoftware(), Sys: fstest.MapFS{}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	defer s.Close()
	if n := testing.AllocsPerRun(10, func() {
		if err := s.Read(); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
