package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// interrupted runs stat in a process group of its own, which all gets a signal after a time, as from a terminal. It gives what was
// printed, the signal that ended stat, and how long that took.
func interrupted(t *testing.T, bin string, sig syscall.Signal, after time.Duration, args ...string) (string, syscall.Signal, time.Duration) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(bin, append([]string{"stat"}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	if err := syscall.Kill(-cmd.Process.Pid, sig); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	err := cmd.Wait()
	if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	ws, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ws.Signaled() {
		return out.String(), 0, time.Since(began)
	}
	return out.String(), ws.Signal(), time.Since(began)
}

// Whenever Ctrl-C comes, between two runs and while a command is held too, stat ends by it and has nothing to complain of.
func TestStatInterruptedAtAnyTime(t *testing.T) {
	testkit.Need(t, testkit.Root)
	bin := gperfBinary(t)
	for i := range 24 {
		sig := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}[i%3]
		out, by, _ := interrupted(t, bin, sig, 60*time.Millisecond+time.Duration(i)*1700*time.Microsecond, "-r", "0", "-e", "page-faults", "true")
		if by != sig || strings.Contains(out, "gperf:") {
			t.Errorf("%v: ended by %v:\n%s", sig, by, out)
		}
	}
}

// The time of -D is not waited for after Ctrl-C, nor after the command's end.
func TestStatInterruptedInDelay(t *testing.T) {
	testkit.Need(t, testkit.Root)
	bin := gperfBinary(t)
	for _, args := range []string{"-D 60000 -e page-faults sleep 60", "-D 60000 -a -e page-faults"} {
		out, by, took := interrupted(t, bin, syscall.SIGINT, 300*time.Millisecond, strings.Fields(args)...)
		if by != syscall.SIGINT || took > 20*time.Second {
			t.Errorf("%s: ended by %v after %v:\n%s", args, by, took, out)
		}
	}
	began := time.Now()
	statOutput(t, bin, "-D 60000 -e page-faults true")
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it ended %v after its command", took)
	}
}

// The signal that killed the command is called as perf calls it.
func TestStatNamesSignals(t *testing.T) {
	testkit.Need(t, testkit.Perf, testkit.Root)
	bin := gperfBinary(t)
	for sig := syscall.Signal(1); sig <= 34; sig++ {
		switch sig {
		case syscall.SIGCHLD, syscall.SIGCONT, syscall.SIGSTOP, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGURG, syscall.SIGWINCH:
			continue // none of these kills
		case 32, 33:
			continue // the C library's own
		}
		args := fmt.Sprintf("-n sh -c kill${IFS}-%d${IFS}$$", sig)
		got, status := statOutput(t, bin, args)
		got, _, _ = strings.Cut(got, "\n")
		want := ""
		for range 20 { // perf says it only most times
			if want, _ = statOutput(t, "perf", args); strings.HasPrefix(want, "sh: ") {
				break
			}
		}
		if want, _, _ = strings.Cut(want, "\n"); got != want || status != 0 {
			t.Errorf("signal %d: perf says %q, gperf %q with status %d", sig, want, got, status)
		}
	}
}

// Each of several runs counts from zero in its intervals.
func TestStatIntervalsOfRuns(t *testing.T) {
	testkit.Need(t, testkit.Root)
	out, status := statOutput(t, gperfBinary(t), "-x, -r 3 -I 20 -e page-faults sleep 0.03")
	runs := 0
	for line := range strings.Lines(out) {
		n, err := strconv.ParseFloat(strings.Split(line, ",")[1], 64)
		if err == nil && n > 30 { // those of the command's start
			runs++
		}
		if n > 1e6 {
			t.Error(line)
		}
	}
	if runs != 3 || status != 0 {
		t.Errorf("%d runs begin in:\n%s", runs, out)
	}
}
