package statview

import "fmt"

// row is what stands in front of a count: whose it is.
type row struct {
	at     int // the key of its figures
	cpu    int // PerCPU
	thread int // PerThread
	place  Place
	cpus   int    // that were added up
	first  string // the time of an interval
}

// figureWidth is the column of a figure, with what leads it.
const figureWidth = 35

// Columns of the table.
const (
	countWidth       = 18
	eventWidth       = 32
	eventWidthNoGood = 25 // where there is no count; perf has it so
	moreIndent       = 49 // before a further figure
)

const (
	notSupported = "<not supported>"
	notCounted   = "<not counted>"
)

// count is one line: event i, in row r.
type count struct {
	event int
	row   row
	sum   Value // of all runs
	mean  float64
	bad   bool
}

// line appends the line of a count, without the line's end.
func (v *View) line(b []byte, c *count) []byte {
	b = v.lead(b, c)
	e := &v.o.Events[c.event]
	if c.bad || c.sum.Running == 0 || c.sum.Enabled == 0 {
		return v.noCount(b, c, e)
	}
	value := c.mean * e.Scale
	b = v.value(b, e, value)
	figures := v.figures(c.event, c.row.at, value)
	if v.o.Format != Text {
		b = v.noise(b, c)
		b = v.running(b, c.sum)
		return v.figuresForPrograms(b, c, figures)
	}
	b = v.figuresForPeople(b, c, figures)
	return v.running(v.noise(b, c), c.sum)
}

// lead appends what stands before a count or a further figure of it: the time, and whose it is.
func (v *View) lead(b []byte, c *count) []byte {
	b = append(b, c.row.first...)
	if v.o.Format == CSV && !v.o.NoCSVSummary && v.o.Summary && c.row.first == "" {
		b = fmt.Appendf(b, "%16s%s", "summary", v.o.Separator)
	}
	return v.whose(b, c)
}

// value appends a count with its unit and event.
func (v *View) value(b []byte, e *Event, value float64) []byte {
	decimals := 0
	if e.Scale != float64(int64(e.Scale)) {
		decimals = 2
	}
	switch v.o.Format {
	case JSON:
		b = fmt.Appendf(b, `"counter-value" : "%f", "unit" : %s, "event" : %s, `, value, quote(e.Unit), quote(e.Name))
		return v.cgroup(b, e)
	case CSV:
		b = fmt.Appendf(b, "%.*f%s%s%s%s", decimals, value, v.o.Separator, e.Unit, v.o.Separator, e.Name)
		return v.cgroup(b, e)
	}
	b = fmt.Appendf(b, "%s %-*s %-*s", grouped(value, countWidth, decimals, v.o.Grouping), v.unitWidth, e.Unit, eventWidth, e.Name)
	return v.cgroup(b, e)
}

// noCount is the line of an event that has none.
func (v *View) noCount(b []byte, c *count, e *Event) []byte {
	word := notCounted
	if !e.Supported {
		word = notSupported
	}
	switch v.o.Format {
	case JSON:
		b = fmt.Appendf(b, `"counter-value" : "%s", "unit" : %s, "event" : %s, `, word, quote(e.Unit), quote(e.Name))
		b = v.running(v.noise(v.cgroup(b, e), c), c.sum)
		return append(b, `"metric-value" : 0.000000, "metric-unit" : ""}`...)
	case CSV:
		s := v.o.Separator
		b = fmt.Appendf(b, "%s%s%s%s%s", word, s, e.Unit, s, e.Name)
		b = v.running(v.noise(v.cgroup(b, e), c), c.sum)
		return append(b, s+s...)
	}
	b = fmt.Appendf(b, "%*s %-*s %-*s", countWidth, word, v.unitWidth, e.Unit, eventWidthNoGood, e.Name)
	b = fmt.Appendf(v.cgroup(b, e), "%-*s", figureWidth, "")
	return v.running(v.noise(b, c), c.sum)
}

func (v *View) cgroup(b []byte, e *Event) []byte {
	switch {
	case !v.o.CGroups:
		return b
	case v.o.Format == JSON:
		return fmt.Appendf(b, `"cgroup" : %s, `, quote(e.CGroup))
	}
	return append(append(b, v.o.Separator...), e.CGroup...)
}

// noise appends how far the runs were apart.
func (v *View) noise(b []byte, c *count) []byte {
	if v.o.Runs == 1 {
		return b
	}
	return v.spread(b, percent(v.events[c.event].spread.errorOfMean(), c.mean))
}

func (v *View) spread(b []byte, pct float64) []byte {
	switch {
	case v.o.Format == JSON:
		return fmt.Appendf(b, `"variance" : %.2f, `, pct)
	case v.o.Format == CSV:
		return fmt.Appendf(b, "%s%.2f%%", v.o.Separator, pct)
	case pct != 0:
		return fmt.Appendf(b, "  ( +-%6.2f%% )", pct)
	}
	return b
}

// running appends for how much of the time the event was on its unit.
func (v *View) running(b []byte, sum Value) []byte {
	pct := 100.0
	if sum.Running != sum.Enabled {
		pct = percent(float64(sum.Running), float64(sum.Enabled))
	}
	run := uint64(v.mean(sum.Running))
	switch {
	case v.o.Format == JSON:
		return fmt.Appendf(b, `"event-runtime" : %d, "pcnt-running" : %.2f, `, run, pct)
	case v.o.Format == CSV:
		return fmt.Appendf(b, "%s%d%s%.2f", v.o.Separator, run, v.o.Separator, pct)
	case sum.Running != sum.Enabled:
		return fmt.Appendf(b, "  (%.2f%%)", pct)
	}
	return b
}

// figuresForPeople appends the column of figures; further ones get lines of their own.
func (v *View) figuresForPeople(b []byte, c *count, figures []figure) []byte {
	if len(figures) == 0 {
		return fmt.Appendf(b, "%-*s", figureWidth, "")
	}
	for _, f := range figures {
		if !f.known {
			if !f.more {
				b = fmt.Appendf(b, "%-*s", figureWidth, "")
			}
			continue
		}
		if f.more {
			b = v.lead(append(b, '\n'), c)
			if v.o.Aggregation == PerCPU {
				b = append(b, "        "...)
			}
			b = fmt.Appendf(b, "%*s", moreIndent, "")
		}
		text := f.text()
		pad := figureWidth - len(" # ") - len(text) - 1
		if f.color != "" {
			text = f.color + text + plain
		}
		b = fmt.Appendf(b, " # %s %-*s", text, max(pad, 0), f.unit)
	}
	return b
}

// figuresForPrograms appends figures as fields; further ones get lines of their own, whose fields stand below the first's.
func (v *View) figuresForPrograms(b []byte, c *count, figures []figure) []byte {
	s := v.o.Separator
	if len(figures) == 0 {
		figures = []figure{{}}
	}
	for _, f := range figures {
		if f.more {
			if !f.known {
				continue
			}
			b = v.lead(append(b, '\n'), c)
			if v.o.Format == CSV {
				b = append(b, v.emptyFields()...)
			}
		}
		switch {
		case v.o.Format == JSON && f.known:
			b = fmt.Appendf(b, `"metric-value" : %f, "metric-unit" : %s}`, f.value, quote(f.unit))
		case v.o.Format == JSON:
			b = fmt.Appendf(b, `"metric-value" : %f, "metric-unit" : %s}`, 0.0, quote(f.unit))
		case f.known:
			b = append(append(append(append(b, s...), f.number()...), s...), f.unit...)
		default:
			b = append(append(b, s...), s...)
		}
	}
	return b
}

// emptyFields are those between whose a count is and its further figures: value, unit, event, spread, time, share.
func (v *View) emptyFields() string {
	n := 4
	if v.o.Runs > 1 {
		n++
	}
	if v.o.CGroups {
		n++
	}
	out := ""
	for range n {
		out += v.o.Separator
	}
	return out
}
