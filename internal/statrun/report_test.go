package statrun

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// crafted is a recording of counts as a machine with counters would write it.
type crafted struct {
	events  []perfdata.Event
	cpus    []uint16
	threads []record.ThreadMapEntry
	mode    statview.Aggregation
	// counts are value, enabled, running by event, CPU and thread; an event without them is not supported.
	counts map[int][][3]uint64
}

func hw(config uint64, flags perfevent.AttrFlags) perfevent.Attr {
	return perfevent.Attr{Type: perfevent.TypeHardware, Config: config, Flags: flags}
}

func sw(config uint64) perfevent.Attr {
	return perfevent.Attr{Type: perfevent.TypeSoftware, Config: config}
}

func cache(c, op, result uint64) perfevent.Attr {
	return perfevent.Attr{Type: perfevent.TypeHWCache, Config: perfevent.CacheConfig(c, op, result)}
}

func (c *crafted) write(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "perf.data")
	w, err := perfdata.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	id := uint64(100)
	for i := range c.events {
		e := &c.events[i]
		e.Attr.SampleType = record.SampleIdentifier
		e.Attr.Flags |= perfevent.FlagExcludeGuest
		e.Attr.ReadFormat = record.ReadTotalTimeEnabled | record.ReadTotalTimeRunning
		e.Leader = i
		if e.Name == "" {
			e.Name = e.Attr.Name()
		}
		for range c.counts[i] {
			e.IDs = append(e.IDs, id)
			id++
		}
	}
	features := &perfdata.Features{
		Cmdline: []string{"perf", "stat", "true"}, NRCPUs: &perfdata.NRCPUs{Available: 4, Online: 4}, Arch: "x86_64",
		CPUTopology: &perfdata.CPUTopology{
			Cores: []string{"0-1", "2-3"}, Threads: []string{"0", "1", "2", "3"}, Dies: []string{"0-1", "2-3"},
			CPUs: []perfdata.CPUPlace{{Core: 0, Socket: 0, Die: 0}, {Core: 1, Socket: 0, Die: 0}, {Core: 0, Socket: 1, Die: 0}, {Core: 1, Socket: 1, Die: 0}},
		},
		NUMATopology: []perfdata.NUMANode{{Node: 0, CPUs: "0-1"}, {Node: 1, CPUs: "2-3"}},
	}
	f := &file{w: w}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(w.Begin(c.events, features))
	for i := range c.events {
		if c.events[i].Scale != 0 {
			do(f.unit(&c.events[i]))
		}
	}
	do(f.emit(&record.ThreadMap{Threads: c.threads}))
	do(f.emit(&record.CPUMap{Kind: record.CPUMapList, CPUs: c.cpus}))
	do(f.emit(&record.StatConfig{Terms: []record.StatTerm{{Tag: tagAggregation, Value: uint64(c.mode)}, {Tag: tagInterval}, {Tag: tagScale, Value: 1}}}))
	for i, e := range c.events {
		for j, v := range c.counts[i] {
			cpu, thread := j/len(c.threads), j%len(c.threads)
			do(f.emit(&record.Stat{ID: e.IDs[j], CPU: uint32(int32(int16(c.cpus[cpu]))), Thread: uint32(thread), Value: v[0], Enabled: v[1], Running: v[2]}))
		}
	}
	do(f.finish(20_500_000))
	do(w.Close())
	return path
}

// task has each kind of figure, of one task: whole counts, events that took turns, one that never ran, one that is not there.
func task() *crafted {
	const all = 13_132_100 // shares are whole per cents: perf rounds them down in CSV and JSON
	c := &crafted{cpus: []uint16{0xffff}, threads: []record.ThreadMapEntry{{PID: 4711, Comm: "true"}}, mode: statview.Global, counts: map[int][][3]uint64{}}
	add := func(a perfevent.Attr, unit string, scale float64, v ...uint64) {
		if len(v) == 3 {
			c.counts[len(c.events)] = [][3]uint64{{v[0], v[1], v[2]}}
		}
		c.events = append(c.events, perfdata.Event{Attr: a, Unit: unit, Scale: scale})
	}
	add(sw(perfevent.SWTaskClock), "msec", 1e-6, all, all, all)
	add(sw(perfevent.SWContextSwitches), "", 0, 6, all, all)
	add(sw(perfevent.SWPageFaults), "", 0, 123456789, all, all)
	add(hw(perfevent.HWCPUCycles, 0), "", 0, 25520579, all, all)
	add(hw(perfevent.HWStalledCyclesFrontend, 0), "", 0, 13_000_000, all, all/100*33)
	add(hw(perfevent.HWStalledCyclesBackend, 0), "", 0, 5_000_000, all, all)
	add(hw(perfevent.HWInstructions, 0), "", 0, 70396600, all, all/2)
	add(hw(perfevent.HWBranchInstructions, 0), "", 0, 3_000_000, all, all)
	add(hw(perfevent.HWBranchMisses, 0), "", 0, 40_000, all, all/100*14)
	add(hw(perfevent.HWCacheReferences, 0), "", 0, 1000, all, all)
	add(hw(perfevent.HWCacheMisses, 0), "", 0, 333, all, all)
	add(hw(perfevent.HWBusCycles, 0), "", 0)
	add(hw(perfevent.HWRefCPUCycles, 0), "", 0, 5, all, 0)
	for _, unit := range []uint64{perfevent.CacheL1D, perfevent.CacheL1I, perfevent.CacheLL, perfevent.CacheDTLB, perfevent.CacheITLB} {
		add(cache(unit, perfevent.CacheOpRead, perfevent.CacheResultAccess), "", 0, 1_000_000+unit, all, all)
		add(cache(unit, perfevent.CacheOpRead, perfevent.CacheResultMiss), "", 0, 77_777*(unit+1), all, all/100*(50+unit))
	}
	add(cache(perfevent.CacheL1D, perfevent.CacheOpPrefetch, perfevent.CacheResultAccess), "", 0, 0, all, all)
	add(hw(perfevent.HWCPUCycles, perfevent.FlagExcludeKernel|perfevent.FlagExcludeHV), "", 0, 20_000_000, all, all)
	add(hw(perfevent.HWInstructions, perfevent.FlagExcludeKernel|perfevent.FlagExcludeHV), "", 0, 60_000_000, all, all)
	add(hw(perfevent.HWBranchMisses, perfevent.FlagExcludeUser), "", 0, 7, all, all)
	add(perfevent.Attr{Type: perfevent.TypeRaw, Config: 0xc0}, "Joules", 2.3283064365386962890625e-10, 123_456_789_012, all, all)
	return c
}

// machineWide has counts of four CPUs, one of which took turns.
func machineWide(mode statview.Aggregation) *crafted {
	cpus := []uint16{0, 1, 2, 3}
	if mode == statview.PerCPU {
		cpus = cpus[:min(2, runtime.NumCPU())] // perf looks these up on the machine it runs on
	}
	c := &crafted{cpus: cpus, threads: []record.ThreadMapEntry{{PID: ^uint64(0)}}, mode: mode, counts: map[int][][3]uint64{}}
	for i, a := range []perfevent.Attr{sw(perfevent.SWCPUClock), sw(perfevent.SWContextSwitches), hw(perfevent.HWCPUCycles, 0), hw(perfevent.HWInstructions, 0),
		hw(perfevent.HWStalledCyclesBackend, 0), hw(perfevent.HWBranchInstructions, 0), hw(perfevent.HWBranchMisses, 0), hw(perfevent.HWBusCycles, 0)} {
		e := perfdata.Event{Attr: a}
		if i == 0 {
			e.Unit, e.Scale = "msec", 1e-6
		}
		c.events = append(c.events, e)
		for cpu := range uint64(len(cpus)) {
			n := (cpu + 1) * 20_000_000
			v := [3]uint64{n * uint64(i+1) / 3, 20_000_000, 20_000_000}
			if i == 0 {
				v[0] = 20_000_000 + cpu
			}
			if cpu == 1 && i > 1 {
				v[2] /= 5
			}
			if i < 7 {
				c.counts[i] = append(c.counts[i], v)
			}
		}
	}
	return c
}

// perThread has counts of three threads.
func perThread() *crafted {
	c := &crafted{cpus: []uint16{0xffff}, mode: statview.PerThread, counts: map[int][][3]uint64{},
		threads: []record.ThreadMapEntry{{PID: 11, Comm: "short"}, {PID: 1234567, Comm: "fifteen-letters"}, {PID: 13, Comm: "with blank"}}}
	for i, a := range []perfevent.Attr{sw(perfevent.SWTaskClock), hw(perfevent.HWCPUCycles, 0), hw(perfevent.HWInstructions, 0)} {
		e := perfdata.Event{Attr: a}
		if i == 0 {
			e.Unit, e.Scale = "msec", 1e-6
		}
		c.events = append(c.events, e)
		for t := range uint64(3) {
			c.counts[i] = append(c.counts[i], [3]uint64{5_000_000 * (t + 1) * uint64(i+1), 5_000_000, 5_000_000 - 1_000_000*uint64(i)})
		}
	}
	return c
}

// The same readings print alike, to the byte: perf stat report and ours, over recordings with hardware events.
func TestReportAsPerf(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	type test struct {
		name string
		file *crafted
		args []string // of perf
		view statview.Options
	}
	tests := []test{
		{"task", task(), nil, statview.Options{}},
		{"task json", task(), []string{"-j"}, statview.Options{Format: statview.JSON}},
		{"threads", perThread(), nil, statview.Options{}},
		{"threads csv", perThread(), []string{"-x", ";"}, statview.Options{Format: statview.CSV, Separator: ";"}},
		{"threads json", perThread(), []string{"-j"}, statview.Options{Format: statview.JSON}},
	}
	for name, mode := range map[string]statview.Aggregation{"global": statview.Global, "cpu": statview.PerCPU, "core": statview.PerCore,
		"socket": statview.PerSocket, "die": statview.PerDie, "node": statview.PerNode} {
		tests = append(tests, test{name, machineWide(mode), nil, statview.Options{}}, test{name + " json", machineWide(mode), []string{"-j"}, statview.Options{Format: statview.JSON}},
			test{name + " csv", machineWide(mode), []string{"-x,"}, statview.Options{Format: statview.CSV, Separator: ","}})
	}
	tests = append(tests, test{"task csv", task(), []string{"-x,"}, statview.Options{Format: statview.CSV, Separator: ","}})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := tt.file.write(t)
			cmd := exec.Command("perf", append(append([]string{"stat"}, tt.args...), "report", "-i", path)...)
			cmd.Env = append(os.Environ(), "LC_ALL=C")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("perf: %v\n%s", err, out)
			}
			if diff := cmp.Diff(asRight(string(out), tt.view), reported(t, path, tt.view)); diff != "" {
				t.Errorf("perf (-) and gperf (+):\n%s", diff)
			}
		})
	}
}

// asRight mends what perf 6.1 is known to print wrong: fields too few or too many before a further figure, "(null)" for no figure.
func asRight(perf string, v statview.Options) string {
	if v.Format == statview.JSON {
		return strings.ReplaceAll(perf, `"(null)"`, `""`)
	}
	if v.Format != statview.CSV {
		return perf
	}
	var out []string
	for line := range strings.Lines(perf) {
		if strings.Contains(line, "stalled cycles per insn") {
			whose, rest, _ := strings.Cut(line, v.Separator+v.Separator)
			fields := 5
			if whose != "" {
				fields++
			}
			line = whose + strings.Repeat(v.Separator, fields) + strings.TrimLeft(rest, v.Separator)
		}
		out = append(out, line)
	}
	return strings.Join(out, "")
}

func reported(t *testing.T, path string, v statview.Options) string {
	t.Helper()
	r, err := perfdata.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	if err := Report(r, ReportOptions{View: v, Out: &out, Note: func(string) {}}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
