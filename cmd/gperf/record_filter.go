package main

import (
	"bytes"
	"os"
	"slices"
	"strconv"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// filter sets a filter of tracepoints, or adds to the one that is there.
func filter(specs []selector.Spec, text string) error {
	if len(specs) == 0 {
		return &exitError{129, "--filter is of the tracepoint before it", "write -e SYSTEM:NAME first"}
	}
	for i := range specs {
		s := &specs[i]
		if s.Attr.Type != perfevent.TypeTracepoint {
			return &exitError{129, s.Name + " is no tracepoint and cannot be filtered", "filters look at a tracepoint's fields; filters of addresses need an AUX unit (Intel PT), which is not recorded"}
		}
		if s.Filter == "" {
			s.Filter = text
		} else {
			s.Filter = "(" + s.Filter + ") && (" + text + ")"
		}
	}
	return nil
}

// excludeOwn takes --exclude-perf. The kernel's filters know threads, of which gperf has several, and their name, which all have in common.
func excludeOwn(specs []selector.Spec) error {
	other := func(s selector.Spec) bool { return s.Attr.Type != perfevent.TypeTracepoint }
	if len(specs) == 0 || slices.ContainsFunc(specs, other) {
		return &exitError{129, "--exclude-perf is of the tracepoint before it", "write -e SYSTEM:NAME first"}
	}
	name, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		return err
	}
	return filter(specs, "COMM != "+strconv.Quote(string(bytes.TrimSpace(name))))
}
