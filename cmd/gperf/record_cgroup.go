package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/gperf-dev/gperf/internal/cgroup"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// cgroups takes -G: the first cgroup is that of the first event, and so on; an empty name confines its event to none, and one name alone is that of
// all events.
func cgroups(specs []selector.Spec, text string) error {
	if len(specs) == 0 {
		return &exitError{129, "-G is of the events before it", "write -e EVENT first"}
	}
	names := strings.Split(text, ",")
	if len(names) > len(specs) {
		return &exitError{129, fmt.Sprintf("-G %s: %d cgroups for %d events", text, len(names), len(specs)), "one cgroup an event, or one for all"}
	}
	root := os.DirFS("/")
	mount, err := cgroup.Mount(root)
	if err != nil {
		return wrongCGroup(err)
	}
	for i := range specs {
		name := names[0]
		if len(names) > 1 {
			if i >= len(names) {
				break
			}
			name = names[i]
		}
		if name == "" {
			continue
		}
		if specs[i].CGroup, err = cgroup.Dir(root, mount, name); err != nil {
			return wrongCGroup(err)
		}
	}
	return nil
}

func wrongCGroup(err error) error {
	next := ""
	if e := (*cgroup.Error)(nil); errors.As(err, &e) {
		next = e.Next
	}
	return &exitError{129, "-G: " + shown(err.Error()), next}
}

// groupAll makes one group of all events.
func groupAll(specs []selector.Spec) {
	for i := range specs {
		specs[i].Leader = 0
	}
	specs[0].GroupSize = len(specs)
}
