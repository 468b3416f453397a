package perfbench_test

import (
	"sort"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/perfbench"
)

// Counting begins when Open returns, so it comes last before the loop.
func ExampleOpen() {
	_ = func(b *testing.B) { // BenchmarkSort
		words := []string{"b", "c", "a"}
		perfbench.Open(b)
		for b.Loop() {
			sort.Strings(words)
		}
	}
}

// Name events as the option -e does; braces keep together what is compared.
func ExampleOpen_events() {
	_ = func(b *testing.B) {
		perfbench.Open(b, "{cycles:u,instructions:u}", "L1-dcache-load-misses", "page-faults")
		for b.Loop() {
			// ...
		}
	}
}

// Leave out what is done between the operations.
func ExampleCounters_StopTimer() {
	_ = func(b *testing.B) {
		counters := perfbench.Open(b)
		for range b.N {
			counters.StopTimer()
			data := make([]int, 1<<20)
			counters.StartTimer()
			sort.Ints(data)
		}
	}
}

// Count the benchmark's own goroutine, not the garbage collector.
func ExampleOptions_Open() {
	_ = func(b *testing.B) {
		perfbench.Options{ThisGoroutine: true}.Open(b)
		for b.Loop() {
			// ...
		}
	}
}
