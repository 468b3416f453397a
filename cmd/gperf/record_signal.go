package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/workload"
)

// ending is the signal that ended a recording. The zero value is none.
type ending struct{ sig atomic.Int32 }

// by notes the signal that gperf got.
func (e *ending) by(sig os.Signal) { e.sig.Store(int32(sig.(syscall.Signal))) }

// of notes the signal that killed the command. A SIGTERM may have been gperf's own, sent because it was told to end.
func (e *ending) of(sig syscall.Signal) {
	if sig != syscall.SIGTERM {
		e.sig.Store(int32(sig))
		return
	}
	e.sig.CompareAndSwap(0, int32(sig))
}

func (e *ending) signal() syscall.Signal { return syscall.Signal(e.sig.Load()) }

// instead is the signal by which gperf ends in place of telling the error, 0 if there is none: it was stopped before it began, or what
// it held was, by a signal that came to both.
func (e *ending) instead(err error) syscall.Signal {
	if held := (*workload.EndedError)(nil); errors.As(err, &held) && ofTerminal(held.Signal) {
		return held.Signal
	}
	if err == nil || errors.Is(err, context.Canceled) {
		return e.signal()
	}
	return 0
}

// ofTerminal tells whether a signal is one that reaches all of a terminal's processes, or all of a service's.
func ofTerminal(sig syscall.Signal) bool {
	return sig == syscall.SIGINT || sig == syscall.SIGTERM || sig == syscall.SIGHUP || sig == syscall.SIGQUIT
}

// dieOf ends gperf by a signal, as perf ends: a shell then knows that it was interrupted, and ends its loops and scripts
// too, which it does not for a mere status of 130. It comes back only where the kernel shields init from its own signals.
func dieOf(sig syscall.Signal) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) // the command may have left a core; one of gperf tells nothing
	// The runtime turns some signals into a trace of its goroutines, and os/signal cannot take that back. A struct
	// sigaction of zeros is the kernel's default.
	const setSize = 8
	var byDefault [64]byte
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&byDefault)), 0, setSize, 0, 0)
	// One that goes to this thread comes before the call returns; one to the process comes when it likes.
	_ = unix.Tgkill(os.Getpid(), unix.Gettid(), sig)
	return &exitError{status: 128 + int(sig)}
}

// awaitReader waits until somebody reads the FIFO at path, or ctx is done; other files need no wait. The caller closes
// what it gets when it has opened the FIFO too.
func awaitReader(ctx context.Context, path string) (*os.File, error) {
	if st, err := os.Stat(path); err != nil || st.Mode()&fs.ModeNamedPipe == 0 {
		return nil, nil
	}
	type opened struct {
		file *os.File
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		return o.file, o.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
