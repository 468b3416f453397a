package main

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gperf-dev/gperf/internal/cpulist"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// complete checks the flags and gives what events are opened on.
func (o *recordOptions) complete(flags *pflag.FlagSet, command bool, note func(string, ...any)) (t evlist.Targets, err error) {
	if err := refused(flags); err != nil {
		return t, err
	}
	// -p "$(pidof …)" of a program that does not run must not record the whole machine.
	for name, value := range map[string]string{"pid": o.pids, "tid": o.tids, "cpu": o.cpus, "uid": o.user} {
		if flags.Changed(name) && strings.TrimSpace(value) == "" {
			return t, wrongValue(name, value, "a list of numbers: 1,2")
		}
	}
	if t, err = o.targets(command, note); err != nil {
		return t, err
	}
	if o.output == "" {
		o.output = defaultInput
		if isPipe(os.Stdout) {
			o.output = "-" // as perf: record | script
		}
	}
	if flags.Changed("timestamp") {
		o.open.Timestamp = &o.timestamp
	}
	if flags.Changed("period") {
		o.open.SamplePeriod = &o.period
	}
	if o.compress < 0 || o.compress > perfdata.MaxCompressLevel {
		return t, wrongValue("compression-level", strconv.Itoa(o.compress), "1 to 22, or 0 for none")
	}
	if o.realtime < 0 || o.realtime > 99 {
		return t, wrongValue("realtime", strconv.Itoa(o.realtime), "a priority from 1 to 99")
	}
	o.calm = flags.Changed("realtime")
	o.tail = o.tail || o.open.Overwrite // what a ring has overwritten cannot tell of processes
	o.open.Notify = func(text string) { note("%s", text) }
	for _, set := range []func(note func(string, ...any)) error{o.setFrequency, o.setCallchain, o.setPages, o.setClock, o.setSwitch,
		o.setSynth, o.setBranches, o.setRegisters, o.setDelay} {
		if err := set(note); err != nil {
			return t, err
		}
	}
	return t, nil
}

// wrongValue is a value that a flag cannot have.
func wrongValue(flag, value, form string) error {
	return &usageError{"gperf record", fmt.Errorf("--%s cannot be %q: it is %s", flag, value, form)}
}

// targets decides as perf does when flags contradict: threads win over CPUs and the whole system.
func (o *recordOptions) targets(command bool, note func(string, ...any)) (t evlist.Targets, err error) {
	t.SystemWide, t.PerThread = o.system, o.perThread
	if t.PIDs, err = numberList("pid", o.pids); err != nil {
		return t, err
	}
	if t.TIDs, err = numberList("tid", o.tids); err != nil {
		return t, err
	}
	if t.CPUs, err = cpulist.Parse(o.cpus); err != nil {
		return t, &usageError{"gperf record", err}
	}
	if t.User, err = userID(o.user); err != nil {
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
		return nil, wrongValue("uid", text, "the name or the number of a user")
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
			return nil, wrongValue(flag, text, "a list of numbers: 1,2")
		}
		out = append(out, n)
	}
	return out, nil
}
