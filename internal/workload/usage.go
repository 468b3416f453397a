package workload

import (
	"time"

	"golang.org/x/sys/unix"
)

// Usage tells, once the command has been waited for, how much CPU time it used in user space and in the kernel, with the children that it has
// waited for itself. What this program used in its place until the exec is taken off.
func (c *Command) Usage() (user, system time.Duration) {
	user, system = c.user, c.system
	if all := user + system; all > 0 {
		before := min(c.before, all)
		share := time.Duration(float64(before) * float64(user) / float64(all))
		user, system = user-share, system-(before-share)
	}
	return user, system
}

// cpuTime is the CPU time that a process has used, by its clock (CPUCLOCK_SCHED of linux/posix-timers_types.h); 0 if it cannot be read.
func cpuTime(pid int) time.Duration {
	const scheduled = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|scheduled, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
