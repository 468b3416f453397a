package perfevent

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Target is the task and CPU that an event measures.
type Target struct {
	PID int // a thread's id; 0: the calling thread; -1: all on CPU
	CPU int // -1: wherever PID runs
}

// String is the target in words.
func (t Target) String() string {
	switch {
	case t.PID < 0:
		return "on CPU " + strconv.Itoa(t.CPU)
	case t.PID == 0:
		return "for this thread"
	case t.CPU < 0:
		return "for thread " + strconv.Itoa(t.PID)
	}
	return fmt.Sprintf("for thread %d on CPU %d", t.PID, t.CPU)
}

// AnyPID and AnyCPU stand for all in a [Target].
const (
	AnyPID = -1
	AnyCPU = -1
)

// Flags of [Open].
const (
	FlagFDNoGroup = unix.PERF_FLAG_FD_NO_GROUP
	FlagFDOutput  = unix.PERF_FLAG_FD_OUTPUT
	FlagPIDCgroup = unix.PERF_FLAG_PID_CGROUP // Target.PID is a cgroup directory's fd
	FlagFDCloexec = unix.PERF_FLAG_FD_CLOEXEC // Linux 3.14; Open always sets it
)

const (
	noGroup        = -1
	maxOpenRetries = 16 // after EINTR
)

// Open opens an event for a target. Group is the leader of the group that the
// event joins, nil for none; flags are the FlagFD… constants. The error is an
// [*OpenError]. The caller closes the event; it does not close by itself when
// forgotten.
func Open(a *Attr, t Target, group *Event, flags int) (*Event, error) {
	if strings.Trim(a.Tail, "\x00") != "" {
		return nil, newOpenError(a, t, unix.E2BIG)
	}
	groupFD := noGroup
	if group != nil {
		if groupFD = group.fd; groupFD < 0 { // which the kernel would take for none
			return nil, newOpenError(a, t, unix.EBADF)
		}
	}
	buf := a.AppendBinary(nil, 0)
	fd, errno := perfEventOpen(buf, t, groupFD, flags|FlagFDCloexec)
	runtime.KeepAlive(group)
	if errno != 0 {
		return nil, newOpenError(a, t, errno)
	}
	return &Event{fd: fd, readFormat: a.ReadFormat}, nil
}

func perfEventOpen(attr []byte, t Target, groupFD, flags int) (int, unix.Errno) {
	for try := 0; ; try++ {
		fd, _, errno := unix.Syscall6(unix.SYS_PERF_EVENT_OPEN,
			uintptr(unsafe.Pointer(&attr[0])), uintptr(t.PID), uintptr(t.CPU), uintptr(groupFD), uintptr(flags), 0)
		if errno == unix.EINTR && try < maxOpenRetries {
			continue
		}
		return int(fd), errno
	}
}

// Event is an open event. Its methods may be called concurrently, but not
// with Close.
type Event struct {
	fd         int
	readFormat record.ReadFormat
}

// FD is the event's file descriptor; it stays e's.
func (e *Event) FD() int { return e.fd }

// ID is the number by which records name the event. It is unique on the
// machine until reboot. Linux 3.12.
func (e *Event) ID() (uint64, error) {
	var id uint64
	if errno := e.ioctlPtr(unix.PERF_EVENT_IOC_ID, unsafe.Pointer(&id)); errno != 0 {
		return 0, fmt.Errorf("perf event: id: %w", errno)
	}
	return id, nil
}

// Enable starts the event, not its group.
func (e *Event) Enable() error { return e.ioctl("enable", unix.PERF_EVENT_IOC_ENABLE, 0) }

// Disable stops the event, not its group.
func (e *Event) Disable() error { return e.ioctl("disable", unix.PERF_EVENT_IOC_DISABLE, 0) }

// Reset sets the count to zero; times keep running.
func (e *Event) Reset() error { return e.ioctl("reset", unix.PERF_EVENT_IOC_RESET, 0) }

// Refresh enables the event for n more overflows.
func (e *Event) Refresh(n int) error {
	return e.ioctl("refresh", unix.PERF_EVENT_IOC_REFRESH, uintptr(n))
}

// SetFilter lets through only what the filter says, in the kernel's language:
// for a tracepoint `field == 1 && comm ~ "ba*"`. A filter that the kernel
// cannot use gives a [*FilterError].
func (e *Event) SetFilter(filter string) error {
	b, err := unix.BytePtrFromString(filter)
	if err != nil {
		return &FilterError{Filter: filter, Errno: unix.EINVAL}
	}
	if errno := e.ioctlPtr(unix.PERF_EVENT_IOC_SET_FILTER, unsafe.Pointer(b)); errno != 0 {
		return &FilterError{Filter: filter, Errno: errno}
	}
	return nil
}

// SetBPF runs the BPF program of a file descriptor at each hit of a tracepoint or probe, of all tasks. Linux 4.1.
func (e *Event) SetBPF(program int) error {
	return e.ioctl("set BPF program", unix.PERF_EVENT_IOC_SET_BPF, uintptr(program))
}

// SetOutput sends e's records to the ring of to. Both must measure the same
// CPU, or the same task on any CPU.
func (e *Event) SetOutput(to *Event) error {
	err := e.ioctl("set output", unix.PERF_EVENT_IOC_SET_OUTPUT, uintptr(to.fd))
	runtime.KeepAlive(to)
	return err
}

// Close closes the event. Its ring, if mapped, stays until [Ring.Close].
// A second Close does nothing.
func (e *Event) Close() error {
	if e.fd < 0 {
		return nil
	}
	err := unix.Close(e.fd)
	e.fd = -1
	return err
}

func (e *Event) ioctl(what string, request uint, arg uintptr) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(e.fd), uintptr(request), arg); errno != 0 {
		return fmt.Errorf("perf event: %s: %w", what, errno)
	}
	return nil
}

func (e *Event) ioctlPtr(request uint, arg unsafe.Pointer) unix.Errno {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(e.fd), uintptr(request), uintptr(arg))
	return errno
}
