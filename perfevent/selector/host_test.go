package selector

import (
	"context"
	"os"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// TestProbesNamedLikeModifiers: perf takes the names of such probes for
// modifiers and cannot record them.
func TestProbesNamedLikeModifiers(t *testing.T) {
	testkit.Need(t, testkit.Uprobes)
	trace, _, err := tracefs.Mount()
	if err != nil {
		t.Fatal(err)
	}
	group := testkit.Group("tselector")
	for _, name := range []string{"up", "D"} {
		if err := trace.Define(tracefs.UProbe, "p:"+group+"/"+name+" /bin/true:0x100"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := trace.Remove(tracefs.UProbe, group, name); err != nil {
				t.Error(err)
			}
		})
	}
	groups, err := Parse(group + ":up," + group + ":D:u," + group + ":*")
	if err != nil {
		t.Fatal(err)
	}
	r := Resolver{Sys: os.DirFS("/sys"), Trace: trace}
	specs, err := r.Resolve(context.Background(), groups)
	if err != nil {
		t.Fatal(err)
	}
	if len(specs) != 4 || specs[0].Name != group+":up" || specs[1].Name != group+":D" {
		t.Fatalf("specs %+v", specs)
	}
	for _, s := range specs {
		e, err := perfevent.Open(&s.Attr, perfevent.Target{CPU: perfevent.AnyCPU}, nil, 0)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
