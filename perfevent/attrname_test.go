package perfevent

import "testing"

func TestAttrName(t *testing.T) {
	const guest = FlagExcludeGuest // perf's default
	for _, c := range []struct {
		attr Attr
		want string
	}{
		{Attr{Flags: guest}, "cycles"},
		{Attr{Config: HWBranchMisses, Flags: guest | FlagExcludeKernel}, "branch-misses:uhH"},
		{Attr{Flags: FlagExcludeKernel | FlagExcludeHV}, "cycles:u"},
		{Attr{Flags: FlagExcludeUser | FlagExcludeHV, Precise: 2}, "cycles:kpp"},
		{Attr{Type: TypeSoftware, Config: SWDummy}, "dummy:HG"},
		{Attr{Type: TypeHWCache, Config: CacheConfig(0, 0, 1), Flags: guest}, "L1-dcache-load-misses"},
		{Attr{Type: TypeHWCache, Config: CacheConfig(2, 1, 0), Flags: guest}, "LLC-stores"},
		{Attr{Type: TypeRaw, Config: 0x1c2, Flags: guest}, "raw 0x1c2"},
		{Attr{Type: TypeBreakpoint, Config1: 0x1000, BPType: 3, Flags: guest}, "mem:0x1000:rw"},
		{Attr{Type: TypeTracepoint, Config: 3}, "unknown tracepoint"},
		{Attr{Type: 77}, "unknown attr type: 77"},
	} {
		if got := c.attr.Name(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.attr, got, c.want)
		}
	}
}

func TestModifiers(t *testing.T) {
	const (
		u, k, h     = FlagExcludeUser, FlagExcludeKernel, FlagExcludeHV
		guest, host = FlagExcludeGuest, FlagExcludeHost
	)
	for _, test := range []struct {
		flags   AttrFlags
		precise uint8
		want    string
	}{
		{guest, 0, ""},
		{0, 0, ":HG"},
		{host, 0, ":G"},
		{k | h | guest, 0, ":uH"},
		{k | h | host, 0, ":uG"},
		{u | h, 0, ":k"},
		{k, 3, ":uhppp"},
		{guest, 2, ":ppH"},
		{0, 3, ":ppp"},
	} {
		a := Attr{Flags: test.flags, Precise: test.precise}
		if got := a.modifiers(); got != test.want {
			t.Errorf("flags %#x precise %d: %q, want %q", test.flags, test.precise, got, test.want)
		}
	}
}
