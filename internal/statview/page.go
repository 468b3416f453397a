package statview

import (
	"fmt"
	"strings"
	"time"
)

// clearScreen is what --interval-clear writes before each interval.
const clearScreen = "\x1b[H\x1b[2J"

// AppendTotals appends the counts of all runs since the last [View.Reset], with heading and the time that they took.
func (v *View) AppendTotals(b []byte) []byte {
	if v.o.Format == Text {
		b = fmt.Appendf(b, "\n Performance counter stats for %s", printable(v.o.Title))
		if v.o.Runs > 1 {
			b = fmt.Appendf(b, " (%d runs)", min(v.o.Runs, v.rounds)) // fewer if it was interrupted
		}
		b = append(b, ":\n\n"...)
	}
	if v.o.MetricOnly {
		b = v.metricHeadings(b, "", true)
	}
	b = v.body(b, "")
	if v.o.Format == Text {
		b = v.footer(b)
	}
	return b
}

// AppendInterval appends the counts of an interval that ended so long after the start.
func (v *View) AppendInterval(b []byte, at time.Duration) []byte {
	if v.o.Clear {
		b = append(b, clearScreen+"\n"...)
	}
	first := fmt.Sprintf("%6d.%09d%s", at/time.Second, at%time.Second, v.o.Separator)
	if v.o.Format == JSON {
		first = fmt.Sprintf(`{"interval" : %d.%09d, `, at/time.Second, at%time.Second)
	}
	const often = 25 // lines between headings
	if v.lines%often == 0 || v.o.Clear {
		if v.o.Format == Text {
			b = v.intervalHeading(b)
		}
		if v.o.MetricOnly && (v.lines == 0 || v.o.Format == Text) {
			b = v.metricHeadings(b, strings.Repeat(" ", v.metricLead()), false)
		}
	}
	v.lines++
	return v.body(b, first)
}

// metricLead is what perf puts before the headings of --metric-only with -I.
func (v *View) metricLead() int {
	if v.o.Format == Text {
		return 1
	}
	return 0
}

func (v *View) intervalHeading(b []byte) []byte {
	whose, lead := "", "             "
	switch v.o.Aggregation {
	case PerNode:
		whose = " node   cpus"
	case PerSocket:
		whose = " socket cpus"
	case PerDie:
		whose = " die          cpus"
	case PerCore:
		whose = " core            cpus"
	case PerCPU:
		whose, lead = " CPU    ", "                "
	case PerThread:
		whose, lead = "             comm-pid", "                  "
	}
	b = append(b, "#           time"+whose...)
	if v.o.MetricOnly {
		return b
	}
	return fmt.Appendf(b, "%scounts %*s events\n", lead, v.unitWidth, "unit")
}

// footer appends the time that it took.
func (v *View) footer(b []byte) []byte {
	if !v.o.Null {
		b = append(b, '\n')
	}
	mean := v.elapsed.mean / float64(time.Second)
	if v.o.Runs == 1 {
		b = fmt.Appendf(b, " %17.9f seconds time elapsed", mean)
		if n := len(v.runs); n > 0 && v.runs[n-1].HasUsage {
			r := v.runs[n-1]
			b = fmt.Appendf(b, "\n\n %17.9f seconds user\n %17.9f seconds sys\n", r.User.Seconds(), r.Sys.Seconds())
		}
		return append(b, "\n\n"...)
	}
	spread := v.elapsed.errorOfMean() / float64(time.Second)
	decimals := precision(spread)
	if v.o.Table {
		b = v.table(b, decimals, mean)
	}
	b = fmt.Appendf(b, " %17.*f +- %.*f seconds time elapsed", decimals, mean, decimals, spread)
	return append(v.spread(b, percent(spread, mean)), "\n\n"...)
}

// table appends the time of each run.
func (v *View) table(b []byte, decimals int, mean float64) []byte {
	text := fmt.Sprintf(" %17.*f", decimals, mean)
	indent := len(text) - len(strings.TrimLeft(text, " "))
	b = fmt.Appendf(b, "%*s# Table of individual measurements:\n", indent, "")
	for _, r := range v.runs {
		s := r.Elapsed.Seconds()
		bars := 1
		if s != 0 {
			off := int(100 * (s - mean) / s)
			bars += max(off, -off) / 5
		}
		b = fmt.Appendf(b, " %17.*f (%+.*f) %s\n", decimals, s, decimals, s-mean, strings.Repeat("#", min(bars, 100)))
	}
	return fmt.Appendf(b, "\n%*s# Final result:\n", indent, "")
}
