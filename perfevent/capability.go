package perfevent

import "golang.org/x/sys/unix"

// capPerfmon is CAP_PERFMON, Linux 5.8.
const capPerfmon = 38

// MayMeasureKernel tells whether this process may have events that count in
// the kernel: with CAP_PERFMON or CAP_SYS_ADMIN, or where
// kernel.perf_event_paranoid is 1 or less.
func MayMeasureKernel() bool {
	if hasCapability(unix.CAP_SYS_ADMIN) || hasCapability(capPerfmon) {
		return true
	}
	level, err := Paranoid()
	return err == nil && level <= 1
}

// hasCapability looks into the effective set of the calling thread.
func hasCapability(c uint) bool {
	h := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&h, &data[0]); err != nil {
		return false
	}
	return data[c/32].Effective>>(c%32)&1 != 0
}
