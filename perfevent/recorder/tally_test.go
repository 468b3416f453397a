package recorder

import (
	"context"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// TestTally counts records that come in pieces of all lengths.
func TestTally(t *testing.T) {
	layout := &record.Layout{SampleType: record.SampleIP | record.SampleTID, SampleIDAll: true}
	var stream []byte
	for range 3 {
		stream = layout.AppendSample(stream, &record.Sample{IP: 1})
		stream = record.Append(layout, stream, &record.Lost{ID: 7, Lost: 5})
		stream = record.Append(layout, stream, &record.Mark{Kind: record.TypeFinishedRound})
		stream = record.Append(layout, stream, &record.Comm{Comm: "a rather long name"})
	}
	for piece := 1; piece <= len(stream); piece++ {
		count := new(tally)
		for rest := stream; len(rest) > 0; {
			n := min(piece, len(rest))
			count.count(rest[:n])
			rest = rest[n:]
		}
		if count.events != 3 || count.lost != 15 {
			t.Fatalf("in pieces of %d: %d events, %d lost", piece, count.events, count.lost)
		}
	}
	garbage := new(tally)
	garbage.count(make([]byte, 1000)) // of no length: it must end
}

// TestProgress is told while the recording goes on.
func TestProgress(t *testing.T) {
	testkit.Need(t, testkit.Root)
	list := openList(t, "page-faults/period=1/", evlist.Options{MmapPages: 8})
	w, _ := newWriter(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last Progress
	o := Options{NoTasks: true, NoMaps: true, Urgent: true, Progress: func(p Progress) {
		if last = p; p.Events > 0 {
			cancel()
		}
	}}
	over := make(chan error, 1)
	var summary Summary
	go func() {
		var err error
		summary, err = Run(ctx, list, w, o)
		over <- err
	}()
	for deadline := time.After(time.Minute); ; {
		select {
		case err := <-over:
			if err != nil {
				t.Fatal(err)
			}
			if last.Events == 0 || last.Events > summary.Samples || last.Bytes == 0 || last.Bytes > summary.Bytes {
				t.Errorf("told %+v, recorded %+v", last, summary)
			}
			return
		case <-deadline:
			t.Fatal("no progress in a minute")
		default:
			fault(t)
		}
	}
}
