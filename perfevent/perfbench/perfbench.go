// Package perfbench counts hardware and kernel events in Go benchmarks.
//
//	func BenchmarkSort(b *testing.B) {
//		data := make([]int, 1<<16)
//		perfbench.Open(b)
//		for b.Loop() {
//			shuffle(data)
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
// ends when the benchmark function returns. It covers all threads of the
// process, so all goroutines, for any -cpu, and what the runtime does meanwhile,
// as garbage collection. [Options.ThisGoroutine] counts the benchmark's own
// goroutine alone. Child processes are not counted on Linux 5.13 and later.
//
// # The timer
//
// Package testing tells nobody when the timer is stopped, started or reset. So:
//
//   - Call Open last before the loop. The loop of b.Loop resets the timer when it
//     begins; what lies between Open and it is counted and not timed.
//   - [Counters.StopTimer], [Counters.StartTimer] and [Counters.ResetTimer] do
//     what the methods of testing.B do, and the same with the counters. The
//     counters run a little longer than the timer: what it takes to stop and
//     start them and the timer, up to some hundred microseconds, is not in ns/op,
//     but is counted.
//   - Plain b.StopTimer and b.StartTimer are not seen when they are called, but
//     found out: at the end the time that was counted is compared with
//     b.Elapsed. If they are more than 2 % apart, the metric counted-time-% is the
//     one in percent of the other, and a line says what to do.
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

// Counters are the events of one run of a benchmark function. Its methods are
// called by the goroutine of the benchmark.
type Counters struct {
	b       *testing.B
	set     *benchcount.Set
	locked  bool
	on      bool
	since   time.Time     // when on
	counted time.Duration // before
	stops   int           // calls of StopTimer
	broken  bool          // a read or switch failed, and it was said
}

// told keeps a benchmark that runs hundreds of times from saying the same as often.
var told feature.Once

// Open counts the named events, or the default set, until the benchmark
// function returns, and then reports them by b.ReportMetric.
func Open(b *testing.B, events ...string) *Counters {
	b.Helper()
	return Options{Events: events}.Open(b)
}

// Open counts as the options say. See [Open].
func (o Options) Open(b *testing.B) *Counters {
	b.Helper()
	// What it takes to open events is not the benchmark's.
	timed := timerRuns(b)
	if timed {
		b.StopTimer()
	}
	c := &Counters{b: b, locked: o.ThisGoroutine}
	if c.locked {
		runtime.LockOSThread()
	}
	var problems []string
	c.set, problems = benchcount.Open(o.events())
	for _, p := range problems {
		c.say(p)
	}
	b.Cleanup(c.finish)
	if timed {
		c.StartTimer()
	}
	return c
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
func (c *Counters) say(text string) {
	c.b.Helper()
	if told.First(text) {
		c.b.Log("perfbench: " + text)
	}
}

// StartTimer starts the benchmark's timer and the counters.
func (c *Counters) StartTimer() {
	c.resume()
	c.b.StartTimer()
}

// StopTimer stops the benchmark's timer and the counters.
func (c *Counters) StopTimer() {
	c.b.StopTimer()
	c.pause()
	c.stops++
}

// ResetTimer sets the benchmark's timer and the counters to zero, whether they
// run or not.
func (c *Counters) ResetTimer() {
	c.check(c.set.Reset())
	c.counted = 0
	c.since = time.Now()
	c.b.ResetTimer()
}

func (c *Counters) resume() {
	if c.on {
		return
	}
	c.on = true
	c.since = time.Now()
	c.check(c.set.Enable())
}

func (c *Counters) pause() {
	if !c.on {
		return
	}
	c.check(c.set.Disable())
	c.counted += time.Since(c.since)
	c.on = false
}

// check tells of the first failure; the figures are left out then.
func (c *Counters) check(err error) {
	c.b.Helper()
	if err != nil && !c.broken {
		c.broken = true
		c.say(err.Error())
	}
}

// finish reports what was counted. The benchmark's timer has been stopped by
// package testing, if not before.
func (c *Counters) finish() {
	c.b.Helper()
	c.pause()
	c.check(c.set.Read())
	if !c.broken && c.b.N > 0 {
		for _, m := range c.set.Append(nil, float64(c.b.N)) {
			c.b.ReportMetric(m.Value, m.Unit)
		}
		if !c.set.Empty() {
			c.compareTime()
		}
	}
	c.check(c.set.Close())
	if c.locked {
		runtime.UnlockOSThread()
	}
}

// UnitCountedTime is the unit of the metric that is there only if the counters
// ran for another time than the benchmark's timer.
const UnitCountedTime = "counted-time-%"

const (
	timeTolerance = 0.02
	// A run that is too short to tell differs by what it takes to switch
	// timer and counters.
	timeNoise = time.Millisecond
	// Words are for a run that counts: the first ones have few operations.
	timeWords = 10 * time.Millisecond
)

// compareTime looks whether the timer was used behind the counters' back.
func (c *Counters) compareTime() {
	c.b.Helper()
	timed := c.b.Elapsed()
	apart := (c.counted - timed).Abs()
	if apart < timeNoise || float64(apart) <= timeTolerance*float64(timed) {
		return
	}
	c.b.ReportMetric(100*float64(c.counted)/float64(max(timed, 1)), UnitCountedTime)
	if max(c.counted, timed) < timeWords {
		return
	}
	c.say(c.b.Name() + ": " + c.whyApart(c.counted > timed))
}

// whyApart is the likely cause, and what to do about it.
func (c *Counters) whyApart(more bool) string {
	const behind = "call Open last before the loop, and StopTimer and StartTimer of the Counters instead of b's; if that is so, a busy machine came between, and longer runs (-benchtime) tell more"
	switch {
	case !more:
		return "less was counted than timed: " + behind
	case c.stops > 0:
		return "more was counted than timed: to stop and start timer and counters takes some time, so use it on longer pieces; else " + behind
	}
	return "more was counted than timed: " + behind
}

// timerRuns finds out by looking at the timer until it moves.
func timerRuns(b *testing.B) bool {
	const looks = 100 // of some 40 ns each, beyond any clock's tick
	first := b.Elapsed()
	for range looks {
		if b.Elapsed() != first {
			return true
		}
	}
	return false
}
