package statview

import (
	"slices"
	"strings"
)

// View makes text of readings. It is used by one goroutine.
type View struct {
	o         Options
	unitWidth int
	cpusAt    []map[Place][]int // see spots

	prev    Readings   // raw, of the interval before
	whole   []wholeRun // what AddWhole was given
	last    Readings   // raw, as read last
	events  []counts
	shadow  shadow
	elapsed stats // nanoseconds
	runs    []Run
	rounds  int // readings since the last reset
	lines   int // intervals since the last heading
}

// counts is what is known of one event after the readings so far.
type counts struct {
	cells  []Value // scaled; the sum of all runs
	aggr   Value   // scaled, the sum of all runs
	bad    bool    // never on its unit, or it could not be read
	spread stats   // of aggr, a value a run
}

// New makes a view.
func New(o Options) *View {
	if o.Runs == 0 {
		o.Runs = 1
	}
	if o.Format != CSV {
		o.Separator = " "
	}
	for i := range o.Events {
		if o.Events[i].Scale == 0 {
			o.Events[i].Scale = 1
		}
		o.Events[i].together = o.MergeCores && o.Events[i].Core != 0
		if o.NoMerge {
			o.Events[i].apart()
		}
	}
	v := &View{o: o, unitWidth: len("unit")}
	for _, e := range o.Events {
		if e.Supported {
			v.unitWidth = max(v.unitWidth, len(e.Unit))
		}
	}
	v.Reset()
	return v
}

// Reset forgets all readings, for a run that is told for itself.
func (v *View) Reset() {
	v.clear()
	v.NextRun()
}

// Add takes the readings at the end of a run.
func (v *View) Add(r Readings, run Run) {
	v.elapsed.add(float64(run.Elapsed))
	v.runs = append(v.runs, run)
	v.last = r
	v.take(r, nil)
}

// AddInterval takes the readings at the end of an interval, which was so long; figures are of this interval alone.
func (v *View) AddInterval(r Readings, run Run) {
	prev := v.prev
	v.begin(run)
	v.take(r, prev)
	v.prev, v.last = r, r
}

// wholeRun is a run that was told in intervals.
type wholeRun struct {
	run  Run
	last Readings // raw, of the last interval: since the run's start
}

// AddWhole makes figures of whole runs out of the readings of the last interval of this one, and of those that were added so
// before (--summary).
func (v *View) AddWhole(run Run) {
	v.whole = append(v.whole, wholeRun{run, v.last})
	v.clear()
	for _, w := range v.whole {
		v.elapsed.add(float64(w.run.Elapsed))
		v.runs = append(v.runs, w.run)
		if w.last != nil {
			v.take(w.last, nil)
		}
	}
}

// NextRun tells that the counters of the next interval have begun at zero again.
func (v *View) NextRun() { v.prev, v.last = nil, nil }

func (v *View) begin(run Run) {
	v.clear()
	v.runs = append(v.runs, run)
	v.elapsed.add(float64(run.Elapsed))
}

func (v *View) clear() {
	v.events = make([]counts, len(v.o.Events))
	v.shadow = shadow{}
	v.elapsed, v.runs, v.rounds = stats{}, nil, 0
}

// take counts readings, less those before.
func (v *View) take(r, prev Readings) {
	v.rounds++
	for i := range v.o.Events {
		if i >= len(r) {
			continue
		}
		if prev != nil && i < len(prev) && !v.o.Events[i].Snapshot {
			v.event(i, r[i], prev[i])
		} else {
			v.event(i, r[i], nil)
		}
	}
	if v.o.Aggregation.places() {
		v.shadowPlaces()
	}
}

// event takes the readings of one event.
func (v *View) event(i int, raw, prev []Value) {
	e, c := &v.o.Events[i], &v.events[i]
	if raw == nil || len(e.CPUs) == 0 {
		c.bad = true
		return
	}
	if c.cells == nil {
		c.cells = make([]Value, len(raw))
	}
	seen := map[Place]bool{}
	var aggr Value
	threads := max(len(v.o.Threads), 1)
	for j := range raw {
		if j >= len(c.cells) {
			break
		}
		d := raw[j]
		repeats := e.PerPackage && v.repeats(e, j/threads, d, seen)
		if j < len(prev) {
			d = Value{d.Count - prev[j].Count, d.Enabled - prev[j].Enabled, d.Running - prev[j].Running}
		}
		if repeats {
			d = Value{}
		}
		aggr.add(d)
		if v.o.Aggregation == Global {
			continue
		}
		v.scale(&d)
		c.cells[j].add(d)
		if v.o.Aggregation == PerCPU {
			v.shadow.add(v.o.Events, i, e.CPUs[min(j/threads, len(e.CPUs)-1)], d.Count)
		} else if v.o.Aggregation == PerThread {
			v.shadow.add(v.o.Events, i, j%threads, d.Count)
		}
	}
	if v.o.Aggregation == Global {
		c.bad = !v.scale(&aggr)
		c.aggr.add(aggr)
		c.spread.add(float64(aggr.Count))
		v.shadow.add(v.o.Events, i, 0, aggr.Count)
	}
}

func (a *Value) add(b Value) {
	a.Count += b.Count
	a.Enabled += b.Enabled
	a.Running += b.Running
}

// scale raises a count to the whole time for which the event was enabled; false if it never ran. See perf_counts_values__scale
// in tools/lib/perf/evsel.c.
func (v *View) scale(d *Value) bool {
	switch {
	case v.o.NoScale:
	case d.Running == 0:
		d.Count = 0
		return false
	case d.Running < d.Enabled:
		d.Count = uint64(float64(d.Count) * float64(d.Enabled) / float64(d.Running))
	}
	return true
}

// repeats tells that another CPU of the package has told this count already. One that has not run tells nothing.
func (v *View) repeats(e *Event, cpu int, d Value, seen map[Place]bool) bool {
	if e.CPUs[0] < 0 || d.Running == 0 || d.Enabled == 0 || cpu >= len(e.CPUs) {
		return false
	}
	p := v.o.Places[e.CPUs[cpu]]
	key := Place{Socket: p.Socket, Die: p.Die}
	if seen[key] {
		return true
	}
	seen[key] = true
	return false
}

// merged lists the events whose counts show together on the line of event i: those of the same name on other units. false if i
// itself shows on another's line.
func (v *View) merged(i int) ([]int, bool) {
	e := &v.o.Events[i]
	same := func(j int) bool {
		o := &v.o.Events[j]
		return o.Name == e.Name && o.Scale == e.Scale && o.Unit == e.Unit && o.CGroup == e.CGroup && v.otherUnit(e, o)
	}
	if v.o.NoMerge {
		return []int{i}, true
	}
	if slices.ContainsFunc(indexes(i), same) {
		return nil, false
	}
	out := []int{i}
	for j := i + 1; j < len(v.o.Events); j++ {
		if same(j) {
			out = append(out, j)
		}
	}
	return out, true
}

// otherUnit tells whether o is counted by another unit of the same kind as e's, or of cores if these are merged.
func (v *View) otherUnit(e, o *Event) bool {
	if e.Core != 0 || o.Core != 0 {
		return e.together && o.together && e.Core != o.Core
	}
	return e.Type != o.Type && e.Type >= firstDynamicType && o.Type >= firstDynamicType && (o.Kind == Clock) == (e.Kind == Clock)
}

// firstDynamicType is where the numbers begin that the kernel hands out to units.
const firstDynamicType = 6

func indexes(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// mean is the mean of a sum over all runs.
func (v *View) mean(sum uint64) float64 { return float64(sum) / float64(max(v.rounds, 1)) }

// Supported notes that event i could be counted after all: a recording tells by its first count.
func (v *View) Supported(i int) { v.o.Events[i].Supported = true }

// apart gives an event the name of its unit, where one of the same name may be on another.
func (e *Event) apart() {
	if e.Type < firstDynamicType || e.PMU == "" || strings.HasPrefix(e.Name, e.PMU) {
		return
	}
	if at := strings.IndexByte(e.Name, '/'); at >= 0 {
		e.Name = e.PMU + e.Name[at:]
	} else {
		e.Name += " [" + e.PMU + "]"
	}
}
