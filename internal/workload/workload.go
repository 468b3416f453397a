// Package workload starts a command that is held just before its exec, so that counters can be armed in between.
//
// The held process is a child of this program, in its memory or a copy, under the name gperf-exec, that waits for [Command.Release] and
// then executes the command. Where no fork is granted it is this program again: [Start] executes /proc/self/exe, and [Shim], which main has to
// call first, waits there. Events with the enable_on_exec bit therefore begin with the command's own first instruction. A
// program that cannot call Shim, such as a test binary or a library's caller, sets [Options.Ptrace]: the command is then held
// just behind its exec.
package workload

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// shimName is the argv[0] and the comm of a command that is held.
const shimName = "gperf-exec"

// ErrNoCommand is returned by [Start] for an empty argument list.
var ErrNoCommand = errors.New("no command to run")

// Options tell how a command is started. The zero value is the way of gperf itself.
type Options struct {
	// Ptrace holds the command just behind its exec instead of before it, for programs that do not call Shim.
	// Events must then be armed by hand, and the command's mappings read from /proc: see [Command.Executed].
	Ptrace bool
	// Early lets Start return before the held process has its name, for callers that do not look at it in /proc.
	Early bool
	// Stdin, Stdout and Stderr are the command's; nil stands for this process's own.
	Stdin, Stdout, Stderr *os.File
}

// Command is a process that has been started and not yet reaped.
type Command struct {
	// PID is the command's process id, also the id of its first thread.
	PID int
	// Args is what it was started with.
	Args []string

	mu       sync.Mutex // of reaped: a signal must not reach another process that got the number
	reaped   bool
	hold     *os.File      // write end; one byte lets the shim go on, closing it ends the shim
	failed   *os.File      // read end; the errno of a failed exec, or end of file when it succeeded
	plan     *plan         // which the held process reads from this one's memory; nil for a shim
	tracer   *tracer       // instead of the three above
	done     chan struct{} // closed when the command has been reaped
	status   syscall.WaitStatus
	user     time.Duration // of the command and the children that it waited for
	system   time.Duration
	waitErr  error
	ready    bool // it has its name
	released bool
	executed bool          // or failed to, and the caller knows
	before   time.Duration // CPU time until it was released
}

// ExecError tells that a command could not be executed.
type ExecError struct {
	Name  string
	Errno syscall.Errno
}

func (e *ExecError) Error() string { return e.Name + ": " + e.Reason() }

// Unwrap makes errors.Is(err, fs.ErrNotExist) and the like work.
func (e *ExecError) Unwrap() error { return e.Errno }

// Hint says what to try next.
func (e *ExecError) Hint() string {
	switch e.Errno {
	case syscall.ENOENT:
		if strings.Contains(e.Name, "/") {
			return "no such file; for a script, look at the interpreter in its first line too"
		}
		return "it is in none of the directories of PATH; options of the command go behind its name"
	case syscall.EACCES:
		return "it must be a file, not a directory, and have its execute bit set"
	case syscall.ENOEXEC:
		return "it is no program that this machine can run"
	}
	return ""
}

// Reason is the C library's text of the errno, as users know it: Go's begins with a small letter.
func (e *ExecError) Reason() string {
	s := e.Errno.Error()
	return strings.ToUpper(s[:1]) + s[1:]
}

// Start starts a command and holds it. The caller releases or kills it, and then waits for it; env nil is the
// environment of this process.
func Start(argv, env []string, o Options) (*Command, error) {
	if len(argv) == 0 {
		return nil, ErrNoCommand
	}
	if env == nil {
		env = os.Environ()
	}
	if o.Ptrace {
		raiseFiles()
		return startTraced(argv, env, o)
	}
	holdR, holdW, err := pipe()
	if err != nil {
		return nil, filesError(fmt.Errorf("pipe for the workload: %w", err))
	}
	defer holdR.Close()
	failR, failW, err := pipe()
	if err != nil {
		holdW.Close()
		return nil, filesError(fmt.Errorf("pipe for the workload: %w", err))
	}
	pid, plan, err := fork(argv, env, o, int(holdR.Fd()), int(holdW.Fd()), int(failW.Fd()))
	if err != nil { // no room for a copy of this process, say
		raiseFiles()
		pid, err = spawn(argv, env, o, holdR, failW)
	}
	if err != nil {
		holdW.Close()
		failR.Close()
		failW.Close()
		return nil, filesError(fmt.Errorf("starting the workload: %w", err))
	}
	c := held(pid, argv, plan, holdW, failR, failW)
	if o.Early {
		return c, nil
	}
	if err := c.awaitReady(); err != nil {
		c.Kill()
		return nil, err
	}
	return c, nil
}

// held is a child that waits for its Resume. The parent's copy of the child's end is closed: else nothing would tell of a child that a signal
// to all processes of the terminal ends before it is ready.
func held(pid int, argv []string, p *plan, hold, failed, failW *os.File) *Command {
	failW.Close()
	c := &Command{PID: pid, Args: argv, hold: hold, failed: failed, plan: p, done: make(chan struct{})}
	go c.reap()
	return c
}

// pipe makes a pipe whose ends block, for a byte or two that come at once: those of os.Pipe begin with a poller.
func pipe() (r, w *os.File, err error) {
	var p [2]int
	if err = unix.Pipe2(p[:], unix.O_CLOEXEC); errors.Is(err, unix.EMFILE) {
		raiseFiles()
		err = unix.Pipe2(p[:], unix.O_CLOEXEC)
	}
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(p[0]), "pipe"), os.NewFile(uintptr(p[1]), "pipe"), nil
}

// spawn starts the shim.
func spawn(argv, env []string, o Options, holdR, failW *os.File) (int, error) {
	files := inherited(o)
	hold, failed := holdR.Fd(), failW.Fd()
	for _, fd := range []uintptr{hold, failed} { // at their own numbers: nothing has to be moved out of the way
		files = keep(files, int(fd))
	}
	args := append([]string{shimName, fmt.Sprint(hold), fmt.Sprint(failed)}, argv...)
	return syscall.ForkExec("/proc/self/exe", args, &syscall.ProcAttr{Env: env, Files: files})
}

// awaitReady waits for the byte that says that the held process has its final name: before, its comm in /proc is another.
func (c *Command) awaitReady() error {
	if c.ready {
		return nil
	}
	var b [1]byte
	if _, err := io.ReadFull(c.failed, b[:]); err != nil {
		if ended := c.EndedHeld(); ended != nil {
			return ended
		}
		return fmt.Errorf("the workload's shim did not start (does main call workload.Shim?): %w", err)
	}
	c.ready = true
	return nil
}

// Executed reports that the command is already behind its exec, as under Ptrace.
func (c *Command) Executed() bool { return c.tracer != nil }

// Release lets the command run and returns when its exec has been done. A failure is an *ExecError with its errno.
// Further calls do nothing.
func (c *Command) Release() error {
	if err := c.Resume(); err != nil {
		return err
	}
	return c.AwaitExec()
}

// Resume lets the command run and does not wait for its exec. Further calls do nothing.
func (c *Command) Resume() error {
	if c.released {
		return nil
	}
	c.released = true
	if c.tracer != nil {
		return c.tracer.release()
	}
	if err := c.awaitReady(); err != nil {
		c.hold.Close()
		return err
	}
	c.before = cpuTime(c.PID)
	_, err := c.hold.Write([]byte{1})
	c.hold.Close()
	if err != nil {
		if ended := c.EndedHeld(); ended != nil {
			return ended
		}
		return fmt.Errorf("releasing the workload: %w", err)
	}
	return nil
}

// EndedError tells that a signal ended a command before it was executed: Ctrl-C ends what is held too.
type EndedError struct {
	Name   string
	Signal syscall.Signal
}

func (e *EndedError) Error() string {
	return fmt.Sprintf("%s was ended before it could begin, by signal %d (%v)", e.Name, int(e.Signal), e.Signal)
}

// EndedHeld is why a held command is no longer there, if that is a signal: an *EndedError. Its end may be a moment off: the pipes are closed
// first, and no event can be opened on it.
func (c *Command) EndedHeld() error {
	const moment = time.Second
	select {
	case <-c.done:
		if c.status.Signaled() {
			return &EndedError{c.Args[0], c.status.Signal()}
		}
	case <-time.After(moment):
	}
	return nil
}

// AwaitExec waits until a command that was resumed has executed. A failure is an *ExecError with its errno, once.
func (c *Command) AwaitExec() error {
	if c.executed || c.tracer != nil {
		return nil
	}
	c.executed = true
	defer c.failed.Close()
	var b [4]byte
	switch _, err := io.ReadFull(c.failed, b[:]); err {
	case nil:
		return &ExecError{Name: c.Args[0], Errno: syscall.Errno(binary.NativeEndian.Uint32(b[:]))}
	case io.EOF:
		return nil
	default:
		return fmt.Errorf("waiting for the workload's exec: %w", err)
	}
}

// Wait waits until the command has ended, or ctx is done, and returns how it ended. It may be called several times.
func (c *Command) Wait(ctx context.Context) (syscall.WaitStatus, error) {
	select {
	case <-c.done:
		return c.status, c.waitErr
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Done is closed when the command has ended.
func (c *Command) Done() <-chan struct{} { return c.done }

// Signal sends a signal to the command. One that has ended gives os.ErrProcessDone.
func (c *Command) Signal(s syscall.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.done:
		return os.ErrProcessDone
	default:
	}
	if c.reaped {
		return os.ErrProcessDone
	}
	return syscall.Kill(c.PID, s)
}

// Kill ends a command that has not been released, or kills one that has, and waits for its end.
func (c *Command) Kill() {
	if !c.released && c.tracer == nil {
		c.released, c.executed = true, true
		c.hold.Close() // the shim reads the end of the file and leaves
		c.failed.Close()
	} else {
		_ = c.Signal(syscall.SIGKILL) // it may have ended by itself
		_ = c.Release()               // a stopped one has to be let go to die
	}
	<-c.done
}

func (c *Command) reap() {
	defer close(c.done)
	// Its end is waited for first, and then it is taken away under the lock. os.Process does that by a pidfd, whose first use
	// in a process costs a fork.
	var err error
	for {
		if err = unix.Waitid(unix.P_PID, c.PID, nil, unix.WEXITED|unix.WNOWAIT, nil); err != unix.EINTR {
			break
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var usage syscall.Rusage
	if err == nil {
		_, err = syscall.Wait4(c.PID, &c.status, 0, &usage)
	}
	c.reaped = true
	if err != nil {
		c.waitErr = fmt.Errorf("waiting for the workload (process %d): %w", c.PID, err)
		return
	}
	c.user, c.system = time.Duration(usage.Utime.Nano()), time.Duration(usage.Stime.Nano())
}
