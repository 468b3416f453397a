package evlist

import (
	"io/fs"

	"github.com/gperf-dev/gperf/perfevent"
)

// Where lists the CPUs and threads of the targets; an event is to be opened for each pair. Of one side there is only
// [perfevent.AnyCPU] or [perfevent.AnyPID]: an event follows its thread, or takes all threads of its CPU. sys is /sys, proc
// is /proc. The error is a [*NoSuchProcessError] or [*OptionError].
func (t *Targets) Where(sys, proc fs.FS) (cpus, threads []int, err error) {
	o := &Options{Sys: sys, Proc: proc}
	cpus = []int{perfevent.AnyCPU}
	if t.hasCPU() {
		if cpus, err = t.cpus(o); err != nil {
			return nil, nil, err
		}
	}
	threads, err = t.threads(o)
	return cpus, threads, err
}

// HasCPU tells whether events count all threads of a CPU.
func (t *Targets) HasCPU() bool { return t.hasCPU() }

// HasTask tells whether threads were named that exist already.
func (t *Targets) HasTask() bool { return t.hasTask() }
