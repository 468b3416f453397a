package main

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/check"
	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/perfevent"
)

func newCheckCommand(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "check [-j]\ngperf check feature [-q] NAME[,NAME]...",
		Short: "say what works on this machine, and how to make the rest work",
		Args:  cobra.NoArgs,
	}
	c.Flags().BoolVarP(&asJSON, "json", "j", false, "print JSON, described by docs/schema/check.json")
	c.RunE = func(*cobra.Command, []string) error {
		answers := check.Here().Run()
		out := check.AppendText(nil, answers)
		if asJSON {
			text, err := json.MarshalIndent(answers, "", "\t")
			if err != nil {
				return err
			}
			out = append(text, '\n')
		}
		if _, err := a.out.Write(out); err != nil {
			return err
		}
		return essential(answers)
	}
	c.AddCommand(newCheckFeatureCommand(a))
	return c
}

// essential fails if nothing at all can be measured.
func essential(answers []jsonout.Check) error {
	name := perfevent.Features()[0].Name() // perf_event_open itself
	if slices.ContainsFunc(answers, func(c jsonout.Check) bool { return c.Name == name && c.Works != check.Yes }) {
		return &exitError{1, "this machine lets gperf measure nothing", "the list says what to do"}
	}
	return nil
}

func newCheckFeatureCommand(a *app) *cobra.Command {
	var quiet bool
	c := &cobra.Command{
		Use:   "feature [-q] NAME[,NAME]...",
		Short: "say whether gperf can do what a perf is built with, as libtraceevent or zstd",
		Args:  cobra.ArbitraryArgs,
	}
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "the exit status alone tells")
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageErrorOf(c, errors.New("name one feature, or several with commas between them"))
		}
		all := true
		for _, name := range words(args[0]) {
			line, on, err := check.Builtin(nil, name)
			if err != nil {
				if quiet {
					return &exitError{status: 1}
				}
				return err
			}
			all = all && on
			if !quiet {
				if _, err := a.out.Write(line); err != nil {
					return err
				}
			}
		}
		if !all {
			return &exitError{status: 1}
		}
		return nil
	}
	return c
}
