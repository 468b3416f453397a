// Package cgroup finds the control groups that events can be counted in.
package cgroup

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Error is a control group that cannot be had.
type Error struct{ Message, Next string }

func (e *Error) Error() string { return e.Message }

// Hint is the next step.
func (e *Error) Hint() string { return e.Next }

// ExitStatus is perf's for it.
func (e *Error) ExitStatus() int { return 129 }

// ErrNotMounted tells that no hierarchy of control groups that perf events know is mounted.
var ErrNotMounted = &Error{"no hierarchy of control groups is mounted", "mount -t cgroup2 none /sys/fs/cgroup"}

// Mount finds where control groups are mounted that events can be counted in: version 1's hierarchy perf_event if it is there,
// which wins in the kernel too, else version 2. root is the file system from "/".
func Mount(root fs.FS) (string, error) {
	b, err := fs.ReadFile(root, "proc/self/mounts")
	if err != nil {
		return "", fmt.Errorf("where control groups are mounted: %w", err)
	}
	escaped := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	unified := ""
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		switch {
		case f[2] == "cgroup" && slices.Contains(strings.Split(f[3], ","), "perf_event"):
			return escaped.Replace(f[1]), nil
		case f[2] == "cgroup2" && unified == "":
			unified = escaped.Replace(f[1])
		}
	}
	if unified == "" {
		return "", ErrNotMounted
	}
	return unified, nil
}

// Dir is the directory of a control group, which is named by its path below mount.
func Dir(root fs.FS, mount, name string) (string, error) {
	next := "names are paths below " + mount
	dir := path.Join(mount, name)
	if dir != mount && !strings.HasPrefix(dir, strings.TrimSuffix(mount, "/")+"/") {
		return "", &Error{fmt.Sprintf("control group %s is outside of %s", name, mount), next}
	}
	if st, err := fs.Stat(root, strings.TrimPrefix(dir, "/")); err != nil || !st.IsDir() {
		return "", &Error{fmt.Sprintf("no access to control group %s: there is no %s", name, dir), next}
	}
	return dir, nil
}
