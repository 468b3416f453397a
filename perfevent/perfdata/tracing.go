package perfdata

import (
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// TracingData is what a recording tells of the kernel's tracepoints, a container that trace-cmd invented ("tracing" 0.6).
type TracingData struct {
	Version   string // "0.6"
	BigEndian bool
	LongSize  int // bytes of a long of the kernel
	PageSize  int // bytes

	HeaderPage  []byte // events/header_page
	HeaderEvent []byte // events/header_event

	Ftrace  [][]byte // formats of system ftrace
	Systems []TracingSystem

	Kallsyms      []byte // not written by perf since 4.x
	PrintkFormats []byte // lines of: address : "string"
	SavedCmdlines []byte // lines of: pid name; since version 0.6
}

// TracingSystem is the formats of one system's events, as the kernel prints them.
type TracingSystem struct {
	Name    string
	Formats [][]byte
}

// Formats parses all formats. What cannot be parsed is left out and told in errs.
func (t *TracingData) Formats() (formats []*tracefs.Format, errs []error) {
	add := func(system string, texts [][]byte) {
		for _, text := range texts {
			f, err := tracefs.ParseFormat(text)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			f.System = system
			formats = append(formats, f)
		}
	}
	add("ftrace", t.Ftrace)
	for _, s := range t.Systems {
		add(s.Name, s.Formats)
	}
	return formats, errs
}

// Comms returns the names of threads that the kernel's tracing had saved, by thread id. Samples' own COMM records are better.
func (t *TracingData) Comms() map[uint32]string {
	m := map[uint32]string{}
	for line := range strings.Lines(string(t.SavedCmdlines)) {
		pid, name, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		if n, err := strconv.ParseUint(pid, 10, 32); err == nil {
			m[uint32(n)] = name
		}
	}
	return m
}

// Printk returns the kernel's strings by their address, for print formats that name a string so.
func (t *TracingData) Printk() tracefs.Strings { return tracefs.ParsePrintkFormats(t.PrintkFormats) }
