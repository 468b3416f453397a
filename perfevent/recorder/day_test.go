package recorder

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// filledRing is a full ring of an event that is off. Its records come again and again: the test tells in the kernel's place that they are new.
type filledRing struct {
	head *uint64
	size uint64
}

// fillRing makes page faults until the ring of this thread is full, of samples of one size.
func fillRing(t *testing.T, list *evlist.List, size int) *filledRing {
	t.Helper()
	const offHead = 1024 // in struct perf_event_mmap_page
	if err := list.EnableAll(); err != nil {
		t.Fatal(err)
	}
	ring := list.Rings()[0]
	// By halves, since the kernel writes a LOST record after a ring was full.
	for range 2 {
		var a, b []byte
		for try := 0; len(a)+len(b) < ring.Size()/2; try++ {
			if fault(t); try > ring.Size() {
				t.Fatal("page faults are no samples")
			}
			a, b = ring.Peek()
		}
		ring.Consume(len(a) + len(b))
		for a = append(bytes.Clone(a), b...); len(a) > 0; a = a[size:] {
			if typ, n := binary.NativeEndian.Uint32(a), binary.NativeEndian.Uint16(a[6:]); record.Type(typ) != record.TypeSample || int(n) != size {
				t.Fatalf("a record of type %d and %d bytes", typ, n)
			}
		}
	}
	if err := list.Disable(); err != nil {
		t.Fatal(err)
	}
	a, b := ring.Peek()
	ring.Consume(len(a) + len(b))
	mem, err := unix.Mmap(list.Events()[0].Open[0].FD(), 0, os.Getpagesize()+ring.Size(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(mem) })
	return &filledRing{head: (*uint64)(unsafe.Pointer(&mem[offHead])), size: uint64(ring.Size())}
}

// more lets a full ring of records come.
func (f *filledRing) more() { atomic.AddUint64(f.head, f.size) }

// TestDay is a recording of a day, at the speed of the disk: 10 million records in 1,000 files, of which the last two stay. It takes no more memory
// nor files at its end than in its beginning, and no record is missing.
func TestDay(t *testing.T) {
	testkit.Need(t, testkit.Root)
	const records, files, pages, size = 10_000_000, 1000, 64, 32 // a header, address, thread, time
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	specs := resolveEvents(t, "page-faults:u")
	stamped := true
	list, err := evlist.Open(context.Background(), specs, evlist.Targets{TIDs: []int{unix.Gettid()}, PerThread: true},
		evlist.Options{MmapPages: pages, Period: 1, Timestamp: &stamped})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { list.Close() })
	ring := fillRing(t, list, size)

	dir := t.TempDir()
	name := func(n int) string { return filepath.Join(dir, strconv.Itoa(n)) }
	n, got := 0, int64(0)
	next := func(old *perfdata.Writer) (*perfdata.Writer, error) {
		if old != nil {
			if err := old.Close(); err != nil {
				return nil, err
			}
			got += countSamples(t, name(n))
			_ = os.Remove(name(n - 2)) // the first two have none
			n++
		}
		return perfdata.Create(name(n))
	}
	w, err := next(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{list: list, w: w, o: Options{NoTasks: true, NoMaps: true, NoBuildIDs: true, Root: os.DirFS("/"), Rotation: Rotation{Next: next}}}
	if err := r.describe(); err != nil {
		t.Fatal(err)
	}
	if err := r.open(); err != nil {
		t.Fatal(err)
	}
	perRing := int(ring.size) / size
	perFile := records / files / perRing
	var early, late memory
	for file := range files {
		for range perFile + 1 {
			ring.more()
			if err := r.sweep(); err != nil {
				t.Fatal(err)
			}
		}
		switch file {
		case files / 10:
			early = used(t)
		case files - 1:
			late = used(t)
		}
		if err := r.rotate(); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.w.Close(); err != nil {
		t.Fatal(err)
	}
	if want := int64(files * (perFile + 1) * perRing); got != want || want < records {
		t.Errorf("%d records in all files, want %d", got, want)
	}
	if grown := int64(late.heap) - int64(early.heap); grown > 1<<20 || late.files > early.files {
		t.Errorf("from the 100th file to the 1000th: %d bytes of heap more, and %d files became %d", grown, early.files, late.files)
	}
}

// countSamples reads a file that is complete.
func countSamples(t *testing.T, path string) (n int64) {
	t.Helper()
	in, err := perfdata.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var rec record.Record
	for {
		switch err := in.Next(&rec); {
		case errors.Is(err, io.EOF):
			return n
		case err != nil:
			t.Fatalf("%s: %v", path, err)
		case rec.Type == record.TypeSample:
			n++
		}
	}
}

type memory struct {
	heap  uint64
	files int
}

func used(t *testing.T) memory {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return memory{m.HeapAlloc, len(open)}
}
