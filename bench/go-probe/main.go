// Command go-probe measures what a probe on a hot function of Go costs the program: where gperf places it, behind the stack check, and
// on the function's first instruction, where others do. It prints docs/performance.md's table.
//
//	go build -o gperf ./cmd/gperf && go run ./bench/go-probe -gperf ./gperf
//
// Events are counted only. The ways run in turn, round after round, so that a machine that is busy for a while is busy for all of them.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gperf-dev/gperf/internal/gobin"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

//go:embed hot.go.txt
var source []byte

// bound is the part of the cost on the first instruction that gperf's place may cost.
const bound = 0.35

type options struct {
	gperf         string
	rounds, calls int
}

func main() {
	var o options
	flag.StringVar(&o.gperf, "gperf", "./gperf", "the gperf to measure")
	flag.IntVar(&o.rounds, "rounds", 10, "how many times everything runs")
	flag.IntVar(&o.calls, "calls", 200_000, "how many calls of the function a run makes")
	flag.Parse()
	if err := run(&o); err != nil {
		fmt.Fprintln(os.Stderr, "bench/go-probe:", err)
		os.Exit(1)
	}
}

// way is one way to run the program.
type way struct {
	name   string
	event  string // "" without a probe
	perRun []float64
	twice  uint64 // hits of calls that began again: the scheduler's wish to preempt comes through the stack check
}

func run(o *options) error {
	dir, err := os.MkdirTemp("", "bench-go-probe-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	prog, err := build(dir)
	if err != nil {
		return err
	}
	trace, _, err := tracefs.Mount()
	if err != nil {
		return err
	}
	group := "bench" + strconv.Itoa(os.Getpid())
	defer remove(trace, group)
	if err := define(o, trace, group, prog); err != nil {
		return err
	}
	ways := []*way{{name: "no probe"}, {name: "first instruction", event: "first"}, {name: "`gperf probe`", event: "behind"}}
	for range o.rounds {
		for _, w := range ways {
			ns, err := w.run(o, trace, group, prog)
			if err != nil {
				return err
			}
			w.perRun = append(w.perRun, ns)
		}
	}
	return show(o, prog, ways)
}

func build(dir string) (string, error) {
	prog := filepath.Join(dir, "hot")
	for name, text := range map[string][]byte{"main.go": source, "go.mod": []byte("module hot\n\ngo 1.22\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return "", err
		}
	}
	c := exec.Command("go", "build", "-o", prog, ".")
	c.Dir, c.Stderr = dir, os.Stderr
	return prog, c.Run()
}

// define makes two events: one by gperf, one where the function begins.
func define(o *options, trace *tracefs.FS, group, prog string) error {
	c := exec.Command(o.gperf, "probe", "-q", "-x", prog, group+":behind=main.hot")
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return err
	}
	f, err := objfile.Open(prog)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := gobin.Open(f)
	if err != nil {
		return err
	}
	fns := b.Lookup(f, "main.hot")
	if len(fns) != 1 {
		return fmt.Errorf("%s has %d functions main.hot", prog, len(fns))
	}
	offset, _ := f.FileOffset(fns[0].Entry)
	return trace.Define(tracefs.UProbe, fmt.Sprintf("p:%s/first %s:0x%x", group, prog, offset))
}

func remove(trace *tracefs.FS, group string) {
	for _, event := range []string{"first", "behind"} {
		if err := trace.Remove(tracefs.UProbe, group, event); err != nil {
			fmt.Fprintln(os.Stderr, "bench/go-probe:", err)
		}
	}
}

// run runs the program once and returns nanoseconds a call. Every call must have been counted, by gperf's probe
// none twice.
func (w *way) run(o *options, trace *tracefs.FS, group, prog string) (float64, error) {
	var counters []*perfevent.Event
	if w.event != "" {
		id, err := trace.ID(group, w.event)
		if err != nil {
			return 0, err
		}
		for cpu := range runtime.NumCPU() {
			attr := perfevent.Attr{Type: perfevent.TypeTracepoint, Config: uint64(id)}
			e, err := perfevent.Open(&attr, perfevent.Target{PID: perfevent.AnyPID, CPU: cpu}, nil, 0)
			if err != nil {
				return 0, err
			}
			defer e.Close()
			counters = append(counters, e)
		}
	}
	out, err := exec.Command(prog, strconv.Itoa(o.calls)).Output()
	if err != nil {
		return 0, err
	}
	hits := uint64(0)
	for _, e := range counters {
		c, err := e.Read()
		if err != nil {
			return 0, err
		}
		hits += c.Value
	}
	if calls := uint64(o.calls); len(counters) > 0 {
		if hits < calls || hits > calls && w.event == "behind" {
			return 0, fmt.Errorf("%s: %d hits of %d calls", w.name, hits, o.calls)
		}
		w.twice += hits - calls
	}
	text, _, _ := strings.Cut(string(out), " ")
	return strconv.ParseFloat(text, 64)
}

func show(o *options, prog string, ways []*way) error {
	version, err := exec.Command("go", "version", prog).Output()
	if err != nil {
		return err
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return err
	}
	_, built, _ := strings.Cut(strings.TrimSpace(string(version)), ": ")
	fmt.Printf("- %s, %d runs of each in turn, %d calls a run, counting only; %s, Linux %s, %d CPUs\n\n", time.Now().UTC().Format("2006-01-02"),
		o.rounds, o.calls, built, strings.TrimSpace(string(release)), runtime.NumCPU())
	fmt.Printf("| probe on a hot function | ns a call, median | least | cost of the first instruction's | calls counted twice |\n|---|---|---|---|---|\n")
	bare := ways[0].median()
	first := ways[1].median() - bare
	for _, w := range ways {
		ratio := (w.median() - bare) / first
		fmt.Printf("| %s | %.0f | %.0f | %.2f | %d |\n", w.name, w.median(), slices.Min(w.perRun), ratio, w.twice)
	}
	if ratio := (ways[2].median() - bare) / first; ratio > bound {
		return fmt.Errorf("gperf's probe costs %.2f of one on the first instruction; %.2f is allowed", ratio, bound)
	}
	return nil
}

func (w *way) median() float64 {
	s := slices.Sorted(slices.Values(w.perRun))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
