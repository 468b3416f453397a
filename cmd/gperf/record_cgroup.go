package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/synth"
	"github.com/gperf-dev/gperf/perfevent"
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
	root, err := synth.CGroupRoot(os.DirFS("/"))
	if err != nil {
		return &exitError{129, "-G " + text + ": " + err.Error(), "mount -t cgroup2 none /sys/fs/cgroup"}
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
		dir := filepath.Join("/", root, name)
		if st, err := os.Stat(dir); err != nil || !st.IsDir() {
			return &exitError{129, "-G: there is no cgroup " + shown(name) + " below /" + root, "systemd-cgls, or find /" + root + " -type d, lists cgroups"}
		}
		specs[i].CGroup = dir
	}
	return nil
}

// excludeOwn takes --exclude-perf. The kernel's filters know threads, of which gperf has several, and their name, which all have in common.
func excludeOwn(specs []selector.Spec) error {
	for i := range specs {
		if specs[i].Attr.Type != perfevent.TypeTracepoint {
			return &exitError{129, "--exclude-perf is of the tracepoint before it", "write -e SYSTEM:NAME first"}
		}
	}
	name, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		return err
	}
	return filter(specs, "COMM != "+strconv.Quote(string(bytes.TrimSpace(name))))
}

// groupAll makes one group of all events.
func groupAll(specs []selector.Spec) {
	for i := range specs {
		specs[i].Leader = 0
	}
	specs[0].GroupSize = len(specs)
}
