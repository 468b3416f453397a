package openmetrics

import (
	"strconv"
	"time"
)

// Count is what an event has counted since counting began, on one CPU or all,
// in one control group or all.
type Count struct {
	Event  string
	CPU    int    // -1: not told apart
	Cgroup string // "": not told apart

	Value   float64 // scaled; of clocks, nanoseconds
	Clock   bool    // Value is a time
	Enabled time.Duration
	Running time.Duration

	// Unsupported events have no count.
	Unsupported bool
}

// maxSeries bounds what one answer may hold: events × CPUs × groups, all of them
// from the command line. What is beyond is left out, and counted in
// gperf_counts_left_out.
const maxSeries = 20_000

// Counts makes families of counts. It is used by one goroutine at a time, and for
// one set of events as long as they count.
type Counts struct {
	last map[series]float64
}

type series struct {
	event, cgroup string
	cpu           int
}

// Families gives the counts as metrics:
//
//	gperf_events_total               how often the event happened, scaled
//	gperf_clock_seconds_total        the same for events that are clocks
//	gperf_enabled_seconds_total      how long it was to be counted
//	gperf_running_seconds_total      and how long it was; less means that events took turns and the figures are estimates
//	gperf_event_supported            0 for what this machine cannot count
//
// An estimate may go down, which a scraper would take for a restart: then the
// last one stays until it is reached again.
func (c *Counts) Families(counts []Count) []Family {
	if c.last == nil {
		c.last = make(map[series]float64)
	}
	events := Family{Name: "gperf_events", Type: Counter, Unit: "events", Help: "How often the event happened, scaled to the whole time if it shared a counter."}
	clocks := Family{Name: "gperf_clock_seconds", Type: Counter, Unit: "seconds", Help: "Time that a clock among the events has counted."}
	enabled := Family{Name: "gperf_enabled_seconds", Type: Counter, Unit: "seconds", Help: "How long the event was to be counted, summed over CPUs and threads."}
	running := Family{Name: "gperf_running_seconds", Type: Counter, Unit: "seconds", Help: "How long the event was counted; less than enabled: it shared a counter, and its count is an estimate."}
	supported := Family{Name: "gperf_event_supported", Type: Gauge, Help: "1 if the event can be counted here, 0 if not."}
	leftOut := Family{Name: "gperf_counts_left_out", Type: Gauge, Help: "Counts beyond the number that one answer may hold."}

	leftOut.Samples = []Sample{{Value: float64(max(0, len(counts)-maxSeries))}}
	for i := range counts[:min(len(counts), maxSeries)] {
		n := &counts[i]
		labels := n.labels()
		supported.Samples = append(supported.Samples, Sample{labels, asNumber(!n.Unsupported)})
		if n.Unsupported {
			continue
		}
		value := c.rising(n)
		if n.Clock {
			clocks.Samples = append(clocks.Samples, Sample{labels, value / 1e9})
		} else {
			events.Samples = append(events.Samples, Sample{labels, value})
		}
		enabled.Samples = append(enabled.Samples, Sample{labels, n.Enabled.Seconds()})
		running.Samples = append(running.Samples, Sample{labels, n.Running.Seconds()})
	}
	return []Family{events, clocks, enabled, running, supported, leftOut}
}

func asNumber(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func (n *Count) labels() []Label {
	labels := make([]Label, 0, 3)
	if n.CPU >= 0 {
		labels = append(labels, Label{"cpu", strconv.Itoa(n.CPU)})
	}
	if n.Cgroup != "" {
		labels = append(labels, Label{"cgroup", n.Cgroup})
	}
	return append(labels, Label{"event", n.Event})
}

// rising is the count, or the highest one so far.
func (c *Counts) rising(n *Count) float64 {
	key := series{n.Event, n.Cgroup, n.CPU}
	v := max(n.Value, c.last[key])
	c.last[key] = v
	return v
}
