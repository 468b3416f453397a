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
		{"reset", func(b *testing.B) {
			c := perfbench.Open(b, "page-faults")
			touch(100 * pages)
			c.ResetTimer()
			for range b.N {
				touch(pages)
			}
		}, pages},
		{"stopped", func(b *testing.B) {
			c := perfbench.Open(b, "page-faults")
			for range b.N {
				touch(pages)
				c.StopTimer()
				touch(5 * pages)
				c.StartTimer()
			}
		}, pages},
		{"opened while stopped", func(b *testing.B) {
			b.StopTimer()
			c := perfbench.Open(b, "page-faults")
			touch(100 * pages)
			c.StartTimer()
			for range b.N {
				touch(pages)
			}
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
			c := perfbench.Open(b, "page-faults")
			for range b.N {
				nap()
				nap()
			}
			c.StopTimer()
			nap()
		}, 0, 0},
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
