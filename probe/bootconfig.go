package probe

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// BootConfigError is an event that a boot configuration cannot define.
type BootConfigError struct{ Event, Reason string }

func (e *BootConfigError) Error() string {
	return fmt.Sprintf("%s cannot be defined at boot: %s", e.Event, e.Reason)
}

// Hint returns the next step.
func (e *BootConfigError) Hint() string {
	return "boot configurations take probes of the kernel itself; leave --bootconfig out for others"
}

// BootConfig returns the event as a line of a boot configuration (Documentation/trace/boottime-trace.rst; Linux 5.6),
// which defines it in the group kprobes. The error is a *BootConfigError.
func (e *Event) BootConfig() (string, error) {
	if e.Kind != tracefs.KProbe {
		return "", &BootConfigError{e.Group + ":" + e.Name, "it is in a program"}
	}
	if e.Target != "" {
		return "", &BootConfigError{e.Group + ":" + e.Name, "it is in kernel module " + e.Target}
	}
	var probes []string
	for i := range e.Places {
		p := &e.Places[i]
		text := p.Function + "+" + strconv.FormatUint(p.Offset, 10)
		if p.Function == "" {
			text = p.At
		}
		if e.Return {
			text += "%return"
		}
		for _, a := range p.Args {
			text += " " + a.String()
		}
		if strings.Contains(text, "'") {
			return "", &BootConfigError{e.Group + ":" + e.Name, "its text holds a quote"}
		}
		probes = append(probes, "'"+text+"'")
	}
	return "ftrace.event.kprobes." + e.Name + ".probes = " + strings.Join(probes, ", "), nil
}
