package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/rogpeppe/go-internal/testscript"
)

// The test binary is gperf itself when a script calls it by that name.
func TestMain(m *testing.M) {
	workload.Shim() // record starts this binary again
	testscript.Main(m, map[string]func(){"gperf": main, "crowd": crowd})
}

// TestScripts runs testdata/script/*.txtar. What a script needs from the machine stands in its first lines, as
// `[!uprobes] skip 'need uprobes: …'` with testkit's names, so that skips are counted like any other.
func TestScripts(t *testing.T) {
	golden, err := filepath.Abs("testdata/golden")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("GPERF_UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("GOLDEN", golden) // recordings of perf
			e.Setenv("DEBUGINFOD_URLS", "")
			e.Setenv("GOCACHE", goCache())             // HOME is another, and the standard library is not to be built again
			e.Setenv("PID", strconv.Itoa(os.Getpid())) // for names in tracefs that nobody else has
			if vmlinux, err := testkit.Vmlinux(); err == nil {
				e.Setenv("VMLINUX", vmlinux)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": wantStatus, "killed": wantKilled},
		Condition: func(name string) (bool, error) {
			return testkit.Have(testkit.Feature(name)) == nil, nil
		},
	})
}

// goCache is where the go command that runs this test keeps what it has built.
func goCache() string {
	if dir := os.Getenv("GOCACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "go-build")
}

// wantKilled is the script command `killed NUMBER PROGRAM [ARG]...`: the program must die of that signal, which is not the
// same as ending with the status that a shell shows for it.
func wantKilled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: killed NUMBER PROGRAM [ARG]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); !errors.As(err, &exit) {
		ts.Fatalf("not killed: %v", err)
	}
	if ws := exit.Sys().(syscall.WaitStatus); !ws.Signaled() || int(ws.Signal()) != want {
		ts.Fatalf("ended otherwise than by signal %d: %v", want, exit)
	}
}

// wantStatus is the script command `status NUMBER PROGRAM [ARG]...`: the program must end with that exit status.
func wantStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status NUMBER PROGRAM [ARG]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
