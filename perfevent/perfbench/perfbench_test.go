package perfbench_test

import (
	"flag"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/perfbench"
)

// touch makes so many page faults of the calling thread.
func touch(pages int) {
	page := os.Getpagesize()
	mem, err := unix.Mmap(-1, 0, pages*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		panic(err)
	}
	_ = unix.Madvise(mem, unix.MADV_NOHUGEPAGE) // EINVAL where there are no huge pages
	for i := range pages {
		mem[i*page] = 1
	}
	if err := unix.Munmap(mem); err != nil {
		panic(err)
	}
}

const pages = 200

// benchmark runs f as package testing does and returns its metrics.
func benchmark(t *testing.T, benchtime string, f func(b *testing.B)) map[string]float64 {
	t.Helper()
	old := flag.Lookup("test.benchtime").Value.String()
	set := func(v string) {
		if err := flag.Set("test.benchtime", v); err != nil {
			t.Fatal(err)
		}
	}
	set(benchtime)
	defer set(old)
	r := testing.Benchmark(f)
	if r.N == 0 {
		t.Fatal("the benchmark failed")
	}
	return r.Extra
}

func TestFaultsPerOperation(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for _, test := range []struct {
		name string
		f    func(b *testing.B)
		want float64 // within a fifth: the runtime faults too
	}{
		{"Loop", func(b *testing.B) {
			perfbench.Open(b, "page-faults")
			for b.Loop() {
				touch(pages)
			}
		}, pages},
		{"N", func(b *testing.B) {
			perfbench.Open(b, "page-faults")
			for range b.N {
				touch(pages)
			}
		}, pages},
		{"setup before", func(b *testing.B) {
			touch(100 * pages)
			perfbench.Open(b, "page-faults")
			for b.Loop() {
				touch(pages)
			}
		}, pages},
		{"reset", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			touch(100 * pages)
			b.ResetTimer()
			for range b.N {
				touch(pages)
			}
		}, pages},
		{"cleaned up", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			b.Cleanup(func() { touch(100 * pages) })
			b.ResetTimer()
			for range b.N {
				touch(pages)
			}
		}, pages},
		{"reset before Loop", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			touch(100 * pages)
			b.ResetTimer()
			for b.Loop() {
				touch(pages)
			}
			b.StopTimer() // by Loop already
			touch(pages)
		}, pages},
		{"stopped in Loop", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			for b.Loop() {
				b.StopTimer()
				touch(5 * pages)
				b.StartTimer()
				touch(pages)
			}
		}, pages},
		{"stopped", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			for range b.N {
				touch(pages)
				b.StopTimer()
				touch(5 * pages)
				b.StartTimer()
			}
		}, pages},
		{"stopped on another thread", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			for range b.N {
				elsewhere(func() { touch(pages) })
				b.StopTimer()
				elsewhere(func() { touch(5 * pages) })
				b.StartTimer()
			}
		}, pages},
		{"stopped and reset", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			touch(10 * pages)
			b.StopTimer()
			b.StopTimer() // again does nothing
			touch(10 * pages)
			b.ResetTimer()
			touch(10 * pages)
			b.StartTimer()
			b.StartTimer()
			for range b.N {
				touch(pages)
			}
			b.StopTimer()
			touch(100 * pages)
		}, pages},
		{"opened while stopped", func(tb *testing.B) {
			tb.StopTimer()
			b := perfbench.Open(tb, "page-faults")
			touch(100 * pages)
			b.StartTimer()
			for range b.N {
				touch(pages)
			}
		}, pages},
		{"parallel, followed", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			touch(100 * pages)
			b.ResetTimer()
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					touch(pages)
				}
			})
			b.StopTimer()
			touch(100 * pages)
		}, pages},
		{"parallel", func(b *testing.B) {
			perfbench.Open(b, "page-faults")
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					touch(pages)
				}
			})
		}, pages},
		{"other goroutine", func(b *testing.B) {
			perfbench.Open(b, "page-faults")
			for b.Loop() {
				elsewhere(func() { touch(pages) })
			}
		}, pages},
		{"this goroutine", func(b *testing.B) {
			perfbench.Options{Events: []string{"page-faults"}, ThisGoroutine: true}.Open(b)
			for b.Loop() {
				elsewhere(func() { touch(5 * pages) })
				touch(pages)
			}
		}, pages},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := benchmark(t, "50x", test.f)["page-faults/op"]
			if got < test.want || got > test.want*1.2 {
				t.Errorf("%.1f page faults an operation, want %.0f", got, test.want)
			}
		})
	}
}

// elsewhere runs f on another thread.
func elsewhere(f func()) {
	done := make(chan bool)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		f()
		done <- true
	}()
	<-done
}

// TestGrowingN follows the timer in each of the runs by which package testing
// finds the number of operations.
func TestGrowingN(t *testing.T) {
	testkit.Need(t, testkit.Root)
	runs, last := 0, 0
	got := benchmark(t, "50ms", func(tb *testing.B) {
		b := perfbench.Open(tb, "page-faults")
		runs, last = runs+1, b.N
		for i := 0; i < b.N; i++ {
			b.StopTimer()
			touch(pages)
			b.StartTimer()
			touch(pages)
		}
	})["page-faults/op"]
	if runs < 2 || last < 2 || got < pages || got > pages*1.2 {
		t.Errorf("%.1f page faults an operation after %d runs, the last of %d, want %d", got, runs, last, pages)
	}
}

// TestRun: who runs others is not measured, and they are, each for itself.
func TestRun(t *testing.T) {
	testkit.Need(t, testkit.Root)
	var inner []float64
	outer := benchmark(t, "10x", func(tb *testing.B) {
		b := perfbench.Open(tb, "page-faults")
		for _, n := range []int{pages, 2 * pages} {
			b.Run("sub", func(tb *testing.B) {
				b := perfbench.Open(tb, "page-faults")
				for b.Loop() {
					b.StopTimer()
					touch(3 * pages)
					b.StartTimer()
					touch(n)
				}
				inner = append(inner, float64(n))
			})
		}
		b.StopTimer() // is of no use any more, and no harm
		b.StartTimer()
		b.ResetTimer()
	})
	if len(outer) != 0 || len(inner) != 2 {
		t.Errorf("the outer one reports %v; %d ran inside", outer, len(inner))
	}
}

// TestTimeTold uses the timer behind the counters' back.
func TestTimeTold(t *testing.T) {
	testkit.Need(t, testkit.Root)
	nap := func() { time.Sleep(2 * time.Millisecond) }
	for _, test := range []struct {
		name      string
		f         func(b *testing.B)
		low, high float64 // of the metric; 0: it must not be there
	}{
		{"as it should be", func(b *testing.B) {
			perfbench.Open(b, "page-faults")
			for b.Loop() {
				nap()
			}
		}, 0, 0},
		{"stopped by the counters", func(b *testing.B) {
			followed := perfbench.Open(b, "page-faults")
			for range b.N {
				nap()
				nap()
			}
			followed.StopTimer()
			time.Sleep(100 * time.Millisecond)
		}, 0, 0},
		{"stopped each time", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			for b.Loop() {
				b.StopTimer()
				nap()
				b.StartTimer()
				time.Sleep(20 * time.Millisecond)
			}
		}, 0, 0},
		{"stopped for nothing", func(tb *testing.B) {
			b := perfbench.Open(tb, "page-faults")
			for b.Loop() {
				for range 1000 {
					b.StopTimer()
					b.StartTimer()
				}
			}
		}, 0.1, 90},
		{"stopped behind", func(b *testing.B) {
			perfbench.Open(b, "page-faults")
			for range b.N {
				nap()
				b.StopTimer()
				nap()
				b.StartTimer()
			}
		}, 130, 400},
		{"setup behind Open", func(b *testing.B) {
			perfbench.Open(b, "page-faults")
			time.Sleep(100 * time.Millisecond)
			for b.Loop() {
				nap()
			}
		}, 150, 500},
		{"timed before Open", func(b *testing.B) {
			time.Sleep(100 * time.Millisecond)
			perfbench.Open(b, "page-faults")
			for range b.N {
				nap()
			}
		}, 10, 80},
	} {
		t.Run(test.name, func(t *testing.T) {
			// A machine that is busy stretches any of the times, but not always the same.
			var got float64
			var there bool
			for range 10 {
				got, there = benchmark(t, "20x", test.f)[perfbench.UnitCountedTime]
				if there == (test.high != 0) && (!there || got >= test.low && got <= test.high) {
					return
				}
			}
			t.Errorf("%s: %.1f (there: %t), want %.0f to %.0f", perfbench.UnitCountedTime, got, there, test.low, test.high)
		})
	}
}

// TestLackFailsNothing names what cannot be counted.
func TestLackFailsNothing(t *testing.T) {
	for _, events := range [][]string{{"no-such-event"}, {"{cycles,"}, {""}, {"no/such=unit/"}, {"*:*:*"}} {
		runs := 0
		extra := benchmark(t, "3x", func(b *testing.B) {
			perfbench.Open(b, events...)
			for b.Loop() {
				runs++
			}
		})
		if runs != 3 || len(extra) != 0 {
			t.Errorf("%q: %d runs, metrics %v", events, runs, extra)
		}
	}
}
