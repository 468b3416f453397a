package evlist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
)

// nobody is a user without rights.
const nobody = 65534

// asUserEnv makes a child of the test open what it says, as an ordinary user.
const asUserEnv = "GPERF_TEST_OPEN_AS_USER"

// userResult is what the child found.
type userResult struct {
	Events []recorded
	Notes  []string
	Errno  int
	Text   string
	Hint   string
}

// userRequest is what the child is to do.
type userRequest struct {
	Selection  string
	SystemWide bool
	PID        int
	Pages      int
}

func TestMain(m *testing.M) {
	if request := os.Getenv(asUserEnv); request != "" {
		if err := openAsUser(request); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func openAsUser(text string) error {
	var q userRequest
	if err := json.Unmarshal([]byte(text), &q); err != nil {
		return err
	}
	var result userResult
	t := Targets{SystemWide: q.SystemWide, Workload: os.Getpid()}
	if q.PID != 0 {
		t = Targets{PIDs: []int{q.PID}}
	}
	specs, err := resolve(q.Selection)
	if err == nil {
		var l *List
		o := Options{MmapPages: q.Pages, Notify: func(s string) { result.Notes = append(result.Notes, s) }}
		if l, err = Open(context.Background(), specs, t, o); err == nil {
			result.Events = asRecorded(l)
			err = l.Close()
		}
	}
	if err != nil {
		result.Text = err.Error()
		var errno unix.Errno
		if errors.As(err, &errno) {
			result.Errno = int(errno)
		}
		var hint interface{ Hint() string }
		if errors.As(err, &hint) {
			result.Hint = hint.Hint()
		}
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// asUser runs the test's binary as nobody.
func asUser(t *testing.T, q userRequest) userResult {
	t.Helper()
	request, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The directory that go test builds in is not open to all.
	dir := openDir(t)
	copied := filepath.Join(dir, "test")
	b, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, b, 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(copied)
	c.Dir, c.Env, c.Stderr = dir, append(os.Environ(), asUserEnv+"="+string(request)), os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var result userResult
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return result
}

// openDir is a directory that everybody may use.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gperf-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// needClosedKernel: the tests of refusals need a kernel that refuses.
func needClosedKernel(t *testing.T) {
	t.Helper()
	testkit.Need(t, testkit.Root, testkit.Paranoid2)
}

// TestUserAsPerf: an ordinary user gets user space only, under the names that
// perf gives.
func TestUserAsPerf(t *testing.T) {
	needClosedKernel(t)
	testkit.Need(t, testkit.Perf)
	for _, selection := range []string{"", "cycles", "cpu-clock", "cpu-clock,page-faults"} {
		t.Run(selection, func(t *testing.T) {
			dir := openDir(t)
			file := filepath.Join(dir, "perf.data")
			args := []string{"record", "-N", "-B", "-o", file}
			if selection != "" {
				args = append(args, "-e", selection)
			}
			c := exec.Command("perf", append(args, "--", "true")...)
			c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("perf: %v\n%s", err, out)
			}
			want, err := readEvents(file)
			if err != nil {
				t.Fatal(err)
			}
			got := asUser(t, userRequest{Selection: selection})
			if diff := cmp.Diff(want, got.Events); diff != "" {
				t.Errorf("perf -, evlist +\n%s\n%s", diff, got.Text)
			}
		})
	}
}

// TestUserRefused: each refusal says why and what to do.
func TestUserRefused(t *testing.T) {
	needClosedKernel(t)
	for _, test := range []struct {
		name       string
		request    userRequest
		errno      unix.Errno
		text, hint string
	}{
		{"system-wide", userRequest{Selection: "cpu-clock:u", SystemWide: true}, unix.EACCES, "perf_event_paranoid is", "perf_event_paranoid=0"},
		{"system-wide, with the kernel", userRequest{Selection: "cpu-clock", SystemWide: true}, unix.EACCES, "event cpu-clock on CPU", "perf_event_paranoid=0"},
		{"kernel only", userRequest{Selection: "cpu-clock:k"}, unix.EACCES, "cpu-clock:k", "perf_event_paranoid=1"},
		{"somebody else's", userRequest{Selection: "cpu-clock:u", PID: os.Getpid()}, unix.EACCES, "not allowed", "CAP_SYS_PTRACE"},
		{"big ring", userRequest{Selection: "cpu-clock:u", Pages: 1 << 14}, unix.EPERM, "perf_event_mlock_kb is", "-m"},
		{"tracepoint", userRequest{Selection: "sched:sched_switch"}, unix.EACCES, "sched:sched_switch", "root"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := asUser(t, test.request)
			if unix.Errno(got.Errno) != test.errno || !strings.Contains(got.Text, test.text) || !strings.Contains(got.Hint, test.hint) || len(got.Notes) > 0 {
				t.Errorf("errno %v\n%s\n%s\n%q", unix.Errno(got.Errno), got.Text, got.Hint, got.Notes)
			}
		})
	}
}

// TestUserFallbackIsTold: the change is told once for each event.
func TestUserFallbackIsTold(t *testing.T) {
	needClosedKernel(t)
	got := asUser(t, userRequest{Selection: "cpu-clock"})
	if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "leaving kernel and hypervisor out of cpu-clock") {
		t.Errorf("notes %q", got.Notes)
	}
	got = asUser(t, userRequest{Selection: "context-switches"})
	if len(got.Notes) != 2 || !strings.Contains(got.Notes[1], "nothing of it will be recorded") {
		t.Errorf("notes %q", got.Notes)
	}
	if _, err := perfevent.Paranoid(); err != nil {
		t.Error(err)
	}
}
