package perfdata

import (
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/perfevent"
)

// attrName is the name of an event of which a recording has nothing but the attr, as perf makes it (evsel__name in tools/perf/util/evsel.c).
func attrName(a *perfevent.Attr) string {
	switch a.Type {
	case perfevent.TypeHardware:
		names := [...]string{"cycles", "instructions", "cache-references", "cache-misses", "branches", "branch-misses", "bus-cycles",
			"stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles"}
		if a.Config < uint64(len(names)) {
			return names[a.Config] + modifiers(a)
		}
		return "unknown-hardware" + modifiers(a)
	case perfevent.TypeSoftware:
		names := [...]string{"cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations", "minor-faults", "major-faults",
			"alignment-faults", "emulation-faults", "dummy", "bpf-output", "cgroup-switches"}
		if a.Config < uint64(len(names)) {
			return names[a.Config] + modifiers(a)
		}
		return "unknown-software" + modifiers(a)
	case perfevent.TypeHWCache:
		return cacheName(a.Config) + modifiers(a)
	case perfevent.TypeRaw:
		return fmt.Sprintf("raw 0x%x", a.Config) + modifiers(a)
	case perfevent.TypeTracepoint:
		return "unknown tracepoint"
	case perfevent.TypeBreakpoint:
		return breakpointName(a) + modifiers(a)
	}
	return fmt.Sprintf("unknown attr type: %d", a.Type)
}

// modifiers is what stands behind an event's name for the parts of the machine that it excludes.
func modifiers(a *perfevent.Attr) string {
	var s strings.Builder
	print := func(excluded perfevent.AttrFlags, c byte) {
		if a.Flags&excluded == 0 {
			s.WriteByte(c)
		}
	}
	guestDefault := false
	if a.Flags&(perfevent.FlagExcludeKernel|perfevent.FlagExcludeUser|perfevent.FlagExcludeHV) != 0 {
		print(perfevent.FlagExcludeKernel, 'k')
		print(perfevent.FlagExcludeUser, 'u')
		print(perfevent.FlagExcludeHV, 'h')
		guestDefault = true
	}
	if a.Precise > 0 {
		s.WriteString(strings.Repeat("p", int(a.Precise)))
		guestDefault = true
	}
	if a.Flags&perfevent.FlagExcludeHost != 0 || (a.Flags&perfevent.FlagExcludeGuest != 0) == guestDefault {
		print(perfevent.FlagExcludeHost, 'H')
		print(perfevent.FlagExcludeGuest, 'G')
	}
	if s.Len() == 0 {
		return ""
	}
	return ":" + s.String()
}

func cacheName(config uint64) string {
	caches := [...]string{"L1-dcache", "L1-icache", "LLC", "dTLB", "iTLB", "branch", "node"}
	ops := [...][2]string{{"load", "loads"}, {"store", "stores"}, {"prefetch", "prefetches"}}
	c, op, result := config&0xff, config>>8&0xff, config>>16&0xff
	if c >= uint64(len(caches)) || op >= uint64(len(ops)) || result > 1 {
		return "invalid-cache"
	}
	if result == 1 {
		return caches[c] + "-" + ops[op][0] + "-misses"
	}
	return caches[c] + "-" + ops[op][1]
}

func breakpointName(a *perfevent.Attr) string {
	s := fmt.Sprintf("mem:0x%x:", a.Config1)
	for _, b := range []struct {
		bit  uint32
		char string
	}{{perfevent.BreakpointRead, "r"}, {perfevent.BreakpointWrite, "w"}, {perfevent.BreakpointExecute, "x"}} {
		if a.BPType&b.bit != 0 {
			s += b.char
		}
	}
	return s
}
