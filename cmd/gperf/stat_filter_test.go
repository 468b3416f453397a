package main

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// filtered is set in the process that gets a filter of system calls and becomes gperf.
const filtered = "GPERF_TEST_FILTERED"

// Root behind a filter of system calls (a container's, a service's) is not told that it lacks rights.
func TestStatBehindFilter(t *testing.T) {
	testkit.Need(t, testkit.Root)
	if bin := os.Getenv(filtered); bin != "" {
		t.Fatal(refuseEvents(bin))
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestStatBehindFilter$")
	cmd.Env = append(os.Environ(), filtered+"="+gperfBinary(t))
	out, _ := cmd.CombinedOutput()
	want := "gperf: cannot open event page-faults for thread "
	if text := string(out); cmd.ProcessState.ExitCode() != 255 || !strings.HasPrefix(text, want) || !strings.Contains(text, "though this process has CAP_PERFMON") {
		t.Errorf("status %d:\n%s", cmd.ProcessState.ExitCode(), text)
	}
}

// refuseEvents becomes gperf stat, to which the kernel refuses perf_event_open.
func refuseEvents(bin string) error {
	runtime.LockOSThread()
	const load, jumpIfEqual, answer = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ, unix.BPF_RET
	program := []unix.SockFilter{ // the number of the call is the first word
		{Code: load}, {Code: jumpIfEqual, Jf: 1, K: unix.SYS_PERF_EVENT_OPEN},
		{Code: answer, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)}, {Code: answer, K: unix.SECCOMP_RET_ALLOW},
	}
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&filter)), 0, 0); err != nil {
		return err
	}
	return unix.Exec(bin, []string{bin, "stat", "-e", "page-faults", "true"}, os.Environ())
}
