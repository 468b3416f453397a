package workload

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFiles are the numbers of the files that are open, in no order.
func openFiles() []int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	var out []int
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil {
			out = append(out, fd)
		}
	}
	return out
}

// inherited lists the descriptors that the command gets, each at its own number, as it would from a shell.
func inherited(o Options) (files []uintptr) {
	for i, f := range []*os.File{o.Stdin, o.Stdout, o.Stderr} {
		if f != nil {
			files = append(files, f.Fd())
		} else {
			files = append(files, uintptr(i))
		}
	}
	for _, fd := range openFiles() {
		if fd < 3 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			files = keep(files, fd)
		}
	}
	return files
}

// keep adds a descriptor at its own number.
func keep(files []uintptr, fd int) []uintptr {
	for len(files) <= fd {
		files = append(files, ^uintptr(0))
	}
	files[fd] = uintptr(fd)
	return files
}

// raiseFiles makes room for some more files where the limit has none: it may have been lowered below a file that was open already, and starting a
// process takes numbers above all of them. Who may not raise it gets an error from what needs it.
func raiseFiles() {
	const room = 16
	need := uint64(room)
	for _, fd := range openFiles() {
		need = max(need, uint64(fd)+room)
	}
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil || limit.Cur >= need {
		return
	}
	limit.Cur, limit.Max = need, max(limit.Max, need)
	_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
}

// FilesError is a command that could not be started because of the limit of open files.
type FilesError struct {
	Err   error
	Limit uint64
}

func (e *FilesError) Error() string { return fmt.Sprintf("%v (the limit is %d)", e.Err, e.Limit) }

// Unwrap returns Err.
func (e *FilesError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *FilesError) Hint() string {
	return fmt.Sprintf("raise the limit of open files: ulimit -n %d", max(1024, 2*e.Limit))
}

// filesError makes a FilesError of an error that the limit may have caused.
func filesError(err error) error {
	var limit unix.Rlimit
	if !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.EBADF) || unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return err
	}
	return &FilesError{Err: err, Limit: limit.Cur}
}
