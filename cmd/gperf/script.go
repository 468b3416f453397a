package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gperf-dev/gperf/internal/cpulist"
	"github.com/gperf-dev/gperf/internal/headertext"
	"github.com/gperf-dev/gperf/internal/script"
	"github.com/gperf-dev/gperf/perfevent/session"
)

// scriptFlags is what the options of gperf script set beside the engine's own.
type scriptFlags struct {
	script.Options
	input                   string
	maxStack                uint16
	force, info             bool
	cpus, pids, tids        string
	comms, symbols, modules string
	fields                  []string
}

func newScriptCommand(a *app) *cobra.Command {
	f := &scriptFlags{}
	c := &cobra.Command{
		Use:   "script [OPTIONS]",
		Short: "print the samples of a recording",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return f.run(c.Context(), a) },
	}
	l := c.Flags()
	l.StringVarP(&f.input, "input", "i", "", "recording to read, - for standard input (default perf.data)")
	l.BoolVarP(&f.force, "force", "f", false, "read a recording that belongs to another user")
	l.StringArrayVarP(&f.fields, "fields", "F", nil, "fields to show: [hw:|sw:|trace:|raw:|break:]NAME,… or +NAME,-NAME")
	l.BoolVar(&f.Text.Nanos, "ns", false, "show times with nine decimals")
	l.BoolVarP(&f.Text.NoChains, "hide-call-graph", "G", false, "do not show call chains")
	l.Uint16Var(&f.maxStack, "max-stack", 127, "show at most so many addresses of a call chain, or with 0 that of the sample alone")
	inline := l.VarPF((*inlineFlag)(&f.Inlines), "inline", "", "show inlined functions in all call chains, not only in those of --call-graph dwarf; --no-inline: in none")
	inline.NoOptDefVal = "true"
	l.BoolVar(&f.Header, "header", false, "show the recording's header first")
	l.BoolVar(&f.HeaderOnly, "header-only", false, "show the recording's header and nothing else")
	l.BoolVarP(&f.info, "show-info", "I", false, "show topology, caches and memory in the header")
	l.StringVarP(&f.cpus, "cpu", "C", "", "only samples on these CPUs: 0,2-3")
	l.StringVarP(&f.comms, "comms", "c", "", "only samples of threads with these names")
	l.StringVar(&f.pids, "pid", "", "only samples of these processes")
	l.StringVar(&f.tids, "tid", "", "only samples of these threads")
	l.StringVarP(&f.symbols, "symbols", "S", "", "only samples in these functions")
	l.StringVar(&f.modules, "dsos", "", "only samples in these files")
	l.StringVar(&f.Times, "time", "", "only samples of this time: START,STOP in seconds, or 10%/2")
	l.BoolVar(&f.Show.Tasks, "show-task-events", false, "show names, starts and ends of threads")
	l.BoolVar(&f.Show.Mmaps, "show-mmap-events", false, "show mappings")
	l.BoolVar(&f.Show.Lost, "show-lost-events", false, "show where records were lost")
	l.BoolVar(&f.Show.Switches, "show-switch-events", false, "show context switches, if they were recorded")
	l.BoolVar(&f.Show.Namespaces, "show-namespace-events", false, "show namespaces, if they were recorded")
	l.BoolVar(&f.Show.CGroups, "show-cgroup-events", false, "show control groups, if they were recorded")
	l.BoolVar(&f.Show.BPF, "show-bpf-events", false, "show BPF programs and kernel symbols that came and went")
	l.StringVar(&f.Names.Kallsyms, "kallsyms", "", "file with the kernel's symbols, instead of /proc/kallsyms")
	l.StringVarP(&f.Names.Vmlinux, "vmlinux", "k", "", "kernel image with the kernel's symbols")
	l.StringVar(&f.Names.Root, "symfs", "", "directory below which the recorded files are looked for")
	l.BoolVar(&f.Names.Demangle, "demangle", true, "show names of C++ and Rust as in the source")
	return c
}

// run opens the recording and prints it.
func (f *scriptFlags) run(ctx context.Context, a *app) error {
	if err := f.parse(); err != nil {
		return err
	}
	r, err := openRecording(f.input, f.force)
	if err != nil {
		return err
	}
	defer r.Close()
	in := script.Input{
		Source: session.File(r),
		About: func() *headertext.Recording {
			return &headertext.Recording{Info: r.Info(), Features: r.Features(), Events: r.Events(), Full: f.info, Zone: time.Local}
		},
	}
	st, err := script.Run(ctx, a.out, in, f.Options)
	for _, line := range script.Losses(st) {
		a.note("%s", line)
	}
	if r.Info().Unfinished {
		a.note("this recording was not finished: its recorder still runs, or was stopped hard; what it wrote until now is shown")
	}
	return err
}

// parse reads the options that are lists.
func (f *scriptFlags) parse() error {
	for _, arg := range f.fields {
		if err := f.Text.Fields.Apply(arg); err != nil {
			return err
		}
	}
	f.Text.MaxStack = int(f.maxStack)
	if f.maxStack == 0 {
		f.Text.MaxStack = -1
	}
	filter := &f.Filter
	var err error
	if filter.CPUs, err = cpulist.Parse(f.cpus); err != nil {
		return err
	}
	if filter.PIDs, err = numbers("pid", f.pids); err != nil {
		return err
	}
	if filter.TIDs, err = numbers("tid", f.tids); err != nil {
		return err
	}
	filter.Comms, filter.Symbols, filter.Modules = words(f.comms), words(f.symbols), words(f.modules)
	return nil
}

func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

func numbers(flag, list string) ([]int, error) {
	var all []int
	for _, w := range words(list) {
		n, err := strconv.ParseInt(w, 10, 32)
		if err != nil {
			return nil, &exitError{129, fmt.Sprintf("--%s %s: '%s' is no number", flag, list, w), "write numbers with commas between them"}
		}
		all = append(all, int(n))
	}
	return all, nil
}
