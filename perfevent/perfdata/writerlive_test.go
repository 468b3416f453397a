package perfdata

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// A journal is a disk that notes each write, so that a test can stop between any two bytes of them.
type journal struct {
	mem    []byte
	writes []write
	full   int // bytes that find room; 0: all
}

// write is one write, or with flush a barrier.
type write struct {
	off   int64
	bytes []byte
	flush bool
}

func (j *journal) Name() string  { return "journal" }
func (j *journal) Close() error  { return nil }
func (j *journal) bytes() []byte { return j.mem }
func (j *journal) flushData() error {
	j.writes = append(j.writes, write{flush: true})
	return nil
}

func (j *journal) ReadAt(b []byte, off int64) (int, error) {
	return bytes.NewReader(j.mem).ReadAt(b, off)
}

func (j *journal) appendAll(parts [3][]byte) error {
	all := bytes.Join(parts[:], nil)
	if _, err := j.WriteAt(all, int64(len(j.mem))); err != nil {
		return err
	}
	return nil
}

func (j *journal) WriteAt(b []byte, off int64) (int, error) {
	if room := j.full - int(off); j.full > 0 && room < len(b) {
		j.put(b[:max(0, room)], off)
		return max(0, room), unix.ENOSPC
	}
	j.put(b, off)
	return len(b), nil
}

func (j *journal) put(b []byte, off int64) {
	j.writes = append(j.writes, write{off: off, bytes: bytes.Clone(b)})
	j.mem = apply(j.mem, j.writes[len(j.writes)-1], len(b))
}

func (j *journal) Truncate(size int64) error {
	j.mem = j.mem[:size]
	return nil
}

// apply writes the first n bytes of w.
func apply(mem []byte, w write, n int) []byte {
	if need := int(w.off) + n; need > len(mem) {
		mem = append(mem, make([]byte, need-len(mem))...)
	}
	copy(mem[w.off:], w.bytes[:n])
	return mem
}

// liveEvents are two events of which one is a tracepoint, and a round of samples that begins at a time.
func liveEvents(t *testing.T) ([]Event, *Features, func(time uint64, n int) []byte) {
	t.Helper()
	r, err := Open("testdata/tracepoint.data")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var samples [][]byte
	var rec record.Record
	for r.Next(&rec) == nil {
		if rec.Type == record.TypeSample {
			samples = append(samples, bytes.Clone(rec.Bytes))
		}
	}
	l := r.Events()[0].Layout()
	round := func(time uint64, n int) (b []byte) {
		var s record.Sample
		for i := range n {
			if err := l.DecodeSample(samples[i%len(samples)], &s); err != nil {
				t.Fatal(err)
			}
			s.Time = time + uint64(i)
			b = l.AppendSample(b, &s)
		}
		return b
	}
	return r.Events(), r.Features(), round
}

// liveJournal is what is written for a recording of some rounds, small and large ones.
func liveJournal(t *testing.T, sync bool) (*journal, []int) {
	events, f, round := liveEvents(t)
	j := &journal{}
	w := &Writer{file: j}
	w.Live(sync)
	if err := w.Begin(events, f); err != nil {
		t.Fatal(err)
	}
	var ends []int // of the writes that complete a round
	for i, n := range []int{1, 3, 200, 2, 500, 1} {
		b := round(uint64(i+1)*1e9, n)
		if err := w.WriteRaw(b[:len(b)/16*8], b[len(b)/16*8:]); err != nil {
			t.Fatal(err)
		}
		if err := w.EndRound(); err != nil {
			t.Fatal(err)
		}
		ends = append(ends, len(j.writes))
	}
	if err := w.Finish(&Features{SampleTime: &SampleTime{1e9, 8e9}, BuildIDs: []record.BuildID{{PID: -1, Size: 20, Filename: "/bin/x"}}}); err != nil {
		t.Fatal(err)
	}
	return j, ends
}

// TestKilledAnywhere stops at every write, and at places within it, and reads what is there: after the first round all records of all whole
// rounds, with all features.
func TestKilledAnywhere(t *testing.T) {
	j, ends := liveJournal(t, false)
	rounds := []int{1, 4, 204, 206, 706, 707}
	rng := rand.New(rand.NewPCG(1, 2))
	var mem []byte
	stops := 0
	for i, w := range j.writes {
		whole := -1 // rounds that are complete before this write
		for r, end := range ends {
			if end <= i {
				whole = r
			}
		}
		cuts := []int{0, 1, len(w.bytes) - 1}
		for range min(len(w.bytes), 20) {
			cuts = append(cuts, rng.IntN(len(w.bytes)))
		}
		for _, n := range cuts {
			if len(w.bytes) <= 8*8 && n != 0 {
				continue // one write to one page is done or not
			}
			stops++
			if whole < 0 {
				continue
			}
			checkLive(t, apply(bytes.Clone(mem), w, n), rounds[whole], fmt.Sprintf("write %d after %d bytes", i, n))
		}
		mem = apply(mem, w, len(w.bytes))
	}
	if stops < 100 {
		t.Errorf("%d stops tried", stops)
	}
	n, r, err := drain(mem)
	if !errors.Is(err, io.EOF) || n != 707+6 || r.Info().Unfinished || r.Features().BuildIDs[0].Filename != "/bin/x" || r.Features().SampleTime.Last != 8e9 {
		t.Errorf("the finished file: %d records, %v, %+v", n, err, r.Info())
	}
}

func checkLive(t *testing.T, b []byte, samples int, where string) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	defer r.Close()
	var rec record.Record
	n := 0
	for err = r.Next(&rec); err == nil; err = r.Next(&rec) {
		if rec.Type == record.TypeSample {
			n++
		}
	}
	if f := r.Features(); !errors.Is(err, io.EOF) || n != samples || len(f.Damage) != 0 || f.TracingData == nil || f.Hostname == "" || !r.Info().Unfinished {
		t.Fatalf("%s: %d of %d samples, %v, damage %v, %+v", where, n, samples, err, f.Damage, r.Info())
	}
	if r.Events()[0].Format == nil {
		t.Fatalf("%s: the tracepoint has no format", where)
	}
}

// TestPerfReadsKilled asks perf of files that were stopped somewhere.
func TestPerfReadsKilled(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	j, ends := liveJournal(t, false)
	rounds := []int{1, 4, 204, 206, 706, 707}
	path := filepath.Join(t.TempDir(), "killed.data")
	var mem []byte
	for i, w := range j.writes {
		whole := -1
		for r, end := range ends {
			if end <= i {
				whole = r
			}
		}
		if whole >= 0 {
			n := len(w.bytes) * (i % 3) / 3
			if len(w.bytes) <= 8*8 {
				n = 0
			}
			if err := os.WriteFile(path, apply(bytes.Clone(mem), w, n), 0o600); err != nil {
				t.Fatal(err)
			}
			out, errs := perf(t, "", "script", "-i", path)
			if got := strings.Count(out, "\n"); got != rounds[whole] || errs != "" {
				t.Errorf("write %d after %d bytes: perf script prints %d of %d lines, and %q", i, n, got, rounds[whole], errs)
			}
			args := [][]string{{"evlist"}, {"report", "--stdio"}, {"report", "--header-only"}}[i%3]
			if out, errs := perf(t, "", append(args, "-i", path)...); len(out) < 10 || strings.Contains(errs, "rror") {
				t.Errorf("write %d after %d bytes: perf %v prints %d bytes and %q", i, n, args, len(out), errs)
			}
		}
		mem = apply(mem, w, len(w.bytes))
	}
}

// TestLiveLikeOthers: perf prints the same of a live file that was completed as of the same records in perf's own layout.
func TestLiveLikeOthers(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	for _, name := range []string{"tracepoint", "group", "uprobe"} {
		orig, path := "testdata/"+name+".data", filepath.Join(t.TempDir(), "live.data")
		w, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w.Live(true)
		copyTo(t, orig, w)
		for _, args := range [][]string{{"script"}, {"report", "--stdio"}, {"evlist", "-v"}, {"report", "--header-only", "-I"}, {"buildid-list"}} {
			want, _ := perf(t, "", append(args, "--force", "-i", orig)...)
			got, _ := perf(t, "", append(args, "--force", "-i", path)...)
			if d := cmp.Diff(withoutPlaces(masked(want, orig)), withoutPlaces(masked(got, path))); d != "" {
				t.Errorf("perf %v of %s (-its own file +a live one):\n%s", args, name, d)
			}
		}
	}
}

// withoutPlaces leaves out where in the file things stand.
func withoutPlaces(s string) string {
	var out strings.Builder
	for l := range strings.Lines(s) {
		if !strings.HasPrefix(l, "# data offset") && !strings.HasPrefix(l, "# data size") && !strings.HasPrefix(l, "# feat offset") {
			out.WriteString(l)
		}
	}
	return out.String()
}

// TestBarriers: with sync a barrier stands between the records and the header that tells of them.
func TestBarriers(t *testing.T) {
	j, _ := liveJournal(t, true)
	for i, w := range j.writes {
		if !w.flush && w.off == offDataSize && !j.writes[i-1].flush {
			t.Errorf("write %d of the header comes without a barrier before it", i)
		}
	}
	if !j.writes[len(j.writes)-1].flush {
		t.Error("the end of the recording is not on the medium")
	}
}

// TestFullDiskLive fills the disk at many places: the file is whole up to its last round.
func TestFullDiskLive(t *testing.T) {
	events, f, round := liveEvents(t)
	free := &Writer{file: &journal{}}
	free.Live(false)
	if err := errors.Join(free.Begin(events, f), free.WriteRaw(round(1, 1), nil), free.EndRound()); err != nil {
		t.Fatal(err)
	}
	for full := int(free.roundEnd); full < int(free.roundEnd)+40000; full += 1013 {
		j := &journal{full: full}
		w := &Writer{file: j}
		w.Live(false)
		err := errors.Join(w.Begin(events, f), w.WriteRaw(round(1, 1), nil), w.EndRound())
		n := 1
		for i := 1; err == nil; i++ {
			if err = w.WriteRaw(round(uint64(i), 7*i), nil); err == nil {
				err = w.EndRound()
			}
			if err == nil {
				n += 7 * i
			}
		}
		if again := w.Finish(nil); !errors.Is(err, unix.ENOSPC) || !errors.Is(again, unix.ENOSPC) {
			t.Fatalf("a full disk gives %v, then %v", err, again)
		}
		if err := w.Close(); !w.Rounds() || err != nil {
			t.Fatalf("closing: %v", err)
		}
		checkLive(t, j.bytes(), n, fmt.Sprintf("full after %d bytes", full))
	}
}
