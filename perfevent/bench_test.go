package perfevent

import (
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// The costs of reading counters; bench/counter prints them beside those of a C
// loop.

func benchmarkRead(b *testing.B, attrs []Attr) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	g, err := OpenGroup(attrs, Target{CPU: AnyCPU}, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	if err := g.Enable(); err != nil {
		b.Fatal(err)
	}
	counts := make([]Count, 0, len(attrs))
	b.ReportAllocs()
	for b.Loop() {
		if counts, err = g.Read(counts[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadGroup1(b *testing.B) { benchmarkRead(b, software(SWTaskClock)) }

func BenchmarkReadGroup4(b *testing.B) {
	benchmarkRead(b, software(SWTaskClock, SWPageFaults, SWContextSwitches, SWCPUMigrations))
}

// instructions is an event that a core PMU has, so many times.
func instructions(n int) []Attr {
	return slices.Repeat([]Attr{{Type: TypeHardware, Config: HWInstructions, Flags: FlagExcludeKernel}}, n)
}

func BenchmarkReadHardware1(b *testing.B) {
	testkit.Need(b, testkit.PMU)
	benchmarkRead(b, instructions(1))
}

func BenchmarkReadHardware4(b *testing.B) {
	testkit.Need(b, testkit.PMU)
	benchmarkRead(b, instructions(4))
}

// BenchmarkBareRead is the system call alone, of a hardware event.
func BenchmarkBareRead(b *testing.B) {
	testkit.Need(b, testkit.PMU)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	g, err := OpenGroup(instructions(1), Target{CPU: AnyCPU}, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	if err := g.Enable(); err != nil {
		b.Fatal(err)
	}
	fd, buf := uintptr(g.Events()[0].fd), [3 * 8]byte{}
	for b.Loop() {
		if _, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf))); errno != 0 {
			b.Fatal(errno)
		}
	}
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
