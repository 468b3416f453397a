package benchrun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gperf-dev/gperf/internal/benchcount"
	"github.com/gperf-dev/gperf/internal/workload"
	"github.com/gperf-dev/gperf/perfevent"
)

// Options say what to run and count.
type Options struct {
	Argv   []string // the test binary and its arguments
	Events []string // as option -e takes them; empty: benchcount's defaults
	Sys    fs.FS    // /sys
	Stdout io.Writer

	// Note is told, in sentences, what could not be counted, what is to be
	// known of the figures, and the counts of the whole process.
	Note func(string)

	// Signals are passed on to the command.
	Signals <-chan os.Signal
}

// unitTimed is the unit of a metric that is there only if it is below 98: the
// share of the time that a benchmark took in which its timer ran for the
// operations that its result tells of. The rest is setup, tests that ran before,
// and the shorter runs by which package testing finds the number of operations.
const unitTimed = "timed-%"

const timedEnough = 0.98

// afterEnd is how long output is awaited once the command has ended: its
// children may have it open for ever.
const afterEnd = 500 * time.Millisecond

// Run runs the command and returns how it ended. The counts of each benchmark
// are those between its result and the one before, divided by as many operations
// as fit into that time at the benchmark's own ns/op.
func Run(ctx context.Context, o Options) (syscall.WaitStatus, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer read.Close()
	cmd, err := workload.Start(o.Argv, nil, workload.Options{Stdout: write})
	_ = write.Close() // the command has it
	if err != nil {
		return 0, err
	}
	defer cmd.Kill() // does nothing once it has been waited for

	// The id is that of the thread that executes the command, and all others come from it.
	set, problems := benchcount.Open(benchcount.Options{
		Events: o.Events, Sys: o.Sys, Scope: perfevent.Thread(cmd.PID), Flags: perfevent.FlagInherit | perfevent.FlagEnableOnExec,
	})
	defer set.Close()
	for _, p := range problems {
		o.Note(p)
	}
	if err := cmd.Release(); err != nil {
		return 0, err
	}
	r := &runner{set: set, started: time.Now()}
	r.since = r.started
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(&results{out: o.Stdout, add: r.add}, read)
		copied <- err
	}()
	status, err := r.wait(ctx, cmd, o.Signals)
	if err != nil {
		return status, err
	}
	_ = read.SetReadDeadline(time.Now().Add(afterEnd)) // pipes have deadlines; without one the copy waits for all children
	if err := <-copied; err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return status, err
	}
	r.summary(o.Argv, status.ExitStatus() != 0, o.Note)
	return status, r.failed
}

// runner counts from result to result. Its add is called by the goroutine that
// copies, all else before or after that.
type runner struct {
	set     *benchcount.Set
	started time.Time
	since   time.Time // the result before
	metrics []benchcount.Metric
	whole   []perfevent.Total
	results int
	partly  bool // some benchmark's timed share is below timedEnough
	failed  error
}

// wait waits for the command's end and passes signals on.
func (r *runner) wait(ctx context.Context, cmd *workload.Command, signals <-chan os.Signal) (syscall.WaitStatus, error) {
	for {
		select {
		case sig := <-signals:
			if s, ok := sig.(syscall.Signal); ok {
				_ = cmd.Signal(s) // it may just have ended
			}
		case <-cmd.Done():
			return cmd.Wait(ctx)
		}
	}
}

// add appends the metrics of the benchmark whose result has just been printed.
func (r *runner) add(dst []byte, res result) []byte {
	now := time.Now()
	if !r.take() {
		return dst
	}
	wall := float64(now.Sub(r.since))
	r.since = now
	r.results++
	r.metrics = r.set.Append(r.metrics[:0], wall/res.nanos)
	if share := res.operations * res.nanos / wall; share < timedEnough {
		r.metrics = append(r.metrics, benchcount.Metric{Value: 100 * share, Unit: unitTimed})
		r.partly = true
	}
	for _, m := range r.metrics {
		if !slices.Contains(res.units, m.Unit) { // the benchmark's own, by perfbench, is more exact
			dst = appendMetric(dst, m)
		}
	}
	return dst
}

// take reads the counts since it was last called and begins again.
func (r *runner) take() bool {
	if r.failed != nil {
		return false
	}
	if r.failed = r.set.Read(); r.failed != nil {
		return false
	}
	i := 0
	r.set.Each(func(_ string, t perfevent.Total) {
		if i == len(r.whole) {
			r.whole = append(r.whole, perfevent.Total{})
		}
		r.whole[i] = r.whole[i].Add(t)
		i++
	})
	r.failed = r.set.Reset()
	return r.failed == nil
}

// appendMetric appends a metric as package testing prints one: with four digits
// that count, however small it is, and without decimals from a thousand on.
func appendMetric(dst []byte, m benchcount.Metric) []byte {
	digits := 0
	if m.Value > 0 {
		const most = 12
		digits = min(max(3-int(math.Floor(math.Log10(m.Value*1.00005))), 0), most)
	}
	dst = append(dst, '\t')
	dst = fmt.Appendf(dst, "%*s", 10, strconv.FormatFloat(m.Value, 'f', digits, 64))
	return append(append(dst, ' '), m.Unit...)
}

// summary tells what holds for all.
func (r *runner) summary(argv []string, failed bool, note func(string)) {
	ended := time.Now()
	if !r.take() || r.set.Empty() {
		return
	}
	if r.partly {
		note(fmt.Sprintf("%s below %.0f: setup and shorter runs are in those counts, as if they were the same work as the timed run; "+
			"b.Loop, -benchtime=Nx, -run='^$' and longer runs make them less, and package perfevent/perfbench leaves them out", unitTimed, 100*timedEnough))
	}
	var text strings.Builder
	fmt.Fprintf(&text, "whole process, %.2f s:", ended.Sub(r.started).Seconds())
	i, comma := 0, ""
	r.set.Each(func(name string, _ perfevent.Total) {
		t := r.whole[i]
		i++
		unit, value := strings.TrimSuffix(benchcount.Unit(name), "/op"), strconv.FormatUint(t.Scaled, 10)
		fmt.Fprintf(&text, "%s %s %s", comma, value, unit)
		if t.Multiplexed() {
			fmt.Fprintf(&text, " (estimated: counted for %.1f %% of the time)", 100*float64(t.Running)/float64(t.Enabled))
		}
		comma = ","
	})
	note(text.String())
	if r.results == 0 && !failed {
		note(noResult(argv))
	}
}

// noResult is why no counts were added to anything.
func noResult(argv []string) string {
	asked := slices.ContainsFunc(argv[1:], func(arg string) bool {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return strings.HasPrefix(arg, "-") && name == "test.bench"
	})
	if asked {
		return "no benchmark here has the name asked for, or none printed its result"
	}
	return "no benchmark was asked for: give go test -bench"
}
