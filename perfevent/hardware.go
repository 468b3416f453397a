package perfevent

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// mostCounters bounds the search for the number of counters; no core has as many.
const mostCounters = 64

// HardwareCounters finds out how many events that need a programmable counter this CPU's PMU counts at once for a thread: the largest group that
// the kernel lets be opened. Counters that others hold, such as the NMI watchdog, are not there. It is 0 without an error where there is no PMU.
func HardwareCounters() (int, error) {
	// Cycles and instructions have counters of their own on many processors. A unit that counts little else, such as
	// one that is emulated, has them at least on all.
	for _, config := range []uint64{HWBranchMisses, HWBranchInstructions, HWCacheMisses, HWInstructions} {
		if n, err := largestGroup(config); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, nil
}

// largestGroup is how many times a generic event of the hardware can be in one group.
func largestGroup(config uint64) (int, error) {
	for n := 1; n <= mostCounters; n++ {
		attrs := make([]Attr, n)
		for i := range attrs {
			// Units of arm64 do not reckon with a leader that is disabled and that no exec will enable (validate_event in Linux).
			attrs[i] = Attr{Type: TypeHardware, Config: config, Flags: FlagExcludeKernel | FlagExcludeHV | FlagEnableOnExec}
		}
		g, err := OpenGroup(attrs, Target{CPU: AnyCPU}, 0)
		switch {
		case err == nil:
			if err := g.Close(); err != nil {
				return 0, err
			}
		case n == 1 && errors.Is(err, ErrNotSupported):
			return 0, nil
		case n > 1 && (errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSPC)):
			return n - 1, nil
		default:
			return 0, err
		}
	}
	return mostCounters, nil
}

// HaveUserRead tests whether a program can read a counter without a system call (rdpmc), see [OpenReader].
func HaveUserRead() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r, err := OpenReader(&Attr{Type: TypeHardware, Config: HWInstructions, Flags: FlagExcludeKernel | FlagExcludeHV})
	if err != nil {
		return err // an OpenError matches ErrNotSupported where it means that
	}
	defer r.Close()
	for range 1000 { // the event may be off the PMU for a moment
		if _, ok := r.page.read(); ok {
			return nil
		}
	}
	return fmt.Errorf("rdpmc: %w: the kernel or the hypervisor does not allow it", ErrNotSupported)
}
