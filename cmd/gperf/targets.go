package main

import (
	"fmt"
	"os/user"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gperf-dev/gperf/internal/cpulist"
	"github.com/gperf-dev/gperf/perfevent/evlist"
)

// targetFlags are the flags of record and stat on where to measure.
type targetFlags struct {
	system           bool
	cpus, pids, tids string
	uid              string // of record alone
}

// add makes the flags; do is what the command does, in is what it does to a process.
func (o *targetFlags) add(f *pflag.FlagSet, do, in string) {
	f.BoolVarP(&o.system, "all-cpus", "a", false, do+" all processes on all CPUs")
	f.StringVarP(&o.cpus, "cpu", "C", "", do+" only on CPUs `LIST`: 0,2-3")
	f.StringVarP(&o.pids, "pid", "p", "", in+" the processes `LIST` and their children")
	f.StringVarP(&o.tids, "tid", "t", "", in+" the threads `LIST`")
}

// valueError is a value that a flag cannot have.
func valueError(flag, value, form string) error {
	return fmt.Errorf("--%s cannot be %q: it is %s", flag, value, form)
}

// targets decides as perf does when flags contradict: threads win over CPUs and the whole system.
func (o *targetFlags) targets(command bool, note func(string, ...any)) (t evlist.Targets, err error) {
	t.SystemWide = o.system
	if t.PIDs, err = numberList("pid", o.pids); err != nil {
		return t, err
	}
	if t.TIDs, err = numberList("tid", o.tids); err != nil {
		return t, err
	}
	if t.CPUs, err = cpulist.Parse(o.cpus); err != nil {
		return t, err
	}
	if t.User, err = userID(o.uid); err != nil {
		return t, err
	}
	threads := len(t.PIDs)+len(t.TIDs) > 0
	if threads && t.User != nil {
		note("-p and -t win: -u is ignored")
		t.User = nil
	}
	if t.User != nil && (t.SystemWide || len(t.CPUs) > 0) {
		note("-u wins: -a and -C are ignored")
		t.SystemWide, t.CPUs = false, nil
	}
	threads = threads || t.User != nil
	if len(t.PIDs) > 0 && len(t.TIDs) > 0 {
		note("-p is given: -t is ignored")
		t.TIDs = nil
	}
	if threads && t.SystemWide {
		note("-p and -t win: -a is ignored")
		t.SystemWide = false
	}
	if !threads && len(t.CPUs) == 0 && !command {
		t.SystemWide = true
	}
	return t, nil
}

// userID takes the user's name or number of -u; nil for none.
func userID(text string) (*uint32, error) {
	if text == "" {
		return nil, nil
	}
	number := text
	if u, err := user.Lookup(text); err == nil {
		number = u.Uid
	}
	n, err := strconv.ParseUint(number, 10, 32)
	if err != nil {
		return nil, valueError("uid", text, "the name or the number of a user")
	}
	id := uint32(n)
	return &id, nil
}

func numberList(flag, text string) ([]int, error) {
	var out []int
	if text == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(strings.TrimSuffix(text, ","), ",") { // pgrep -d, ends in one
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n <= 0 {
			return nil, valueError(flag, text, "a list of numbers: 1,2")
		}
		out = append(out, n)
	}
	return out, nil
}
