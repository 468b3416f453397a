package main

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/perfevent/counting"
)

type rootFS = fs.FS

func osRoot() rootFS { return os.DirFS("/") }

// allThreads makes a target of all threads that there are.
func allThreads(c *cobra.Command, t *counting.Targets) error {
	if !t.SystemWide || len(t.CPUs) > 0 {
		return usageErrorOf(c, errors.New("--per-thread needs -p, -t, -a, or stands alone without a command"))
	}
	t.SystemWide, t.AllThreads = false, true
	return nil
}

func millis(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// cgroupFlag is -G, which is of the events before it.
type cgroupFlag struct{ o *statOptions }

func (f cgroupFlag) String() string { return "" }

func (f cgroupFlag) Type() string { return "text" }

func (f cgroupFlag) Set(names string) error {
	if len(f.o.cgroups) == 0 {
		f.o.cgroupAt = len(f.o.events.words)
	}
	f.o.cgroups = append(f.o.cgroups, names)
	return nil
}

// beforeCGroup is how many of all events a single control group is of: those before -G, or all if none is or none comes behind.
func (o *statOptions) beforeCGroup(all int) int {
	first := o.events.first
	if o.cgroupAt >= len(first) || first[o.cgroupAt] == 0 {
		return all
	}
	return first[o.cgroupAt]
}
