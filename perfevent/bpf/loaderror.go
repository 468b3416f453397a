package bpf

import (
	"bytes"
	"errors"
	"strings"

	"golang.org/x/sys/unix"
)

// loadError says why the kernel takes no map or program.
type loadError struct {
	what, name string
	err        error
	verifier   string // what the verifier says, "" if it was not asked or does not say it
}

func (e *loadError) Unwrap() error { return e.err }

func (e *loadError) Error() string {
	text := "the kernel takes no BPF " + e.what + " (" + e.name + "): " + e.err.Error()
	if e.verifier != "" {
		text += ": " + e.verifier
	}
	switch {
	case e.verifier == "" && (errors.Is(e.err, unix.EPERM) || errors.Is(e.err, unix.EACCES)):
		text += "; root may do that, or who has CAP_BPF and CAP_PERFMON (Linux 5.8; CAP_SYS_ADMIN before)"
	case errors.Is(e.err, unix.ENOSYS):
		text += "; it was built without CONFIG_BPF_SYSCALL"
	case strings.HasPrefix(e.verifier, "invalid func "):
		text += "; reading user memory needs Linux 5.5"
	}
	return text
}

// lastOfLog is what the verifier says at the end of its log: the line ahead of its count of instructions, and the instruction that it
// is about where the line alone does not tell.
func lastOfLog(log []byte) string {
	log, _, _ = bytes.Cut(log, []byte{0})
	var lines []string
	for line := range strings.Lines(string(log)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "processed ") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	last := lines[len(lines)-1]
	if len(lines) > 1 && (ofRegister(last) || strings.HasPrefix(last, "invalid bpf_context access")) {
		last = lines[len(lines)-2] + ": " + last
	}
	return last
}

// ofRegister tells of "R3 !read_ok" and the like.
func ofRegister(line string) bool {
	return len(line) > 1 && line[0] == 'R' && line[1] >= '0' && line[1] <= '9'
}
