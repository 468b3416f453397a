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
	c := countGo(t, testkit.Run(t, r.gperf, "script", "-i", data, "-F", "event,trace"))
	calls := 8 * rounds
	for event, n := range map[string]int{"in": 250 * calls, "out": 250 * calls, "half": calls, "halved": calls / 2, "safe": calls, "safed": calls,
		"leaf": calls, "closure": calls} {
		if c.events[event] != n {
			t.Errorf("%s: %d hits, want %d", event, c.events[event], n)
		}
	}
	if program := fmt.Sprintf("descend %d\nhalf %d of %d\nsafe %d\n", c.events["out"], c.events["halved"], c.events["half"], c.events["safed"]); !strings.HasPrefix(string(want), program) {
		t.Errorf("hits are\n%sthe program counted\n%s", program, want)
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
