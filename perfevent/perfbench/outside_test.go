package perfbench_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
)

// TestOutsideModule benchmarks a module that has gperf by a replace directive,
// and lets benchstat read what it prints.
func TestOutsideModule(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Go)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	copyFile(t, "testdata/outside/outside_test.go", filepath.Join(dir, "outside_test.go"))
	copyFile(t, filepath.Join(root, "go.sum"), filepath.Join(dir, "go.sum"))
	mod := "module example.com/outside\n\ngo 1.26.0\n\nrequire github.com/gperf-dev/gperf v0.0.0\nreplace github.com/gperf-dev/gperf => " + root + "\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o666); err != nil {
		t.Fatal(err)
	}
	run := func(dir string, args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	// Six runs of each, so that benchstat knows an interval.
	out := run(dir, "test", "-bench", ".", "-benchtime", "20x", "-count", "6", "-cpu", "1")
	if n := strings.Count(out, "cannot count no-such-event: no event"); n != 1 {
		t.Errorf("the event that is not there is told %d times in:\n%s", n, out)
	}
	hardware := perfevent.HaveHardware() == nil
	if hardware == strings.Contains(out, "no hardware counter") {
		t.Errorf("hardware counters: %t, and the output is:\n%s", hardware, out)
	}
	file := filepath.Join(dir, "out.txt")
	if err := os.WriteFile(file, []byte(out), 0o666); err != nil {
		t.Fatal(err)
	}
	table := run(root, "tool", "-modfile=internal/tools/go.mod", "benchstat", file)
	want := []string{"sec/op", "page-faults/op", "task-clock-sec/op"}
	if hardware {
		want = append(want, "instructions/op", "cycles/op")
	}
	for _, unit := range want {
		if !strings.Contains(table, unit) {
			t.Errorf("benchstat has no %s:\n%s", unit, table)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestLean keeps what perfbench brings into other people's test binaries small.
func TestLean(t *testing.T) {
	testkit.Need(t, testkit.Go)
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, dep := range strings.Fields(string(out)) {
		for _, heavy := range []string{"debug/", "net", "os/exec", "github.com/spf13", "github.com/go-delve", "github.com/klauspost",
			"github.com/gperf-dev/gperf/dwarfvars", "github.com/gperf-dev/gperf/symbolize", "github.com/gperf-dev/gperf/probe",
			"github.com/gperf-dev/gperf/cmd", "github.com/gperf-dev/gperf/perfevent/perfdata"} {
			if dep == heavy || strings.HasPrefix(dep, strings.TrimSuffix(heavy, "/")+"/") {
				t.Errorf("perfbench links %s", dep)
			}
		}
	}
}
