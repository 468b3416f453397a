package evlist

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/gperf-dev/gperf/internal/cpulist"
	"github.com/gperf-dev/gperf/perfevent"
)

// NoSuchProcessError is a process or thread to measure that is not there.
type NoSuchProcessError struct {
	PID    int
	Thread bool // it was named as a thread
}

func (e *NoSuchProcessError) Error() string {
	what := "process"
	if e.Thread {
		what = "thread"
	}
	return fmt.Sprintf("no %s %d: it has ended, or never was", what, e.PID)
}

// Hint is the next step in words.
func (e *NoSuchProcessError) Hint() string {
	return "ps -eLo pid,tid,comm lists processes and threads"
}

// Where lists the CPUs and threads to count on; an event is to be opened for each pair. Of one side there is only
// [perfevent.AnyCPU] or [perfevent.AnyPID]: an event follows its thread, or takes all threads of its CPU. sys is /sys, proc
// is /proc. The error is a [*NoSuchProcessError] or [*OptionError].
//
// A List has events of threads on every CPU too, since inherited events can have a ring only there.
func (t *Targets) Where(sys, proc fs.FS) (cpus, threads []int, err error) {
	cpus = []int{perfevent.AnyCPU}
	if t.HasCPU() {
		if cpus, err = t.cpus(sys); err != nil {
			return nil, nil, err
		}
	}
	threads, err = t.threads(proc)
	return cpus, threads, err
}

// cpus are the CPUs to open events on.
func (t *Targets) cpus(sys fs.FS) ([]int, error) {
	if t.PerThread && !t.HasCPU() {
		return []int{perfevent.AnyCPU}, nil
	}
	b, err := fs.ReadFile(sys, "devices/system/cpu/online")
	if err != nil {
		return nil, fmt.Errorf("which CPUs are online: %w", err)
	}
	online, err := cpulist.Parse(string(b))
	if err != nil || len(online) == 0 {
		return nil, fmt.Errorf("which CPUs are online: cannot understand %q", b)
	}
	if len(t.CPUs) == 0 {
		return online, nil
	}
	for _, c := range t.CPUs {
		if !slices.Contains(online, c) {
			return nil, &OptionError{fmt.Sprintf("CPU %d is not online", c), "online are " + strings.TrimSpace(string(b))}
		}
	}
	cpus := slices.Clone(t.CPUs)
	slices.Sort(cpus)
	return slices.Compact(cpus), nil
}

// threads are those to open events for.
func (t *Targets) threads(proc fs.FS) ([]int, error) {
	switch {
	case t.HasCPU():
		return []int{perfevent.AnyPID}, nil
	case t.WorkloadAlone() && t.Workload == 0:
		return nil, &OptionError{"nothing to measure was named", "give a command, -p PID, -t TID, -C CPU or -a"}
	case !t.HasTask():
		return []int{t.Workload}, nil
	}
	var tids []int
	for _, pid := range t.PIDs {
		list, err := threadsOf(proc, pid)
		if err != nil {
			return nil, err
		}
		tids = append(tids, list...)
	}
	if t.User != nil {
		list, err := threadsOfUser(proc, *t.User)
		if err != nil {
			return nil, err
		}
		tids = append(tids, list...)
	}
	if t.AllThreads {
		list, err := threadsOfThose(proc, func(fs.DirEntry) bool { return true })
		if err != nil {
			return nil, err
		}
		tids = append(tids, list...)
	}
	for _, tid := range t.TIDs {
		if _, err := fs.Stat(proc, strconv.Itoa(tid)); err != nil {
			return nil, &NoSuchProcessError{PID: tid, Thread: true}
		}
		tids = append(tids, tid)
	}
	slices.Sort(tids)
	return slices.Compact(tids), nil
}

// threadsOfUser are the threads of the processes that a user owns.
func threadsOfUser(proc fs.FS, user uint32) ([]int, error) {
	tids, err := threadsOfThose(proc, func(e fs.DirEntry) bool {
		info, err := e.Info()
		if err != nil {
			return false
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		return ok && st.Uid == user
	})
	if err == nil && len(tids) == 0 {
		return nil, &OptionError{fmt.Sprintf("user %d has no process", user), "ps -eo user,uid,pid,comm lists processes and their users"}
	}
	return tids, err
}

// threadsOfThose are the threads of the processes that are wanted, by their directories in /proc. Those that end meanwhile are left out.
func threadsOfThose(proc fs.FS, wanted func(fs.DirEntry) bool) ([]int, error) {
	entries, err := fs.ReadDir(proc, ".")
	if err != nil {
		return nil, fmt.Errorf("processes: %w", err)
	}
	var tids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || !wanted(e) {
			continue
		}
		if list, err := threadsOf(proc, pid); err == nil {
			tids = append(tids, list...)
		}
	}
	return tids, nil
}

func threadsOf(proc fs.FS, pid int) ([]int, error) {
	entries, err := fs.ReadDir(proc, strconv.Itoa(pid)+"/task")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &NoSuchProcessError{PID: pid}
	}
	if err != nil {
		return nil, fmt.Errorf("threads of process %d: %w", pid, err)
	}
	var tids []int
	for _, e := range entries {
		if tid, err := strconv.Atoi(e.Name()); err == nil {
			tids = append(tids, tid)
		}
	}
	if len(tids) == 0 {
		return nil, &NoSuchProcessError{PID: pid}
	}
	return tids, nil
}
