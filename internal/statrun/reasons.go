package statrun

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/counting"
)

// fitWords tells that events have to take turns.
func fitWords(f counting.Fit) string {
	return fmt.Sprintf("%d events want a counter of the CPU, of which %d can be counted at once", f.Need, f.Room)
}

// tellFit tells before the run that events will take turns, or fails.
func tellFit(set *counting.Set, o *Options) error {
	f := set.Fit()
	if f.Fits() {
		return nil
	}
	if o.NoMux {
		return &MuxError{f}
	}
	text := fitWords(f) + ": they take turns, and each count is raised to the whole time; select fewer, or --no-mux fails instead"
	if b, err := fs.ReadFile(o.Root, "proc/sys/kernel/nmi_watchdog"); err == nil && strings.TrimSpace(string(b)) == "1" {
		text += "; the NMI watchdog holds a counter too (sysctl kernel.nmi_watchdog=0)"
	}
	o.Note(text)
	return nil
}

// missing tells why events are not supported, each reason once.
func missing(set *counting.Set, root fs.FS) []string {
	var reasons []string
	names := map[string][]string{}
	counters := "" // why the CPU's own are not there
	for _, e := range set.Events() {
		if e.Err == nil {
			continue
		}
		if counters == "" {
			counters = noCounters(root)
		}
		why := reason(counters, e)
		if names[why] == nil {
			reasons = append(reasons, why)
		}
		names[why] = append(names[why], e.Name)
	}
	var out []string
	for _, why := range reasons {
		list := names[why]
		const most = 8
		text := strings.Join(list[:min(len(list), most)], ", ")
		if more := len(list) - most; more > 0 {
			text += fmt.Sprintf(" and %d more", more)
		}
		out = append(out, "not supported: "+text+": "+why)
	}
	return out
}

// reason is why an event is not supported, in words.
func reason(counters string, e *counting.Event) string {
	var open *perfevent.OpenError
	if !errors.As(e.Err, &open) {
		return e.Err.Error()
	}
	if e.Spec.OnCore() {
		return counters
	}
	return open.Reason()
}

// noCounters is why an event of the CPU's own counters is not there.
func noCounters(root fs.FS) string {
	switch {
	case hasCorePMU(root):
		return "this CPU's counters have no such event"
	case isGuest(root):
		return "this is a virtual machine, and its host does not let it use the CPU's counters"
	}
	return "the kernel found no counters in this CPU (dmesg has what it says of its PMU)"
}

// hasCorePMU tells whether the kernel has a unit for the CPU's own counters.
func hasCorePMU(root fs.FS) bool {
	entries, err := fs.ReadDir(root, pmuDir)
	if err != nil {
		return true // nothing is known
	}
	for _, e := range entries {
		n := e.Name()
		if n == "cpu" || strings.HasPrefix(n, "cpu_") || strings.HasPrefix(n, "armv") || strings.HasSuffix(n, "_pmuv3") {
			return true
		}
	}
	return false
}

// isGuest tells whether this is a virtual machine.
func isGuest(root fs.FS) bool {
	b, err := fs.ReadFile(root, "proc/cpuinfo")
	if err == nil && strings.Contains(string(b), " hypervisor") {
		return true
	}
	_, err = fs.Stat(root, "sys/hypervisor/type")
	return err == nil
}
