package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/headertext"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

func newReportCommand(a *app) *cobra.Command {
	var f recordingFlags
	var headerOnly, info bool
	c := &cobra.Command{
		Use:   "report --header-only [OPTIONS]",
		Short: "show the header of a recording",
		Long:  "Show the header of a recording. The profile itself is not there yet: 'perf report' reads gperf's recordings.",
		Args:  cobra.NoArgs,
	}
	f.add(c)
	c.Flags().BoolVar(&headerOnly, "header-only", false, "show the recording's header and nothing else")
	c.Flags().BoolVarP(&info, "show-info", "I", false, "show topology, caches and memory in the header")
	c.RunE = func(*cobra.Command, []string) error {
		if !headerOnly {
			return &exitError{255, "gperf report shows a recording's header only, so far: --header-only",
				"'gperf script' prints the samples, and 'perf report' reads gperf's recordings"}
		}
		return f.read(a, func(r *perfdata.Reader) []byte {
			return headertext.Append(nil, &headertext.Recording{Info: r.Info(), Features: r.Features(), Events: r.Events(), Full: info, Zone: time.Local})
		})
	}
	return c
}
