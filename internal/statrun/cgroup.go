package statrun

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/selector"
)

// CGroupError is a control group that cannot be counted.
type CGroupError struct{ Message, hint string }

func (e *CGroupError) Error() string { return e.Message }

// Hint is the next step.
func (e *CGroupError) Hint() string { return e.hint }

// hierarchy finds where control groups are that events can be counted in: version 1's perf_event if it is mounted, else version 2.
func hierarchy(root fs.FS) (string, error) {
	b, err := fs.ReadFile(root, "proc/self/mounts")
	if err != nil {
		return "", fmt.Errorf("control groups: %w", err)
	}
	mountPoint := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	v2 := ""
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 4 {
			continue
		}
		switch {
		case f[2] == "cgroup" && strings.Contains(","+f[3]+",", ",perf_event,"):
			return mountPoint.Replace(f[1]), nil
		case f[2] == "cgroup2" && v2 == "":
			v2 = mountPoint.Replace(f[1])
		}
	}
	if v2 == "" {
		return "", &CGroupError{"no hierarchy of control groups is mounted", "mount -t cgroup2 none /sys/fs/cgroup"}
	}
	return v2, nil
}

// InCGroups counts the events in control groups: the first event in the first, and so on; the first so many in one if there is only
// one. A name may be empty, for an event that is counted anywhere.
func (e *Events) InCGroups(root fs.FS, names []string, ofOne int) error {
	if len(names) > len(e.Specs) && len(names) > 1 {
		return &CGroupError{fmt.Sprintf("%d control groups for %d events", len(names), len(e.Specs)), "--for-each-cgroup counts all events in each"}
	}
	mount, err := hierarchy(root)
	if err != nil {
		return err
	}
	for i := range e.Specs {
		name := names[0]
		switch {
		case len(names) > 1 && i < len(names):
			name = names[i]
		case len(names) > 1 || i >= ofOne:
			name = ""
		}
		if err := e.inCGroup(root, mount, i, name); err != nil {
			return err
		}
	}
	return nil
}

// inCGroup notes the group of spec i.
func (e *Events) inCGroup(root fs.FS, mount string, i int, name string) error {
	dir := ""
	if name != "" {
		dir = filepath.Join(mount, name)
		if dir != mount && !strings.HasPrefix(dir, mount+"/") {
			return &CGroupError{fmt.Sprintf("control group %s is outside of %s", name, mount), "names are paths below " + mount}
		}
		if _, err := fs.Stat(root, strings.TrimPrefix(dir, "/")); err != nil {
			return &CGroupError{fmt.Sprintf("no access to control group %s: there is no %s", name, dir), "names are paths below " + mount}
		}
	}
	e.CGroups, e.Specs[i].CGroup = append(e.CGroups, name), dir
	return nil
}

// ForEachCGroup counts all events in each of the control groups. A name with one of the characters {}[]()|*+?^$ is a regular
// expression that finds groups.
func (e *Events) ForEachCGroup(root fs.FS, names []string) error {
	mount, err := hierarchy(root)
	if err != nil {
		return err
	}
	specs, metrics := e.Specs, e.Metrics
	e.Specs, e.Metrics = nil, nil
	if names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" }); len(names) == 0 {
		return &CGroupError{"no control group is named", "names are paths below " + mount + ", with commas between them"}
	}
	for _, name := range names {
		found, err := findCGroups(root, mount, name)
		if err != nil {
			return err
		}
		for _, group := range found {
			if err := e.copyInto(root, mount, group, specs, metrics); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Events) copyInto(root fs.FS, mount, group string, specs []selector.Spec, metrics []Metric) error {
	at := len(e.Specs)
	for i, s := range specs {
		s.Leader += at
		e.Specs = append(e.Specs, s)
		if err := e.inCGroup(root, mount, at+i, group); err != nil {
			return err
		}
	}
	for _, m := range metrics {
		moved := Metric{Metric: m.Metric, Events: map[string]int{}}
		for name, i := range m.Events {
			moved.Events[name] = i + at
		}
		e.Metrics = append(e.Metrics, moved)
	}
	return nil
}

// findCGroups are the groups that a name stands for: the one that is called so, else those that it matches.
func findCGroups(root fs.FS, mount, name string) ([]string, error) {
	if !strings.ContainsAny(name, "{}[]()|*+?^$") {
		return []string{name}, nil
	}
	if info, err := fs.Stat(root, strings.TrimPrefix(filepath.Join(mount, name), "/")); err == nil && info.IsDir() {
		return []string{name}, nil
	}
	re, err := regexp.Compile(name)
	if err != nil {
		return nil, &CGroupError{fmt.Sprintf("control groups by '%s': %v", name, err), "it is taken as a regular expression"}
	}
	var out []string
	base := strings.TrimPrefix(path.Clean(mount), "/")
	err = fs.WalkDir(root, base, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil // it has gone, or is no group
		}
		if rel := strings.TrimPrefix(strings.TrimPrefix(p, base), "/"); rel != "" && re.MatchString(rel) {
			out = append(out, rel)
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		return nil, &CGroupError{"no control group matches '" + name + "'", "names are paths below " + mount}
	}
	return out, err
}
