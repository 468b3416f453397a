package recorder

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// TestRepair does to a recording what a kill does to one of perf's: no size of the records, no features, a last record that is cut.
func TestRepair(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs)
	trace, err := tracefs.Find()
	if err != nil {
		t.Fatal(err)
	}
	var path string
	o := Options{Notify: func(string) {}}
	want := mustTakeFile(t, &path, "sched:sched_process_exec,cpu-clock", []string{"true"}, workload.Options{}, evlist.Targets{SystemWide: true}, o)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const offDataOffset, offDataSize = 40, 48
	ne := binary.NativeEndian
	end := ne.Uint64(b[offDataOffset:]) + ne.Uint64(b[offDataSize:])
	ne.PutUint64(b[offDataSize:], 0)
	torn := append(bytes.Clone(b[:end]), 9, 0, 0, 0, 0, 0, 40, 0, 1, 2, 3, 4)
	path = filepath.Join(t.TempDir(), "torn.data")
	if err := os.WriteFile(path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	done, err := Repair(path, os.DirFS("/"), trace, "gperf")
	if err != nil || done.Whole || !done.SameBoot || done.Formats != 1 || done.Missing != 0 || done.Dropped != 12 || done.Samples != want.summary.Samples {
		t.Fatalf("%+v, %v; want %d samples", done, err, want.summary.Samples)
	}
	got := readBack(t, path, Summary{})
	if len(got.types) != len(want.types) || got.events[0].Format == nil || got.events[0].Name != "sched:sched_process_exec" || got.f.Hostname != want.f.Hostname {
		t.Errorf("%d of %d records, first event %+v", len(got.types), len(want.types), got.events[0])
	}
	if *got.f.SampleTime != *want.f.SampleTime || got.f.BuildIDs[0] != want.f.BuildIDs[0] {
		t.Errorf("times %+v, want %+v; build-id of %+v, want %+v", got.f.SampleTime, want.f.SampleTime, got.f.BuildIDs[0], want.f.BuildIDs[0])
	}
	if done, err = Repair(path, os.DirFS("/"), trace, "gperf"); err != nil || !done.Whole {
		t.Errorf("repaired again: %+v, %v", done, err)
	}
}

// TestRepairElsewhere: of a file that was recorded on another machine only what it tells itself can be completed.
func TestRepairElsewhere(t *testing.T) {
	b, err := os.ReadFile("../perfdata/testdata/tracepoint.data")
	if err != nil {
		t.Fatal(err)
	}
	binary.NativeEndian.PutUint64(b[48:], 0)
	path := filepath.Join(t.TempDir(), "torn.data")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	done, err := Repair(path, os.DirFS(t.TempDir()), nil, "gperf")
	if err != nil || done.SameBoot || done.Missing == 0 || done.Samples == 0 {
		t.Errorf("%+v, %v", done, err)
	}
	r, err := perfdata.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Info().Unfinished || r.Features().Hostname != "" {
		t.Errorf("%+v, features %+v", r.Info(), r.Features())
	}
}
