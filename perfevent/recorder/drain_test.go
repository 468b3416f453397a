package recorder

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// openList opens events on all CPUs.
func openList(t testing.TB, events string, o evlist.Options) *evlist.List {
	t.Helper()
	list, err := evlist.Open(context.Background(), resolveEvents(t, events), evlist.Targets{SystemWide: true}, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { list.Close() })
	return list
}

func resolveEvents(t testing.TB, events string) []selector.Spec {
	t.Helper()
	groups, err := selector.Parse(events)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := (&selector.Resolver{Sys: os.DirFS("/sys")}).Resolve(context.Background(), groups)
	if err != nil {
		t.Fatal(err)
	}
	return specs
}

// recording is a Run in the background, and the requests that it gets.
type recording struct {
	t        *testing.T
	requests chan Request
	over     chan error
	summary  Summary
}

func start(t *testing.T, list *evlist.List, w *perfdata.Writer, o Options) *recording {
	r := &recording{t: t, requests: make(chan Request), over: make(chan error, 1)}
	o.Requests = r.requests
	go func() {
		var err error
		r.summary, err = Run(context.Background(), list, w, o)
		r.over <- err
	}()
	return r
}

// ask sends a request and waits until it was carried out.
func (r *recording) ask(kind RequestKind, event string) error {
	r.t.Helper()
	done := make(chan error, 1)
	select {
	case r.requests <- Request{Kind: kind, Event: event, Done: func(err error) { done <- err }}:
	case err := <-r.over:
		r.t.Fatalf("the recording ended: %v", err)
	}
	return <-done
}

func (r *recording) stop() {
	r.t.Helper()
	if err := r.ask(RequestStop, ""); err != nil {
		r.t.Fatal(err)
	}
	if err := <-r.over; err != nil {
		r.t.Fatal(err)
	}
}

func newWriter(t testing.TB) (*perfdata.Writer, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "perf.data")
	w, err := perfdata.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w, path
}

// TestRequests enables and disables events, and stops.
func TestRequests(t *testing.T) {
	testkit.Need(t, testkit.Root)
	list := openList(t, "cpu-clock,page-faults", evlist.Options{Delayed: true})
	w, path := newWriter(t)
	var listed []string
	o := Options{Delay: -1, List: func(events []*evlist.Event) {
		for _, e := range events {
			listed = append(listed, e.Name)
		}
	}}
	r := start(t, list, w, o)
	for _, q := range []struct {
		kind  RequestKind
		event string
		ok    bool
	}{
		{RequestPing, "", true}, {RequestEnable, "", true}, {RequestDisable, "", true}, {RequestEnable, "cpu-clock", true},
		{RequestEnable, "no-such", false}, {RequestSnapshot, "", false}, {RequestList, "", true},
	} {
		if err := r.ask(q.kind, q.event); (err == nil) != q.ok {
			t.Errorf("request %+v: %v", q, err)
		}
	}
	busy(50 * time.Millisecond)
	r.stop()
	w.Close()
	if !slices.Contains(listed, "cpu-clock") {
		t.Errorf("events listed: %q", listed)
	}
	if got := readBack(t, path, r.summary); got.count(record.TypeSample) == 0 {
		t.Error("no samples of an event that was enabled")
	}
}

// busy burns time.
func busy(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		_ = strings.Repeat("x", 1000)
	}
}

// TestManyRotations goes on in a thousand files. Each is whole, and the last ones' samples come later than the first ones'.
func TestManyRotations(t *testing.T) {
	testkit.Need(t, testkit.Root)
	const turns = 1000
	list := openList(t, "cpu-clock:u", evlist.Options{})
	dir := t.TempDir()
	path := filepath.Join(dir, "perf.data")
	w, err := perfdata.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	files, last := 0, uint64(0)
	next := func(w *perfdata.Writer) (*perfdata.Writer, error) {
		if err := w.Close(); err != nil {
			return nil, err
		}
		files++
		if files%50 == 1 {
			last = checkFile(t, path, last)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
		return perfdata.Create(path)
	}
	r := start(t, list, w, Options{NoBuildIDs: true, NoTasks: true, NoMaps: true, Rotation: Rotation{Next: next}})
	before := openFiles(t)
	for range turns {
		if err := r.ask(RequestSnapshot, ""); err != nil {
			t.Fatal(err)
		}
	}
	after := openFiles(t)
	r.stop()
	if files < turns/2 { // requests that come together are one
		t.Errorf("%d files of %d requests", files, turns)
	}
	if after > before+5 {
		t.Errorf("%d files were open at first, %d in the end", before, after)
	}
	if err := os.Remove(path); err != nil {
		t.Error(err)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// checkFile reads a whole file and returns the latest time.
func checkFile(t *testing.T, path string, after uint64) uint64 {
	t.Helper()
	in, err := perfdata.Open(path)
	if err != nil {
		t.Error(err)
		return after
	}
	defer in.Close()
	var rec record.Record
	for err = in.Next(&rec); err == nil; err = in.Next(&rec) {
		if _, time, ok := in.Set().Find(rec.Bytes); ok && rec.Type == record.TypeSample {
			after = max(after, time)
		}
	}
	if !errors.Is(err, io.EOF) || in.Info().Unfinished || len(in.Features().Damage) > 0 {
		t.Errorf("%v, %+v", err, in.Info())
	}
	return after
}

// TestOverwrite keeps what fits the rings.
func TestOverwrite(t *testing.T) {
	testkit.Need(t, testkit.Root)
	list := openList(t, "page-faults/period=1/", evlist.Options{Overwrite: true, MmapPages: 1})
	w, path := newWriter(t)
	r := start(t, list, w, Options{Overwrite: true, TailSynthesize: true, NoTasks: true, NoMaps: true})
	if err := r.ask(RequestPing, ""); err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		fault(t)
	}
	r.stop()
	w.Close()
	got := readBack(t, path, r.summary)
	n := got.count(record.TypeSample)
	if n == 0 || n > len(list.Rings())*os.Getpagesize()/32 {
		t.Errorf("%d samples in %d rings of a page", n, len(list.Rings()))
	}
}

// fault touches memory that is not there yet.
func fault(t testing.TB) {
	t.Helper()
	b, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	b[0] = 1
	if err := unix.Munmap(b); err != nil {
		t.Fatal(err)
	}
}

// TestMaxSize ends at a size.
func TestMaxSize(t *testing.T) {
	testkit.Need(t, testkit.Root)
	list := openList(t, "page-faults/period=1/", evlist.Options{MmapPages: 4})
	w, _ := newWriter(t)
	const limit = 64 << 10
	r := start(t, list, w, Options{MaxSize: limit, NoTasks: true, NoMaps: true})
	deadline := time.After(30 * time.Second)
	for {
		select {
		case err := <-r.over:
			if err != nil || r.summary.Bytes < limit {
				t.Errorf("%d bytes, %v", r.summary.Bytes, err)
			}
			return
		case <-deadline:
			t.Fatal("it goes on")
		default:
			fault(t)
		}
	}
}

// TestFullInNextFile goes on in a file that takes nothing: the error tells of the one before.
func TestFullInNextFile(t *testing.T) {
	testkit.Need(t, testkit.Root)
	list := openList(t, "dummy", evlist.Options{})
	w, path := newWriter(t)
	next := func(w *perfdata.Writer) (*perfdata.Writer, error) {
		if err := w.Close(); err != nil {
			return nil, err
		}
		return perfdata.Create("/dev/full")
	}
	r := start(t, list, w, Options{Rotation: Rotation{Next: next}})
	if err := r.ask(RequestSnapshot, ""); err != nil {
		t.Fatal(err)
	}
	var failed *WriteError
	if err := <-r.over; !errors.As(err, &failed) || !errors.Is(err, unix.ENOSPC) || !strings.Contains(failed.Hint(), "the files before this one are whole") {
		t.Fatalf("%v, want an error of the disk that tells of the first file", err)
	}
	in, err := perfdata.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := in.ReadAll(); err != nil || in.Info().Unfinished {
		t.Errorf("the first file: %v, unfinished %v", err, in.Info().Unfinished)
	}
}

// TestTasksWhileDisabled starts a process while the events are off by a request: what runs when they are on again has its name.
func TestTasksWhileDisabled(t *testing.T) {
	testkit.Need(t, testkit.Root)
	list := openList(t, "cpu-clock", evlist.Options{})
	w, path := newWriter(t)
	r := start(t, list, w, Options{})
	if err := r.ask(RequestDisable, ""); err != nil {
		t.Fatal(err)
	}
	testkit.Run(t, "true")
	if err := r.ask(RequestEnable, ""); err != nil {
		t.Fatal(err)
	}
	r.stop()
	told := false
	for _, b := range readBack(t, path, r.summary).bodies {
		c, ok := b.(*record.Comm)
		told = told || ok && c.Misc&record.MiscCommExec != 0 && c.Comm == "true"
	}
	if !told {
		t.Error("the process that began meanwhile is not told of")
	}
}
