package openmetrics

import (
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// hostile is a label value that tries to end its line and to begin others.
const hostile = "a\"} 1\n# EOF\nb{x=\"\\\xff\t"

func sampleFamilies() []Family {
	return []Family{
		{Name: "gperf_events", Type: Counter, Unit: "events", Help: "How often, by \"name\" \\ or\nelse.", Samples: []Sample{
			{[]Label{{"cpu", "0"}, {"cgroup", "/system.slice"}, {"event", "page-faults"}}, 12},
			{[]Label{{"event", hostile}}, 1 << 60},
		}},
		{Name: "gperf_none", Type: Counter, Help: "No samples."},
		{Name: "gperf_up", Type: Gauge, Help: "A gauge.", Samples: []Sample{{Value: 0.25}}},
	}
}

func TestAppend(t *testing.T) {
	for _, test := range []struct {
		format Format
		want   string
	}{
		{Text, `# TYPE gperf_events counter
# UNIT gperf_events events
# HELP gperf_events How often, by \"name\" \\ or\nelse.
gperf_events_total{cpu="0",cgroup="/system.slice",event="page-faults"} 12
gperf_events_total{event="a\"} 1\n# EOF\nb{x=\"\\` + "\uFFFD\t" + `"} 1.152921504606847e+18
# TYPE gperf_up gauge
# HELP gperf_up A gauge.
gperf_up 0.25
# EOF
`},
		{PlainText, `# TYPE gperf_events_total counter
# HELP gperf_events_total How often, by "name" \\ or\nelse.
gperf_events_total{cpu="0",cgroup="/system.slice",event="page-faults"} 12
gperf_events_total{event="a\"} 1\n# EOF\nb{x=\"\\` + "\uFFFD\t" + `"} 1.152921504606847e+18
# TYPE gperf_up gauge
# HELP gperf_up A gauge.
gperf_up 0.25
`},
	} {
		if diff := cmp.Diff(test.want, string(Append(nil, test.format, sampleFamilies()))); diff != "" {
			t.Errorf("format %d: want -, got +\n%s", test.format, diff)
		}
	}
}

// TestPromtool lets Prometheus's own checker read the plain format.
func TestPromtool(t *testing.T) {
	testkit.Need(t, testkit.Prometheus)
	var c Counts
	families := append(sampleFamilies()[:1], c.Families([]Count{
		{Event: "cycles", CPU: 1, Value: 5, Enabled: time.Second, Running: time.Second / 2},
		{Event: "task-clock", CPU: -1, Value: 5e9, Clock: true},
	})[1:]...)
	cmd := exec.Command("promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(string(Append(nil, PlainText, families)))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestNegotiate(t *testing.T) {
	for accept, want := range map[string]Format{
		"":                             PlainText,
		"*/*":                          PlainText,
		"text/html":                    PlainText,
		"application/openmetrics-text": Text,
		"application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1":                                                                  Text,
		"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1":                      Text,
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,application/openmetrics-text;version=0.0.1;q=0.6,*/*;q=.1": Text,
		"application/openmetrics-text;q=0.1,text/plain;q=0.9":                                                                                                        PlainText,
		"application/openmetrics-text;q=0":                  PlainText,
		"application/openmetrics-text;q=NaN":                PlainText,
		"application/openmetrics-text;q=-1, text/plain;q=7": PlainText,
		"application/openmetrics-text; version=2.0.0":       PlainText,
		"APPLICATION/OpenMetrics-Text ; version=\"1.0.0\"":  Text,
	} {
		if got := Negotiate(accept); got != want {
			t.Errorf("%q: %d, want %d", accept, got, want)
		}
	}
}

func FuzzNegotiate(f *testing.F) {
	f.Add("application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1")
	f.Add(";;q==,;")
	f.Fuzz(func(t *testing.T, accept string) {
		if got := Negotiate(accept); got == Text && !strings.Contains(strings.ToLower(accept), "openmetrics") {
			t.Errorf("%q gave OpenMetrics", accept)
		}
	})
}

// FuzzLabel: whatever a label's value is, it stays one line and one value.
func FuzzLabel(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, value string) {
		got := string(Append(nil, PlainText, []Family{{Name: "a", Type: Gauge, Help: value, Samples: []Sample{{[]Label{{"x", value}}, 1}}}}))
		if strings.Count(got, "\n") != 3 {
			t.Fatalf("%q makes other lines:\n%s", value, got)
		}
		inner := strings.TrimSuffix(got[strings.Index(got, "\na{x=\"")+len("\na{x=\""):], "\"} 1\n")
		if strings.Contains(strings.NewReplacer(`\\`, "", `\"`, "").Replace(inner), `"`) {
			t.Fatalf("%q ends its value:\n%s", value, got)
		}
	})
}

func TestFamilies(t *testing.T) {
	var c Counts
	text := func(counts ...Count) string { return string(Append(nil, Text, c.Families(counts))) }
	first := text(
		Count{Event: "cycles", CPU: 0, Cgroup: "/a", Value: 100, Enabled: 2 * time.Second, Running: time.Second},
		Count{Event: "task-clock", CPU: -1, Value: 1.5e9, Clock: true, Enabled: time.Second, Running: time.Second},
		Count{Event: "branches", CPU: -1, Unsupported: true},
	)
	for _, want := range []string{
		"gperf_events_total{cpu=\"0\",cgroup=\"/a\",event=\"cycles\"} 100\n",
		"gperf_clock_seconds_total{event=\"task-clock\"} 1.5\n",
		"gperf_enabled_seconds_total{cpu=\"0\",cgroup=\"/a\",event=\"cycles\"} 2\n",
		"gperf_running_seconds_total{cpu=\"0\",cgroup=\"/a\",event=\"cycles\"} 1\n",
		"gperf_event_supported{event=\"branches\"} 0\n",
		"gperf_event_supported{event=\"task-clock\"} 1\n",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("no %sin\n%s", want, first)
		}
	}
	if strings.Contains(first, `events_total{event="branches"`) {
		t.Errorf("an event that cannot be counted has a count:\n%s", first)
	}
	// An estimate that went down stays where it was.
	if lower := text(Count{Event: "cycles", CPU: 0, Cgroup: "/a", Value: 90}); !strings.Contains(lower, "event=\"cycles\"} 100\n") {
		t.Errorf("the counter went down:\n%s", lower)
	}
}

func TestFamiliesBounded(t *testing.T) {
	counts := make([]Count, maxSeries+7)
	for i := range counts {
		counts[i] = Count{Event: "e", CPU: i, Value: math.MaxFloat64}
	}
	var c Counts
	families := c.Families(counts)
	if n := len(families[0].Samples); n != maxSeries {
		t.Errorf("%d samples, want %d", n, maxSeries)
	}
	if left := families[len(families)-1].Samples[0].Value; left != 7 {
		t.Errorf("%v left out, want 7", left)
	}
}
