package recorder

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// Of sched_setattr(2): x/sys has no names for them.
const (
	schedFIFO        = 1
	schedResetOnFork = 1
)

// realtime lets the calling goroutine run before all processes without a real-time priority, so that it empties the rings in time on a machine
// that is busy. It takes one per cent of a CPU at most then. The priority is not inherited. restore gives it back; it is to be called by the same
// goroutine.
func realtime(priority int) (restore func() error, err error) {
	runtime.LockOSThread()
	before, err := unix.SchedGetAttr(0, 0)
	if err == nil {
		a := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: schedFIFO, Priority: uint32(priority), Flags: schedResetOnFork}
		err = unix.SchedSetAttr(0, &a, 0)
	}
	if err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("real-time priority %d: %w", priority, err)
	}
	return func() error {
		defer runtime.UnlockOSThread()
		if err := unix.SchedSetAttr(0, before, 0); err != nil {
			return fmt.Errorf("giving the priority back: %w", err)
		}
		return nil
	}, nil
}
