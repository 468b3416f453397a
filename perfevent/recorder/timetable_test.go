package recorder

import (
	"slices"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// TestTimetable takes steps of which the first ones are due at once, without waiting.
func TestTimetable(t *testing.T) {
	const never = -1
	for _, c := range []struct {
		o    Options
		past time.Duration // how long ago the recording began
		want time.Duration
	}{
		{Options{}, 0, never},
		{Options{Delay: -1}, time.Hour, never},
		{Options{Delay: time.Hour}, 2 * time.Hour, 0},
		{Options{Spans: []Span{{0, time.Hour}}}, 2 * time.Hour, 0},
		{Options{Spans: []Span{{time.Hour, 2 * time.Hour}}}, 90 * time.Minute, 0},
	} {
		table := newTimetable(&c.o)
		table.begin = table.begin.Add(-c.past)
		if got := table.left(); got != c.want {
			t.Errorf("%+v after %v: %v are left, want %v", c.o, c.past, got, c.want)
		}
	}
	first := newTimetable(&Options{Spans: []Span{{0, time.Hour}, {2 * time.Hour, 3 * time.Hour}}})
	if got := first.left(); got <= 59*time.Minute || got > time.Hour {
		t.Errorf("%v are left until the first span's end", got)
	}
}

// TestSpans records what starts programs all the time, in two spans: no sample is between them, tasks are told of all the time, and the recording ends
// by itself though the command does not.
func TestSpans(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for _, from := range []time.Duration{0, 50 * time.Millisecond} {
		var notes []string
		const off, on = 500 * time.Millisecond, 200 * time.Millisecond
		first, second := Span{from, from + on}, Span{from + on + off, from + 2*on + off}
		r := mustTake(t, "cpu-clock", []string{"sh", "-c", "while :; do /bin/true; done"}, workload.Options{}, evlist.Targets{},
			Options{Spans: []Span{first, second}, Urgent: true, Notify: func(s string) { notes = append(notes, s) }})
		want := []string{"Events disabled", "Events enabled", "Events disabled", "Events enabled", "Events disabled"}
		if from == 0 {
			want = want[2:]
		}
		if !slices.Equal(notes, want) {
			t.Errorf("from %v: notes %q, want %q", from, notes, want)
		}
		slices.Sort(r.times)
		var begin, end uint64 // the longest time without a sample
		for i := 1; i < len(r.times); i++ {
			if r.times[i]-r.times[i-1] > end-begin {
				begin, end = r.times[i-1], r.times[i]
			}
		}
		if time.Duration(end-begin) < off/2 {
			t.Errorf("from %v: the longest time without any of %d samples is %v", from, len(r.times), time.Duration(end-begin))
		}
		told := 0
		for _, b := range r.bodies {
			if c, ok := b.(*record.Comm); ok && c.SampleID.Time > begin && c.SampleID.Time < end {
				told++
			}
		}
		if told == 0 {
			t.Errorf("from %v: no task is told between the spans", from)
		}
	}
}
