// Package outside is a module of its own that uses perfbench as any other would.
package outside

import (
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/perfevent/perfbench"
)

func touch(b testing.TB, pages int) {
	mem, err := syscall.Mmap(-1, 0, pages*4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		b.Fatal(err)
	}
	for i := range pages {
		mem[i*4096] = 1
	}
	if err := syscall.Munmap(mem); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDefault has what this machine has.
func BenchmarkDefault(b *testing.B) {
	perfbench.Open(b)
	for b.Loop() {
		touch(b, 4)
	}
}

func BenchmarkNamed(b *testing.B) {
	perfbench.Open(b, "page-faults", "task-clock", "no-such-event")
	for b.Loop() {
		touch(b, 4)
	}
}

// BenchmarkFollowed is written for testing.B; only its first line is not.
func BenchmarkFollowed(tb *testing.B) {
	b := perfbench.Open(tb, "page-faults")
	for _, pages := range []int{100, 200} {
		b.Run(strconv.Itoa(pages), func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			touch(b, 1000)
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				b.StopTimer()
				touch(b, 1000)
				b.StartTimer()
				touch(b, pages)
			}
			b.StopTimer()
			touch(b, 1000)
		})
	}
	b.Run("parallel", func(tb *testing.B) {
		b := perfbench.Open(tb, "page-faults")
		touch(b, 1000)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				touch(b, 100)
			}
		})
		b.StopTimer()
		touch(b, 1000)
	})
}

// BenchmarkBehind stops the timer behind the counters' back.
func BenchmarkBehind(b *testing.B) {
	perfbench.Open(b, "page-faults")
	for range b.N {
		time.Sleep(time.Millisecond)
		b.StopTimer()
		time.Sleep(time.Millisecond)
		b.StartTimer()
	}
}

func product(a, b int) int { return a * b }

// The compiler treats the loops of these two alike.

func BenchmarkLoopPlain(b *testing.B) {
	for b.Loop() {
		product(3, 4)
	}
}

func BenchmarkLoopFollowed(tb *testing.B) {
	b := perfbench.Open(tb)
	for b.Loop() {
		product(3, 4)
	}
}
