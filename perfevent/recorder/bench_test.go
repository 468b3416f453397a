package recorder

import (
	"os"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/evlist"
)

// BenchmarkDrain records page faults of its own, a sample each, and empties the rings all hundred of them: allocations are told by sample.
func BenchmarkDrain(b *testing.B) {
	testkit.Need(b, testkit.Root)
	list := openList(b, "page-faults/period=1/", evlist.Options{})
	w, _ := newWriter(b)
	r := &run{list: list, w: w, o: Options{NoTasks: true, NoMaps: true, Root: os.DirFS("/")}}
	if err := r.describe(); err != nil {
		b.Fatal(err)
	}
	if err := r.open(); err != nil {
		b.Fatal(err)
	}
	if err := list.EnableAll(); err != nil {
		b.Fatal(err)
	}
	const round = 100
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		fault(b)
		if n++; n%round == 0 {
			if err := r.sweep(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.StopTimer()
	if r.summary.Wakeups == 0 && n >= round {
		b.Error("nothing was drained")
	}
}

// TestDrainAllocates: a sweep allocates nothing for the records that it takes, be they few or many.
func TestDrainAllocates(t *testing.T) {
	testkit.Need(t, testkit.Root)
	list := openList(t, "page-faults/period=1/", evlist.Options{})
	w, _ := newWriter(t)
	r := &run{list: list, w: w, o: Options{NoTasks: true, NoMaps: true, Root: os.DirFS("/")}}
	if err := r.describe(); err != nil {
		t.Fatal(err)
	}
	if err := r.open(); err != nil {
		t.Fatal(err)
	}
	if err := list.EnableAll(); err != nil {
		t.Fatal(err)
	}
	allocations := func(records int) float64 {
		return testing.AllocsPerRun(20, func() {
			for range records {
				fault(t)
			}
			if err := r.sweep(); err != nil {
				t.Fatal(err)
			}
		})
	}
	few, many := allocations(10), allocations(2000)
	if many > few+2 || many > 10 {
		t.Errorf("%v allocations in a sweep over 10 records, %v over 2000", few, many)
	}
}
