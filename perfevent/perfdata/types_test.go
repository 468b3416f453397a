package perfdata

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// withTypes copies a recording, as a stream or a file, and tells what the fields of its first event mean.
func withTypes(t *testing.T, from string, stream bool, types string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "types.data")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w.stream = stream
	all := each(t, from, func(*Reader, *record.Record) {})
	events := append([]Event(nil), all.Events()...)
	events[0].Types = []byte(types)
	if err := w.Begin(events, all.Features()); err != nil {
		t.Fatal(err)
	}
	each(t, from, func(_ *Reader, rec *record.Record) {
		if err := w.WriteRecord(rec.Bytes); err != nil {
			t.Fatal(err)
		}
	})
	if err := w.Finish(nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTypesTravel reads the description of an event's fields back, ahead of the first sample.
func TestTypesTravel(t *testing.T) {
	for _, stream := range []bool{false, true} {
		const want = "seven b"
		samples := 0
		r := each(t, withTypes(t, "testdata/uprobe.data", stream, want), func(r *Reader, rec *record.Record) {
			if rec.Type != record.TypeSample {
				return
			}
			samples++
			if got := string(r.Events()[0].Types); got != want {
				t.Errorf("stream %v: types %q", stream, got)
			}
		})
		if samples == 0 || r.Info().Stream != stream {
			t.Errorf("%d samples, stream %v", samples, r.Info().Stream)
		}
	}
}

// TestPerfSkipsTypes: perf prints the same with and without, and says nothing; perf inject keeps them.
func TestPerfSkipsTypes(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	const from = "testdata/uprobe.data"
	want, _ := perf(t, "", "script", "--force", "-i", from)
	file, stream := withTypes(t, from, false, "for gperf"), withTypes(t, from, true, "for gperf")
	fromFile, complaints := perf(t, "", "script", "-i", file)
	fromStream, more := perf(t, stream, "script", "-i", "-")
	for _, got := range []string{fromFile, fromStream} {
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("perf script (-without +with types):\n%s", d)
		}
	}
	if complaints+more != "" {
		t.Errorf("perf script complains: %s%s", complaints, more)
	}
	injected := filepath.Join(t.TempDir(), "injected.data")
	perf(t, "", "inject", "-b", "-i", file, "-o", injected)
	r := each(t, injected, func(*Reader, *record.Record) {})
	if got := string(r.Events()[0].Types); got != "for gperf" {
		t.Errorf("behind perf inject: types %q", got)
	}
	// perf 6.1 cannot inject into a stream with tracing data, not even its own.
	stream = withTypes(t, "testdata/software.data", true, "for gperf")
	out, _ := perf(t, stream, "inject", "-b", "-i", "-")
	if err := os.WriteFile(injected, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	r = each(t, injected, func(*Reader, *record.Record) {})
	if got := string(r.Events()[0].Types); got != "for gperf" {
		t.Errorf("behind perf inject of a stream: types %q", got)
	}
}
