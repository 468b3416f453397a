// Package perfbench counts hardware and kernel events in Go benchmarks.
//
//	func BenchmarkSort(tb *testing.B) {
//		b := perfbench.Open(tb)
//		data := make([]int, 1<<16)
//		b.ResetTimer()
//		for b.Loop() {
//			b.StopTimer()
//			shuffle(data)
//			b.StartTimer()
//			sort.Ints(data)
//		}
//	}
//
// adds instructions/op, cycles/op, insns/cycle, branches/op, branch-misses/op,
// branch-miss-% and cache-misses/op to what the benchmark prints, in the form
// that benchstat compares. Where the machine has no hardware counters, as most
// virtual machines, it says so once and counts task-clock, page-faults and
// context-switches instead. A lack of counters or of rights never fails the
// benchmark.
//
// # What is counted
//
// Counting begins when Open returns, if the benchmark's timer runs then, and
// ends when the benchmark function has returned; what is given to Cleanup between
// Open and ResetTimer is left out. It covers all threads of the
// process, so all goroutines, for any -cpu, and what the runtime does meanwhile,
// as garbage collection. [Options.ThisGoroutine] counts the benchmark's own
// goroutine alone. Child processes are not counted on Linux 5.13 and later. A
// benchmark that runs others by Run is not measured; those open their own.
//
// # The timer
//
// What Open returns is the testing.B and takes its place: a benchmark keeps its
// body as it is. StopTimer, StartTimer and ResetTimer switch the counters with
// the timer: they read the counters just before it stops and just after it starts,
// which takes microseconds that are in ns/op. What package testing itself does at
// a stop, as waiting for a garbage collection to end, is neither timed nor counted.
//
// Loop is that of testing.B, which the compiler knows and treats specially, so
// that nothing can stand between. It resets the timer when the loop begins, and
// what lies between Open and that is counted and not timed: call Open last before
// the loop, or ResetTimer.
//
// Where the result of Open is not used, or the testing.B is (by a helper that
// takes it), calls of StopTimer are not seen: package testing tells nobody. They
// are found out: at the end the time that was counted is compared with Elapsed.
// If they are more than 2 % apart, the metric counted-time-% is the one in
// percent of the other, and a line says what to do.
//
// A metric named running-% means that there were more events than the hardware
// has counters, so that they took turns, and the figures are estimates: it is
// the share of the time that the event with the least was counted.
package perfbench

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/benchcount"
	"github.com/gperf-dev/gperf/internal/feature"
	"github.com/gperf-dev/gperf/perfevent"
)

// Options say how to count. The zero value is what [Open] does.
type Options struct {
	// Events are names as `perf list` has them, with modifiers, and groups in
	// braces, which are on the hardware together: "{cycles,instructions}:u".
	// Without any it is the default set.
	Events []string

	// ThisGoroutine counts the goroutine that calls Open only, and locks it to
	// its thread until the benchmark function returns.
	ThisGoroutine bool
}

// B is a benchmark whose timer its counters follow. Its methods are called by
// the goroutine of the benchmark.
type B struct {
	*testing.B
	set       *benchcount.Set
	locked    bool
	on        bool          // what they count is the benchmark's
	since     time.Time     // when on
	counted   time.Duration // before
	switching time.Duration // what it took to pause and resume, which is timed and not counted
	ends      bool          // a Cleanup of ResetTimer ends counting
	broken    bool          // a read or switch failed, and it was said
	parent    bool          // of other benchmarks, so not measured itself
}

// told keeps a benchmark that runs hundreds of times from saying the same as often.
var told feature.Once

// Open counts the named events, or the default set, until the benchmark
// function returns, and then reports them by ReportMetric. What it returns is
// used in place of tb.
func Open(tb *testing.B, events ...string) *B {
	tb.Helper()
	return Options{Events: events}.Open(tb)
}

// Open counts as the options say. See [Open].
func (o Options) Open(tb *testing.B) *B {
	tb.Helper()
	// What it takes to open events is not the benchmark's.
	timed := timerRuns(tb)
	if timed {
		tb.StopTimer()
	}
	b := &B{B: tb, locked: o.ThisGoroutine}
	if b.locked {
		runtime.LockOSThread()
	}
	var problems []string
	b.set, problems = benchcount.Open(o.events())
	for _, p := range problems {
		b.say(p)
	}
	b.check((*benchcount.Set).Enable)
	b.check((*benchcount.Set).Pause)
	tb.Cleanup(b.finish)
	if timed {
		b.StartTimer()
	}
	return b
}

func (o Options) events() benchcount.Options {
	set := benchcount.Options{Events: o.Events, Sys: os.DirFS("/sys"), Scope: perfevent.ThisThread()}
	if !o.ThisGoroutine {
		set.Scope = perfevent.Process(0)
		set.Flags = perfevent.FlagInherit
		if perfevent.HaveInheritThread() == nil {
			set.Flags |= perfevent.FlagInheritThread
		}
	}
	return set
}

// say tells something once in a process. It goes to the benchmark's log, which
// is printed behind its result: a line of its own would cut that in two.
func (b *B) say(text string) {
	b.Helper()
	if told.First(text) {
		b.Log("perfbench: " + text)
	}
}
