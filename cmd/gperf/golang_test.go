package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// goProgram builds a program of testdata and returns its path.
func goProgram(t *testing.T, name string, flags ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	c := exec.Command("go", append(append([]string{"build", "-o", out}, flags...), ".")...)
	c.Dir = filepath.Join("testdata", name)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if msg, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, msg)
	}
	return out
}

// TestGoCalls records entries and returns of functions of Go while eight goroutines at a time grow their stacks, call themselves, panic and recover,
// and compares with what the program itself has counted. It must print what it prints without probes.
func TestGoCalls(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.Go)
	gperf := gperfBinary(t)
	for _, tt := range []struct {
		name   string
		rounds int
		flags  []string
	}{
		{"static", 50, nil}, // 100,000 calls of descend
		{"stripped", 5, []string{"-ldflags=-s -w"}},
		{"stripped PIE", 5, []string{"-ldflags=-s -w", "-buildmode=pie"}},
		{"not optimised", 5, []string{"-gcflags=-N -l"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := goRecording{gperf: gperf, prog: goProgram(t, "gocalls", tt.flags...), group: testkit.Group("gocalls"), stripped: strings.HasPrefix(tt.name, "stripped")}
			r.check(t, tt.rounds)
		})
	}
}

type goRecording struct {
	gperf, prog, group string
	stripped           bool
}

func (r *goRecording) check(t *testing.T, rounds int) {
	args := strconv.Itoa(rounds)
	want := testkit.Run(t, r.prog, args)
	result, depth := "$retval", " n"
	if r.stripped {
		result, depth = "sum=$retval:int", " n=$arg2:int"
	}
	definitions := []string{r.group + ":in=main.descend $goid" + depth, r.group + ":out=main.descend%return $goid " + result,
		r.group + ":half=main.half", r.group + ":halved=main.half%return", r.group + ":safe=main.safe", r.group + ":safed=main.safe%return",
		r.group + ":leaf=main.leaf $goid", r.group + ":closure=main.main.func1"}
	add := []string{"probe", "-q", "-x", r.prog}
	for _, d := range definitions {
		add = append(add, "-a", d)
	}
	testkit.Run(t, r.gperf, add...)
	t.Cleanup(func() { testkit.Run(t, r.gperf, "probe", "-q", "-d", r.group+":*") })
	data := filepath.Join(t.TempDir(), "out.data")
	got := testkit.Run(t, r.gperf, "record", "-q", "-m", "16M", "-o", data, "-e", r.group+":*", r.prog, args)
	if !bytes.Equal(got, want) {
		t.Errorf("with probes it prints\n%s\nwithout\n%s", got, want)
	}
	checkGoCalls(t, countGo(t, testkit.Run(t, r.gperf, "script", "-i", data, "-F", "event,trace")), string(want), rounds)
}

// checkGoCalls compares what was recorded with what the program printed.
func checkGoCalls(t *testing.T, c goCounts, printed string, rounds int) {
	t.Helper()
	calls := 8 * rounds
	for event, n := range map[string]int{"in": 250 * calls, "out": 250 * calls, "half": calls, "halved": calls / 2, "safe": calls, "safed": calls,
		"leaf": calls, "closure": calls} {
		if c.events[event] != n {
			t.Errorf("%s: %d hits, want %d", event, c.events[event], n)
		}
	}
	if program := fmt.Sprintf("descend %d\nhalf %d of %d\nsafe %d\n", c.events["out"], c.events["halved"], c.events["half"], c.events["safed"]); !strings.HasPrefix(printed, program) {
		t.Errorf("hits are\n%sthe program counted\n%s", program, printed)
	}
	if len(c.goroutines) != calls {
		t.Errorf("%d goroutines, want %d", len(c.goroutines), calls)
	}
	for id, n := range c.goroutines {
		if n != 250+250+1 {
			t.Errorf("goroutine %s has %d events, want 501", id, n)
		}
	}
	// descend(n) returns 6 and the sum of 1 to n; 250 calls add up the same in each goroutine.
	sum := 0
	for n := range 250 {
		sum += 6 + n*(n+1)/2
	}
	if c.sum != sum*calls {
		t.Errorf("the results add up to %d, want %d", c.sum, sum*calls)
	}
}

// goCounts are sums over the events of a recording.
type goCounts struct {
	events     map[string]int
	goroutines map[string]int
	sum        int // of the field sum
}

func countGo(t *testing.T, text []byte) goCounts {
	t.Helper()
	c := goCounts{events: map[string]int{}, goroutines: map[string]int{}}
	for line := range strings.Lines(string(text)) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		name, rest, ok := strings.Cut(rest, ":")
		if !ok {
			t.Fatalf("no event in %q", line)
		}
		c.events[strings.TrimSuffix(name, "__return")]++
		for word := range strings.FieldsSeq(rest) {
			key, value, _ := strings.Cut(word, "=")
			switch key {
			case "goid":
				c.goroutines[value]++
			case "sum":
				n, err := strconv.Atoi(value)
				if err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				c.sum += n
			}
		}
	}
	return c
}

// TestGoToolchain traces Go's own toolchain, go build and the compiler that it starts, and wants the program that it builds without probes. The
// compiler works on several goroutines; it compiles each function once.
func TestGoToolchain(t *testing.T) {
	testkit.Need(t, testkit.Uprobes, testkit.Go)
	gperf, group := gperfBinary(t), testkit.Group("gotool")
	tool := func(args ...string) string { return strings.TrimSpace(string(testkit.Run(t, "go", args...))) }
	goTool, compiler := filepath.Join(tool("env", "GOROOT"), "bin", "go"), tool("tool", "-n", "compile")
	dir := t.TempDir()
	var source strings.Builder
	fmt.Fprintf(&source, "package main\n\nconst unlike = %q // what was compiled before\n\n", dir)
	const functions = 200
	for i := range functions {
		fmt.Fprintf(&source, "//go:noinline\nfunc f%d(n int) int { if n > %d { return n*f%d(n-1) }; return n+%d }\n", i, i, (i+1)%functions, i)
	}
	source.WriteString("func main() { println(f0(len(unlike))) }\n")
	for name, text := range map[string]string{"main.go": source.String(), "go.mod": "module made\n\ngo 1.24\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testkit.Run(t, gperf, "probe", "-q", "-x", compiler, "-a", group+":ssa=cmd/compile/internal/ssa.Compile $goid", "-a", group+":ssa_out=cmd/compile/internal/ssa.Compile%return $goid",
		"-x", goTool, "-a", group+":do=cmd/go/internal/work.(*Builder).Do $goid", "-a", group+":do_out=cmd/go/internal/work.(*Builder).Do%return $goid")
	t.Cleanup(func() { testkit.Run(t, gperf, "probe", "-q", "-d", group+":*") })
	build := func(name string, words ...string) []byte {
		t.Helper()
		out := filepath.Join(dir, name)
		c := exec.Command(words[0], append(words[1:], "build", "-trimpath", "-buildvcs=false", "-o", out, ".")...)
		c.Dir, c.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
		if msg, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", c.Args, err, msg)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	data := filepath.Join(dir, "out.data")
	traced := build("traced", gperf, "record", "-q", "-o", data, "-e", group+":*", goTool)
	if !bytes.Equal(traced, build("plain", goTool)) {
		t.Error("go build makes another program while it is probed")
	}
	c := countGo(t, testkit.Run(t, gperf, "script", "-i", data, "-F", "event,trace"))
	if c.events["do"] != 1 || c.events["do_out"] != 1 {
		t.Errorf("(*Builder).Do: %d calls, %d returns, want 1", c.events["do"], c.events["do_out"])
	}
	// The compiler adds no function of its own to these and main.
	if c.events["ssa"] != functions+1 || c.events["ssa_out"] != functions+1 {
		t.Errorf("ssa.Compile: %d calls, %d returns, want %d", c.events["ssa"], c.events["ssa_out"], functions+1)
	}
	if c.goroutines["-"] > 0 || len(c.goroutines) < 2 {
		t.Errorf("goroutines %v", c.goroutines)
	}
}
