package perfbench

import (
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/benchcount"
)

// StartTimer starts the benchmark's timer and the counters.
func (b *B) StartTimer() {
	b.B.StartTimer()
	b.resume()
}

// StopTimer stops the benchmark's timer and the counters. The counters come
// first: what package testing does once its timer has stopped is to read the
// memory statistics, and for that to wait for a garbage collection to end.
func (b *B) StopTimer() {
	b.pause()
	b.B.StopTimer()
}

// ResetTimer sets the benchmark's timer and the counters to zero, whether they
// run or not.
func (b *B) ResetTimer() {
	b.B.ResetTimer()
	b.check((*benchcount.Set).Reset)
	b.counted, b.switching = 0, 0
	b.since = time.Now()
	if !b.ends {
		// What the setup has given to Cleanup (as TempDir does) is not timed, and runs before what Open gave to it.
		b.ends = true
		b.Cleanup(b.pause)
	}
}

// Run runs another benchmark, which calls Open itself if it is to be counted.
// As with testing.B, the one that does so is no longer measured: its events
// are closed, so that they do not take counters away from the others.
func (b *B) Run(name string, f func(*testing.B)) bool {
	b.parent = true
	b.close()
	return b.B.Run(name, f)
}

func (b *B) resume() {
	if b.on {
		return
	}
	b.on = true
	began := time.Now()
	b.check((*benchcount.Set).Resume)
	b.since = time.Now()
	b.switching += b.since.Sub(began)
}

// pause lets the events go on and leaves out what they count, because to stop
// and start them takes about ten times as long.
func (b *B) pause() {
	if !b.on {
		return
	}
	b.on = false
	now := time.Now()
	b.counted += now.Sub(b.since)
	b.check((*benchcount.Set).Pause)
	b.switching += time.Since(now)
}

// check does something with the events and tells of the first failure; the
// figures are left out then.
func (b *B) check(do func(*benchcount.Set) error) {
	b.Helper()
	if b.broken || b.parent {
		return
	}
	if err := do(b.set); err != nil {
		b.broken = true
		b.say(err.Error())
	}
}

func (b *B) close() {
	if err := b.set.Close(); err != nil {
		b.say(err.Error())
	}
}
