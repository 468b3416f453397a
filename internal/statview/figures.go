package statview

import (
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/internal/metric"
)

// figure is one thing that is told of a count beside it. Without a value only its unit is known, for headings.
type figure struct {
	unit   string
	format string
	value  float64
	known  bool
	color  string
	more   bool // on a line of its own
}

// figures are those of event i at a CPU, thread or place, whose count is avg in its unit.
func (v *View) figures(i, at int, avg float64) []figure {
	e := &v.o.Events[i]
	fs := v.builtin(e, at, avg)
	for j := range v.o.Metrics {
		m := &v.o.Metrics[j]
		if m.Line != i {
			continue
		}
		f := v.metric(m, at)
		f.more = len(fs) > 0
		fs = append(fs, f)
	}
	return fs
}

// builtin are the figures that perf makes by itself. See perf_stat__print_shadow_stats.
func (v *View) builtin(e *Event, at int, avg float64) []figure {
	if r, ok := ratioOf(e.Kind); ok {
		total, counted := v.shadow.of(e, r.of, at)
		value := 0.0
		if total != 0 {
			value = avg / total * 100
			if e.Kind == CacheMisses {
				value = avg * 100 / total
			}
		}
		return []figure{{unit: r.unit, format: r.format, value: value, known: counted, color: v.color(value, r.levels)}}
	}
	switch e.Kind {
	case Instructions:
		return v.instructions(e, at, avg)
	case Cycles:
		f := figure{unit: "GHz", format: "%8.3f"}
		if ns, _ := v.shadow.of(e, Clock, at); ns != 0 {
			f.value, f.known = avg/ns, true
		}
		return []figure{f}
	case FrontendStalls, BackendStalls:
		return []figure{v.stalls(e, at, avg)}
	case Clock:
		f := figure{unit: "CPUs utilized", format: "%8.3f"}
		if v.elapsed.mean != 0 {
			f.value, f.known = avg/(v.elapsed.mean*e.Scale), true
		}
		return []figure{f}
	}
	return v.rate(e, at, avg)
}

func (v *View) instructions(e *Event, at int, avg float64) []figure {
	f := figure{unit: "insn per cycle", format: "%7.2f "}
	if cycles, _ := v.shadow.of(e, Cycles, at); cycles != 0 {
		f.value, f.known = avg/cycles, true
	}
	front, _ := v.shadow.of(e, FrontendStalls, at)
	back, _ := v.shadow.of(e, BackendStalls, at)
	if stalled := max(front, back); stalled != 0 && avg != 0 {
		return []figure{f, {unit: "stalled cycles per insn", format: "%7.2f ", value: stalled / avg, known: true, more: true}}
	}
	return []figure{f}
}

func (v *View) stalls(e *Event, at int, avg float64) figure {
	f := figure{unit: "backend cycles idle", format: "%7.2f%%", known: true}
	levels := [3]float64{75, 50, 20}
	if cycles, _ := v.shadow.of(e, Cycles, at); cycles != 0 {
		f.value = avg / cycles * 100
	}
	if e.Kind == FrontendStalls {
		f.unit, f.known = "frontend cycles idle", f.value != 0
		levels = [3]float64{50, 30, 10}
	}
	f.color = v.color(f.value, levels)
	return f
}

// rate is how often a second of the clock beside it.
func (v *View) rate(e *Event, at int, avg float64) []figure {
	ns, counted := v.shadow.of(e, Clock, at)
	if !counted {
		return nil
	}
	f := figure{unit: "/sec", format: "%8.3f", known: true}
	if ns != 0 {
		f.value = 1e9 * avg / ns
		for _, unit := range []string{"K/sec", "M/sec", "G/sec"} {
			if f.value <= 1000 {
				break
			}
			f.value /= 1000
			f.unit = unit
		}
	}
	return []figure{f}
}

// metric computes a figure that was asked for. One that cannot be computed is not known; [View.Notes] tells why.
func (v *View) metric(m *Metric, at int) figure {
	f := figure{unit: m.Name, format: m.Format}
	if f.format == "" {
		f.format = "%8.2f"
	}
	value, err := v.evaluate(m, at)
	f.value, f.known = value, err == nil
	return f
}

func (v *View) evaluate(m *Metric, at int) (float64, error) {
	return m.Expr.Eval(func(name string) (float64, bool) {
		if metric.IsFact(name) {
			return v.fact(name), true
		}
		i, ok := m.Events[name]
		if !ok {
			return 0, false
		}
		st := v.shadow.events[eventKey{i, at}]
		if st == nil || !v.o.Events[i].Supported || v.events[i].bad {
			return 0, false
		}
		return st.mean, true
	})
}

// fact is a number of the machine's parts, by the name that package metric has for it. CPUs are those that are online.
func (v *View) fact(name string) float64 {
	cores, dies, packages := map[Place]bool{}, map[Place]bool{}, map[Place]bool{}
	for _, p := range v.o.Places {
		cores[Place{Socket: p.Socket, Die: p.Die, Core: p.Core}] = true
		dies[Place{Socket: p.Socket, Die: p.Die}] = true
		packages[Place{Socket: p.Socket}] = true
	}
	cpus := len(v.o.Places)
	switch name {
	case "#num_cores":
		return float64(len(cores))
	case "#num_dies":
		return float64(len(dies))
	case "#num_packages":
		return float64(len(packages))
	case "#smt_on":
		return float64(min(1, cpus-len(cores)))
	}
	return float64(cpus)
}

// Colours, by how bad a ratio is.
const (
	red     = "\x1b[31m"
	magenta = "\x1b[35m"
	yellow  = "\x1b[33m"
	plain   = "\x1b[m"
)

func (v *View) color(value float64, levels [3]float64) string {
	if !v.o.Color || levels[0] == 0 {
		return ""
	}
	for i, c := range []string{red, magenta, yellow} {
		if value > levels[i] {
			return c
		}
	}
	return ""
}

// alone tells that a figure says something without its count: not how often a second, not how many CPUs.
func (f *figure) alone() bool {
	return f.unit != "" && !strings.Contains(f.unit, "/sec") && !strings.Contains(f.unit, "CPUs utilized")
}

// heading is a figure's unit as the head of a column; a ratio tells of which event.
func (f *figure) heading(e *Event) string {
	if strings.HasPrefix(f.unit, "of all") {
		return e.Name + " " + f.unit
	}
	return f.unit
}

func (f *figure) text() string { return fmt.Sprintf(f.format, f.value) }

// number is the digits of the text alone, for programs.
func (f *figure) number() string {
	s := strings.TrimLeft(f.text(), " ")
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || s[end] == '-' && end == 0) {
		end++
	}
	return s[:end]
}
