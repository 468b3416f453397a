package statrun

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// A recording of counts is anybody's: whatever stands in it, it is printed or refused.
func FuzzReport(f *testing.F) {
	for _, c := range []*crafted{task(), machineWide(statview.PerCore), machineWide(statview.PerCPU), perThread()} {
		b, err := os.ReadFile(c.write(f))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(c.mode))
	}
	f.Fuzz(func(t *testing.T, b []byte, mode uint8) {
		r, err := perfdata.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		defer r.Close()
		_ = Report(r, ReportOptions{View: statview.Options{Aggregation: statview.Aggregation(mode), Format: statview.Format(mode % 3), MetricOnly: mode > 128, Separator: ","},
			Aggregate: mode%2 == 0, Out: io.Discard, Note: func(string) {}})
	})
}
