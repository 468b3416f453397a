package perfbench

import (
	"runtime"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/benchcount"
)

// finish reports what was counted. The benchmark's timer has been stopped by
// package testing, if not before.
func (b *B) finish() {
	b.Helper()
	b.pause()
	b.check((*benchcount.Set).Read)
	if !b.broken && !b.parent && b.N > 0 {
		for _, m := range b.set.Append(nil, float64(b.N)) {
			b.ReportMetric(m.Value, m.Unit)
		}
		if !b.set.Empty() {
			b.compareTime()
		}
	}
	b.close()
	if b.locked {
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

// compareTime looks whether other work was counted than was timed.
func (b *B) compareTime() {
	b.Helper()
	timed := b.Elapsed()
	if !apart(b.counted, timed) {
		return
	}
	b.ReportMetric(100*float64(b.counted)/float64(max(timed, 1)), UnitCountedTime)
	if max(b.counted, timed) >= timeWords {
		b.say(b.Name() + ": " + b.whyApart(timed))
	}
}

func apart(counted, timed time.Duration) bool {
	d := (counted - timed).Abs()
	return d >= timeNoise && float64(d) > timeTolerance*float64(timed)
}

// whyApart is the likely cause, and what to do about it.
func (b *B) whyApart(timed time.Duration) string {
	if !apart(b.counted+b.switching, timed) {
		return "to read the counters at StopTimer and StartTimer took long beside what was timed, and is in ns/op: stop the timer for longer pieces of work only"
	}
	word := "less"
	if b.counted > timed {
		word = "more"
	}
	return word + " was counted than timed: use what Open returns in place of the testing.B, so that its timer is followed (b := perfbench.Open(tb)), " +
		"and call Open last before the loop, or ResetTimer after the setup; if that is so, a busy machine came between, and longer runs (-benchtime) tell more"
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
