package perfevent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/cpulist"
)

// Scope says what [OpenCounters] counts on. The zero value is [ThisThread].
type Scope struct {
	kind   scopeKind
	number int
	dir    string
}

type scopeKind int

const (
	scopeThread scopeKind = iota
	scopeProcess
	scopeCPU
	scopeMachine
	scopeCgroup
)

// ThisThread counts on the calling thread. A goroutine that wants its own
// counts calls [runtime.LockOSThread] before it opens the counters, and stays
// locked for as long as it counts: else it, and what is counted, part ways.
func ThisThread() Scope { return Scope{} }

// Thread counts on one thread, by its id.
func Thread(tid int) Scope { return Scope{kind: scopeThread, number: tid} }

// Process counts on all threads that a process has when the counters are
// opened; 0 is this process. Those that start later, and child processes, are
// counted only if the attributes have [FlagInherit]; with [FlagInheritThread]
// as well, only threads are. Each thread takes as many files as there are
// attributes.
func Process(pid int) Scope { return Scope{kind: scopeProcess, number: pid} }

// OnCPU counts all that runs on one CPU; the error is ENODEV where that is not
// online. It needs CAP_PERFMON or a
// kernel.perf_event_paranoid of 0 or less, as all that follow do.
func OnCPU(cpu int) Scope { return Scope{kind: scopeCPU, number: cpu} }

// Machine counts on all CPUs that are online.
func Machine() Scope { return Scope{kind: scopeMachine} }

// Cgroup counts the threads of a control group and of those below it, on all
// CPUs that are online. Dir is the group's directory, as
// /sys/fs/cgroup/system.slice: of cgroup v2, or of v1's perf_event hierarchy.
func Cgroup(dir string) Scope { return Scope{kind: scopeCgroup, dir: dir} }

// targets lists what to open events on. Done gives back what the targets hold
// open; the kernel keeps what it needs.
func (s Scope) targets() (targets []Target, flags int, done func(), err error) {
	done = func() {}
	switch s.kind {
	case scopeThread:
		return []Target{{PID: s.number, CPU: AnyCPU}}, 0, done, nil
	case scopeCPU:
		one := Target{PID: AnyPID, CPU: s.number}
		if online, err := cpuTargets(AnyPID); err == nil && !slices.Contains(online, one) {
			return nil, 0, done, fmt.Errorf("CPU %d is not online: %w", s.number, unix.ENODEV) // the kernel would refuse the attributes
		}
		return []Target{one}, 0, done, nil
	case scopeProcess:
		targets, err = threadTargets(s.number)
		return targets, 0, done, err
	case scopeMachine:
		targets, err = cpuTargets(AnyPID)
		return targets, 0, done, err
	}
	fd, err := unix.Open(s.dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, 0, done, fmt.Errorf("control group %s: %w", s.dir, err)
	}
	done = func() { _ = unix.Close(fd) } // nothing was written
	targets, err = cpuTargets(fd)
	return targets, FlagPIDCgroup, done, err
}

func cpuTargets(pid int) ([]Target, error) {
	b, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return nil, fmt.Errorf("which CPUs are online: %w", err)
	}
	cpus, err := cpulist.Parse(string(b))
	if err != nil {
		return nil, fmt.Errorf("which CPUs are online: %w", err)
	}
	targets := make([]Target, len(cpus))
	for i, cpu := range cpus {
		targets[i] = Target{PID: pid, CPU: cpu}
	}
	return targets, nil
}

func threadTargets(pid int) ([]Target, error) {
	name := "self"
	if pid != 0 {
		name = strconv.Itoa(pid)
	}
	entries, err := os.ReadDir("/proc/" + name + "/task")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return nil, &OpenError{Target: Target{PID: pid, CPU: AnyCPU}, Errno: unix.ESRCH, Paranoid: paranoidUnknown}
	}
	if err != nil {
		return nil, fmt.Errorf("threads of process %s: %w", name, err)
	}
	var targets []Target
	for _, e := range entries {
		if tid, err := strconv.Atoi(e.Name()); err == nil {
			targets = append(targets, Target{PID: tid, CPU: AnyCPU})
		}
	}
	return targets, nil
}
