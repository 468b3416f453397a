package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// refusedFlag is an option of perf's that is known and not carried out, and why.
type refusedFlag struct {
	name, short string
	optional    string // what it means without a value; "" if it needs one
	why, hint   string
}

func refusedFlags() []refusedFlag {
	const aux, noAux = "AUX areas (Intel PT, CoreSight) are not recorded", "perf record takes them"
	const bpf = "events from BPF sources are not compiled"
	return []refusedFlag{
		{"snapshot", "S", "all", aux, noAux},
		{"aux-sample", "", "all", aux, noAux},
		{"affinity", "", "", "the rings of all CPUs are read by one thread, which needs no mask", "leave it out"},
		{"aio", "", "1", "records go from the rings to the page cache in one call, which has nothing to wait for", "leave it out"},
		{"mmap-flush", "", "", "rings are emptied when they are half full, and each second", "leave it out, or choose their size with -m"},
		{"kcore", "", "true", "a recording that is a directory is not written, and /proc/kcore needs one", "the kernel's symbols are found by its build-id later"},
		{"off-cpu", "", "true", "it is not there yet", "-e sched:sched_switch -g shows who goes to sleep where"},
		{"threads", "", "cpu", "it is not there yet: one thread reads all rings", "leave it out; -m 8M makes the rings larger"},
		{"clang-path", "", "", bpf, "leave it out"},
		{"clang-opt", "", "", bpf, "leave it out"},
		{"vmlinux", "", "", bpf + ", which is all that it is for", "gperf script finds the kernel's symbols by its build-id"},
		{"debuginfod", "", "true", "files are looked for when a recording is read, not when it is made", "set DEBUGINFOD_URLS for gperf script"},
		{"proc-map-timeout", "", "", "the mappings of a process are always read to their end", "leave it out"},
	}
}

// addRefused makes the options known to the command line, but not to the help.
func addRefused(f *pflag.FlagSet) {
	for _, r := range refusedFlags() {
		f.StringP(r.name, r.short, "", "")
		f.Lookup(r.name).NoOptDefVal = r.optional
		f.Lookup(r.name).Hidden = true
	}
}

// addTaken makes options known that ask for what gperf does in any case.
func addTaken(f *pflag.FlagSet) {
	f.Bool("buildid-all", false, "keep the build-ids of all files that were mapped; always so, but for -B")
	f.Bool("timestamp-boundary", false, "keep the times of the first and the last sample; always so, but for -B")
	f.Int("num-thread-synthesize", 1, "taken and not needed: one thread tells of what was there, whatever `N`")
}

// refused is the error of the first such option that was given.
func refused(f *pflag.FlagSet) error {
	for _, r := range refusedFlags() {
		if f.Changed(r.name) {
			return &exitError{129, "--" + r.name + ": " + r.why, r.hint}
		}
	}
	return nil
}

// setSynth takes --synth: kinds with commas between them.
func (o *recordOptions) setSynth(func(string, ...any)) error {
	kinds := strings.Split(o.synth, ",")
	for _, kind := range kinds {
		if !slices.Contains([]string{"all", "task", "mmap", "cgroup", "no"}, kind) {
			return wrongValue("synth", o.synth, "all, task, mmap, cgroup or no, with commas between several")
		}
	}
	// As in perf: mappings are told with their tasks, tasks without mappings.
	all := slices.Contains(kinds, "all")
	o.noTasks = !all && !slices.Contains(kinds, "task") && !slices.Contains(kinds, "mmap")
	o.noMaps = !all && !slices.Contains(kinds, "mmap")
	o.noCGroups = !all && !slices.Contains(kinds, "cgroup")
	return nil
}
