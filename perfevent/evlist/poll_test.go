package evlist

import (
	"context"
	"errors"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

func TestWaitEnds(t *testing.T) {
	testkit.Need(t, testkit.Root)
	l := openAll(t, "cpu-clock", Targets{PIDs: []int{sleeper(t)}}, Options{})
	t.Run("timeout", func(t *testing.T) {
		if err := l.Wait(context.Background(), time.Millisecond); err != nil {
			t.Error(err)
		}
	})
	t.Run("cancelled before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := l.Wait(ctx, -1); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("cancelled meanwhile", func(t *testing.T) {
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(context.Background())
		go cancel(cause)
		if err := l.Wait(ctx, -1); !errors.Is(err, cause) {
			t.Error(err)
		}
	})
	t.Run("woken", func(t *testing.T) {
		// A cancelled Wait may leave a wake-up behind, which is allowed.
		if err := l.Wait(context.Background(), 0); err != nil {
			t.Error(err)
		}
		go l.Wake()
		if err := l.Wait(context.Background(), -1); err != nil {
			t.Error(err)
		}
	})
}

// TestWaitSeesTheEnd: when the last measured thread is gone, Wait says so.
func TestWaitSeesTheEnd(t *testing.T) {
	testkit.Need(t, testkit.Root)
	c := exec.Command("cat")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	l := openAll(t, "cpu-clock,page-faults", Targets{PIDs: []int{c.Process.Pid}}, Options{})
	if err := l.Enable(); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		err = l.Wait(context.Background(), -1)
	}
	if !errors.Is(err, ErrAllEnded) {
		t.Error(err)
	}
	if n := records(t, l)[record.TypeExit]; n == 0 {
		t.Error("no EXIT record")
	}
}

// records counts what waits in the rings, by type, and takes it.
func records(t *testing.T, l *List) map[record.Type]int {
	t.Helper()
	counts := make(map[record.Type]int)
	for _, r := range l.Rings() {
		a, b := r.Peek()
		rest := append(append([]byte(nil), a...), b...)
		r.Consume(len(rest))
		for len(rest) > 0 {
			h, err := record.ParseHeader(rest)
			if err != nil || int(h.Size) > len(rest) || h.Size < record.HeaderSize {
				t.Fatalf("record %+v of %d bytes: %v", h, len(rest), err)
			}
			counts[h.Type]++
			rest = rest[h.Size:]
		}
	}
	return counts
}

// TestOneRingForAll: the records of all events of a CPU come through one ring,
// with ids that the list knows.
func TestOneRingForAll(t *testing.T) {
	testkit.Need(t, testkit.Root)
	l := openAll(t, "{context-switches,page-faults},sched:sched_switch", Targets{SystemWide: true}, Options{Period: 1, MmapPages: 1024})
	if len(l.Rings()) != len(l.CPUs()) {
		t.Fatalf("%d rings for CPUs %v", len(l.Rings()), l.CPUs())
	}
	var layouts []record.EventLayout
	for _, e := range l.Events() {
		layouts = append(layouts, record.EventLayout{Layout: e.Attr.Layout(), IDs: e.IDs})
	}
	set, err := record.NewSet(layouts)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Enable(); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("true").Run(); err != nil {
		t.Fatal(err)
	}
	if err := l.Disable(); err != nil {
		t.Fatal(err)
	}
	samples := make([]int, len(l.Events()))
	for _, r := range l.Rings() {
		a, b := r.Peek()
		for rest := append(append([]byte(nil), a...), b...); len(rest) > 0; {
			h, err := record.ParseHeader(rest)
			if err != nil {
				t.Fatal(err)
			}
			if h.Type == record.TypeSample {
				i, _, ok := set.Find(rest[:h.Size])
				if !ok {
					t.Fatal("a sample of no event of the list")
				}
				samples[i]++
			}
			rest = rest[h.Size:]
		}
	}
	for i, e := range l.Events()[:3] {
		if samples[i] == 0 {
			t.Errorf("no sample of %s: %v", e.Name, samples)
		}
	}
}

// TestLost: a small ring that nobody reads overflows, and the kernel counts.
func TestLost(t *testing.T) {
	testkit.Need(t, testkit.Root)
	if err := perfevent.HaveReadLost(); err != nil {
		t.Logf("nothing to count: %v", err)
		return
	}
	l := openAll(t, "page-faults", Targets{SystemWide: true}, Options{Period: 1, MmapPages: 1})
	if err := l.Enable(); err != nil {
		t.Fatal(err)
	}
	const pages = 1000 // of 48 bytes a sample
	mem, err := unix.Mmap(-1, 0, pages*4096, unix.PROT_WRITE|unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Madvise(mem, unix.MADV_NOHUGEPAGE); err != nil {
		t.Fatal(err)
	}
	for i := range pages {
		mem[i*4096] = 1
	}
	if err := unix.Munmap(mem); err != nil {
		t.Fatal(err)
	}
	if err := l.Disable(); err != nil {
		t.Fatal(err)
	}
	lost, err := l.ReadLost()
	if err != nil || len(lost) == 0 || lost[0].Samples == 0 || lost[0].Event.Name != "page-faults" {
		t.Errorf("lost %+v, %v", lost, err)
	}
}

func TestPerThreadRings(t *testing.T) {
	testkit.Need(t, testkit.Root)
	pids := []int{sleeper(t), sleeper(t)}
	l := openAll(t, "cpu-clock,page-faults", Targets{PIDs: pids, PerThread: true}, Options{})
	if len(l.Rings()) != 2 || l.Rings()[0].TID != pids[0] || l.Rings()[0].CPU != -1 || len(l.Events()[1].IDs) != 2 {
		t.Errorf("rings %+v, ids %v", l.Rings(), l.Events()[1].IDs)
	}
}

func TestCloseTwice(t *testing.T) {
	testkit.Need(t, testkit.Root)
	l := openAll(t, "cpu-clock", Targets{SystemWide: true}, Options{})
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	l.Wake()
}
