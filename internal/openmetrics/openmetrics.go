// Package openmetrics writes counters in the text formats that Prometheus
// scrapes: OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/)
// and the older Prometheus text format 0.0.4.
package openmetrics

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Format is one of the two.
type Format int

const (
	PlainText Format = iota // 0.0.4: what every scraper can read
	Text                    // OpenMetrics 1.0.0
)

// ContentType is the format's in HTTP.
func (f Format) ContentType() string {
	if f == Text {
		return "application/openmetrics-text; version=1.0.0; charset=utf-8"
	}
	return "text/plain; version=0.0.4; charset=utf-8"
}

// Type is what a family's values mean.
type Type string

const (
	Counter Type = "counter" // goes up only; its samples are named NAME_total
	Gauge   Type = "gauge"
)

// Family is a metric: samples that differ in their labels.
type Family struct {
	Name string // without _total; ends in _UNIT if there is a unit
	Type Type
	Unit string
	Help string

	Samples []Sample
}

// Sample is a value with its labels.
type Sample struct {
	Labels []Label
	Value  float64
}

// Label tells one sample from another. The name is one of ours, the value may be
// anything.
type Label struct{ Name, Value string }

// Append appends the families in the format. Families without samples are left
// out.
func Append(dst []byte, f Format, families []Family) []byte {
	for i := range families {
		if len(families[i].Samples) > 0 {
			dst = families[i].append(dst, f)
		}
	}
	if f == Text {
		dst = append(dst, "# EOF\n"...)
	}
	return dst
}

func (fam *Family) append(dst []byte, f Format) []byte {
	sample := fam.Name
	if fam.Type == Counter {
		sample += "_total"
	}
	described := fam.Name
	if f == PlainText {
		described = sample // that format knows no difference
	}
	line := func(what, text string) {
		dst = append(append(append(dst, "# "...), what...), ' ')
		dst = append(append(append(dst, described...), ' '), text...)
		dst = append(dst, '\n')
	}
	line("TYPE", string(fam.Type))
	if f == Text && fam.Unit != "" {
		line("UNIT", fam.Unit)
	}
	line("HELP", escape(fam.Help, f == Text))
	for _, s := range fam.Samples {
		dst = append(dst, sample...)
		dst = appendLabels(dst, s.Labels)
		dst = append(dst, ' ')
		dst = appendValue(dst, s.Value)
		dst = append(dst, '\n')
	}
	return dst
}

func appendLabels(dst []byte, labels []Label) []byte {
	if len(labels) == 0 {
		return dst
	}
	for i, l := range labels {
		if i == 0 {
			dst = append(dst, '{')
		} else {
			dst = append(dst, ',')
		}
		dst = append(append(dst, l.Name...), `="`...)
		dst = append(append(dst, escape(l.Value, true)...), '"')
	}
	return append(dst, '}')
}

// appendValue writes counts as whole numbers, as long as a double holds them.
func appendValue(dst []byte, v float64) []byte {
	const exact = 1 << 53
	if v == float64(int64(v)) && v < exact && v > -exact {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64)
}

// escape makes a text one that no reader takes for the end of a value or line,
// in UTF-8.
func escape(s string, quotes bool) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if quotes {
		return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(s)
	}
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(s)
}

// Negotiate chooses the format for an Accept header: OpenMetrics for who asks
// for it at least as much as for plain text.
func Negotiate(accept string) Format {
	var text, plain float64
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, _ := strings.Cut(part, ";")
		q, version := quality(params)
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "application/openmetrics-text":
			if version == "" || version == "1.0.0" || version == "0.0.1" {
				text = max(text, q)
			}
		case "text/plain", "text/*", "*/*":
			plain = max(plain, q)
		}
	}
	if text > 0 && text >= plain {
		return Text
	}
	return PlainText
}

// quality reads the parameters q and version of a media range.
func quality(params string) (q float64, version string) {
	q = 1
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		switch strings.ToLower(name) {
		case "q":
			v, err := strconv.ParseFloat(value, 64)
			if err != nil || !(v >= 0 && v <= 1) { // NaN too
				v = 0
			}
			q = v
		case "version":
			version = strings.Trim(value, `"`)
		}
	}
	return q, version
}
