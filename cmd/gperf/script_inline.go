package main

import (
	"strconv"

	"github.com/gperf-dev/gperf/perfevent/session"
)

// inlineFlag is --inline and --no-inline; with neither, inlined functions are shown where perf shows them.
type inlineFlag session.Inlines

// Set implements pflag.Value.
func (f *inlineFlag) Set(text string) error {
	all, err := strconv.ParseBool(text)
	switch {
	case err != nil:
		return err
	case all:
		*f = inlineFlag(session.InlinesAll)
	default:
		*f = inlineFlag(session.InlinesNone)
	}
	return nil
}

// String implements pflag.Value.
func (f *inlineFlag) String() string {
	return strconv.FormatBool(session.Inlines(*f) == session.InlinesAll)
}

// Type implements pflag.Value: what can be negated.
func (f *inlineFlag) Type() string { return "bool" }
