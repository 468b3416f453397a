package fallback

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent"
)

func TestWithoutKernel(t *testing.T) {
	const left = perfevent.FlagExcludeKernel | perfevent.FlagExcludeHV
	refused := func(errno unix.Errno, paranoid, pid int) *perfevent.OpenError {
		return &perfevent.OpenError{Errno: errno, Paranoid: paranoid, Target: perfevent.Target{PID: pid}}
	}
	for _, test := range []struct {
		name  string
		flags perfevent.AttrFlags
		err   *perfevent.OpenError
		want  string // "" for nothing done
	}{
		{"cycles", 0, refused(unix.EACCES, 2, 1), "cycles:u"},
		{"cycles:P", 0, refused(unix.EPERM, 3, 0), "cycles:Pu"},
		{"cpu/event=1/", 0, refused(unix.EACCES, 2, 1), "cpu/event=1/u"},
		{"cycles", 0, refused(unix.EACCES, 1, 1), ""},                // the kernel is not what is forbidden
		{"cycles", 0, refused(unix.EACCES, 2, perfevent.AnyPID), ""}, // nor would user space alone be allowed on a whole CPU
		{"cycles", 0, &perfevent.OpenError{Errno: unix.EACCES, Paranoid: 2, CGroup: "/sys/fs/cgroup/a"}, ""},
		{"cycles", 0, refused(unix.ENOENT, 2, 1), ""},
		{"cycles:k", perfevent.FlagExcludeUser, refused(unix.EACCES, 2, 1), ""},
		{"cycles:u", perfevent.FlagExcludeKernel, refused(unix.EACCES, 2, 1), ""},
	} {
		a, name := perfevent.Attr{Flags: test.flags}, test.name
		did := WithoutKernel(&a, &name, test.err)
		switch {
		case did != (test.want != ""):
			t.Errorf("%s, %v: %v", test.name, test.err.Errno, did)
		case did && (name != test.want || a.Flags != test.flags|left):
			t.Errorf("%s: %s with flags %#x", test.name, name, a.Flags)
		case !did && (name != test.name || a.Flags != test.flags):
			t.Errorf("%s is left as %s with flags %#x", test.name, name, a.Flags)
		}
	}
}

// The soft limit goes up to the hard one; where that is reached, only who may raise the hard one gets more.
func TestRaiseFiles(t *testing.T) {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	}()
	raise := func(errno unix.Errno, events int) (bool, unix.Rlimit) {
		t.Helper()
		err := &perfevent.OpenError{Errno: errno}
		if e := unix.Getrlimit(unix.RLIMIT_NOFILE, &err.OpenFiles); e != nil {
			t.Fatal(e)
		}
		did := RaiseFiles(err, events)
		var now unix.Rlimit
		if e := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); e != nil {
			t.Fatal(e)
		}
		return did, now
	}
	low := unix.Rlimit{Cur: before.Max - 1, Max: before.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	if did, now := raise(unix.EACCES, 1); did || now != low {
		t.Errorf("of an error of rights: %v, %+v", did, now)
	}
	if did, now := raise(unix.EMFILE, 1); !did || now.Cur != before.Max || now.Max != before.Max {
		t.Errorf("below the hard limit: %v, %+v", did, now)
	}
	if did, now := raise(unix.EMFILE, 1); did || now.Cur != before.Max {
		t.Errorf("at the hard limit: %v, %+v", did, now)
	}
	if did, now := raise(unix.EMFILE, int(before.Max)); did != (now.Cur > before.Max) { // root may, unless it lacks CAP_SYS_RESOURCE
		t.Errorf("above the hard limit: %v, %+v", did, now)
	}
}

type refusing struct{ err error }

func (r refusing) SetFilter(string) error { return r.err }

func TestSetFilter(t *testing.T) {
	if err := SetFilter(refusing{}, "sched:sched_switch", "prev_pid == 1"); err != nil {
		t.Error(err)
	}
	var named *perfevent.FilterError
	if err := SetFilter(refusing{&perfevent.FilterError{Filter: "x"}}, "sched:sched_switch", "x"); !errors.As(err, &named) || named.Event != "sched:sched_switch" {
		t.Errorf("%v", err)
	}
}
