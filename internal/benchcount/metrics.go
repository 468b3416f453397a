package benchcount

import (
	"strings"
	"unicode"

	"github.com/gperf-dev/gperf/perfevent"
)

// Metric is a value with a unit of Go's benchmark format. See
// https://go.dev/design/14313-benchmark-format.
type Metric struct {
	Value float64
	Unit  string
}

// unitRunning is the unit of a metric that is there only if events shared the
// PMU, so that their figures are estimates: the share of the time that the one
// with the least had it.
const unitRunning = "running-%"

// Read reads all counts; Metrics and Totals then tell them.
func (s *Set) Read() (err error) {
	for i := range s.groups {
		g := &s.groups[i]
		if g.totals, err = g.counters.Read(g.totals[:0]); err != nil {
			return err
		}
	}
	return nil
}

// Each gives the events as last read, in the order in which they were named.
func (s *Set) Each(f func(name string, total perfevent.Total)) {
	for _, g := range s.groups {
		for i, t := range g.totals {
			f(g.names[i], t)
		}
	}
}

// Append appends what was last read, an operation, with the ratios and the flag
// that go with it.
func (s *Set) Append(dst []Metric, operations float64) []Metric {
	least := 1.0
	byName := make(map[string]float64)
	s.Each(func(name string, t perfevent.Total) {
		if t.Multiplexed() {
			least = min(least, float64(t.Running)/float64(t.Enabled))
		}
		if t.Running == 0 && t.Enabled > 0 {
			return // never on the PMU: nothing is known
		}
		byName[name] = float64(t.Scaled)
		dst = append(dst, Metric{float64(t.Scaled) / operations, Unit(name)})
	})
	dst = appendRatio(dst, byName, "instructions", "cycles", "insns/cycle", 1)
	dst = appendRatio(dst, byName, "branch-misses", "branches", "branch-miss-%", 100)
	if least < 1 {
		dst = append(dst, Metric{100 * least, unitRunning})
	}
	return dst
}

// appendRatio appends a ratio of two events, of user space if those are.
func appendRatio(dst []Metric, byName map[string]float64, over, under, unit string, factor float64) []Metric {
	for _, modifier := range []string{"", ":u", ":k"} {
		a, haveA := byName[over+modifier]
		if b := byName[under+modifier]; haveA && b > 0 {
			return append(dst, Metric{factor * a / b, unit})
		}
	}
	return dst
}

// Unit is an event's unit an operation. Clocks count nanoseconds, and say so in
// the way that benchstat turns into seconds.
func Unit(event string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) {
			return '_'
		}
		return r
	}, event)
	base, _, _ := strings.Cut(clean, ":")
	if base == "task-clock" || base == "cpu-clock" {
		return clean + "-ns/op"
	}
	return clean + "/op"
}
