package selector

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// fakeSys is a machine with two core PMUs' worth of files.
func fakeSys() fstest.MapFS {
	files := map[string]string{
		"cpu/type": "4\n", "cpu/format/event": "config:0-7,32-35\n", "cpu/format/umask": "config:8-15\n", "cpu/format/edge": "config:18\n",
		"cpu/format/ldlat": "config1:0-15\n", "cpu/format/odd": "konfig:1\n", "cpu/format/wide": "config2:0-63\n",
		"cpu/events/cache-evil": "event=0x24,umask=0x3f\n", "cpu/events/slots": "event=0x00,umask=0x4\n", "cpu/events/slots.scale": "2\n",
		"cpu/events/needs": "event=0x1,ldlat=?\n", "cpu/events/broken": "nofield=1\n",
		"uncore_imc_0/type": "12\n", "uncore_imc_0/cpumask": "0,4-5\n", "uncore_imc_0/format/event": "config:0-7\n",
		"uncore_imc_1/type": "13\n", "uncore_imc_1/cpumask": "0\n", "uncore_imc_1/format/event": "config:0-7\n",
		"armv8_pmuv3_0/type": "9\n", "armv8_pmuv3_0/cpus": "0-3\n", "armv8_pmuv3_0/format/event": "config:0-15\n",
		"armv8_pmuv3_0/events/inst_retired": "event=0x0008\n",
		"bad/type":                          "many\n",
	}
	sys := fstest.MapFS{}
	for name, text := range files {
		sys[pmuDir+"/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return sys
}

// fakeTrace is a tracefs with a few events.
func fakeTrace(t *testing.T) *tracefs.FS {
	t.Helper()
	dir := t.TempDir()
	for id, name := range []string{"sched/sched_switch", "sched/sched_wakeup", "probe_bash/readline__return", "probe_bash/D", "syscalls/sys_enter_openat"} {
		path := filepath.Join(dir, "events", name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		text := "name: " + filepath.Base(name) + "\nID: " + string(rune('1'+id)) +
			"\nformat:\n\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\n\tfield:int x;\toffset:8;\tsize:4;\tsigned:1;\n\nprint fmt: \"x=%d\", REC->x\n"
		if err := os.WriteFile(filepath.Join(path, "format"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "events", "sched", "enable"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return tracefs.At(dir)
}

func resolve(t *testing.T, text string) ([]Spec, error) {
	t.Helper()
	groups, err := Parse(text)
	if err != nil {
		return nil, err
	}
	r := Resolver{Sys: fakeSys(), Trace: fakeTrace(t)}
	return r.Resolve(context.Background(), groups)
}

func TestResolve(t *testing.T) {
	const guest = perfevent.FlagExcludeGuest
	const u, k, h = perfevent.FlagExcludeUser, perfevent.FlagExcludeKernel, perfevent.FlagExcludeHV
	tp := func(id uint64, f perfevent.AttrFlags) perfevent.Attr {
		return perfevent.Attr{Type: perfevent.TypeTracepoint, Config: id, Period: 1, SampleType: tracepointSample, Flags: f}
	}
	cache := func(c, op, result uint64) perfevent.Attr {
		return perfevent.Attr{Type: perfevent.TypeHWCache, Config: perfevent.CacheConfig(c, op, result), Flags: guest}
	}
	for _, test := range []struct {
		text string
		name string
		attr perfevent.Attr
	}{
		{"cycles", "cycles", perfevent.Attr{Flags: guest}},
		{"cpu-cycles:u", "cpu-cycles:u", perfevent.Attr{Flags: guest | k | h}},
		{"cycles:uk", "cycles:uk", perfevent.Attr{Flags: guest | h}},
		{"cycles:h", "cycles:h", perfevent.Attr{Flags: u | k}},
		{"cycles:G", "cycles:G", perfevent.Attr{Flags: perfevent.FlagExcludeHost}},
		{"cycles:GH", "cycles:GH", perfevent.Attr{}},
		{"cycles:ppp", "cycles:ppp", perfevent.Attr{Flags: guest, Precise: 3}},
		{"cycles:P", "cycles:P", perfevent.Attr{}},
		{"major-faults", "major-faults", perfevent.Attr{Type: 1, Config: perfevent.SWPageFaultsMaj, Flags: guest}},
		{"cgroup-switches", "cgroup-switches", perfevent.Attr{Type: 1, Config: 11, Flags: guest}},
		{"duration_time", "duration_time", perfevent.Attr{Type: 1, Config: perfevent.SWDummy, Flags: guest}},
		{"L1-dcache-load-misses", "L1-dcache-load-misses", cache(0, 0, 1)},
		{"l1d-misses-load", "l1d-misses-load", cache(0, 0, 1)},
		{"LLC", "LLC", cache(2, 0, 0)},
		{"dTLB-store-misses", "dTLB-store-misses", cache(3, 1, 1)},
		{"node-prefetches", "node-prefetches", cache(6, 2, 0)},
		{"L1-icache-speculative-read-refs", "L1-icache-speculative-read-refs", cache(1, 2, 0)},
		{"branch-load-misses", "branch-load-misses", cache(5, 0, 1)},
		{"r1a8", "r1a8", perfevent.Attr{Type: perfevent.TypeRaw, Config: 0x1a8, Flags: guest}},
		{"sched:sched_switch", "sched:sched_switch", tp(1, guest)},
		{"sched:sched_switch:k", "sched:sched_switch", tp(1, u|h)},
		{"probe_bash:D", "probe_bash:D", tp(4, guest)},
		{"mem:0x1000:w", "mem:0x1000:w", perfevent.Attr{Type: 5, Period: 1, BPType: 2, Config1: 0x1000, Config2: 4, Flags: guest}},
		{"mem:4096/8:x", "mem:4096", perfevent.Attr{Type: 5, Period: 1, BPType: 4, Config1: 0x1000, Config2: 8, Flags: guest}},
		{"cpu/event=0x3c,umask=2/", "cpu/event=0x3c,umask=2/", perfevent.Attr{Type: 4, Config: 0x23c, Flags: guest}},
		{"cpu/event=0x53c,edge/u", "cpu/event=0x53c,edge/u", perfevent.Attr{Type: 4, Config: 5<<32 | 1<<18 | 0x3c, Flags: guest | k | h}},
		{"cpu/ldlat=30,wide=0xffffffffffffffff,name=x/", "x", perfevent.Attr{Type: 4, Config1: 30, Config2: 1<<64 - 1, Flags: guest}},
		{"cpu/cache-evil/", "cpu/cache-evil/", perfevent.Attr{Type: 4, Config: 0x3f24, Flags: guest}},
		{"cpu/config=7,config1=8/", "cpu/config=7,config1=8/", perfevent.Attr{Type: 4, Config: 7, Config1: 8, Flags: guest}},
		{"slots", "slots", perfevent.Attr{Type: 4, Config: 0x400, Flags: guest}},
		{"uncore_imc_1/event=3/", "uncore_imc_1/event=3/", perfevent.Attr{Type: 13, Config: 3, Flags: guest}},
	} {
		t.Run(test.text, func(t *testing.T) {
			specs, err := resolve(t, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if len(specs) != 1 {
				t.Fatalf("%d specs", len(specs))
			}
			if diff := cmp.Diff(test.attr, specs[0].Attr); diff != "" || specs[0].Name != test.name {
				t.Errorf("name %q, want %q\nwant -, got +\n%s", specs[0].Name, test.name, diff)
			}
		})
	}
}

func TestResolveSeveral(t *testing.T) {
	for _, test := range []struct {
		text  string
		names []string
	}{
		{"sched:*", []string{"sched:sched_switch", "sched:sched_wakeup"}},
		{"s*:s*_[so]*", []string{"sched:sched_switch", "syscalls:sys_enter_openat"}},
		{"*:*read*,cs", []string{"cs", "probe_bash:readline__return"}},
		{"imc/event=1/", []string{"imc/event=1/", "imc/event=1/"}},
		{"uncore_imc/event=1/", []string{"uncore_imc/event=1/", "uncore_imc/event=1/"}},
	} {
		specs, err := resolve(t, test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		var names []string
		for _, s := range specs {
			names = append(names, s.Name)
		}
		slices.Sort(names) // a directory's order is the kernel's matter
		if !slices.Equal(names, test.names) {
			t.Errorf("%s: %q, want %q", test.text, names, test.names)
		}
	}
}

func TestResolveGroups(t *testing.T) {
	specs, err := resolve(t, "cs,{faults:k,cycles}:DS,g{sched:*}")
	if err != nil {
		t.Fatal(err)
	}
	var leaders, sizes []int
	for _, s := range specs {
		leaders, sizes = append(leaders, s.Leader), append(sizes, s.GroupSize)
	}
	if !slices.Equal(leaders, []int{0, 1, 1, 3, 3}) || !slices.Equal(sizes, []int{0, 2, 0, 2, 0}) {
		t.Errorf("leaders %v, sizes %v", leaders, sizes)
	}
	if specs[1].Attr.Flags&perfevent.FlagPinned == 0 || specs[2].Attr.Flags&perfevent.FlagPinned != 0 || !specs[2].Modifiers.SampleRead {
		t.Errorf("members: %+v, %+v", specs[1], specs[2])
	}
	if specs[3].Group != "g" || specs[1].Attr.Flags&perfevent.FlagExcludeUser == 0 {
		t.Errorf("group %q, flags %#x", specs[3].Group, specs[1].Attr.Flags)
	}
}

func TestTerms(t *testing.T) {
	specs, err := resolve(t, "cycles/period=5,freq=6,time=0,no-inherit,call-graph=dwarf,stack-size=64,max-stack=7,branch_type=any_call|u/")
	if err != nil {
		t.Fatal(err)
	}
	p := func(v uint64) *uint64 { return &v }
	no, how := false, "dwarf"
	want := Sampling{Period: p(5), Freq: p(6), Time: &no, Inherit: &no, Callchain: &how, StackSize: p(64), MaxStack: p(7),
		BranchType: p(perfevent.BranchAnyCall | perfevent.BranchUser)}
	if diff := cmp.Diff(want, specs[0].Terms); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestCPUMask(t *testing.T) {
	specs, err := resolve(t, "uncore_imc_0/event=1/")
	if err != nil || !slices.Equal(specs[0].CPUs, []int{0, 4, 5}) {
		t.Errorf("%v, %v", specs, err)
	}
}

// The units of the CPUs follow threads, whatever the kernel calls them.
func TestOnCore(t *testing.T) {
	for text, want := range map[string]bool{"cycles": true, "r08": true, "L1-dcache-loads": true, "cpu/event=1/": true, "armv8_pmuv3_0/event=8/": true,
		"inst_retired": true, "uncore_imc_0/event=1/": false, "page-faults": false} {
		specs, err := resolve(t, text)
		if err != nil || len(specs) != 1 || specs[0].OnCore() != want {
			t.Errorf("%s: %+v, %v, want %t", text, specs, err, want)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	for _, test := range []struct {
		text    string
		column  int
		message string
		hint    string
	}{
		{"cs,cycels", 3, "no event 'cycels'", "did you mean cycles?"},
		{"sched_switch", 0, "no event", "sched:sched_switch"},
		{"D", 0, "no event", "probe_bash:D"},
		{"sched:sched_swich", 0, "unknown tracepoint", "sched:sched_switch"},
		{"shed:sched_switch", 0, "unknown tracepoint", "sched:sched_switch"},
		{"probe:nosuch", 0, "unknown tracepoint", "gperf probe"},
		{"sched:x*", 0, "no tracepoint matches", "sched"},
		{"sched:[", 0, "no glob", ""},
		{"cpu-clock:zu", 10, "no modifier 'z'", ""},
		{"cpu-clock:uu", 10, "'u' stands twice", ""},
		{"cpus/event=1/", 0, "no PMU 'cpus'", "cpu"},
		{"bad/event=1/", 0, "PMU 'bad'", ""},
		{"cpu/evnt=1/", 4, "unknown term 'evnt' for pmu 'cpu'", "event"},
		{"cpu/zzz=1/", 4, "unknown term", "valid terms: edge,"},
		{"cpu/umask=0x100/", 4, "too big", ""},
		{"cpu/umask=x/", 4, "no number", ""},
		{"cpu/odd=1/", 4, "cannot be understood", ""},
		{"cpu/needs/", 4, "needs a value for ldlat", ""},
		{"cpu/broken/", 4, "nofield", ""},
		{"cycles/foo=1/", 7, "unknown term 'foo'", "valid terms: config,"},
		{"cycles/period/", 7, "needs a value", ""},
		{"cycles/period=x/", 7, "no number", ""},
		{"cycles/no-inherit=1/", 7, "takes no value", ""},
		{"cycles/call-graph=x/", 7, "fp, dwarf", ""},
		{"cycles/branch_type=x/", 7, "no branch filter 'x'", ""},
		{"sched:sched_switch/period=5/", 19, "does not take", "call-graph"},
		{"{cs,faults:D}", 11, "whole group", "behind the brace"},
		{"mem:0x10:rr", 0, "twice", ""},
	} {
		t.Run(test.text, func(t *testing.T) {
			_, err := resolve(t, test.text)
			if err == nil {
				t.Fatal("no error")
			}
			var syntax *SyntaxError
			var unknown *UnknownEventError
			column := -1
			if errors.As(err, &syntax) {
				column = syntax.Column
			} else if errors.As(err, &unknown) {
				column = unknown.Column
			}
			if column != test.column || !strings.Contains(err.Error(), test.message) {
				t.Errorf("column %d, want %d %q\n%v", column, test.column, test.message, err)
			}
			hint := err.(interface{ Hint() string }).Hint()
			status := err.(interface{ ExitStatus() int }).ExitStatus()
			if !strings.Contains(hint, test.hint) || status != 129 {
				t.Errorf("hint %q, want %q; status %d", hint, test.hint, status)
			}
		})
	}
}

func TestDefine(t *testing.T) {
	trace := fakeTrace(t)
	groups, err := Parse("sdt_libc:setjmp")
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	r := Resolver{Trace: trace, Define: func(_ context.Context, name string) ([]string, error) {
		asked = append(asked, name)
		for _, event := range []string{"setjmp", "setjmp_1"} {
			if err := os.CopyFS(trace.Path("events", "sdt_libc", event), os.DirFS(trace.Path("events", "probe_bash", "D"))); err != nil {
				return nil, err
			}
		}
		return []string{"sdt_libc:setjmp", "sdt_libc:setjmp_1"}, nil
	}}
	specs, err := r.Resolve(context.Background(), groups)
	if err != nil || len(specs) != 2 || specs[0].Name != "sdt_libc:setjmp" || specs[1].Name != "sdt_libc:setjmp_1" || !slices.Equal(asked, []string{"sdt_libc:setjmp"}) {
		t.Fatalf("%v, %v, asked %q", specs, err, asked)
	}
	if _, err := r.Resolve(context.Background(), groups); err != nil || len(asked) != 1 {
		t.Errorf("an event that is there was defined again: %q, %v", asked, err)
	}
	glob, err := Parse("sdt_new:*")
	if err != nil {
		t.Fatal(err)
	}
	if specs, err := r.Resolve(context.Background(), glob); err == nil && len(specs) != 2 || len(asked) != 2 || asked[1] != "sdt_new:*" {
		t.Errorf("a glob that nothing matches: %v, %v, asked %q", specs, err, asked)
	}
	refused := errors.New("no such marker")
	r = Resolver{Trace: trace, Define: func(context.Context, string) ([]string, error) { return nil, refused }}
	groups, err = Parse("sdt_libc:longjmp")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = r.Resolve(context.Background(), groups); !errors.Is(err, refused) {
		t.Errorf("got %v", err)
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"abc", "acb", 1}, {"abc", "xabc", 1}, {"cycels", "cycles", 1}, {"kitten", "sitting", 3}} {
		if got := distance(test.a, test.b, 5); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestDefault(t *testing.T) {
	specs := (&Resolver{}).Default()
	if len(specs) != 1 || !strings.HasPrefix(specs[0].Name, "cycles") || !specs[0].Modifiers.PreciseMax {
		t.Errorf("%+v", specs)
	}
}

func FuzzSetField(f *testing.F) {
	f.Add("config:0-7,32-35", uint64(0x53c))
	f.Add("config2:0-63", uint64(1<<64-1))
	f.Add("config:63", uint64(1))
	f.Add("x:9-3", uint64(1))
	f.Fuzz(func(t *testing.T, format string, value uint64) {
		var a perfevent.Attr
		_ = setField(&a, format, value)
	})
}
