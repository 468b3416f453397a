package perfevent

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// capPerfmon is CAP_PERFMON, Linux 5.8.
const capPerfmon = 38

// MayMeasureKernel tells whether this process may have events that count in
// the kernel: with CAP_PERFMON or CAP_SYS_ADMIN, or where
// kernel.perf_event_paranoid is 1 or less.
func MayMeasureKernel() bool {
	if mayAll() {
		return true
	}
	level, err := Paranoid()
	return err == nil && level <= 1
}

// mayAll tells whether this process has CAP_PERFMON or CAP_SYS_ADMIN. Those of a
// user namespace of its own do not count.
func mayAll() bool {
	return (hasCapability(unix.CAP_SYS_ADMIN) || hasCapability(capPerfmon)) && !inUserNamespace()
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

// inUserNamespace tells whether this process is in another user namespace than
// the machine's first, where all users are who they are.
func inUserNamespace() bool {
	b, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && strings.Join(strings.Fields(string(b)), " ") != fmt.Sprintf("0 0 %d", uint32(1<<32-1))
}

// rights is what a process has when it is refused.
type rights struct {
	all  bool // see mayAll: then it is not for want of them
	root bool // user 0, maybe of a container
}

func rightsNow() rights { return rights{all: mayAll(), root: os.Geteuid() == 0} }

// Filtered tells that the process has all rights that the kernel asks for, so
// that something else refuses the event: a filter of system calls, or a
// security module.
func (e *OpenError) Filtered() bool { return e.NotAllowed() && e.rights.all }

// forbidden is the reason of an event that is not allowed.
func (e *OpenError) forbidden() string {
	switch {
	case e.Filtered():
		return "not allowed, though this process has CAP_PERFMON: a filter of system calls (seccomp) or a security module is in the way"
	case e.Paranoid == paranoidUnknown:
		return "not allowed"
	}
	return fmt.Sprintf("not allowed: kernel.perf_event_paranoid is %d and this process lacks CAP_PERFMON", e.Paranoid)
}

// permissionHint names the level that would do; see perf_event_open(2) and
// Documentation/admin-guide/sysctl/kernel.rst of Linux for the levels.
func (e *OpenError) permissionHint() string {
	if e.Filtered() {
		return "containers and services have such filters: docker run --security-opt seccomp=PROFILE, SystemCallFilter= of systemd; a security module tells in dmesg"
	}
	level, what := 2, "own processes, user space only"
	switch {
	case e.Attr.Type == TypeTracepoint:
		level, what = -1, "tracepoints with their data"
	case e.Target.PID < 0, e.CGroup != "":
		level, what = 0, "whole CPUs"
	case e.Attr.Flags&FlagExcludeKernel == 0:
		level, what = 1, "the kernel too"
	}
	var b strings.Builder
	if e.rights.root {
		b.WriteString("have CAP_PERFMON, which root lacks in most containers (docker run --cap-add PERFMON) and in user namespaces")
	} else {
		b.WriteString("run it as root or with CAP_PERFMON")
	}
	if e.Paranoid > level {
		fmt.Fprintf(&b, ", or let everyone measure %s: sysctl kernel.perf_event_paranoid=%d", what, level)
	}
	allowed := e.Paranoid != paranoidUnknown && e.Paranoid <= level
	if allowed && e.Target.PID > 0 {
		b.WriteString("; another user's process needs CAP_SYS_PTRACE as well")
	}
	switch {
	case allowed || level <= 0 || e.Attr.Flags&(FlagExcludeKernel|FlagExcludeUser) != 0:
	case e.Attr.KernelOnly():
		b.WriteString("; it happens in the kernel alone, so the modifier :u would leave nothing of it")
	default:
		b.WriteString("; or leave the kernel out with the modifier :u")
	}
	return b.String()
}
