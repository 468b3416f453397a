package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// complete checks the flags and gives what events are opened on.
func (o *recordOptions) complete(flags *pflag.FlagSet, command bool, note func(string, ...any)) (t evlist.Targets, err error) {
	if err := refused(flags); err != nil {
		return t, err
	}
	// -p "$(pidof …)" of a program that does not run must not record the whole machine.
	for name, value := range map[string]string{"pid": o.pids, "tid": o.tids, "cpu": o.cpus, "uid": o.uid} {
		if flags.Changed(name) && strings.TrimSpace(value) == "" {
			return t, wrongValue(name, value, "a list of numbers: 1,2")
		}
	}
	if t, err = o.targets(command, note); err != nil {
		return t, &usageError{"gperf record", err}
	}
	t.PerThread = o.perThread
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
	return &usageError{"gperf record", valueError(flag, value, form)}
}
