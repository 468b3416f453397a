package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/perfevent/recorder"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

func newDataCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "data COMMAND",
		Short: "work on recordings",
		Long:  "Work on recordings.",
		RunE:  func(c *cobra.Command, _ []string) error { return c.Usage() },
		Args:  cobra.NoArgs,
	}
	c.AddCommand(newDataConvertCommand(a), newDataRepairCommand(a))
	return c
}

func newDataRepairCommand(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "repair FILE",
		Short: "complete a recording whose recorder was killed",
		Long: "Complete a recording in its place: its recorder, perf or gperf, was killed before it could write the size of the data and\n" +
			"what describes them. What the file lacks is taken from this machine if it has not been booted since.\n" +
			"In any recording, records at which perf stops reading because the kernel wrote them wrong beside another recorder are mended.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return repair(a, args[0]) },
	}
	return c
}

func repair(a *app, path string) error {
	trace, err := tracefs.Find()
	if err != nil {
		trace = nil // without it formats are missing, which is told below
	}
	done, err := recorder.Repair(path, os.DirFS("/"), trace, "gperf "+version)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return notOurs(path)
	case err != nil:
		return err
	}
	if done.Mended > 0 {
		a.note("%d records that the kernel wrote wrong beside another recorder, where perf stops reading, are right now", done.Mended)
	}
	if done.Whole {
		nothing := ", nothing to repair"
		if done.Mended > 0 {
			nothing = ""
		}
		a.note("%s is whole: %d records%s", path, done.Records, nothing)
		return nil
	}
	a.note("%s is complete now: %d records, %d of them samples", path, done.Records, done.Samples)
	if done.Dropped > 0 {
		a.note("%d bytes at its end are no whole record", done.Dropped)
	}
	if done.Formats > 0 {
		a.note("the formats of %d tracepoints are this kernel's", done.Formats)
	}
	if done.Missing > 0 {
		a.note("%d tracepoints have no format: it was recorded on another machine or before this one was booted, or the probe is gone", done.Missing)
	}
	return nil
}
