package perfbench_test

import (
	"math/rand/v2"
	"sort"
	"strconv"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/perfbench"
)

// What Open returns takes the place of the testing.B.
func ExampleOpen() {
	_ = func(tb *testing.B) { // BenchmarkSort
		b := perfbench.Open(tb)
		data := make([]int, 1<<16)
		b.ReportAllocs()
		b.ResetTimer()
		for b.Loop() {
			b.StopTimer() // is followed
			rand.Shuffle(len(data), func(i, j int) { data[i], data[j] = data[j], data[i] })
			b.StartTimer()
			sort.Ints(data)
		}
	}
}

// Where the timer is not stopped, one line is enough. Counting begins when Open
// returns, so it comes last before the loop.
func ExampleOpen_oneLine() {
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

// Each of the benchmarks that run inside opens its own counters.
func ExampleB_Run() {
	_ = func(b *testing.B) { // BenchmarkAppend
		for _, n := range []int{10, 1000} {
			b.Run(strconv.Itoa(n), func(tb *testing.B) {
				b := perfbench.Open(tb)
				for range b.N {
					_ = make([]byte, n)
				}
			})
		}
	}
}

// Count the benchmark's own goroutine, not the garbage collector.
func ExampleOptions_Open() {
	_ = func(tb *testing.B) {
		b := perfbench.Options{ThisGoroutine: true}.Open(tb)
		for b.Loop() {
			// ...
		}
	}
}
