// Package fallback is what is tried, for events to record and events to count alike, when the kernel refuses to open one.
package fallback

import (
	"errors"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent"
)

// RaiseFiles lifts the soft limit of open files to the hard one, and the hard one to what so many events need where the
// caller may do that. It tells whether there is more room now.
func RaiseFiles(err *perfevent.OpenError, events int) bool {
	if err.Errno != unix.EMFILE {
		return false
	}
	const others = 256 // files that are open beside the events
	need := uint64(events + others)
	limit := err.OpenFiles
	if need > limit.Max {
		higher := unix.Rlimit{Cur: need, Max: need}
		if unix.Setrlimit(unix.RLIMIT_NOFILE, &higher) == nil {
			return true
		}
	}
	if limit.Cur >= limit.Max {
		return false
	}
	limit.Cur = limit.Max
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &limit) == nil
}

// WithoutKernel leaves the kernel and the hypervisor out of an event, and says so in its name, where only they are
// forbidden. It tells whether it did. See evsel__fallback in tools/perf/util/evsel.c; unlike perf it leaves an event of
// whole CPUs, or of a control group on them, alone, which who may not measure the kernel may not measure either.
func WithoutKernel(a *perfevent.Attr, name *string, err *perfevent.OpenError) bool {
	const either = perfevent.FlagExcludeKernel | perfevent.FlagExcludeUser
	if !err.NotAllowed() || err.Filtered() || err.Paranoid < 2 || a.Flags&either != 0 || err.Target.PID < 0 || err.CGroup != "" {
		return false
	}
	if !strings.ContainsAny(*name, ":/") {
		*name += ":"
	}
	*name += "u"
	a.Flags |= perfevent.FlagExcludeKernel | perfevent.FlagExcludeHV
	return true
}

// GroupTooLarge tells that the unit may not take a group as a whole; its events may still be measured one by one.
func GroupTooLarge(err *perfevent.OpenError) bool {
	return err.Errno == unix.EINVAL || err.Errno == unix.EBADF
}

// SetFilter sets the filter of an open event; an error names the event.
func SetFilter(e interface{ SetFilter(string) error }, name, filter string) error {
	err := e.SetFilter(filter)
	if refused := (*perfevent.FilterError)(nil); errors.As(err, &refused) {
		refused.Event = name
	}
	return err
}
