package main

import (
	"os"
	"os/exec"
	"os/signal"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/benchrun"
	"github.com/gperf-dev/gperf/internal/workload"
)

// benchOptions are the flags of bench.
type benchOptions struct {
	events []string
	quiet  bool
}

func newBenchCommand(a *app) *cobra.Command {
	o := &benchOptions{}
	c := &cobra.Command{
		Use:   "bench [OPTIONS] [--] go test -bench REGEXP [ARGS]",
		Short: "add counts of events to the results of Go benchmarks",
		Long: "Run go test, or a test binary, and add what its benchmarks count to their results, in the form that benchstat compares. The benchmarks\n" +
			"need not import anything. What is counted is the whole process from one result to the next: a metric timed-% tells where less than 98 % of\n" +
			"that were timed operations. Package perfevent/perfbench counts exactly, from inside.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return runBench(c, a, o, args) },
	}
	f := c.Flags()
	f.StringArrayVarP(&o.events, "event", "e", nil, "count `EVENTS`: names with commas, {groups} that are counted together (default cycles, instructions and the like)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print no counts of the whole process and no notes")
	return c
}

func runBench(c *cobra.Command, a *app, o *benchOptions, args []string) error {
	if len(args) == 0 {
		return usageErrorOf(c, workload.ErrNoCommand)
	}
	command, isGo, err := benchrun.GoTest(args, func() ([]string, error) { return o.again() })
	if err != nil {
		return err
	}
	if isGo {
		return become(command)
	}
	signals := make(chan os.Signal, 8)
	// The command's end is gperf's. To ignore a signal here would let the command ignore it too.
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGQUIT, unix.SIGHUP)
	defer signal.Stop(signals)
	status, err := benchrun.Run(c.Context(), benchrun.Options{
		Argv: args, Events: o.events, Sys: os.DirFS("/sys"), Stdout: a.out, Note: a.benchNote(o.quiet), Signals: signals,
	})
	switch {
	case err != nil:
		return err
	case status.Signaled():
		return dieOf(status.Signal())
	case status.ExitStatus() != 0:
		return &exitError{status: status.ExitStatus()}
	}
	return nil
}

// again is the command line of this bench for go test to run test binaries with.
func (o *benchOptions) again() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	words := []string{self, "bench"}
	for _, e := range o.events {
		words = append(words, "--event="+e)
	}
	if o.quiet {
		words = append(words, "--quiet")
	}
	return append(words, "--"), nil
}

// benchNote prints notes so that they are no part of the results: go test mixes standard error into them.
func (a *app) benchNote(quiet bool) func(string) {
	return func(text string) {
		if !quiet {
			_, _ = a.err.Write([]byte("# gperf: " + shown(text) + "\n")) // a closed standard error has nobody left to tell
		}
	}
}

// become executes the command in the place of gperf.
func become(argv []string) error {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return &exitError{status: 127, text: "cannot find the command " + argv[0] + " in $PATH", hint: "is Go installed? https://go.dev/dl"}
	}
	return unix.Exec(path, argv, os.Environ())
}
