package perfdata

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// recordings returns the names of the golden recordings without extension, those of other perfs too.
func recordings(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.data")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	others, err := filepath.Glob("testdata/versions/*.data")
	if err != nil || len(others) == 0 {
		t.Fatalf("no recordings of other perfs: %v", err)
	}
	paths = append(paths, others...)
	for i, p := range paths {
		paths[i] = strings.TrimSuffix(p, ".data")
	}
	return paths
}

// each reads the recording at path and calls f for each record.
func each(t testing.TB, path string, f func(*Reader, *record.Record)) *Reader {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	var rec record.Record
	for {
		err := r.Next(&rec)
		if errors.Is(err, io.EOF) {
			return r
		}
		if err != nil {
			t.Fatal(err)
		}
		f(r, &rec)
	}
}

// TestSamplesAsPerfPrints compares pid, tid, time, period, event and address of each sample with perf script's text.
func TestSamplesAsPerfPrints(t *testing.T) {
	for _, name := range recordings(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			var got, want []string
			var s record.Sample
			each(t, name+".data", func(r *Reader, rec *record.Record) {
				if rec.Type != record.TypeSample {
					return
				}
				i, _, ok := r.Set().Find(rec.Bytes)
				if !ok {
					t.Fatalf("sample at %d is nobody's", rec.Offset)
				}
				if err := r.Set().Layout(i).DecodeSample(rec.Bytes, &s); err != nil {
					t.Fatal(err)
				}
				if a := r.Events()[i].Attr; a.SampleType&record.SamplePeriod == 0 {
					s.Period = a.Period // perf's rule for an event with a fixed period
				}
				line := fmt.Sprintf("%d/%d %d.%09d: %d %s:", s.PID, s.TID, s.Time/1e9, s.Time%1e9, s.Period, r.Events()[i].Name)
				if s.Callchain == nil {
					line += fmt.Sprintf(" %x", s.IP)
				}
				got = append(got, line)
			})
			text, err := os.ReadFile(name + ".script")
			if err != nil {
				t.Fatal(err)
			}
			for l := range strings.Lines(string(text)) {
				f := strings.Fields(l)
				if len(f) >= 4 { // an address of a callchain stands alone
					want = append(want, strings.Join(f, " "))
				}
			}
			slices.Sort(got) // perf script orders by time
			slices.Sort(want)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("samples (-perf +ours):\n%s", d)
			}
		})
	}
}

// TestTypesAsPerfCounts compares the number of records of each type with perf report -D, and decodes all of them.
func TestTypesAsPerfCounts(t *testing.T) {
	for _, name := range recordings(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			got, want := map[string]int{}, map[string]int{}
			each(t, name+".data", func(r *Reader, rec *record.Record) {
				i, _, _ := r.Set().Find(rec.Bytes)
				b, err := record.Decode(r.Set().Layout(i), rec.Bytes)
				if err != nil {
					t.Error(err)
				}
				if _, ok := b.(*record.Unknown); ok {
					t.Errorf("%v is not known", rec.Type)
				}
				got["PERF_RECORD_"+rec.Type.String()]++
			})
			text, err := os.ReadFile(name + ".types")
			if err != nil {
				t.Fatal(err)
			}
			for l := range strings.Lines(string(text)) {
				f := strings.Fields(l)
				n, err := strconv.Atoi(f[0])
				if err != nil {
					t.Fatal(err)
				}
				if f[1] != "PERF_RECORD_COMPRESSED" { // ours do not show
					want[f[1]] = n
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("records (-perf +ours):\n%s", d)
			}
		})
	}
}

// TestFeaturesAsPerfPrints compares the features with perf's header text.
func TestFeaturesAsPerfPrints(t *testing.T) {
	for _, name := range recordings(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			r := each(t, name+".data", func(*Reader, *record.Record) {})
			f, info := r.Features(), r.Info()
			for _, err := range f.Damage {
				t.Error(err)
			}
			text, err := os.ReadFile(name + ".header")
			if err != nil {
				t.Fatal(err)
			}
			have := map[string]bool{}
			for l := range strings.Lines(string(text)) {
				have[strings.TrimSpace(strings.TrimPrefix(strings.TrimRight(l, "\n"), "#"))] = true
			}
			want := []string{
				fmt.Sprintf("data offset    : %d", info.DataOffset),
				fmt.Sprintf("data size      : %d", info.DataSize),
				"hostname : " + f.Hostname,
				"os release : " + f.OSRelease,
				"perf version : " + f.Version,
				"arch : " + f.Arch,
				fmt.Sprintf("nrcpus online : %d", f.NRCPUs.Online),
				fmt.Sprintf("nrcpus avail : %d", f.NRCPUs.Available),
				"cpudesc : " + f.CPUDesc,
				"cpuid : " + f.CPUID,
				fmt.Sprintf("total memory : %d kB", f.TotalMem),
				"cmdline : " + strings.Join(f.Cmdline, " "),
				"sibling sockets : " + f.CPUTopology.Cores[0],
				"sibling dies    : " + f.CPUTopology.Dies[0],
				"sibling threads : " + f.CPUTopology.Threads[1],
				fmt.Sprintf("CPU 1: Core ID %d, Die ID %d, Socket ID %d", f.CPUTopology.CPUs[1].Core, f.CPUTopology.CPUs[1].Die, f.CPUTopology.CPUs[1].Socket),
				fmt.Sprintf("node0 meminfo  : total = %d kB, free = %d kB", f.NUMATopology[0].MemTotal, f.NUMATopology[0].MemFree),
				"node0 cpu list : " + f.NUMATopology[0].CPUs,
				"pmu mappings: " + mappings(f.PMUMappings),
				fmt.Sprintf("time of first sample : %d.%06d", f.SampleTime.First/1e9, f.SampleTime.First/1e3%1e6),
				fmt.Sprintf("memory nodes (nr %d, block size %#x):", len(f.MemTopology.Nodes), f.MemTopology.BlockSize),
			}
			if c := f.Compressed; c != nil {
				want = append(want, fmt.Sprintf("compressed : %s, level = %d, ratio = %d", map[uint32]string{0: "Unknown", 1: "Zstd"}[c.Type], c.Level, c.Ratio))
			}
			for _, l := range want {
				if !have[strings.TrimSpace(l)] {
					t.Errorf("perf does not print %q", l)
				}
			}
		})
	}
}

func mappings(m []PMUMapping) string {
	var s []string
	for _, p := range m {
		s = append(s, fmt.Sprintf("%s = %d", p.Name, p.Type))
	}
	return strings.Join(s, ", ")
}

func TestGroups(t *testing.T) {
	r := each(t, "testdata/group.data", func(*Reader, *record.Record) {})
	if d := cmp.Diff([]Group{{Name: "{anon_group}", Leader: 0, Members: 2}}, r.Features().Groups); d != "" {
		t.Errorf("groups (-want +got):\n%s", d)
	}
	for i, e := range r.Events() {
		if e.Leader != 0 {
			t.Errorf("leader of event %d is %d", i, e.Leader)
		}
	}
}

func TestFormats(t *testing.T) {
	for name, fields := range map[string]int{"tracepoint": 2, "pipe-tracepoint": 2, "uprobe": 3} {
		r := each(t, "testdata/"+name+".data", func(*Reader, *record.Record) {})
		e := r.Events()[0]
		if e.Format == nil || len(e.Format.Fields) != fields || e.Name != e.Format.System+":"+e.Format.Name {
			t.Errorf("%s: event %s has format %+v", name, e.Name, e.Format)
		}
		td := r.Features().TracingData
		if td.LongSize != 8 || td.PageSize != 4096 || td.Version != "0.6" || len(td.HeaderPage) == 0 || len(td.HeaderEvent) == 0 {
			t.Errorf("%s: tracing data %q, long %d, page %d", name, td.Version, td.LongSize, td.PageSize)
		}
		if e := td.Comms()[0]; len(td.SavedCmdlines) > 0 && e == "" && len(td.Comms()) == 0 {
			t.Errorf("%s: no saved names in %q", name, td.SavedCmdlines)
		}
	}
}
