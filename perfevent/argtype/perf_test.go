package argtype_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// TestPerfShowsTypes lets the real perf print an event with a rewritten print
// format.
func TestPerfShowsTypes(t *testing.T) {
	testkit.Need(t, testkit.Perf, testkit.Root, testkit.Tracefs)
	e := argtype.SampleEvent()
	text := e.RewriteFormat([]byte(argtype.SampleFormat))
	f, err := tracefs.ParseFormat(text)
	if err != nil {
		t.Fatal(err)
	}
	f.System = e.Group
	trace := tracefs.At(tracefs.DefaultDir)
	page, err := trace.HeaderPage()
	if err != nil {
		t.Fatal(err)
	}
	event, err := trace.HeaderEvent()
	if err != nil {
		t.Fatal(err)
	}
	attr := perfevent.Attr{Type: perfevent.TypeTracepoint, Config: uint64(f.ID), Period: 1,
		SampleType: record.SampleIdentifier | record.SampleIP | record.SampleTID | record.SampleTime | record.SampleCPU | record.SamplePeriod | record.SampleRaw}
	name := filepath.Join(t.TempDir(), "perf.data")
	w, err := perfdata.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	features := &perfdata.Features{TracingData: &perfdata.TracingData{
		Version: "0.6", LongSize: 8, PageSize: os.Getpagesize(), HeaderPage: page, HeaderEvent: event,
		Systems: []perfdata.TracingSystem{{Name: e.Group, Formats: [][]byte{text}}},
	}}
	if err := w.Begin([]perfdata.Event{{Attr: attr, IDs: []uint64{7}, Name: e.Group + ":" + e.Name}}, features); err != nil {
		t.Fatal(err)
	}
	var want []string
	for i, raw := range [][]byte{argtype.SampleRaw(9, -1), argtype.SampleRaw(0, 0), argtype.SampleRaw(12, 5)} {
		binary.NativeEndian.PutUint16(raw, uint16(f.ID))
		s := record.Sample{ID: 7, PID: 1, TID: 1, Time: uint64(i) + 1, Period: 1, Raw: raw}
		if err := w.WriteRecord(attr.Layout().AppendSample(nil, &s)); err != nil {
			t.Fatal(err)
		}
		want = append(want, string(f.AppendText(nil, raw, &tracefs.Context{})))
	}
	if err := w.Finish(nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out := testkit.RunPerf(t, "script", "-i", name, "-F", "trace")
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(got) != len(want) {
		t.Fatalf("perf printed %q", got)
	}
	for i := range want {
		if strings.TrimSpace(got[i]) != want[i] {
			t.Errorf("\nperf %s\nours %s", got[i], want[i])
		}
	}
}
