package statview

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/internal/metric"
)

// Notes are what the reader of the last counts must know beside them, a sentence each: what took turns, what counted nothing,
// which figure is not there.
func (v *View) Notes() []string {
	var out []string
	if s := v.shared(); s != "" {
		out = append(out, s)
	}
	if s := v.zero(); s != "" {
		out = append(out, s)
	}
	for i := range v.o.Metrics {
		m := &v.o.Metrics[i]
		if v.o.Aggregation != Global {
			continue // each line may have another reason
		}
		_, err := v.evaluate(m, 0)
		var missing *metric.MissingError
		switch {
		case errors.As(err, &missing) && !v.supported(m, missing.Name):
			out = append(out, fmt.Sprintf("metric %s is not known: this machine cannot count %s", m.Name, missing.Name))
		case err != nil:
			out = append(out, fmt.Sprintf("metric %s is not known: %v", m.Name, err))
		}
	}
	return out
}

func (v *View) supported(m *Metric, name string) bool {
	i, ok := m.Events[name]
	return !ok || v.o.Events[i].Supported
}

// turns is the share of its time for which event i was on its unit, from 0 to 1; 1 if it never was enabled.
func (v *View) turns(i int) float64 {
	sum := v.events[i].aggr
	if v.o.Aggregation != Global {
		for _, c := range v.events[i].cells {
			sum.add(c)
		}
	}
	if sum.Enabled == 0 {
		return 1
	}
	return float64(sum.Running) / float64(sum.Enabled)
}

// unreliable is the share below which a scaled count is a guess.
const unreliable = 0.9

// shared tells that events took turns on the counters.
func (v *View) shared() string {
	n, least, never := 0, 1.0, 0
	for i := range v.o.Events {
		share := v.turns(i)
		if share >= 1 {
			continue
		}
		n++
		if share == 0 {
			never++
			continue
		}
		least = min(least, share)
	}
	switch {
	case n == 0:
		return ""
	case never == n:
		return fmt.Sprintf("%d events never got a counter: they are <not counted>; count fewer at once", n)
	case v.o.NoScale:
		return fmt.Sprintf("%d events took turns on the counters, some for only %.2f%% of the time: with --no-scale their counts are of that time alone", n, least*100)
	case least < unreliable:
		return fmt.Sprintf("%d events took turns on the counters, some for only %.2f%% of the time (shown behind each line): "+
			"their counts are raised to the whole time and are unreliable, by 20%% and more where the work changes; count fewer at once for true ones", n, least*100)
	}
	return fmt.Sprintf("%d events took turns on the counters for a small part of the time (shown behind each line): their counts are raised to the whole time", n)
}

// zero tells that a counter of the hardware ran and counted nothing, though the clock ran.
func (v *View) zero() string {
	var names []string
	for i := range v.o.Events {
		e, c := &v.o.Events[i], &v.events[i]
		if e.Kind != Cycles && e.Kind != Instructions && e.Kind != Branches || c.bad {
			continue
		}
		sum := c.aggr
		for _, cell := range c.cells {
			sum.add(cell)
		}
		const enough = 100_000 // nanoseconds in which any CPU counts something
		if sum.Count == 0 && sum.Running > enough {
			names = append(names, e.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return strings.Join(names, ", ") + " ran and counted 0: the hardware, or a virtual machine's picture of it, does not count here; figures made of them mean nothing"
}
