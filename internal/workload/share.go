//go:build (amd64 || arm64) && !race

package workload

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cloneArgs is struct clone_args of linux/sched.h, in its first version.
type cloneArgs [8]uint64

// Where in cloneArgs these are; the others stay 0.
const (
	cloneFlags      = 0
	cloneExitSignal = 4
	cloneStack      = 5 // its lowest address
	cloneStackSize  = 6
)

const (
	sharedStack = 8 << 10 // the linker holds functions that do not grow their stack to less than 1 KiB
	stackTop    = 64      // room above, for a frame that the child's first function has and does not use
)

// share starts the held child in this process's memory. 0 is for a kernel, or a filter of system calls, that grants no such clone.
//
//go:norace
func (p *plan) share() (pid int) {
	p.stack = make([]byte, sharedStack)
	bottom := uint64(uintptr(unsafe.Pointer(&p.stack[0])))
	args := &cloneArgs{
		// The runtime's handlers, which would run in the child, are put back to the default on the way.
		cloneFlags:      unix.CLONE_VM | unix.CLONE_CLEAR_SIGHAND,
		cloneExitSignal: uint64(unix.SIGCHLD),
		cloneStack:      bottom,
		cloneStackSize:  (bottom+sharedStack)&^15 - stackTop - bottom,
	}
	const block, setSize = 0, 8 // to block nothing more reads the mask
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, block, 0, uintptr(unsafe.Pointer(&p.mask)), setSize, 0, 0); errno != 0 {
		return 0
	}
	beforeFork()
	r := cloneShared(args, unsafe.Sizeof(*args), p)
	afterFork()
	return max(int(r), 0)
}

// cloneShared calls clone3. The parent gets what the kernel says: the child's number, or an errno below 0. The child goes to sharedChild.
func cloneShared(args *cloneArgs, size uintptr, p *plan) int64

// sharedChild is where the child begins, with all signals blocked.
//
//lint:ignore U1000 cloneShared calls it
//go:nosplit
//go:norace
func sharedChild(p *plan) {
	const setMask, setSize = 2, 8
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&p.mask)), 0, setSize, 0, 0)
	p.child()
}
