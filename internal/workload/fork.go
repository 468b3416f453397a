package workload

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A fork is held in place of the shim where the kernel grants one: to start this program once more costs several
// milliseconds, most of them for packages that the shim does not need. The child is a copy of this process with one
// thread, in which nothing of Go runs: from the fork on it makes raw system calls only, out of memory that was laid out before,
// as the child of os/exec does up to its exec.
//
// Where the kernel can (clone3, Linux 5.5) the child shares this process's memory, on a stack of its own. A copy costs a page fault
// for each page that is written to afterwards, a third of what gperf stat does around a short command.

// What the runtime has for the fork of os/exec: all signals are blocked before, and the child's handlers are the kernel's own.
// gvisor pulls the same names, which the runtime therefore keeps (see proc.go there).

//go:linkname beforeFork syscall.runtime_BeforeFork
func beforeFork()

//go:linkname afterFork syscall.runtime_AfterFork
func afterFork()

//go:linkname afterForkInChild syscall.runtime_AfterForkInChild
func afterForkInChild()

// attempt is one path to execute, with what /bin/sh is given if that has no format that the kernel knows.
type attempt struct {
	path      *byte
	argv      **byte
	shellArgv **byte
}

// plan is all that the child needs.
type plan struct {
	attempts     []attempt
	env          **byte
	shell        *byte
	name         *byte // its comm until the exec
	stdio        [3]int
	hold, failed int
	holdWriter   int // the parent's end, which must not stay open here

	stack []byte // of a child that shares memory
	mask  uint64 // the signals that this process blocks
}

// fork starts the held child. The caller closes hold and failed, and keeps the plan until the child has ended or executed.
func fork(argv, env []string, o Options, holdR, holdW, failW int) (pid int, p *plan, err error) {
	p = &plan{hold: holdR, failed: failW, holdWriter: holdW}
	for i, f := range []*os.File{o.Stdin, o.Stdout, o.Stderr} {
		p.stdio[i] = -1
		if f != nil {
			p.stdio[i] = int(f.Fd())
		}
	}
	if err := p.layOut(argv, env); err != nil {
		return 0, nil, err
	}
	syscall.ForkLock.Lock()
	defer syscall.ForkLock.Unlock()
	if pid := p.share(); pid > 0 {
		return pid, p, nil
	}
	pid, errno := p.fork()
	if errno != 0 {
		return 0, nil, errno
	}
	return pid, p, nil
}

// layOut makes the C strings that the child hands to the kernel.
func (p *plan) layOut(argv, env []string) error {
	var err error
	vector := func(s []string) **byte {
		v, bad := syscall.SlicePtrFromStrings(s)
		if err = errors.Join(err, bad); bad != nil {
			return nil
		}
		return &v[0]
	}
	text := func(s string) *byte {
		b, bad := syscall.BytePtrFromString(s)
		err = errors.Join(err, bad)
		return b
	}
	for _, path := range candidates(argv[0], os.Getenv("PATH")) {
		p.attempts = append(p.attempts, attempt{text(path), vector(argv), vector(append([]string{"sh", path}, argv[1:]...))})
	}
	p.env, p.shell, p.name = vector(env), text("/bin/sh"), text(shimName)
	return err
}

// fork is both processes' way from the fork on.
//
//go:noinline
//go:norace
func (p *plan) fork() (pid int, errno syscall.Errno) {
	beforeFork()
	r, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || r != 0 {
		afterFork()
		return int(r), errno
	}
	afterForkInChild()
	p.child()
	return 0, 0
}

// child is the held process's way to its end or to the exec. It must not grow its stack, allocate, take a lock or write to what is not its
// own: while it is held, its parent may run in the same memory.
//
//go:nosplit
//go:norace
func (p *plan) child() {
	var b [4]byte
	_, _, _ = syscall.RawSyscall6(syscall.SYS_PRCTL, unix.PR_SET_NAME, uintptr(unsafe.Pointer(p.name)), 0, 0, 0, 0)
	_, _, _ = syscall.RawSyscall(syscall.SYS_CLOSE, uintptr(p.holdWriter), 0, 0)
	for i := range p.stdio {
		if p.stdio[i] >= 0 && p.stdio[i] != i {
			_, _, _ = syscall.RawSyscall(syscall.SYS_DUP3, uintptr(p.stdio[i]), uintptr(i), 0)
		}
	}
	_, _, _ = syscall.RawSyscall(syscall.SYS_WRITE, uintptr(p.failed), uintptr(unsafe.Pointer(&b)), 1)
	var r uintptr
	var errno syscall.Errno
	for {
		r, _, errno = syscall.RawSyscall(syscall.SYS_READ, uintptr(p.hold), uintptr(unsafe.Pointer(&b)), 1)
		if errno != syscall.EINTR {
			break
		}
	}
	if errno != 0 || r != 1 { // the parent has gone or given up
		for {
			_, _, _ = syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	worst := syscall.ENOENT
	for i := range p.attempts {
		a := &p.attempts[i]
		_, _, errno = syscall.RawSyscall(syscall.SYS_EXECVE, uintptr(unsafe.Pointer(a.path)), uintptr(unsafe.Pointer(a.argv)), uintptr(unsafe.Pointer(p.env)))
		if errno == syscall.ENOEXEC {
			_, _, errno = syscall.RawSyscall(syscall.SYS_EXECVE, uintptr(unsafe.Pointer(p.shell)), uintptr(unsafe.Pointer(a.shellArgv)), uintptr(unsafe.Pointer(p.env)))
		}
		// As execute does it.
		if errno == syscall.EACCES {
			worst = errno
		} else if errno != syscall.ENOENT && errno != syscall.ENOTDIR && errno != syscall.ENODEV && errno != syscall.ETIMEDOUT && errno != syscall.ESTALE {
			worst = errno
			break
		}
	}
	*(*uint32)(unsafe.Pointer(&b)) = uint32(worst)
	_, _, _ = syscall.RawSyscall(syscall.SYS_WRITE, uintptr(p.failed), uintptr(unsafe.Pointer(&b)), 4)
	for {
		_, _, _ = syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 127, 0, 0)
	}
}
