// Package headertext is the text of a recording's header: what perf script --header prints.
package headertext

import (
	"fmt"
	"strings"
	"time"

	"github.com/gperf-dev/gperf/internal/sampletext"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// Recording is what a header tells of.
type Recording struct {
	Info     perfdata.Info
	Features *perfdata.Features
	Events   []perfdata.Event
	// Full shows what perf's -I shows: topology, caches, memory.
	Full bool
	// Zone is that of the times of day; nil is UTC.
	Zone *time.Location
}

// header collects lines. Each string that the recording brings goes through printf, which escapes it.
type header struct {
	dst []byte
	r   *Recording
}

func (t *header) printf(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = string(sampletext.AppendEscaped(nil, s))
		}
	}
	t.dst = fmt.Appendf(t.dst, format, args...)
}

// Append appends what a recording says of the machine, of itself and of its events, from "# ========" to "#". See
// perf_header__fprintf_info in tools/perf/util/header.c.
func Append(dst []byte, r *Recording) []byte {
	t := &header{dst: dst, r: r}
	zone := r.Zone
	if zone == nil {
		zone = time.UTC
	}
	t.printf("# ========\n")
	if !r.Info.Stream {
		t.printf("# captured on    : %s\n", r.Info.CapturedOn.In(zone).Format(time.ANSIC))
		t.printf("# header version : %d\n", r.Info.Version)
		t.printf("# data offset    : %d\n", r.Info.DataOffset)
		t.printf("# data size      : %d\n", r.Info.DataSize)
		t.printf("# feat offset    : %d\n", r.Info.DataOffset+r.Info.DataSize)
	}
	var missing []string
	for f := perfdata.FeatureTracingData; f <= perfdata.FeatureCacheLine; f++ {
		if r.Features.Present.Has(f) {
			t.feature(f, zone)
		} else if f <= perfdata.FeaturePMUCaps { // what perf 6.1 knows
			missing = append(missing, f.String()+" ")
		}
	}
	if !r.Info.Stream {
		t.printf("# missing features: %s\n", strings.Join(missing, ""))
	}
	t.printf("# ========\n#\n")
	return t.dst
}

func (t *header) feature(f perfdata.Feature, zone *time.Location) {
	x := t.r.Features
	switch f {
	case perfdata.FeatureHostname:
		t.printf("# hostname : %s\n", x.Hostname)
	case perfdata.FeatureOSRelease:
		t.printf("# os release : %s\n", x.OSRelease)
	case perfdata.FeatureVersion:
		t.printf("# perf version : %s\n", x.Version)
	case perfdata.FeatureArch:
		t.printf("# arch : %s\n", x.Arch)
	case perfdata.FeatureNRCPUs:
		if x.NRCPUs != nil {
			t.printf("# nrcpus online : %d\n# nrcpus avail : %d\n", x.NRCPUs.Online, x.NRCPUs.Available)
		}
	case perfdata.FeatureCPUDesc:
		t.printf("# cpudesc : %s\n", x.CPUDesc)
	case perfdata.FeatureCPUID:
		t.printf("# cpuid : %s\n", x.CPUID)
	case perfdata.FeatureTotalMem:
		t.printf("# total memory : %d kB\n", x.TotalMem)
	case perfdata.FeatureCmdline:
		t.cmdline(x.Cmdline)
	case perfdata.FeatureEventDesc:
		t.events(x.EventDesc)
	case perfdata.FeatureCPUTopology, perfdata.FeatureNUMATopology, perfdata.FeatureCache, perfdata.FeatureMemTopology, perfdata.FeatureHybridTopology, perfdata.FeatureCPUDomains:
		if t.r.Full {
			t.machine(f)
		} else {
			t.printf("# %s info available, use -I to display\n", f.String())
		}
	default:
		t.kinds(f, zone)
	}
}

// kinds writes the features that tell of what kind the records are.
func (t *header) kinds(f perfdata.Feature, zone *time.Location) {
	x := t.r.Features
	switch f {
	case perfdata.FeatureBranchStack:
		t.printf("# contains samples with branch stack\n")
	case perfdata.FeatureAuxtrace:
		t.printf("# contains AUX area data (e.g. instruction trace)\n")
	case perfdata.FeatureStat:
		t.printf("# contains stat data\n")
	case perfdata.FeaturePMUMappings:
		t.pmus(x.PMUMappings)
	case perfdata.FeatureGroupDesc:
		t.groups()
	case perfdata.FeatureSampleTime:
		if s := x.SampleTime; s != nil {
			t.printf("# time of first sample : %s\n# time of last sample : %s\n", seconds(s.First), seconds(s.Last))
			t.printf("# sample duration : %10.3f ms\n", float64(s.Last-s.First)/1e6)
		}
	case perfdata.FeatureClockID:
		t.printf("# clockid frequency: %d MHz\n", x.ClockIDRes*1000)
	case perfdata.FeatureDirFormat:
		t.printf("# directory data version : %d\n", x.DirFormat)
	case perfdata.FeatureCompressed:
		if c := x.Compressed; c != nil {
			name := "Unknown"
			if c.Type == 1 {
				name = "Zstd"
			}
			t.printf("# compressed : %s, level = %d, ratio = %d\n", name, c.Level, c.Ratio)
		}
	case perfdata.FeatureCPUPMUCaps:
		t.caps("cpu", x.CPUPMUCaps)
	case perfdata.FeaturePMUCaps:
		for _, p := range x.PMUCaps {
			t.caps(p.PMU, p.Caps)
		}
	case perfdata.FeatureClockData:
		t.clock(zone)
	case perfdata.FeatureEMachine:
		if m := x.EMachine; m != nil {
			t.printf("# e_machine : %d\n#   e_flags : %d\n", m.Machine, m.Flags)
		}
	case perfdata.FeatureCacheLine:
		t.printf("# cacheline size: %d\n", x.CacheLine)
	}
}

func seconds(ns uint64) string { return fmt.Sprintf("%d.%06d", ns/1e9, ns%1e9/1000) }

func (t *header) cmdline(words []string) {
	t.printf("# cmdline : ")
	for _, w := range words {
		t.printf("%s ", strings.ReplaceAll(w, "'", `\'`))
	}
	t.printf("\n")
}

func (t *header) events(events []perfdata.Event) {
	for i := range events {
		e := &events[i]
		t.printf("# event : name = %s, ", e.Name)
		for j, id := range e.IDs {
			before := ","
			if j == 0 {
				before = ", id = {"
			}
			t.printf("%s %d", before, id)
		}
		if len(e.IDs) > 0 {
			t.printf(" }")
		}
		eachAttr(&e.Attr, func(name, value string) { t.printf(", %s = %s", name, value) })
		t.printf("\n")
	}
}

func (t *header) pmus(pmus []perfdata.PMUMapping) {
	if len(pmus) == 0 {
		t.printf("# pmu mappings: not available\n")
		return
	}
	before := "# pmu mappings: "
	for _, p := range pmus {
		t.printf("%s%s = %d", before, p.Name, p.Type)
		before = ", "
	}
	t.printf("\n")
}

func (t *header) groups() {
	for _, g := range t.r.Features.Groups {
		name := g.Name
		if name == "{anon_group}" {
			name = ""
		}
		t.printf("# group: %s", name)
		before := "{"
		for i := uint64(g.Leader); i < uint64(g.Leader)+uint64(g.Members) && i < uint64(len(t.r.Events)); i++ {
			t.printf("%s%s", before, t.r.Events[i].Name)
			before = ","
		}
		t.printf("}\n")
	}
}

func (t *header) caps(pmu string, caps []perfdata.Capability) {
	if len(caps) == 0 {
		t.printf("# %s pmu capabilities: not available\n", pmu)
		return
	}
	before := ""
	t.printf("# %s pmu capabilities: ", pmu)
	for _, c := range caps {
		t.printf("%s%s=%s", before, c.Name, c.Value)
		before = ", "
	}
	t.printf("\n")
}

// clockNames are the clocks that perf knows by name (tools/perf/util/clockid.c), by number.
var clockNames = map[uint32]string{0: "realtime", 1: "monotonic", 4: "monotonic_raw", 7: "boottime", 11: "tai"}

func (t *header) clock(zone *time.Location) {
	c := t.r.Features.ClockData
	if c == nil {
		return
	}
	name := clockNames[c.ClockID]
	if name == "" {
		name = "(not found)"
	}
	day := time.Unix(int64(c.WallClock/1e9), 0).In(zone).Format(time.DateTime)
	t.printf("# clockid: %s (%d)\n", name, c.ClockID)
	t.printf("# reference time: %s.%06d = %s (TOD) = %d.%09d (%s)\n", day, c.WallClock%1e9/1000, seconds(c.WallClock),
		c.EventClock/1e9, c.EventClock%1e9, name)
}
