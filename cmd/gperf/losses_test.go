package main

import (
	"bytes"
	"errors"
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
	stream, file := filepath.Join(t.TempDir(), "lost.data"), filepath.Join(t.TempDir(), "lost.data")
	f, err := os.Create(stream)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	writeLossy(t, perfdata.NewWriter(f))
	w, err := perfdata.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w.SetLosses(perfdata.Losses{Records: 40, Places: 2, Samples: 42}) // as the recorder does that has looked over the file
	writeLossy(t, w)
	for _, path := range []string{stream, file} {
		lossesAreTold(t, path)
	}
}

func lossesAreTold(t *testing.T, path string) {
	t.Helper()
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
func writeLossy(t *testing.T, w *perfdata.Writer) {
	t.Helper()
	events := []perfdata.Event{{
		Name: "page-faults",
		Attr: perfevent.Attr{Type: perfevent.TypeSoftware, Config: perfevent.SWPageFaults, SampleType: record.SampleIP | record.SampleTime},
		IDs:  []uint64{1},
	}}
	if err := w.Begin(events, &perfdata.Features{Hostname: "here"}); err != nil {
		t.Fatal(err)
	}
	for _, body := range []record.Body{&record.Lost{ID: 1, Lost: 17}, &record.Lost{ID: 1, Lost: 23}, &record.LostSamples{Lost: 42}} {
		if err := w.WriteRecord(record.Append(events[0].Layout(), nil, body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Finish(nil), w.Close()); err != nil {
		t.Fatal(err)
	}
}
