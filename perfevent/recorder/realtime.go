package recorder

import (
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Of sched_setattr(2): x/sys has no names for them.
const (
	schedOther       = 0
	schedFIFO        = 1
	schedResetOnFork = 1
)

// drainSlice is the shortest that Linux takes. Since 6.12 a thread of SCHED_OTHER may ask for the length of its turns, and gets them the sooner the
// shorter they are (kernel/sched/syscalls.c); older kernels ignore it. It needs no privilege.
const drainSlice = 100 * time.Microsecond

// prefer lets the calling goroutine run at a real-time priority (SCHED_FIFO): before all processes without one. It is not inherited. restore
// takes it back; it is to be called by the same goroutine.
//
// Without a priority but urgent it gets the lowest real-time priority if the user may have one, else short turns. Half a ring of 512 KiB lasts for 3
// ms of a storm, and on a busy machine others hold the CPU for longer than that; a nice value does not help against those of other sessions and
// cgroups. All that is done so is copying from the rings to the page cache, which takes some per cent of a CPU. (A goroutine of its own that writes, with
// memory between, was tried: it waits for the scheduler more often than the disk is waited for.)
func prefer(priority int, urgent bool) (restore func() error, err error) {
	if priority == 0 && !urgent {
		return func() error { return nil }, nil
	}
	runtime.LockOSThread()
	before, err := unix.SchedGetAttr(0, 0)
	if err == nil && priority == 0 {
		if before.Policy != schedOther || before.Nice != 0 || !soon(before) {
			before = nil // the user has chosen, or nothing is allowed
		}
	} else if err == nil {
		err = fifo(priority)
	}
	if err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("real-time priority %d: %w", priority, err)
	}
	return func() error {
		defer runtime.UnlockOSThread()
		if before == nil {
			return nil
		}
		if err := unix.SchedSetAttr(0, before, 0); err != nil {
			return fmt.Errorf("giving the priority back: %w", err)
		}
		return nil
	}, nil
}

func fifo(priority int) error {
	a := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: schedFIFO, Priority: uint32(priority), Flags: schedResetOnFork}
	return unix.SchedSetAttr(0, &a, 0)
}

// soon asks for what the user may have; nothing is told where that is nothing.
func soon(before *unix.SchedAttr) bool {
	if fifo(1) == nil {
		return true
	}
	a := *before
	a.Runtime = uint64(drainSlice)
	return unix.SchedSetAttr(0, &a, 0) == nil
}
