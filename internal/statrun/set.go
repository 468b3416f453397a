package statrun

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/metric"
	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/counting"
)

// ofCores completes an event that counts on one kind of cores. Its unit's number tells which, and if the counts of all are added up, its name
// does not: cycles:u for cpu_core/cycles/u.
func ofCores(event *statview.Event, e *counting.Event, merge bool) {
	if event.Core == 0 {
		event.Core = uint32(e.Attr.Type)
	}
	parts := strings.SplitN(e.Name, "/", 3)
	if !merge || len(parts) < 3 {
		return
	}
	event.Name = parts[1]
	if parts[2] != "" {
		event.Name += ":" + parts[2]
	}
}

// describe makes what is printed of a set of open counters.
func describe(set *counting.Set, o *Options) statview.Options {
	v := o.View
	v.CPUs = set.CPUs()
	v.Interval, v.Summary = o.Interval > 0, o.Summary
	v.Null = len(set.Events()) == 0
	v.CGroups = len(o.Events.CGroups) > 0
	for i, e := range set.Events() {
		event := statview.Event{
			Name: e.Name, Kind: kindOf(&e.Attr), Exclude: excludeOf(&e.Attr), Core: coreOf(&e.Attr), Supported: e.Supported(), CPUs: e.CPUs,
			Leader: e.Leader, Type: uint32(e.Attr.Type),
		}
		if e.Tool() == counting.NoTool {
			unit(o.Root, &event, &e.Attr)
		} else {
			event.Unit, event.CPUs, event.Kind, event.Type = "ns", set.CPUs()[:1], statview.Other, uint32(perfevent.TypeSoftware)
		}
		if e.Spec.Core != "" {
			ofCores(&event, e, v.MergeCores)
		}
		if v.CGroups {
			event.CGroup = o.Events.CGroups[i]
		}
		v.Events = append(v.Events, event)
	}
	for _, tid := range set.Threads() {
		t := statview.Thread{TID: tid}
		if v.Aggregation == statview.PerThread {
			t.Comm = comm(o.Root, tid)
		}
		v.Threads = append(v.Threads, t)
	}
	v.Metrics = metrics(o.Events.Metrics)
	needed := slices.ContainsFunc(v.Events, func(e statview.Event) bool { return e.PerPackage }) ||
		slices.ContainsFunc(v.Metrics, func(m statview.Metric) bool { return slices.ContainsFunc(m.Expr.Events(), metric.IsFact) })
	if needed || v.Aggregation != statview.Global && v.Aggregation != statview.PerThread {
		v.Places = machinePlaces(o.Root)
	}
	return v
}

// metrics places each figure on the line of the first of its events.
func metrics(all []Metric) []statview.Metric {
	var out []statview.Metric
	for _, m := range all {
		sm := statview.Metric{Metric: m.Metric, Events: m.Events}
		for k, name := range m.Expr.Events() {
			i, ok := m.Events[name]
			if ok && (k == 0 || i < sm.Line) {
				sm.Line = i
			}
		}
		out = append(out, sm)
	}
	return out
}

// comm is the name of a thread; "" if it has gone.
func comm(root fs.FS, tid int) string {
	b, err := fs.ReadFile(root, fmt.Sprintf("proc/%d/comm", tid))
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(b), "\n")
}

// readings takes the counts over; those of clocks are the caller's.
func readings(values [][]counting.Value, set *counting.Set, run statview.Run) statview.Readings {
	out := make(statview.Readings, len(values))
	for i, cells := range values {
		if t := set.Events()[i].Tool(); t != counting.NoTool {
			out[i] = make([]statview.Value, len(set.Threads()))
			out[i][0] = clockValue(t, run)
			continue
		}
		if cells == nil {
			continue
		}
		out[i] = make([]statview.Value, len(cells))
		for j, c := range cells {
			out[i][j] = statview.Value(c)
		}
	}
	return out
}

func clockValue(t counting.Tool, run statview.Run) statview.Value {
	v := statview.Value{Enabled: uint64(run.Elapsed), Running: uint64(run.Elapsed)}
	switch t {
	case counting.Duration:
		v.Count = uint64(run.Elapsed)
	case counting.UserTime:
		v.Count = uint64(run.User)
	case counting.SysTime:
		v.Count = uint64(run.Sys)
	}
	return v
}

// raw is what was read of each event in all: count, nanoseconds enabled and running.
func raw(set *counting.Set, values [][]counting.Value) string {
	var lines []string
	for i, cells := range values {
		var sum counting.Value
		for _, c := range cells {
			sum.Count, sum.Enabled, sum.Running = sum.Count+c.Count, sum.Enabled+c.Enabled, sum.Running+c.Running
		}
		lines = append(lines, fmt.Sprintf("%s: %d %d %d", set.Events()[i].Name, sum.Count, sum.Enabled, sum.Running))
	}
	return strings.Join(lines, "\n")
}
