package perfevent

import (
	"bytes"
	"encoding/binary"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// fakeRing is a ring over plain memory, with its positions in our hand.
func fakeRing(t *testing.T, size int, head, tail uint64) *Ring {
	t.Helper()
	const page = 4096
	mem := make([]byte, page+size)
	binary.NativeEndian.PutUint64(mem[offDataHead:], head)
	binary.NativeEndian.PutUint64(mem[offDataTail:], tail)
	binary.NativeEndian.PutUint64(mem[offDataOffset:], page)
	binary.NativeEndian.PutUint64(mem[offDataSize:], uint64(size))
	for i := range size {
		mem[page+i] = byte(i)
	}
	r, ok := newRing(mem, page)
	if !ok {
		t.Fatal("newRing refused")
	}
	return r
}

func TestPeek(t *testing.T) {
	const size = 64
	for _, test := range []struct {
		name       string
		head, tail uint64
		a, b       int
	}{
		{"empty", 0, 0, 0, 0},
		{"start", 24, 0, 24, 0},
		{"full", 64, 0, 64, 0},
		{"to the end", 64, 40, 24, 0},
		{"wrapped", 80, 40, 24, 16},
		{"full and wrapped", 104, 40, 24, 40},
		{"later rounds", 64*7 + 8, 64*7 - 16, 16, 8},
		{"positions overflow", 16, 1<<64 - 8, 8, 16},
		{"nonsense", 1000, 0, 0, 0},
		{"backwards", 0, 8, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := fakeRing(t, size, test.head, test.tail)
			a, b := r.Peek()
			if len(a) != test.a || len(b) != test.b {
				t.Fatalf("Peek: %d and %d bytes, want %d and %d", len(a), len(b), test.a, test.b)
			}
			if len(a) > 0 && a[0] != byte(test.tail%size) {
				t.Errorf("begins at %d", a[0])
			}
			if len(b) > 0 && b[0] != 0 {
				t.Errorf("goes on at %d", b[0])
			}
		})
	}
}

func TestConsume(t *testing.T) {
	r := fakeRing(t, 64, 80, 40)
	r.Consume(-1)
	r.Consume(32)
	a, b := r.Peek()
	if len(a) != 8 || len(b) != 0 || a[0] != 8 {
		t.Fatalf("after 32 bytes: % x, % x", a, b)
	}
	r.Consume(100) // more than there is
	if a, b := r.Peek(); len(a)+len(b) != 0 || *r.tail != 80 {
		t.Errorf("left %d bytes, tail %d", len(a)+len(b), *r.tail)
	}
}

func TestNonsenseIsCounted(t *testing.T) {
	r := fakeRing(t, 64, 1000, 0)
	r.Peek()
	if r.Overruns() != 1 || *r.tail != 1000 {
		t.Errorf("overruns %d, tail %d", r.Overruns(), *r.tail)
	}
}

func TestNewRingRefuses(t *testing.T) {
	mem := func(offset, size uint64) []byte {
		b := make([]byte, 3*4096)
		binary.NativeEndian.PutUint64(b[offDataOffset:], offset)
		binary.NativeEndian.PutUint64(b[offDataSize:], size)
		return b
	}
	for name, b := range map[string][]byte{
		"no page":        make([]byte, 100),
		"odd size":       mem(4096, 5000),
		"beyond the end": mem(8192, 8192),
		"far beyond":     mem(1<<63, 4096),
	} {
		if _, ok := newRing(b, 4096); ok {
			t.Errorf("%s: accepted", name)
		}
	}
	if r, ok := newRing(make([]byte, 3*4096)[:2*4096], 4096); !ok || r.Size() != 4096 {
		t.Error("a kernel that gives no size: refused")
	}
}

// TestRingOfDummy lets the kernel write records that we cause one by one:
// mappings of executable memory by this thread.
func TestRingOfDummy(t *testing.T) {
	testkit.Need(t, testkit.Root)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a := Attr{Type: TypeSoftware, Config: SWDummy, Flags: FlagMmap | FlagSampleIDAll, SampleType: record.SampleTID}
	e, err := Open(&a, Target{CPU: AnyCPU}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	r, err := e.MapRing(1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	name := []byte("//anon")
	wrapped := false
	for i := range 200 {
		mem, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Munmap(mem); err != nil {
			t.Fatal(err)
		}
		x, y := r.Peek()
		wrapped = wrapped || len(y) > 0
		rec := append(append([]byte(nil), x...), y...)
		h, err := record.ParseHeader(rec)
		if err != nil || h.Type != record.TypeMmap || int(h.Size) != len(rec) || !bytes.Contains(rec, name) {
			t.Fatalf("round %d: header %+v, %v, %d bytes: %q", i, h, err, len(rec), rec)
		}
		r.Consume(len(rec))
	}
	if !wrapped {
		t.Error("no record wrapped in 200 rounds of a page")
	}
}

func TestCloseTwice(t *testing.T) {
	testkit.Need(t, testkit.Root)
	e, err := Open(&Attr{Type: TypeSoftware, Config: SWDummy}, Target{CPU: AnyCPU}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.MapRing(2)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if a, b := r.Peek(); a != nil || b != nil {
		t.Error("a closed ring has bytes")
	}
	r.Consume(8)
}

func BenchmarkPeekConsume(b *testing.B) {
	const page, size = 4096, 1 << 16
	mem := make([]byte, page+size)
	binary.NativeEndian.PutUint64(mem[offDataOffset:], page)
	binary.NativeEndian.PutUint64(mem[offDataSize:], size)
	r, ok := newRing(mem, page)
	if !ok {
		b.Fatal("newRing refused")
	}
	b.ReportAllocs()
	for b.Loop() {
		*r.head += 4000
		x, y := r.Peek()
		r.Consume(len(x) + len(y))
	}
}
