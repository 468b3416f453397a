package testkit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cgroupMount is where control groups are that events are counted in: version 1's perf_event if it is mounted, else version 2.
func cgroupMount() (string, error) {
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "", err
	}
	two := ""
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		switch {
		case len(f) < 4:
		case f[2] == "cgroup" && strings.Contains(","+f[3]+",", ",perf_event,"):
			return f[1], nil
		case f[2] == "cgroup2" && two == "":
			two = f[1]
		}
	}
	if two == "" {
		return "", errors.New("no hierarchy of control groups is mounted")
	}
	return two, nil
}

// haveCGroup tries to make a control group.
func haveCGroup() error {
	mount, err := cgroupMount()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(mount, "gperf-test-")
	if err != nil {
		return err
	}
	return os.Remove(dir)
}

// NewCGroup makes a control group, with others of these names in it, for the time of the test. It gives its name, a path below the
// mount point, and its directory.
func NewCGroup(t testing.TB, inner ...string) (name, dir string) {
	t.Helper()
	Need(t, CGroup)
	mount, err := cgroupMount()
	if err != nil {
		t.Fatal(err)
	}
	if dir, err = os.MkdirTemp(mount, "gperf-test-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeCGroup(t, dir) })
	for _, n := range inner {
		in := filepath.Join(dir, n)
		if err := os.Mkdir(in, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { removeCGroup(t, in) })
	}
	return filepath.Base(dir), dir
}

// removeCGroup waits until those who ended in the group have left it.
func removeCGroup(t testing.TB, dir string) {
	t.Helper()
	for range 100 {
		if os.Remove(dir) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%s cannot be removed", dir)
}
