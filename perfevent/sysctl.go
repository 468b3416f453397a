package perfevent

import (
	"fmt"
	"math/bits"
	"os"
	"strconv"
	"strings"
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
