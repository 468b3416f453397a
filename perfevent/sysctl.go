package perfevent

import (
	"fmt"
	"math/bits"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Paranoid reads kernel.perf_event_paranoid: what users without CAP_PERFMON
// may do. -1 all, 0 whole CPUs but no raw tracepoints, 1 own processes with
// the kernel, 2 own processes in user space; Debian's 3 and Ubuntu's 4 nothing.
func Paranoid() (int, error) { return sysctl("perf_event_paranoid") }

func sysctl(name string) (int, error) {
	b, err := os.ReadFile("/proc/sys/kernel/" + name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("/proc/sys/kernel/%s: %w", name, err)
	}
	return n, nil
}

// MaxSampleRate reads kernel.perf_event_max_sample_rate: samples a second of
// one CPU that the kernel takes at most. It lowers it under load by itself.
func MaxSampleRate() (int, error) { return sysctl("perf_event_max_sample_rate") }

// DefaultRingPages is the size in data pages of the rings that perf maps
// unless told otherwise: what each user may lock, less the header, down to a
// power of two. See perf_event_mlock_kb_in_pages in tools/perf/util/evlist.c.
func DefaultRingPages() int {
	page := os.Getpagesize()
	kb, err := sysctl("perf_event_mlock_kb")
	if err != nil {
		kb = 512
	} else {
		kb -= page / 1024
	}
	pages := kb * 1024 / page
	if pages < 1 {
		return 1
	}
	return 1 << (bits.Len(uint(pages)) - 1)
}

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
