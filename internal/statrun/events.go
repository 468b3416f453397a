package statrun

import (
	"context"
	"io/fs"
	"path"
	"slices"

	"github.com/gperf-dev/gperf/internal/metric"
	"github.com/gperf-dev/gperf/perfevent/counting"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Tools gives a Resolver the events that no counter counts: see [counting.Tool].
func Tools(name string) (selector.Spec, bool) {
	if _, ok := counting.FindTool(name); !ok {
		return selector.Spec{}, false
	}
	return counting.ToolSpec(name, 0), true
}

// Default is the selection that perf makes when none is made, of a whole CPU or of a task. What belongs together is in a group,
// which is taken apart where it cannot be counted as a whole: so a ratio is of one time.
func Default(root fs.FS, cpus bool) string {
	clock := "task-clock"
	if cpus {
		clock = "cpu-clock"
	}
	pipeline := "cycles"
	for _, name := range []string{"stalled-cycles-frontend", "stalled-cycles-backend"} {
		if _, err := fs.Stat(root, path.Join(pmuDir, "cpu/events", name)); err == nil {
			pipeline += "," + name
		}
	}
	return clock + ",context-switches,cpu-migrations,page-faults,{" + pipeline + ",instructions}:W,{branches,branch-misses}:W"
}

// Detailed is the selection that -d adds, given so often; "" for 0.
func Detailed(times int) string {
	parts := []string{
		"{L1-dcache-loads,L1-dcache-load-misses}:W,{LLC-loads,LLC-load-misses}:W",
		"{L1-icache-loads,L1-icache-load-misses}:W,{dTLB-loads,dTLB-load-misses}:W,{iTLB-loads,iTLB-load-misses}:W",
		"{L1-dcache-prefetches,L1-dcache-prefetch-misses}:W",
	}
	out := ""
	for i := range min(times, len(parts)) {
		if out != "" {
			out += ","
		}
		out += parts[i]
	}
	return out
}

// AddMetrics selects what metrics need beside what is selected, a metric's own events in a group unless noGroup. On a machine with
// several kinds of cores a metric of their events is one for each kind.
func (e *Events) AddMetrics(ctx context.Context, r *selector.Resolver, all []metric.Metric, noGroup bool) error {
	chosen := r.CoreKind
	defer func() { r.CoreKind = chosen }()
	kinds := r.CoreKinds()
	if chosen != "" || len(kinds) == 0 {
		kinds = []string{chosen}
	}
	for _, m := range all {
		for _, kind := range kinds {
			r.CoreKind = kind
			ofCores, err := e.addMetric(ctx, r, m, noGroup)
			if err != nil {
				return err
			}
			if !ofCores {
				break // the same for all kinds
			}
		}
	}
	return nil
}

// addMetric tells whether the metric is that of a kind of cores.
func (e *Events) addMetric(ctx context.Context, r *selector.Resolver, m metric.Metric, noGroup bool) (ofCores bool, err error) {
	added := Metric{Metric: m, Events: map[string]int{}}
	first := len(e.Specs)
	for _, name := range m.Expr.Events() {
		if metric.IsFact(name) {
			continue
		}
		i := slices.IndexFunc(e.Specs, func(s selector.Spec) bool { return s.Name == name })
		if i < 0 {
			if i, err = e.add(ctx, r, name); err != nil {
				return false, err
			}
		}
		added.Events[name] = i
		if core := e.Specs[i].Core; core != "" {
			added.Name, ofCores = m.Name+" ("+core+")", true
		}
	}
	if !noGroup {
		e.group(first)
	}
	e.Metrics = append(e.Metrics, added)
	return ofCores, nil
}

// add selects an event, unless the one of these cores is selected, and returns where it is.
func (e *Events) add(ctx context.Context, r *selector.Resolver, name string) (int, error) {
	groups, err := selector.Parse(name)
	if err != nil {
		return 0, err
	}
	specs, err := r.Resolve(ctx, groups)
	if err != nil {
		return 0, err
	}
	if same := slices.IndexFunc(e.Specs, func(s selector.Spec) bool { return s.Core != "" && s.Name == specs[0].Name }); same >= 0 {
		return same, nil
	}
	at := len(e.Specs)
	for _, s := range specs {
		s.Leader += at
		e.Specs = append(e.Specs, s)
	}
	return at, nil
}

// group makes a weak group of the events of the CPU's own counters from first on.
func (e *Events) group(first int) {
	leader := -1
	for i := first; i < len(e.Specs); i++ {
		s := &e.Specs[i]
		if !s.OnCore() {
			continue
		}
		if leader < 0 {
			leader = i
		}
		s.Leader, s.Modifiers.Weak = leader, true
	}
}

// OfCPUs tells that all events are of units that count for whole CPUs only, such as those outside of the cores.
func (e *Events) OfCPUs() bool {
	for i := range e.Specs {
		if e.Specs[i].CPUs == nil || e.Specs[i].OnCore() {
			return false
		}
	}
	return len(e.Specs) > 0
}
