package machine

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// maxCPU bounds what a list may ask for; the kernel's own limit is 8192.
const maxCPU = 1 << 16

// CPUListError is a list of CPUs that cannot be read.
type CPUListError struct {
	Text string // the part that is wrong
	Why  string
}

func (e *CPUListError) Error() string { return fmt.Sprintf("CPU list: %q %s", e.Text, e.Why) }

// Hint shows the form.
func (e *CPUListError) Hint() string { return "CPUs are listed like this: 0-2,4" }

// ParseCPUList reads a list such as "0-3,8", as the kernel prints it and users write it, in the order given. An empty
// text is an empty list. The error is a *CPUListError.
func ParseCPUList(text string) ([]int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	var cpus []int
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := parseCPU(from)
		if err != nil {
			return nil, err
		}
		last := first
		if isRange {
			if last, err = parseCPU(to); err != nil {
				return nil, err
			}
		}
		if last < first {
			return nil, &CPUListError{Text: part, Why: "runs backwards"}
		}
		for c := first; c <= last; c++ {
			cpus = append(cpus, c)
		}
		if len(cpus) > maxCPU {
			return nil, &CPUListError{Text: part, Why: "makes the list too long"}
		}
	}
	return cpus, nil
}

func parseCPU(s string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	if err != nil {
		return 0, &CPUListError{Text: s, Why: "is no number"}
	}
	if n >= maxCPU {
		return 0, &CPUListError{Text: s, Why: "is beyond the CPUs that Linux knows"}
	}
	return int(n), nil
}

// OnlineCPUs lists the CPUs that run now, ascending. root is the file system from "/".
func OnlineCPUs(root fs.FS) ([]int, error) { return cpuFile(root, "online") }

// PresentCPUs lists the CPUs that are there, online or not.
func PresentCPUs(root fs.FS) ([]int, error) { return cpuFile(root, "present") }

func cpuFile(root fs.FS, name string) ([]int, error) {
	path := cpuDir + "/" + name
	b, err := fs.ReadFile(root, path)
	if err != nil {
		return nil, fmt.Errorf("CPUs of this machine: %w", err)
	}
	cpus, err := ParseCPUList(string(b))
	if err != nil {
		return nil, fmt.Errorf("/%s: %w", path, err)
	}
	return cpus, nil
}
