package perfevent

import (
	"encoding/binary"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// Offsets in struct perf_event_mmap_page of include/uapi/linux/perf_event.h, beside those of the clock.
const (
	offIndex       = 12
	offOffset      = 16
	offTimeEnabled = 24
	offTimeRunning = 32
	offPMCWidth    = 48
	offTimeOffset  = 56
)

// fakePage is a page as the kernel fills it for an event on counter 3.
func fakePage() []byte {
	p, ne := make([]byte, 4096), binary.NativeEndian
	ne.PutUint32(p[offLock:], 8)
	ne.PutUint32(p[offIndex:], 4)
	ne.PutUint64(p[offOffset:], 1000)
	ne.PutUint64(p[offTimeEnabled:], 500)
	ne.PutUint64(p[offTimeRunning:], 300)
	ne.PutUint64(p[offCapabilities:], capNeeded)
	ne.PutUint16(p[offPMCWidth:], 48)
	ne.PutUint16(p[offTimeShift:], 4) // 3/16 ns a cycle
	ne.PutUint32(p[offTimeMult:], 3)
	ne.PutUint64(p[offTimeOffset:], 1<<64-20)
	return p
}

func fixed(v uint64) func() uint64 { return func() uint64 { return v } }

func TestUserRead(t *testing.T) {
	ne := binary.NativeEndian
	for _, test := range []struct {
		name   string
		pmc    uint64
		change func(page []byte)
		want   Count // the zero Count: not ok
	}{
		// 170 cycles: 10 * 3 + 10 * 3 >> 4, less 20.
		{"plain", 42, nil, Count{Value: 1042, Enabled: 511, Running: 311}},
		{"negative counter", 1<<48 - 2, nil, Count{Value: 998, Enabled: 511, Running: 311}},
		{"bits beyond the counter's", 0xffff<<48 | 42, nil, Count{Value: 1042, Enabled: 511, Running: 311}},
		{"64 bits", 1<<64 - 1, func(p []byte) { ne.PutUint16(p[offPMCWidth:], 64) }, Count{Value: 999, Enabled: 511, Running: 311}},
		{"short clock", 42, func(p []byte) {
			ne.PutUint64(p[offCapabilities:], capNeeded|capUserTimeShort)
			ne.PutUint64(p[offTimeCycles:], 0x1f0)
			ne.PutUint64(p[offTimeMask:], 0xff) // 170 = 0xaa comes after 0x1f0: 0x2aa = 682
		}, Count{Value: 1042, Enabled: 500 + 107, Running: 300 + 107}},
		{"not on the PMU", 42, func(p []byte) { ne.PutUint32(p[offIndex:], 0) }, Count{}},
		{"not allowed", 42, func(p []byte) { ne.PutUint64(p[offCapabilities:], capValid|capUserTime) }, Count{}},
		{"no clock", 42, func(p []byte) { ne.PutUint64(p[offCapabilities:], capValid|capUserRDPMC) }, Count{}},
		{"old kernel", 42, func(p []byte) { ne.PutUint64(p[offCapabilities:], 1) }, Count{}},
		{"no width", 42, func(p []byte) { ne.PutUint16(p[offPMCWidth:], 0) }, Count{}},
		{"absurd width", 42, func(p []byte) { ne.PutUint16(p[offPMCWidth:], 65) }, Count{}},
		{"always being written", 42, func(p []byte) { ne.PutUint32(p[offLock:], 9) }, Count{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			page := userPage{mem: fakePage(), clock: fixed(170)}
			page.rdpmc = func(counter uint32) uint64 {
				if counter != 3 {
					t.Errorf("counter %d", counter)
				}
				return test.pmc
			}
			if test.change != nil {
				test.change(page.mem)
			}
			if got, ok := page.read(); got != test.want || ok != (test.want != Count{}) {
				t.Errorf("%+v, %t, want %+v", got, ok, test.want)
			}
		})
	}
}

// TestUserReadAgain changes the page in the middle of the first try, as the
// scheduler does.
func TestUserReadAgain(t *testing.T) {
	page, ne, tries := userPage{mem: fakePage(), clock: fixed(170)}, binary.NativeEndian, 0
	page.rdpmc = func(uint32) uint64 {
		if tries++; tries == 1 {
			ne.PutUint32(page.mem[offLock:], 10)
			ne.PutUint64(page.mem[offOffset:], 7000)
		}
		return 1
	}
	if got, ok := page.read(); !ok || got.Value != 7001 || tries != 2 {
		t.Errorf("%+v, %t after %d tries", got, ok, tries)
	}
	page.rdpmc = func(uint32) uint64 {
		ne.PutUint32(page.mem[offLock:], ne.Uint32(page.mem[offLock:])+2)
		return 1
	}
	if got, ok := page.read(); ok {
		t.Errorf("a page that always changes gave %+v", got)
	}
}

func TestCompare(t *testing.T) {
	slow := func() { time.Sleep(50 * time.Microsecond) }
	for _, test := range []struct {
		name         string
		pmc, syscall func()
		want         readWay
	}{
		{"rdpmc that traps", slow, func() {}, waySyscall},
		{"rdpmc as made", func() {}, slow, wayUser},
	} {
		r := Reader{page: userPage{mem: fakePage(), clock: fixed(170)}}
		r.page.rdpmc = func(uint32) uint64 { test.pmc(); return 1 }
		system := func() (Count, error) { test.syscall(); return Count{}, nil }
		if got := r.compare(system); got != test.want {
			t.Errorf("%s: way %d, want %d", test.name, got, test.want)
		}
	}
}

func TestReader(t *testing.T) {
	testkit.Need(t, testkit.Root)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	attrs := []Attr{
		{Type: TypeHardware, Config: HWInstructions, Flags: FlagExcludeKernel},
		{Type: TypeHardware, Config: HWCPUCycles, Flags: FlagExcludeKernel}, // arm64 has a counter of its own for it
		{Type: TypeHardware, Config: HWCPUCycles},
	}
	if HaveHardware() != nil {
		attrs = []Attr{{Type: TypeSoftware, Config: SWTaskClock}} // never in the page
	}
	for i := range attrs {
		readBetween(t, attrs[i])
	}
}

// readBetween reads an event by turns through a reader and by read(2). Whatever way the reader goes, each count and time lies between those
// of the system calls before and after it.
func readBetween(t *testing.T, attr Attr) {
	t.Helper()
	r, err := OpenReader(&attr)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	const slack = time.Microsecond // of times, which the kernel and the page round each in their way
	var last Count
	for range 200 {
		c, err := r.Read()
		if err != nil || c.Value < last.Value || c.Enabled < last.Enabled-slack || c.Running < last.Running-slack {
			t.Fatalf("%s: %+v after %+v, %v", attr.Name(), c, last, err)
		}
		if last, err = r.Event().Read(); err != nil || last.Value < c.Value || last.Enabled < c.Enabled-slack || last.Running < c.Running-slack {
			t.Fatalf("%s: read(2) says %+v after %+v, %v", attr.Name(), last, c, err)
		}
	}
	t.Logf("%s: read in user space %t, %+v", attr.Name(), r.UserSpace(), last)
	if attr.Type == TypeSoftware && r.UserSpace() {
		t.Error("a software event is read by rdpmc")
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	if _, err := r.Read(); err == nil {
		t.Error("Read after Close: no error")
	}
	attr.Flags |= FlagInherit
	if _, err := OpenReader(&attr); !errors.Is(err, ErrInherit) {
		t.Errorf("an inherited event: %v", err)
	}
}
