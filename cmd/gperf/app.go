package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// version is what `gperf --version` and the header of a recording say.
const version = "0.1"

// app is what every subcommand gets: where to read and write. A subcommand keeps no other global state.
type app struct {
	in       io.Reader
	out, err io.Writer

	words []string // the command line
}

// note tells the user something that is no error: on standard error, one line, with gperf's name.
func (a *app) note(format string, args ...any) {
	fmt.Fprintln(a.err, "gperf: "+shown(fmt.Sprintf(format, args...)))
}

// run carries out one command line and returns the exit status.
func run(args []string, in io.Reader, out, errw io.Writer) int {
	a := &app{in: in, out: out, err: errw, words: args}
	root := newRootCommand(a)
	words, err := normalize(root, args)
	if err != nil {
		return a.fail(err)
	}
	root.SetArgs(words)
	help := &firstError{w: out}
	root.SetOut(help)
	return a.fail(cmp.Or(root.ExecuteContext(context.Background()), help.err))
}

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "gperf COMMAND [OPTIONS] [ARGS]",
		Short:         "dynamic probes, recordings and counters for Linux, with perf's command line",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,

		DisableFlagsInUseLine: true,
		// Without a subcommand perf prints its list of commands and fails.
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return noSuchCommand(args[0])
			}
			c.SetOut(a.err)
			_ = c.Usage() // writing help to a closed standard error has nobody left to tell
			return &exitError{status: 1}
		},
		Args: cobra.ArbitraryArgs,

		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return valuesGiven(c) },
	}
	root.SetUsageFunc(usage)
	root.SetIn(a.in)
	root.SetErr(a.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageErrorOf(c, err) })
	commands, alone := a.commands()
	root.AddCommand(commands...)
	root.CompletionOptions.DisableDefaultCmd = alone
	for _, c := range root.Commands() {
		c.Flags().SetInterspersed(false)
		c.DisableFlagsInUseLine = true
	}
	return root
}

// valuesGiven finds flags whose value is empty, as that of a variable of the shell that is not set: `-p "$PID"` is not
// to count everything, nor `--pid "$PID"` to print it. Below "" is below /, as perf has it.
func valuesGiven(c *cobra.Command) error {
	var err error
	c.Flags().Visit(func(f *pflag.Flag) {
		if err == nil && f.Value.Type() == "string" && f.Value.String() == "" && f.Name != "symfs" {
			err = usageErrorOf(c, fmt.Errorf("--%s is given without a value", f.Name))
		}
	})
	return err
}

func noSuchCommand(name string) error {
	return &exitError{status: 1, text: fmt.Sprintf("'%s' is not a gperf command", name), hint: "'gperf --help' lists the commands"}
}

// usageError is a command line that cannot be understood. perf's exit status for it is 129.
type usageError struct {
	command string
	err     error
}

func usageErrorOf(c *cobra.Command, err error) error { return &usageError{c.CommandPath(), err} }

func (e *usageError) Error() string   { return e.err.Error() }
func (e *usageError) Unwrap() error   { return e.err }
func (e *usageError) ExitStatus() int { return 129 }
func (e *usageError) Hint() string    { return "'" + e.command + " --help' shows the options" }

// exitError ends gperf with a status, and with a text unless everything has been said already.
type exitError struct {
	status     int
	text, hint string
}

func (e *exitError) Error() string   { return e.text }
func (e *exitError) ExitStatus() int { return e.status }
func (e *exitError) Hint() string    { return e.hint }

// fail prints an error with its next step and returns the exit status that stands for it: what the error asks for by
// its ExitStatus method, else 255, which perf's scripts know as "failed".
func (a *app) fail(err error) int {
	if err == nil {
		return 0
	}
	if text := err.Error(); text != "" {
		// Further lines move with the first: some point at a column of it.
		text = strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n       ")
		fmt.Fprintf(a.err, "gperf: %s\n", shown(text))
	}
	var hinter interface{ Hint() string }
	if errors.As(err, &hinter) && hinter.Hint() != "" {
		fmt.Fprintf(a.err, "  hint: %s\n", strings.ReplaceAll(shown(hinter.Hint()), "\n", "\n        "))
	}
	var status interface{ ExitStatus() int }
	if errors.As(err, &status) {
		return status.ExitStatus()
	}
	return 255
}
