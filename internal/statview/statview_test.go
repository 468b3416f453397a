package statview

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/metric"
)

const msec = uint64(time.Millisecond)

func view(o Options) *View {
	if o.Aggregation == PerCPU {
		o.Aggregation = Global
	}
	o.Title, o.Threads = "'x'", []Thread{{TID: 1}}
	return New(o)
}

func events(kinds ...Kind) []Event {
	names := map[Kind]string{Clock: "task-clock", Cycles: "cycles", Instructions: "instructions", Branches: "branches", BranchMisses: "branch-misses", Other: "page-faults"}
	var out []Event
	for i, k := range kinds {
		e := Event{Name: names[k], Kind: k, Supported: true, CPUs: []int{-1}, Leader: i}
		if k == Clock {
			e.Unit, e.Scale = "msec", 1e-6
		}
		out = append(out, e)
	}
	return out
}

func one(values ...Value) Readings {
	var r Readings
	for _, v := range values {
		r = append(r, []Value{v})
	}
	return r
}

func whole(n uint64) Value { return Value{n, 10 * msec, 10 * msec} }

// The mean of the runs is printed, not the last one, with its spread.
func TestRepeated(t *testing.T) {
	v := view(Options{Events: events(Clock, Other), Runs: 3})
	for i, n := range []uint64{10, 20, 60} {
		v.Add(one(whole(10*msec), whole(n)), Run{Elapsed: time.Duration(i+1) * time.Second})
	}
	out := string(v.AppendTotals(nil))
	for _, want := range []string{
		" 'x' (3 runs):", "                30      page-faults                      #    3.000 K/sec                    ( +- 50.92% )",
		"             2.000 +- 0.577 seconds time elapsed  ( +- 28.87% )",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
}

// An interval's counts are its own; those of all at the end are of the whole time.
func TestIntervals(t *testing.T) {
	v := view(Options{Events: events(Other), Interval: true, Summary: true})
	v.AddInterval(one(whole(10)), Run{Elapsed: time.Second})
	first := string(v.AppendInterval(nil, time.Second))
	v.AddInterval(one(Value{25, 20 * msec, 15 * msec}), Run{Elapsed: time.Second})
	second := string(v.AppendInterval(nil, 2*time.Second))
	v.AddWhole(Run{Elapsed: 2 * time.Second})
	all := string(v.AppendTotals(nil))
	if !strings.HasPrefix(first, "#           time             counts unit events\n     1.000000000                 10      page-faults") {
		t.Error(first)
	}
	if !strings.HasPrefix(second, "     2.000000000                 30      page-faults") || !strings.Contains(second, "(50.00%)") {
		t.Error(second)
	}
	if !strings.Contains(all, "                33      page-faults") || !strings.Contains(all, "  (75.00%)") {
		t.Error(all)
	}
}

// The counters of a run begin at zero; all runs' are in those at the end.
func TestIntervalsOfRuns(t *testing.T) {
	v := view(Options{Events: events(Other), Interval: true, Summary: true, Runs: 2})
	for _, count := range []uint64{30, 10} {
		v.NextRun()
		v.AddInterval(one(whole(count)), Run{Elapsed: time.Second})
		if got := string(v.AppendInterval(nil, time.Second)); !strings.Contains(got, fmt.Sprintf(" %d      page-faults", count)) {
			t.Errorf("%d are told as\n%s", count, got)
		}
		v.AddWhole(Run{Elapsed: time.Second})
	}
	if all := string(v.AppendTotals(nil)); !strings.Contains(all, "(2 runs)") || !strings.Contains(all, " 20      page-faults") || !strings.Contains(all, "+- 50.00%") {
		t.Error(all)
	}
}

func TestNotes(t *testing.T) {
	ipc, err := metric.Define("ipc=instructions/cycles")
	if err != nil {
		t.Fatal(err)
	}
	m := Metric{Metric: ipc, Events: map[string]int{"cycles": 0, "instructions": 1}}
	for name, tt := range map[string]struct {
		values []Value
		want   string
	}{
		"all is well": {[]Value{whole(100), whole(200)}, ""},
		"turns":       {[]Value{{100, 10 * msec, 3 * msec}, whole(200)}, "1 events took turns on the counters, some for only 30.00% of the time"},
		"a little":    {[]Value{{100, 100 * msec, 95 * msec}, whole(200)}, "for a small part of the time"},
		"never":       {[]Value{{0, 10 * msec, 0}, {0, 10 * msec, 0}}, "2 events never got a counter"},
		"zero":        {[]Value{whole(0), whole(200)}, "cycles ran and counted 0"},
		"division":    {[]Value{whole(0), whole(200)}, "metric ipc is not known: division by zero: cycles is 0"},
	} {
		v := view(Options{Events: events(Cycles, Instructions), Metrics: []Metric{m}})
		v.Add(one(tt.values...), Run{Elapsed: time.Second})
		if got := strings.Join(v.Notes(), "\n"); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestMetricOnly(t *testing.T) {
	for _, tt := range []struct {
		format Format
		want   string
	}{
		{Text, "\n Performance counter stats for 'x':\n\n                 GHz       insn per cycle branch-misses of all branches \n" +
			"               2.000                1.50                         3.00%                 \n\n"},
		{CSV, "GHz,insn per cycle,branch-misses of all branches,\n2.000,1.50,3.00,\n"},
		{JSON, `{"GHz" : "2.000", "insn per cycle" : "1.50", "branch-misses of all branches" : "3.00"}` + "\n"},
	} {
		v := view(Options{Events: events(Clock, Cycles, Instructions, Branches, BranchMisses), MetricOnly: true, Format: tt.format, Separator: ","})
		v.Add(one(whole(10*msec), whole(20*msec), whole(30*msec), whole(1000), whole(30)), Run{Elapsed: time.Second})
		got := string(v.AppendTotals(nil))
		if tt.format == Text {
			if !strings.HasPrefix(got, tt.want[:150]) {
				t.Errorf("%q", got)
			}
		} else if got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// Events of one name on several units show as one line, or as several.
func TestMerged(t *testing.T) {
	es := events(Other, Other)
	for i := range es {
		es[i].Name, es[i].Type, es[i].PMU = "imc/read/", uint32(20+i), []string{"imc_0", "imc_1"}[i]
	}
	v := view(Options{Events: slices.Clone(es)})
	v.Add(one(whole(3), whole(4)), Run{Elapsed: time.Second})
	if got := string(v.AppendTotals(nil)); strings.Count(got, "imc") != 1 || !strings.Contains(got, "                 7      imc/read/") {
		t.Error(got)
	}
	v = view(Options{Events: es, NoMerge: true})
	v.Add(one(whole(3), whole(4)), Run{Elapsed: time.Second})
	if got := string(v.AppendTotals(nil)); !strings.Contains(got, "imc_0/read/") || !strings.Contains(got, "imc_1/read/") {
		t.Error(got)
	}
}

// Events on two kinds of cores: figures are of one kind, and counts stay apart unless they are to be added up.
func TestKindsOfCores(t *testing.T) {
	es := events(Cycles, Cycles, Instructions, Instructions)
	for i := range es {
		es[i].Name = []string{"cpu_core/cycles/", "cpu_atom/cycles/", "cpu_core/instructions/", "cpu_atom/instructions/"}[i]
		es[i].Core = []uint32{4, 10}[i%2]
	}
	counts := one(whole(100), whole(10), whole(300), whole(5))
	v := view(Options{Events: slices.Clone(es)})
	v.Add(counts, Run{Elapsed: time.Second})
	got := string(v.AppendTotals(nil))
	for line, figure := range map[string]string{"cpu_core/instructions/": "3.00  insn per cycle", "cpu_atom/instructions/": "0.50  insn per cycle"} {
		if _, rest, _ := strings.Cut(got, line); !strings.Contains(strings.SplitN(rest, "\n", 2)[0], figure) {
			t.Errorf("no %s at %s:\n%s", figure, line, got)
		}
	}
	for i := range es {
		es[i].Name = []string{"cycles", "instructions"}[i/2]
	}
	v = view(Options{Events: slices.Clone(es), MergeCores: true})
	v.Add(counts, Run{Elapsed: time.Second})
	if got := string(v.AppendTotals(nil)); !strings.Contains(got, "110      cycles") || !strings.Contains(got, "305      instructions") || !strings.Contains(got, "2.77  insn per cycle") || strings.Count(got, "cycles  ") != 1 {
		t.Error(got)
	}
	v = view(Options{Events: es})
	v.Add(counts, Run{Elapsed: time.Second})
	if got := string(v.AppendTotals(nil)); strings.Count(got, "     cycles") != 2 {
		t.Error(got)
	}
}

func TestGrouped(t *testing.T) {
	for want, got := range map[string]string{
		"         1,234,567": grouped(1234567, 18, 0, ","), "        12'345.68": grouped(12345.678, 17, 2, "'"), "   123": grouped(123, 6, 0, ","),
		"  -1,000": grouped(-1000, 8, 0, ","), "     12345": grouped(12345, 10, 0, ""), "   1\u202f000": grouped(1000, 8, 0, "\u202f"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Facts of the machine: two sockets, of which the second has two threads a core.
func TestFacts(t *testing.T) {
	places := map[int]Place{0: {Socket: 0, Core: 0}, 1: {Socket: 0, Core: 1}, 2: {Socket: 1, Core: 0}, 3: {Socket: 1, Core: 0}}
	for name, want := range map[string]float64{"#num_cpus": 4, "#num_cpus_online": 4, "#num_cores": 3, "#num_dies": 2, "#num_packages": 2, "#smt_on": 1} {
		m, err := metric.Define("f = page-faults * " + name)
		if err != nil {
			t.Fatal(err)
		}
		v := view(Options{Events: events(Other), Places: places, Metrics: []Metric{{Metric: m, Events: map[string]int{"page-faults": 0}}}})
		v.Add(one(whole(100)), Run{Elapsed: time.Second})
		if got := string(v.AppendTotals(nil)); !strings.Contains(got, fmt.Sprintf(" %.2f f ", 100*want)) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Further figures that are not known take no room.
func TestFurtherFigureUnknown(t *testing.T) {
	o := Options{Events: events(Clock, Other)}
	for _, text := range []string{"a = page-faults / 0", "b = page-faults / 0"} {
		m, err := metric.Define(text)
		if err != nil {
			t.Fatal(err)
		}
		o.Metrics = append(o.Metrics, Metric{Metric: m, Events: map[string]int{"page-faults": 1}, Line: 1})
	}
	v := view(o)
	v.Add(one(whole(10*msec), whole(100)), Run{Elapsed: time.Second})
	if got := string(v.AppendTotals(nil)); !strings.Contains(got, "               100      page-faults                      #   10.000 K/sec                  \n\n") {
		t.Errorf("%q", got)
	}
}

// Fields of a further figure stand below those of the first, in the summary of intervals too.
func TestFurtherFigureOfSummary(t *testing.T) {
	m, err := metric.Define("f = page-faults")
	if err != nil {
		t.Fatal(err)
	}
	v := view(Options{Events: events(Clock, Other), Metrics: []Metric{{Metric: m, Events: map[string]int{"page-faults": 1}, Line: 1}},
		Format: CSV, Separator: ",", Interval: true, Summary: true})
	v.AddInterval(one(whole(10*msec), whole(100)), Run{Elapsed: time.Second})
	v.AddWhole(Run{Elapsed: time.Second})
	want := "         summary,100,,page-faults,10000000,100.00,10.000,K/sec\n         summary,,,,,,100.00,f\n"
	if got := string(v.AppendTotals(nil)); !strings.HasSuffix(got, want) {
		t.Errorf("%s, want\n%s", got, want)
	}
	v.o.MetricOnly = true
	if got := string(v.AppendTotals(nil)); got != "time,f,\n         summary,100.00,\n" {
		t.Error(got)
	}
	v.o.NoCSVSummary = true
	if got := string(v.AppendTotals(nil)); got != "f,\n100.00,\n" {
		t.Error(got)
	}
}

// A package's counter is read on each of its CPUs, and counts once.
func TestPerPackage(t *testing.T) {
	es := events(Other)
	es[0].PerPackage, es[0].CPUs = true, []int{0, 1, 2, 3}
	v := New(Options{Events: es, Aggregation: Global, Threads: []Thread{{TID: -1}},
		Places: map[int]Place{0: {Socket: 0}, 1: {Socket: 0}, 2: {Socket: 1}, 3: {Socket: 1}}})
	v.Add(Readings{{whole(5), whole(5), whole(7), whole(7)}}, Run{Elapsed: time.Second})
	if got := string(v.AppendTotals(nil)); !strings.Contains(got, "                12      page-faults") {
		t.Error(got)
	}
	after := func(n uint64) Value { return Value{n, 20 * msec, 20 * msec} }
	v = New(Options{Events: es, Aggregation: Global, Threads: []Thread{{TID: -1}}, Places: v.o.Places, Interval: true})
	v.AddInterval(Readings{{whole(5), whole(5), whole(7), whole(7)}}, Run{Elapsed: time.Second})
	v.AddInterval(Readings{{after(15), after(15), after(107), after(107)}}, Run{Elapsed: time.Second})
	if got := string(v.AppendInterval(nil, 2*time.Second)); !strings.Contains(got, "               110      page-faults") {
		t.Errorf("the second interval: %s", got)
	}
}
