package statview

import (
	"fmt"
	"strconv"
)

// metricWidth is the least width of a column of --metric-only.
const metricWidth = 20

// column is one figure of --metric-only: of which event, and which of the event's.
type column struct {
	event   int
	heading string
}

// columns are the figures that say something without counts.
func (v *View) columns() []column {
	var out []column
	for i := range v.o.Events {
		if _, shown := v.merged(i); !shown {
			continue
		}
		for _, f := range v.figures(i, -1, 0) {
			if f.alone() {
				out = append(out, column{i, f.heading(&v.o.Events[i])})
			}
		}
	}
	return out
}

// indents are what stands over the column that tells whose the figures are.
func (v *View) indent() int {
	switch v.o.Aggregation {
	case PerCore, PerThread:
		return 24
	case PerDie:
		return 18
	case PerSocket, PerNode:
		return 12
	case PerCPU:
		return 11
	}
	return 0
}

// metricHeadings appends the line of headings, of the totals or of intervals.
func (v *View) metricHeadings(b []byte, first string, totals bool) []byte {
	if v.o.Format == JSON {
		return b // each object has its own
	}
	b = append(b, first...)
	if v.o.Format == CSV {
		if v.o.Interval && !(totals && v.o.NoCSVSummary) { // in the totals the word 'summary' stands below
			b = append(b, "time"+v.o.Separator...)
		}
		for _, name := range map[Aggregation][]string{PerCore: {"core", "cpus"}, PerDie: {"die", "cpus"}, PerSocket: {"socket", "cpus"},
			PerNode: {"node", "cpus"}, PerCPU: {"cpu"}, PerThread: {"comm-pid"}}[v.o.Aggregation] {
			b = append(b, name+v.o.Separator...)
		}
	} else if totals {
		b = fmt.Appendf(b, "%*s", v.indent(), "")
	}
	for _, c := range v.columns() {
		if v.o.Format == CSV {
			b = append(append(b, c.heading...), v.o.Separator...)
		} else {
			b = fmt.Appendf(b, "%*s ", metricWidth, c.heading)
		}
	}
	return append(b, '\n')
}

// metricRows appends a line of figures for each CPU or place.
func (v *View) metricRows(b []byte, first string) []byte {
	switch {
	case v.o.Aggregation.places():
		for at, p := range v.placeList() {
			b = v.metricRow(b, func(i int) (count, bool) { return v.placeCount(i, at, p, first) })
		}
		return b
	case v.o.Aggregation == PerCPU:
		at := make([]map[int]count, len(v.o.Events)) // by CPU
		for i := range at {
			at[i] = map[int]count{}
			for _, c := range v.rowsOf(i, first) {
				at[i][c.row.cpu] = c
			}
		}
		for _, cpu := range v.o.CPUs {
			b = v.metricRow(b, func(i int) (count, bool) { c, ok := at[i][cpu]; return c, ok })
		}
		return b
	}
	return v.metricRow(b, func(i int) (count, bool) {
		cs := v.rowsOf(i, first)
		if len(cs) == 0 {
			return count{}, false
		}
		return cs[0], true
	})
}

// metricRow appends one line of figures, of the counts that get gives by event.
func (v *View) metricRow(b []byte, get func(event int) (count, bool)) []byte {
	begun := false
	for i := range v.o.Events {
		c, ok := get(i)
		if !ok {
			continue
		}
		if !begun {
			b = v.lead(b, &c)
			begun = true
		}
		none := c.bad || c.sum.Running == 0 || c.sum.Enabled == 0
		for _, f := range v.figures(i, c.row.at, c.mean*v.o.Events[i].Scale) {
			if f.alone() {
				b = v.metricCell(b, &f, f.heading(&v.o.Events[i]), none)
			}
		}
	}
	if v.o.Format == JSON {
		b = trimComma(b)
		return append(b, "}\n"...)
	}
	return append(b, '\n')
}

func (v *View) metricCell(b []byte, f *figure, heading string, none bool) []byte {
	known := f.known && !none
	text := ""
	switch v.o.Format {
	case JSON:
		if known {
			text = f.number()
		}
		return fmt.Appendf(b, "%s : %s, ", quote(heading), strconv.Quote(text))
	case CSV:
		if known {
			text = f.number()
		}
		return append(append(b, text...), v.o.Separator...)
	}
	width := metricWidth
	if len(heading) > width {
		width = len(heading)
	}
	if known {
		text = f.text()
	}
	pad := fmt.Sprintf("%*s ", width, text)
	if f.color != "" && known {
		pad = f.color + pad + plain
	}
	return append(b, pad...)
}

func trimComma(b []byte) []byte {
	if n := len(b); n > 2 && string(b[n-2:]) == ", " {
		return b[:n-2]
	}
	return b
}
