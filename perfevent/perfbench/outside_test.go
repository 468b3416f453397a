package perfbench_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
)

// outside is a module that has gperf by a replace directive. Its run runs go in
// it, or elsewhere.
type outside struct {
	*testing.T
	root, dir string
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	testkit.Need(t, testkit.Root, testkit.Go)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	o := &outside{t, root, t.TempDir()}
	copyFile(t, "testdata/outside/outside_test.go", filepath.Join(o.dir, "outside_test.go"))
	copyFile(t, filepath.Join(root, "go.sum"), filepath.Join(o.dir, "go.sum"))
	mod := "module example.com/outside\n\ngo 1.26.0\n\nrequire github.com/gperf-dev/gperf v0.0.0\nreplace github.com/gperf-dev/gperf => " + root + "\n"
	if err := os.WriteFile(filepath.Join(o.dir, "go.mod"), []byte(mod), 0o666); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *outside) run(dir string, args ...string) string {
	o.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	if err != nil {
		o.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestOutsideModule lets benchstat read what its benchmarks print.
func TestOutsideModule(t *testing.T) {
	o := newOutside(t)
	// Six runs of each, so that benchstat knows an interval.
	out := o.run(o.dir, "test", "-bench", "Default|Named", "-benchtime", "20x", "-count", "6", "-cpu", "1")
	if n := strings.Count(out, "cannot count no-such-event: no event"); n != 1 {
		t.Errorf("the event that is not there is told %d times in:\n%s", n, out)
	}
	hardware := perfevent.HaveHardware() == nil
	if hardware == strings.Contains(out, "no hardware counter") {
		t.Errorf("hardware counters: %t, and the output is:\n%s", hardware, out)
	}
	file := filepath.Join(o.dir, "out.txt")
	if err := os.WriteFile(file, []byte(out), 0o666); err != nil {
		t.Fatal(err)
	}
	table := o.run(o.root, "tool", "-modfile=internal/tools/go.mod", "benchstat", file)
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

// TestCheckout runs the two ways in which docs/benchmarks.md takes gperf from a
// checkout, each in a module that knows nothing of it.
func TestCheckout(t *testing.T) {
	testkit.Need(t, testkit.Go)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	steps := regexp.MustCompile(`(?m)^    \$ (go (?:mod|work) .*)$`).FindAllStringSubmatch(string(doc), -1)
	if len(steps) != 3 {
		t.Fatalf("docs/benchmarks.md has the commands %q", steps)
	}
	replace := steps[0][1] + " && " + steps[1][1]
	for way, commands := range map[string]string{"replace": replace, "workspace": steps[2][1]} {
		t.Run(way, func(t *testing.T) {
			dir := t.TempDir()
			copyFile(t, "testdata/outside/outside_test.go", filepath.Join(dir, "outside_test.go"))
			commands = strings.ReplaceAll(commands, "$HOME/gperf", "'"+root+"'")
			cmd := exec.Command("sh", "-c", "go mod init example.com/outside && "+commands+" && go test -run '^$' .")
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", commands, err, out)
			}
		})
	}
}

// result has a benchmark's name, and its page faults an operation.
var result = regexp.MustCompile(`(?m)^BenchmarkFollowed/(\w+)\S*\s.*\s([0-9.]+) page-faults/op`)

// TestOutsideFollowed: with N found by several runs, and given, for several
// numbers of CPUs, twice each.
func TestOutsideFollowed(t *testing.T) {
	o := newOutside(t)
	for _, benchtime := range []string{"30ms", "40x"} {
		out := o.run(o.dir, "test", "-bench", "Followed|Behind", "-benchtime", benchtime, "-count", "2", "-cpu", "1,2,4")
		results := result.FindAllStringSubmatch(out, -1)
		for _, m := range results {
			want := 100.0
			if m[1] == "200" {
				want = 200
			}
			if got, err := strconv.ParseFloat(m[2], 64); err != nil || got < want || got > want*1.3 {
				t.Errorf("%s: %s page faults an operation, want %v; of -benchtime %s", m[1], m[2], want, benchtime)
			}
		}
		if len(results) != 3*3*2 {
			t.Errorf("%d results of -benchtime %s:\n%s", len(results), benchtime, out)
		}
		if n := strings.Count(out, "BenchmarkBehind: more was counted than timed"); n != 1 {
			t.Errorf("the timer stopped unseen is told %d times in:\n%s", n, out)
		}
	}
}

// TestBeforeAfter runs the example of docs/benchmarks.md, which must be there as
// it is here. The numbers there are of one machine and day; what they show holds
// on any: the faults of the memory that is no longer allocated are gone.
func TestBeforeAfter(t *testing.T) {
	o := newOutside(t)
	doc, err := os.ReadFile("../../docs/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"before.go", "after.go", "checksum_test.go"} {
		copyFile(t, "testdata/checksum/"+name, filepath.Join(o.dir, name))
		source, err := os.ReadFile("testdata/checksum/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, function, ok := strings.Cut(string(source), "\n)\n\n"); !ok || !strings.Contains(string(doc), function) {
			t.Errorf("docs/benchmarks.md does not have the function of %s", name)
		}
	}
	if err := os.Remove(filepath.Join(o.dir, "outside_test.go")); err != nil {
		t.Fatal(err)
	}
	faults := regexp.MustCompile(`([0-9.]+) page-faults/op`)
	count := func(tags string) float64 {
		out := o.run(o.dir, "test", "-tags", tags, "-bench", "File", "-benchtime", "30x")
		m := faults.FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("no page-faults/op in:\n%s", out)
		}
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if before, after := count("before"), count("after"); before < 4*after {
		t.Errorf("%v page faults before, %v after", before, after)
	}
}

// about is what the compiler says about a line of the outside module's file.
var about = regexp.MustCompile(`(?m)^\./outside_test\.go:(\d+):\d+: (.*)$`)

// TestLoopIsTestings: the compiler knows the loop of testing.B by its method,
// keeps its body alive, and inlines it.
func TestLoopIsTestings(t *testing.T) {
	o := newOutside(t)
	said := make(map[string]map[string]int) // of a function's lines, how often
	source, err := os.ReadFile(filepath.Join(o.dir, "outside_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(source), "\n")
	for _, m := range about.FindAllStringSubmatch(o.run(o.dir, "test", "-run", "^$", "-gcflags=-m=2"), -1) {
		line, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		if line < 2 || !strings.Contains(lines[line-1]+lines[line-2], "b.Loop()") {
			continue
		}
		for line > 0 && !strings.HasPrefix(lines[line-1], "func ") {
			line--
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(lines[line-1], "func "), "(")
		if said[name] == nil {
			said[name] = make(map[string]int)
		}
		said[name][m[2]]++
	}
	plain, followed := said["BenchmarkLoopPlain"], said["BenchmarkLoopFollowed"]
	if !maps.Equal(plain, followed) || plain["inlining call to testing.(*B).Loop"] != 1 {
		t.Errorf("of testing.B's loop the compiler says %v, of perfbench's %v", plain, followed)
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
