package statrun

import (
	"context"
	"os"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/counting"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// TestScrape selects an event twice, one that is not there and a clock of stat's own, in a process of several threads.
func TestScrape(t *testing.T) {
	testkit.Need(t, testkit.Root)
	groups, err := selector.Parse("page-faults,task-clock,page-faults,duration_time")
	if err != nil {
		t.Fatal(err)
	}
	specs, err := (&selector.Resolver{Sys: os.DirFS("/sys"), Extra: Tools}).Resolve(context.Background(), groups)
	if err != nil {
		t.Fatal(err)
	}
	none := selector.Spec{Name: "none", Leader: len(specs)}
	none.Attr.Type, none.Attr.Config = perfevent.TypeHardware, 1<<20
	specs = append(specs, none)
	set, err := counting.Open(context.Background(), specs, counting.Targets{PIDs: []int{os.Getpid()}}, counting.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	if err := set.Enable(); err != nil {
		t.Fatal(err)
	}
	got := Scrape(nil, set, []string{"/a", "/a", "/a", "/a", "/a"})
	want := []struct {
		event              string
		clock, unsupported bool
	}{{"page-faults", false, false}, {"task-clock", true, false}, {"none", false, true}}
	if len(got) != len(want) || len(set.Threads()) < 2 {
		t.Fatalf("%+v of %d threads, want one count for each of %+v", got, len(set.Threads()), want)
	}
	for i, w := range want {
		g := got[i]
		if g.Event != w.event || g.Clock != w.clock || g.Unsupported != w.unsupported || g.CPU != perfevent.AnyCPU || g.Cgroup != "/a" {
			t.Errorf("%+v, want %+v", g, w)
		}
		if !w.unsupported && (g.Enabled <= 0 || g.Running > g.Enabled) {
			t.Errorf("%+v: times", g)
		}
	}
}
