package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/headertext"
	"github.com/gperf-dev/gperf/internal/script"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/session"
)

// recordingFlags is what each command that reads a recording has.
type recordingFlags struct {
	input string
	force bool
}

func (f *recordingFlags) add(c *cobra.Command) {
	c.Flags().StringVarP(&f.input, "input", "i", "", "recording to read, - for standard input (default perf.data)")
	c.Flags().BoolVarP(&f.force, "force", "f", false, "read a recording that belongs to another user")
}

func newEvlistCommand(a *app) *cobra.Command {
	var f recordingFlags
	var o headertext.ListOptions
	c := &cobra.Command{
		Use:   "evlist [OPTIONS]",
		Short: "list the events of a recording",
		Args:  cobra.NoArgs,
	}
	l := c.Flags()
	f.add(c)
	l.BoolVarP(&o.Freq, "freq", "F", false, "show frequency or period")
	l.BoolVarP(&o.Attrs, "verbose", "v", false, "show all that the events were opened with")
	l.BoolVarP(&o.Groups, "group", "g", false, "show groups")
	l.BoolVar(&o.Fields, "trace-fields", false, "show the fields of tracepoints")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if o.Groups && (o.Attrs || o.Freq) {
			return usageErrorOf(c, errors.New("--group option is not compatible with other options"))
		}
		return f.read(a, func(r *perfdata.Reader) []byte {
			return headertext.AppendEventList(nil, r.Events(), r.Features().Groups, o)
		})
	}
	return c
}

// read opens the recording, reads a stream to its end, because it tells of itself on the way, and prints what text makes of it, and
// behind that what the recording lost.
func (f *recordingFlags) read(a *app, text func(*perfdata.Reader) []byte) error {
	r, err := openRecording(f.input, f.force)
	if err != nil {
		return err
	}
	defer r.Close()
	if r.Info().Stream {
		err = r.ReadAll()
	}
	if _, werr := a.out.Write(text(r)); werr != nil {
		return werr
	}
	a.noteLosses(r)
	if err == nil && len(r.Features().Damage) > 0 {
		err = r.Features().Damage[0]
	}
	return err
}

// noteLosses says what a recording lost, in the words that script has. Damage further on is nothing to whoever shows no samples.
func (a *app) noteLosses(r *perfdata.Reader) {
	l := r.AllLosses()
	for _, line := range script.Losses(script.Stats{Stats: session.Stats{Lost: l.Records, LostChunks: l.Places, LostSample: l.Samples}}) {
		a.note("%s", line)
	}
}
