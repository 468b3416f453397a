package perfdata

import (
	"testing"

	"github.com/gperf-dev/gperf/perfevent"
)

func TestAttrName(t *testing.T) {
	const guest = perfevent.FlagExcludeGuest // perf's default
	for _, c := range []struct {
		attr perfevent.Attr
		want string
	}{
		{perfevent.Attr{Flags: guest}, "cycles"},
		{perfevent.Attr{Config: perfevent.HWBranchMisses, Flags: guest | perfevent.FlagExcludeKernel}, "branch-misses:uhH"},
		{perfevent.Attr{Flags: perfevent.FlagExcludeKernel | perfevent.FlagExcludeHV}, "cycles:u"},
		{perfevent.Attr{Flags: perfevent.FlagExcludeUser | perfevent.FlagExcludeHV, Precise: 2}, "cycles:kpp"},
		{perfevent.Attr{Type: perfevent.TypeSoftware, Config: perfevent.SWDummy}, "dummy:HG"},
		{perfevent.Attr{Type: perfevent.TypeHWCache, Config: perfevent.CacheConfig(0, 0, 1), Flags: guest}, "L1-dcache-load-misses"},
		{perfevent.Attr{Type: perfevent.TypeHWCache, Config: perfevent.CacheConfig(2, 1, 0), Flags: guest}, "LLC-stores"},
		{perfevent.Attr{Type: perfevent.TypeRaw, Config: 0x1c2, Flags: guest}, "raw 0x1c2"},
		{perfevent.Attr{Type: perfevent.TypeBreakpoint, Config1: 0x1000, BPType: 3, Flags: guest}, "mem:0x1000:rw"},
		{perfevent.Attr{Type: perfevent.TypeTracepoint, Config: 3}, "unknown tracepoint"},
		{perfevent.Attr{Type: 77}, "unknown attr type: 77"},
	} {
		if got := attrName(&c.attr); got != c.want {
			t.Errorf("%+v: %s, want %s", c.attr, got, c.want)
		}
	}
}
