package statrun

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/metric"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// A metric of generic events is one for each kind of cores; its events serve those that stand there.
func TestMetricsOfKindsOfCores(t *testing.T) {
	sys := fstest.MapFS{}
	for name, text := range map[string]string{"cpu_core/type": "4", "cpu_core/cpus": "0-3", "cpu_atom/type": "10", "cpu_atom/cpus": "4"} {
		sys["bus/event_source/devices/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	var all []metric.Metric
	for _, text := range []string{"ipc=instructions/cycles", "faults=page-faults*2"} {
		m, err := metric.Define(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	for _, test := range []struct {
		machine fstest.MapFS
		kind    string
		metrics string
		events  string
	}{
		{sys, "", "ipc (cpu_core)|ipc (cpu_atom)|faults", "cpu_core/instructions/|cpu_core/cycles/|cpu_atom/instructions/|cpu_atom/cycles/|page-faults"},
		{sys, "atom", "ipc (cpu_atom)|faults", "cpu_atom/instructions/|cpu_atom/cycles/|page-faults"},
		{fstest.MapFS{}, "", "ipc|faults", "instructions|cycles|page-faults"},
	} {
		r := &selector.Resolver{Sys: test.machine, CoreKind: test.kind}
		var e Events
		for range 2 { // the second time all events are there
			if err := e.AddMetrics(context.Background(), r, all, false); err != nil {
				t.Fatal(err)
			}
		}
		var metrics, events []string
		for _, m := range e.Metrics {
			metrics = append(metrics, m.Name)
			for name, i := range m.Events {
				if got := e.Specs[i].Name; !strings.Contains(got, name) || strings.Contains(m.Name, "(") && !strings.Contains(m.Name, e.Specs[i].Core) {
					t.Errorf("%s of %s is %s", name, m.Name, got)
				}
			}
		}
		for _, s := range e.Specs {
			events = append(events, s.Name)
		}
		if diff := cmp.Diff([]string{test.metrics + "|" + test.metrics, test.events}, []string{strings.Join(metrics, "|"), strings.Join(events, "|")}); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if r.CoreKind != test.kind {
			t.Errorf("kind %q afterwards", r.CoreKind)
		}
	}
}
