package cgroup

import (
	"errors"
	"testing"
	"testing/fstest"
)

const (
	two    = "tmpfs /cg tmpfs rw 0 0\ncgroup /cg/cpu cgroup rw,cpu 0 0\ncgroup2 /cg/two cgroup2 rw 0 0\n"
	events = two + "cgroup /cg/the\\040events cgroup rw,perf_event 0 0\n"
)

func TestMount(t *testing.T) {
	for _, test := range []struct {
		mounts, want string
		err          error
	}{
		{two, "/cg/two", nil},
		{events, "/cg/the events", nil},
		{"cgroup /cg/a cgroup rw,perf_events 0 0\n", "", ErrNotMounted},
		{"tmpfs /cg tmpfs rw 0 0\nodd\n", "", ErrNotMounted},
	} {
		got, err := Mount(fstest.MapFS{"proc/self/mounts": {Data: []byte(test.mounts)}})
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%q: %q, %v", test.mounts, got, err)
		}
	}
	if _, err := Mount(fstest.MapFS{}); err == nil || errors.Is(err, ErrNotMounted) {
		t.Errorf("without /proc: %v", err)
	}
}

func TestDir(t *testing.T) {
	root := fstest.MapFS{"cg/two/a/in/cgroup.procs": {}, "cg/two2/x": {}, "tmp/x": {}}
	for _, test := range []struct{ name, want, err string }{
		{"a/in", "/cg/two/a/in", ""},
		{"/", "/cg/two", ""},
		{"a/../a", "/cg/two/a", ""},
		{"nosuch", "", "no access to control group nosuch: there is no /cg/two/nosuch"},
		{"a/in/cgroup.procs", "", "no access to control group a/in/cgroup.procs: there is no /cg/two/a/in/cgroup.procs"},
		{"../../tmp", "", "control group ../../tmp is outside of /cg/two"},
		{"../two2", "", "control group ../two2 is outside of /cg/two"},
	} {
		got, err := Dir(root, "/cg/two", test.name)
		if got != test.want || (err != nil) != (test.err != "") || err != nil && err.Error() != test.err {
			t.Errorf("%s: %q, %v", test.name, got, err)
		}
	}
}
