package workload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is the shim of its own workloads.
func TestMain(m *testing.M) {
	Shim()
	os.Exit(m.Run())
}

// started starts a command whose output comes through a pipe; the test ends it if it has not ended by itself.
func started(t *testing.T, o Options, argv ...string) (*Command, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	o.Stdout = w
	c, err := Start(argv, nil, o)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Kill(); r.Close() })
	return c, r
}

func comm(t *testing.T, pid int) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func TestHeldBeforeExec(t *testing.T) {
	c, out := started(t, Options{}, "sh", "-c", "echo $$; exit 3")
	if got := comm(t, c.PID); got != shimName {
		t.Errorf("held command is called %q, want %q", got, shimName)
	}
	if c.Executed() {
		t.Error("Executed() before the exec")
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintln(c.PID); string(text) != want {
		t.Errorf("the command is process %q, Start told %q", text, want)
	}
	status, err := c.Wait(context.Background())
	if err != nil || status.ExitStatus() != 3 {
		t.Errorf("Wait() = %v, %v; want exit status 3", status, err)
	}
	if err := c.Signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("Signal after the end: %v", err)
	}
}

func TestHeldBehindExec(t *testing.T) {
	c, out := started(t, Options{Ptrace: true}, "sh", "-c", "echo done")
	if got := comm(t, c.PID); got != "sh" || !c.Executed() {
		t.Errorf("traced command is called %q, Executed() %v", got, c.Executed())
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(out); string(text) != "done\n" || err != nil {
		t.Errorf("output %q, %v", text, err)
	}
	if status, err := c.Wait(context.Background()); err != nil || status != 0 {
		t.Errorf("Wait() = %v, %v", status, err)
	}
}

func TestExecErrors(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		want  error
		text  string
		hints bool
	}{
		{"gperf-no-such-command", fs.ErrNotExist, "gperf-no-such-command: No such file or directory", true},
		{"/nonexistent/command", fs.ErrNotExist, "/nonexistent/command: No such file or directory", true},
		{plain, fs.ErrPermission, plain + ": Permission denied", true},
	} {
		for _, ptrace := range []bool{false, true} {
			c, err := Start([]string{test.name}, nil, Options{Ptrace: ptrace})
			if err == nil {
				err = c.Release()
				c.Kill()
			}
			var exec *ExecError
			if !errors.Is(err, test.want) || !errors.As(err, &exec) || err.Error() != test.text {
				t.Errorf("%s (ptrace %v): %v, want %q", test.name, ptrace, err, test.text)
				continue
			}
			if (exec.Hint() != "") != test.hints {
				t.Errorf("%s: hint %q", test.name, exec.Hint())
			}
		}
	}
	if _, err := Start(nil, nil, Options{}); !errors.Is(err, ErrNoCommand) {
		t.Errorf("empty command: %v", err)
	}
}

// A file that the kernel knows no format of is a shell script, as execvp(3) has it.
func TestScriptWithoutInterpreter(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("echo from $1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c, out := started(t, Options{}, script, "sh")
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(out); string(text) != "from sh\n" || err != nil {
		t.Errorf("output %q, %v", text, err)
	}
}

func TestKillWhileHeld(t *testing.T) {
	for _, ptrace := range []bool{false, true} {
		c, out := started(t, Options{Ptrace: ptrace}, "echo", "never")
		c.Kill()
		c.Kill() // a second one does nothing
		if text, err := io.ReadAll(out); len(text) > 0 || err != nil {
			t.Errorf("ptrace %v: killed command wrote %q, %v", ptrace, text, err)
		}
		if _, err := c.Wait(context.Background()); err != nil {
			t.Errorf("ptrace %v: %v", ptrace, err)
		}
	}
}

func TestWaitIsCancelled(t *testing.T) {
	c, _ := started(t, Options{}, "sleep", "100")
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait with a cancelled context: %v", err)
	}
	if err := c.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	status, err := c.Wait(context.Background())
	if err != nil || status.Signal() != syscall.SIGTERM {
		t.Errorf("Wait() = %v, %v; want SIGTERM", status, err)
	}
}

// Descriptors that this process got without close-on-exec go on to the command at the same number, as from a shell.
func TestDescriptorsGoOn(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("passed on"); err != nil {
		t.Fatal(err)
	}
	fd, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	c, out := started(t, Options{}, "cat", fmt.Sprintf("/proc/self/fd/%d", fd))
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(out); string(text) != "passed on" || err != nil {
		t.Errorf("output %q, %v", text, err)
	}
}

// TestEndsBeforeItIsReady has a child that a signal ended before it said that it is held.
func TestEndsBeforeItIsReady(t *testing.T) {
	r, w, err := pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	pid, err := syscall.ForkExec("/bin/true", []string{"true"}, &syscall.ProcAttr{Files: []uintptr{0, 1, 2, w.Fd()}})
	if err != nil {
		t.Fatal(err)
	}
	c := held(pid, []string{"true"}, nil, nil, r, w)
	told := make(chan error, 1)
	go func() { told <- c.awaitReady() }()
	select {
	case err := <-told:
		if err == nil {
			t.Error("a child that ended is ready")
		}
	case <-time.After(10 * time.Second):
		t.Error("a child that ended is waited for")
	}
	<-c.Done()
}

// A signal that ends what is held, as Ctrl-C does, is named, before its name is there and behind.
func TestSignalWhileHeld(t *testing.T) {
	for _, early := range []bool{false, true} {
		c, err := Start([]string{"true"}, nil, Options{Early: early})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-c.Done()
		var ended *EndedError
		if err := c.Release(); !errors.As(err, &ended) || ended.Signal != syscall.SIGTERM || ended.Name != "true" {
			t.Errorf("early %t: %v", early, err)
		}
		c.Kill()
	}
}
