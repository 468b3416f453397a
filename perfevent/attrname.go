package perfevent

import (
	"fmt"
	"strings"
)

// Name is what perf calls an event of which it knows nothing but the attr, such as "cycles:u" or "LLC-store-misses" (evsel__name in
// tools/perf/util/evsel.c).
func (a *Attr) Name() string {
	switch a.Type {
	case TypeHardware:
		names := [...]string{"cycles", "instructions", "cache-references", "cache-misses", "branches", "branch-misses", "bus-cycles",
			"stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles"}
		if generic := a.Config & GenericMask; generic < uint64(len(names)) {
			return names[generic] + a.modifiers()
		}
		return "unknown-hardware" + a.modifiers()
	case TypeSoftware:
		names := [...]string{"cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations", "minor-faults", "major-faults",
			"alignment-faults", "emulation-faults", "dummy", "bpf-output", "cgroup-switches"}
		if a.Config < uint64(len(names)) {
			return names[a.Config] + a.modifiers()
		}
		return "unknown-software" + a.modifiers()
	case TypeHWCache:
		return cacheName(a.Config&GenericMask) + a.modifiers()
	case TypeRaw:
		return fmt.Sprintf("raw 0x%x", a.Config) + a.modifiers()
	case TypeTracepoint:
		return "unknown tracepoint"
	case TypeBreakpoint:
		return a.breakpointName() + a.modifiers()
	}
	return fmt.Sprintf("unknown attr type: %d", a.Type)
}

// modifiers is what stands behind an event's name for the parts of the machine that it excludes. That guests are left out is said only
// where it is not expected. See evsel__add_modifiers in tools/perf/util/evsel.c.
func (a *Attr) modifiers() string {
	var s strings.Builder
	print := func(excluded AttrFlags, c byte) {
		if a.Flags&excluded == 0 {
			s.WriteByte(c)
		}
	}
	guestDefault := false
	if a.Flags&(FlagExcludeKernel|FlagExcludeUser|FlagExcludeHV) != 0 {
		print(FlagExcludeKernel, 'k')
		print(FlagExcludeUser, 'u')
		print(FlagExcludeHV, 'h')
		guestDefault = true
	}
	if a.Precise > 0 {
		s.WriteString(strings.Repeat("p", int(a.Precise)))
		guestDefault = true
	}
	if a.Flags&FlagExcludeHost != 0 || (a.Flags&FlagExcludeGuest != 0) == guestDefault {
		print(FlagExcludeHost, 'H')
		print(FlagExcludeGuest, 'G')
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

func (a *Attr) breakpointName() string {
	s := fmt.Sprintf("mem:0x%x:", a.Config1)
	for _, b := range []struct {
		bit  uint32
		char string
	}{{BreakpointRead, "r"}, {BreakpointWrite, "w"}, {BreakpointExecute, "x"}} {
		if a.BPType&b.bit != 0 {
			s += b.char
		}
	}
	return s
}
