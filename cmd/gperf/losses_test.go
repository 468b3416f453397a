package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// A loss stands in the recording, and whoever looks at any part of it has to hear of it.
func TestLossesAreTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lost.data")
	writeLossy(t, path)
	for _, words := range []string{"script", "evlist", "evlist -v", "report --header-only", "buildid-list", "buildid-list -H"} {
		var out, errs bytes.Buffer
		if status := run(append(strings.Fields(words), "-i", path), strings.NewReader(""), &out, &errs); status != 0 {
			t.Errorf("%s: status %d: %s", words, status, &errs)
		}
		for _, want := range []string{"gperf: 40 records were lost in 2 places while recording", "gperf: 42 samples were lost while recording"} {
			if strings.Count(errs.String(), want) != 1 {
				t.Errorf("%s does not say once %q:\n%s", words, want, &errs)
			}
		}
	}
}

// writeLossy writes a recording that lost 17 and 23 records, 42 by the counter's own count.
func writeLossy(t *testing.T, path string) {
	t.Helper()
	events := []perfdata.Event{{
		Name: "page-faults",
		Attr: perfevent.Attr{Type: perfevent.TypeSoftware, Config: perfevent.SWPageFaults, SampleType: record.SampleIP | record.SampleTime},
		IDs:  []uint64{1},
	}}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := perfdata.NewWriter(f)
	if err := w.Begin(events, &perfdata.Features{Hostname: "here"}); err != nil {
		t.Fatal(err)
	}
	for _, body := range []record.Body{&record.Lost{ID: 1, Lost: 17}, &record.Lost{ID: 1, Lost: 23}, &record.LostSamples{Lost: 42}} {
		if err := w.WriteRecord(record.Append(events[0].Layout(), nil, body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(nil); err != nil {
		t.Fatal(err)
	}
}
