// Package cpulist reads lists of CPUs, as the kernel prints them and users write them: 0-3,8.
package cpulist

import (
	"fmt"
	"strconv"
	"strings"
)

// maxCPU bounds what a list may ask for; the kernel's own limit is 8192.
const maxCPU = 1 << 16

// Error is a list that cannot be read.
type Error struct {
	Text string // the part that is wrong
	Why  string
}

func (e *Error) Error() string { return fmt.Sprintf("CPU list: %q %s", e.Text, e.Why) }

// Hint shows the form.
func (e *Error) Hint() string { return "CPUs are listed like this: 0-2,4" }

// Parse reads a list such as "0-3,8", in the order given. An empty text is an empty list. The error is an *Error.
func Parse(text string) ([]int, error) {
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
			return nil, &Error{Text: part, Why: "runs backwards"}
		}
		for c := first; c <= last; c++ {
			cpus = append(cpus, c)
		}
		if len(cpus) > maxCPU {
			return nil, &Error{Text: part, Why: "makes the list too long"}
		}
	}
	return cpus, nil
}

func parseCPU(s string) (int, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31)
	if err != nil {
		return 0, &Error{Text: s, Why: "is no number"}
	}
	if n >= maxCPU {
		return 0, &Error{Text: s, Why: "is beyond the CPUs that Linux knows"}
	}
	return int(n), nil
}
