package perfevent

import (
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/feature"
)

// ErrNotSupported matches the errors of the Have functions that say that the
// kernel lacks a feature, and an [OpenError] for an event that this machine
// does not have.
var ErrNotSupported = feature.ErrNotSupported

// paranoidUnknown stands for a perf_event_paranoid that could not be read.
const paranoidUnknown = -100

// OpenError says why the kernel did not open an event.
type OpenError struct {
	Name   string // the event's name as the user knows it; filled in by the caller
	Attr   Attr
	Target Target
	CGroup string // the directory whose descriptor Target.PID is (FlagPIDCgroup); filled in by the caller
	Errno  unix.Errno

	// Paranoid is kernel.perf_event_paranoid when Errno is EACCES or EPERM.
	Paranoid int
	// OpenFiles is RLIMIT_NOFILE when Errno is EMFILE.
	OpenFiles unix.Rlimit

	rights rights // when Errno is EACCES or EPERM
}

func newOpenError(a *Attr, t Target, errno unix.Errno) *OpenError {
	e := &OpenError{Attr: *a, Target: t, Errno: errno, Paranoid: paranoidUnknown}
	switch errno {
	case unix.EACCES, unix.EPERM:
		if level, err := Paranoid(); err == nil {
			e.Paranoid = level
		}
		e.rights = rightsNow()
	case unix.EMFILE:
		// Best effort: without it the hint is shorter.
		_ = unix.Getrlimit(unix.RLIMIT_NOFILE, &e.OpenFiles)
	}
	return e
}

// Unwrap gives the errno.
func (e *OpenError) Unwrap() error { return e.Errno }

// Is makes the lack of an event match [ErrNotSupported].
func (e *OpenError) Is(target error) bool {
	return target == ErrNotSupported && e.noEvent()
}

// NotAllowed tells whether the errno is one of those for want of rights.
func (e *OpenError) NotAllowed() bool { return e.Errno == unix.EACCES || e.Errno == unix.EPERM }

// noEvent tells whether the errno means that there is no such event here.
func (e *OpenError) noEvent() bool {
	switch e.Errno {
	case unix.ENOENT, unix.ENODEV, unix.EOPNOTSUPP, unix.ENXIO, unix.ENOSYS:
		return true
	}
	return false
}

func (e *OpenError) Error() string {
	return fmt.Sprintf("cannot open event %s %s: %s", e.name(), e.where(), e.Reason())
}

func (e *OpenError) where() string {
	if e.CGroup != "" {
		return fmt.Sprintf("in control group %s on CPU %d", e.CGroup, e.Target.CPU)
	}
	return e.Target.String()
}

func (e *OpenError) name() string {
	if e.Name != "" {
		return e.Name
	}
	return fmt.Sprintf("of type %d, config %#x", e.Attr.Type, e.Attr.Config)
}

// Reason is why, in words, without what was opened and where.
func (e *OpenError) Reason() string {
	switch e.Errno {
	case unix.EACCES, unix.EPERM:
		return e.forbidden()
	case unix.EMFILE:
		text := "too many open files"
		if e.OpenFiles.Cur != 0 {
			text += fmt.Sprintf(" for a limit of %d", e.OpenFiles.Cur)
		}
		return text
	case unix.ENFILE:
		return "the machine has too many open files"
	case unix.ENOENT, unix.ENXIO:
		return e.missing()
	case unix.ENODEV:
		return "this CPU has no such event"
	case unix.EOPNOTSUPP:
		return e.unsupported()
	case unix.ENOSYS:
		return "this kernel has no perf events (CONFIG_PERF_EVENTS)"
	case unix.EBUSY:
		return "the performance monitoring unit is in use by somebody else"
	case unix.ENOSPC:
		if e.Attr.Type == TypeBreakpoint {
			return "all hardware breakpoints are in use"
		}
		return "no room in the kernel for one more such event"
	case unix.EINVAL:
		return e.invalid()
	case unix.EBADF:
		if e.CGroup != "" {
			return "it is no control group in which events are counted"
		}
		return "the leader of its group is closed"
	case unix.ESRCH:
		return "no such thread: it has ended"
	case unix.E2BIG:
		return "the attribute asks for what this kernel does not know"
	case unix.EOVERFLOW:
		return "the call chain is deeper than kernel.perf_event_max_stack allows"
	}
	return e.Errno.Error()
}

// missing: the kernel found no PMU that takes the event.
func (e *OpenError) missing() string {
	switch e.Attr.Type {
	case TypeHardware, TypeHWCache, TypeRaw:
		if HaveHardware() == nil {
			return "the counters of this CPU have no such event"
		}
		return "this machine has no hardware counter for it"
	case TypeTracepoint:
		return "the kernel has no tracepoint of id " + strconv.FormatUint(e.Attr.Config, 10)
	case TypeSoftware:
		return "this kernel has no such software event"
	}
	return "the kernel has no such event"
}

func (e *OpenError) unsupported() string {
	switch {
	case e.Attr.BranchSampleType != 0:
		return "the hardware has no branch stack for this event"
	case e.Attr.Precise != 0:
		return "the hardware does not sample it with precise_ip " + strconv.Itoa(int(e.Attr.Precise))
	case e.Attr.Type == TypeHardware && e.sampling():
		return "the hardware counter cannot interrupt, so it cannot sample"
	case e.Attr.Type == TypeHardware || e.Attr.Type == TypeHWCache || e.Attr.Type == TypeRaw:
		return "the hardware has no such event"
	}
	return "not supported for this event"
}

func (e *OpenError) sampling() bool { return e.Attr.Period != 0 || e.Attr.Freq != 0 }

func (e *OpenError) invalid() string {
	switch {
	case e.Attr.Type == TypeBreakpoint:
		return fmt.Sprintf("the processor has no breakpoint of %d bytes at %#x: the address is a multiple of the length, and one on execution has the length of a long",
			e.Attr.Config2, e.Attr.Config1)
	case e.Target.PID >= 0 && e.Target.CPU < 0 && e.Attr.Type >= TypeMax:
		return "this unit counts for whole CPUs only, not for a thread"
	case e.Target.PID >= 0 && e.Attr.Type >= TypeMax:
		return "the unit refuses the configuration, or counts for whole CPUs only"
	case e.Attr.Flags&FlagAuxOutput != 0:
		return "aux-output needs a group leader that writes AUX data"
	}
	return "the kernel refuses the attributes"
}

// Hint is the next step in words, empty if none is known.
func (e *OpenError) Hint() string {
	switch e.Errno {
	case unix.EACCES, unix.EPERM:
		return e.permissionHint()
	case unix.EMFILE:
		return e.filesHint()
	case unix.ENFILE:
		return "raise fs.file-max (sysctl), or open fewer events"
	case unix.ENOENT, unix.ENODEV, unix.EOPNOTSUPP, unix.ENXIO:
		return e.absenceHint()
	case unix.EBUSY:
		return "look for another profiler, an NMI watchdog (sysctl kernel.nmi_watchdog=0) or a virtual machine that holds the counters"
	case unix.ENOSPC:
		if e.Attr.Type == TypeBreakpoint {
			return "a CPU has few (x86: 4); end other debuggers and tracers, or select fewer"
		}
	case unix.EINVAL:
		if e.Target.PID >= 0 && e.Attr.Type >= TypeMax {
			return "try system-wide: -a"
		}
		return "another event, without modifiers, tells whether it is the event or the options"
	case unix.EBADF:
		if e.CGroup != "" {
			return "they are directories of cgroup version 2, or of version 1's hierarchy perf_event if there is one"
		}
	case unix.ESRCH:
		return "look with ps -eLf which threads there are"
	case unix.EOVERFLOW:
		return "raise it (sysctl kernel.perf_event_max_stack) while no other tool samples, or ask for fewer frames"
	}
	return ""
}

// KernelForAll is what lets users without privileges measure the kernel too.
const KernelForAll = "sysctl kernel.perf_event_paranoid=1 lets everyone measure the kernel too"

func (e *OpenError) filesHint() string {
	if e.OpenFiles.Max > e.OpenFiles.Cur {
		return fmt.Sprintf("each event takes a file for each CPU and thread: ulimit -n %d, or fewer events, CPUs (-C) or threads", e.OpenFiles.Max)
	}
	return "each event takes a file for each CPU and thread: select fewer events, CPUs (-C) or threads, or let root raise the limit (ulimit -Hn)"
}

func (e *OpenError) absenceHint() string {
	switch e.Attr.Type {
	case TypeHardware, TypeHWCache, TypeRaw:
		if HaveHardware() == nil {
			return ""
		}
		return "virtual machines often hide the counters: switch the virtual PMU on in the hypervisor, or take cpu-clock, which needs none"
	case TypeTracepoint:
		return "it may just have been removed: look under events/ in tracefs"
	}
	return ""
}

// FilterError says that the kernel could not use a filter.
type FilterError struct {
	Event  string // filled in by the caller
	Filter string
	Errno  unix.Errno
}

func (e *FilterError) Error() string {
	return fmt.Sprintf("failed to set filter %q on event %s: %v", e.Filter, e.Event, e.Errno)
}

// Unwrap gives the errno.
func (e *FilterError) Unwrap() error { return e.Errno }

// Hint is the next step in words.
func (e *FilterError) Hint() string {
	if e.Errno == unix.EINVAL {
		return `filters compare the event's fields, as its format file in tracefs names them: 'field == 1 && comm ~ "ba*"'`
	}
	return ""
}

// MapError says why a ring could not be mapped.
type MapError struct {
	Pages   int
	Errno   unix.Errno
	Threads int         // that have a ring each; filled in by the caller
	MlockKB int         // kernel.perf_event_mlock_kb, 0 if unknown
	Memlock unix.Rlimit // RLIMIT_MEMLOCK
}

func newMapError(pages int, err error) *MapError {
	e := &MapError{Pages: pages}
	if !errors.As(err, &e.Errno) {
		e.Errno = unix.EIO
	}
	if e.Errno == unix.EPERM {
		if kb, err := sysctl("perf_event_mlock_kb"); err == nil {
			e.MlockKB = kb
		}
		_ = unix.Getrlimit(unix.RLIMIT_MEMLOCK, &e.Memlock) // best effort, for the hint
	}
	return e
}

// Unwrap gives the errno.
func (e *MapError) Unwrap() error { return e.Errno }

func (e *MapError) Error() string {
	text := fmt.Sprintf("cannot map a ring of %d pages: ", e.Pages)
	switch e.Errno {
	case unix.EPERM:
		text += "more locked memory than this user may have"
		if e.MlockKB != 0 {
			text += fmt.Sprintf(" (kernel.perf_event_mlock_kb is %d a CPU, beside ulimit -l)", e.MlockKB)
		}
	case unix.EINVAL:
		text += "the number must be a power of two, of a size that the kernel can give"
	case unix.ENOMEM:
		text += "no memory"
	default:
		text += e.Errno.Error()
	}
	return text
}

// Hint is the next step in words.
func (e *MapError) Hint() string {
	switch e.Errno {
	case unix.EPERM:
		if e.Threads > 1 {
			return fmt.Sprintf("each of %d threads has a ring of its own: without --per-thread there is one for each CPU", e.Threads)
		}
		return "ask for smaller rings (-m), raise kernel.perf_event_mlock_kb (sysctl), or run as root or with CAP_PERFMON"
	case unix.ENOMEM, unix.EINVAL:
		return "ask for smaller rings (-m)"
	}
	return ""
}
