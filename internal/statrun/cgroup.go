package statrun

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/cgroup"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// InCGroups counts the events in control groups: the first event in the first, and so on; the first so many in one if there is only
// one. A name may be empty, for an event that is counted anywhere.
func (e *Events) InCGroups(root fs.FS, names []string, ofOne int) error {
	if len(names) > len(e.Specs) && len(names) > 1 {
		return &cgroup.Error{Message: fmt.Sprintf("%d control groups for %d events", len(names), len(e.Specs)), Next: "--for-each-cgroup counts all events in each"}
	}
	mount, err := cgroup.Mount(root)
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
		var err error
		if dir, err = cgroup.Dir(root, mount, name); err != nil {
			return err
		}
	}
	e.CGroups, e.Specs[i].CGroup = append(e.CGroups, name), dir
	return nil
}

// ForEachCGroup counts all events in each of the control groups, once in each. A name with one of the characters {}[]()|*+?^$ is a regular
// expression that finds groups.
func (e *Events) ForEachCGroup(root fs.FS, names []string) error {
	mount, err := cgroup.Mount(root)
	if err != nil {
		return err
	}
	specs, metrics := e.Specs, e.Metrics
	e.Specs, e.Metrics = nil, nil
	if names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" }); len(names) == 0 {
		return &cgroup.Error{Message: "no control group is named", Next: "names are paths below " + mount + ", with commas between them"}
	}
	for _, name := range names {
		found, err := findCGroups(root, mount, name)
		if err != nil {
			return err
		}
		for _, group := range found {
			if slices.Contains(e.CGroups, group) {
				continue
			}
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
		return nil, &cgroup.Error{Message: fmt.Sprintf("control groups by '%s': %v", name, err), Next: "it is taken as a regular expression"}
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
		return nil, &cgroup.Error{Message: "no control group matches '" + name + "'", Next: "names are paths below " + mount}
	}
	return out, err
}
