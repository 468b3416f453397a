package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/buildidcache"
	"github.com/gperf-dev/gperf/internal/buildids"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

func newBuildIDListCommand(a *app) *cobra.Command {
	var f recordingFlags
	var hits, kernel, maps bool
	var verbose int
	c := &cobra.Command{
		Use:   "buildid-list [OPTIONS]",
		Short: "list the build-ids of a recording, of a file or of the running kernel",
		Args:  cobra.NoArgs,
	}
	l := c.Flags()
	f.add(c)
	l.BoolVarP(&hits, "with-hits", "H", false, "only files in which a sample lies")
	l.BoolVarP(&kernel, "kernel", "k", false, "the running kernel's")
	l.BoolVarP(&maps, "kernel-maps", "m", false, "those of the running kernel and its modules, with their addresses")
	l.CountVarP(&verbose, "verbose", "v", "accepted for perf's scripts: there is no more to tell")
	c.RunE = func(*cobra.Command, []string) error {
		switch {
		case kernel:
			id := debugfile.KernelBuildID()
			if id == nil {
				return &exitError{1, "the running kernel does not tell its build-id", "/sys/kernel/notes has it, if /sys is mounted"}
			}
			_, err := fmt.Fprintf(a.out, "%x\n", id)
			return err
		case maps:
			out, err := buildids.KernelMaps(os.DirFS("/"))
			_, werr := a.out.Write(out)
			return errors.Join(err, werr)
		}
		return listBuildIDs(a, &f, hits)
	}
	return c
}

// listBuildIDs lists those of a recording; of an ELF file its own.
func listBuildIDs(a *app, f *recordingFlags, hits bool) error {
	if f.input != "" && f.input != "-" {
		if id, err := buildidcache.FileID(f.input); err == nil {
			_, err := fmt.Fprintf(a.out, "%x\n", id)
			return err
		}
	}
	r, err := openRecording(f.input, f.force)
	if err != nil {
		return err
	}
	defer r.Close()
	out, err := buildids.List(r, hits || !r.Info().Stream && !r.Features().Present.Has(perfdata.FeatureBuildID))
	_, werr := a.out.Write(out)
	a.noteLosses(r)
	return errors.Join(err, werr)
}
