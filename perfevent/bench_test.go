package perfevent

import (
	"runtime"
	"testing"
)

// The costs of reading counters; bench/counter prints them beside those of a C
// loop.

func benchmarkRead(b *testing.B, configs ...uint64) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	g, err := OpenGroup(software(configs...), Target{CPU: AnyCPU}, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	if err := g.Enable(); err != nil {
		b.Fatal(err)
	}
	counts := make([]Count, 0, len(configs))
	b.ReportAllocs()
	for b.Loop() {
		if counts, err = g.Read(counts[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadGroup1(b *testing.B) { benchmarkRead(b, SWTaskClock) }

func BenchmarkReadGroup4(b *testing.B) {
	benchmarkRead(b, SWTaskClock, SWPageFaults, SWContextSwitches, SWCPUMigrations)
}

func BenchmarkReader(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	attr := Attr{Type: TypeHardware, Config: HWInstructions, Flags: FlagExcludeKernel}
	if HaveHardware() != nil {
		attr = Attr{Type: TypeSoftware, Config: SWTaskClock}
	}
	r, err := OpenReader(&attr)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Read(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(asNumber(r.UserSpace()), "rdpmc")
}

func asNumber(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// BenchmarkUserRead is what the way by rdpmc costs beside the instruction.
func BenchmarkUserRead(b *testing.B) {
	page := userPage{mem: fakePage(), clock: timestamp(), rdpmc: func(uint32) uint64 { return 1 }}
	if page.clock == nil {
		page.clock = fixed(1)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := page.read(); !ok {
			b.Fatal("not read")
		}
	}
}
