package workload

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// tracer holds a command at the stop that follows a traced exec. All ptrace calls have to come from the thread that
// started the command, so a goroutine keeps that thread until the command has ended.
type tracer struct {
	letGo chan struct{}
	gone  chan error
}

func startTraced(argv, env []string, o Options) (*Command, error) {
	c := &Command{Args: argv, tracer: &tracer{letGo: make(chan struct{}), gone: make(chan error, 1)}, done: make(chan struct{})}
	started := make(chan error)
	go c.trace(env, o, started)
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

func (t *tracer) release() error {
	close(t.letGo)
	return <-t.gone
}

func (c *Command) trace(env []string, o Options, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	files := inherited(o)
	attr := &syscall.ProcAttr{Env: env, Files: files, Sys: &syscall.SysProcAttr{Ptrace: true}}
	pid, err := forkExecPath(c.Args, attr)
	if err != nil {
		started <- err
		return
	}
	c.PID = pid
	var ws syscall.WaitStatus
	if err := wait4(pid, &ws); err != nil || !ws.Stopped() {
		started <- fmt.Errorf("the traced workload did not stop at its exec (status %#x): %w", int(ws), errors.Join(err, unix.ECHILD))
		return
	}
	started <- nil
	<-c.tracer.letGo
	if err := syscall.PtraceDetach(pid); err != nil && !errors.Is(err, unix.ESRCH) {
		c.tracer.gone <- fmt.Errorf("releasing the traced workload: %w", err)
	} else {
		c.tracer.gone <- nil // ESRCH: it was killed while it was held
	}
	c.reap()
}

// forkExecPath tries a command's places in PATH, as execvp(3) does.
func forkExecPath(argv []string, attr *syscall.ProcAttr) (int, error) {
	worst := syscall.ENOENT
	for _, path := range candidates(argv[0], os.Getenv("PATH")) {
		pid, err := syscall.ForkExec(path, argv, attr)
		if err == nil {
			return pid, nil
		}
		var errno syscall.Errno
		if !errors.As(err, &errno) {
			return 0, fmt.Errorf("starting %s: %w", argv[0], err)
		}
		switch errno {
		case syscall.ENOENT, syscall.ENOTDIR:
		case syscall.EACCES:
			worst = errno
		default:
			return 0, &ExecError{Name: argv[0], Errno: errno}
		}
	}
	return 0, &ExecError{Name: argv[0], Errno: worst}
}

func wait4(pid int, ws *syscall.WaitStatus) error {
	for {
		_, err := syscall.Wait4(pid, ws, 0, nil)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
