package eventlist

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/internal/testkit/jsonschema"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/selector"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// machine is a machine with counters, with a PMU of the core and others.
func machine(t *testing.T) *Sources {
	t.Helper()
	const dev = "bus/event_source/devices/"
	sys := fstest.MapFS{}
	for name, text := range map[string]string{
		"cpu/type": "4", "cpu/events/cpu-cycles": "event=0x3c", "cpu/events/mem-loads": "event=0xcd,umask=0x1,ldlat=?",
		"power/type": "20", "power/events/energy-pkg": "event=0x02", "power/events/energy-pkg.unit": "Joules", "power/events/energy-pkg.scale": "2.3e-10",
		"software/type": "1",
	} {
		sys[dev+name] = &fstest.MapFile{Data: []byte(text + "\n")}
	}
	trace := t.TempDir()
	for _, name := range []string{"sched/sched_switch", "sched/sched_wakeup", "ftrace/function", "ftrace/bprint", "probe_x/\x1b[2J"} {
		dir := filepath.Join(trace, "events", name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "bprint") {
			continue // no id
		}
		if err := os.WriteFile(filepath.Join(dir, "id"), []byte("7\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fs := tracefs.At(trace)
	return &Sources{Resolver: &selector.Resolver{Sys: sys, Trace: fs}, Trace: fs, Supported: func(typ perfevent.Type, config uint64) bool {
		return typ != perfevent.TypeHardware || config != perfevent.HWBusCycles
	}}
}

func TestList(t *testing.T) {
	s := machine(t)
	s.Markers = []Event{{Class: SDT, Name: "sdt_python:gc__start"}}
	all, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	text := string(AppendText(nil, all, false))
	for _, want := range []string{
		"  cpu-cycles OR cycles                               [Hardware event]\n",
		"  branch-instructions OR branches                    [Hardware event]\n",
		"  stalled-cycles-frontend OR idle-cycles-frontend    [Hardware event]\n",
		"  page-faults OR faults                              [Software event]\n",
		"  duration_time                                      [Tool event]\n",
		"  L1-dcache-load-misses                              [Hardware cache event]\n",
		"  dTLB-prefetches                                    [Hardware cache event]\n",
		"  cpu-cycles OR cpu/cpu-cycles/                      [Kernel PMU event]\n",
		"  mem-loads OR cpu/mem-loads,ldlat=?/                [Kernel PMU event]\n",
		"  power/energy-pkg/                                  [Kernel PMU event]\n",
		"  rNNN                                               [Raw hardware event descriptor]\n",
		"  mem:<addr>[/len][:access]                          [Hardware breakpoint]\n",
		"  ftrace:function                                    [Tracepoint event]\n",
		"  sched:sched_switch                                 [Tracepoint event]\n",
		"  sdt_python:gc__start                               [SDT event]\n",
		`  probe_x:\x1b[2J`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	for _, no := range []string{"bus-cycles", "bprint", "L1-icache-stores", "\x1b"} {
		if strings.Contains(text, no) {
			t.Errorf("%q is in the list", no)
		}
	}
	if !strings.Contains(string(AppendText(nil, all, true)), "        power/event=0x02/ * 2.3e-10\n") {
		t.Error("no details of a PMU's event")
	}
}

func TestSelect(t *testing.T) {
	all, err := machine(t).All()
	if err != nil {
		t.Fatal(err)
	}
	for arg, want := range map[string][]string{
		"pmu":        {"cpu-cycles", "mem-loads", "power/energy-pkg/"},
		"sched:*":    {"sched:sched_switch", "sched:sched_wakeup"},
		"sched:*up":  {"sched:sched_wakeup"},
		"s*:*switch": {"sched:sched_switch"},
		"switch":     {"cgroup-switches", "context-switches", "sched:sched_switch"},
		"cycles":     {"cpu-cycles", "stalled-cycles-backend", "stalled-cycles-frontend", "ref-cycles", "cpu-cycles"},
		"faults":     {"alignment-faults", "emulation-faults", "major-faults", "minor-faults", "page-faults"},
		"nosuch":     nil,
		"rNNN":       nil,
	} {
		var got []string
		for _, e := range Select(all, arg) {
			got = append(got, e.Name)
		}
		slices.Sort(got)
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", arg, d)
		}
	}
}

func TestJSON(t *testing.T) {
	all, err := machine(t).All()
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]Event{all, {}} {
		text, err := AppendJSON(nil, list, true)
		if err != nil {
			t.Fatal(err)
		}
		if err := jsonschema.Of([]jsonout.ListedEvent{}, "").Validate(text); err != nil {
			t.Error(err)
		}
	}
}
