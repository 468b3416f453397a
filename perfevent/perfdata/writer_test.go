package perfdata

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// one is an event that samples time only, and a sample of it.
func one() ([]Event, []byte) {
	e := Event{
		Name: "cpu-clock", IDs: []uint64{5},
		Attr: perfevent.Attr{Type: perfevent.TypeSoftware, Freq: 99, SampleType: record.SampleTime | record.SampleRaw},
	}
	return []Event{e}, e.Layout().AppendSample(nil, &record.Sample{Time: 1, Raw: make([]byte, 4)})
}

func begin(t testing.TB, events []Event) (*Writer, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "w.data")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Begin(events, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w, path
}

func count(t testing.TB, r *Reader) (n int, err error) {
	t.Helper()
	var rec record.Record
	for {
		if err := r.Next(&rec); err != nil {
			return n, err
		}
		n++
	}
}

// TestPieces writes small and large pieces in turn, split as a ring splits them, and finds the records in order.
func TestPieces(t *testing.T) {
	events, _ := one()
	l := events[0].Layout()
	w, path := begin(t, events)
	var n uint64
	for _, size := range []int{1, 40, 3000, 2, 5000, 1, 1} {
		var piece []byte
		for range size {
			n++
			piece = l.AppendSample(piece, &record.Sample{Time: n, Raw: make([]byte, 4)})
		}
		cut := size / 2 * len(piece) / size
		if err := w.WriteRaw(piece[:cut], piece[cut:]); err != nil {
			t.Fatal(err)
		}
		clear(piece) // the Writer is done with it
		r, err := w.Reread()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := count(t, r); got != int(n) || !errors.Is(err, io.EOF) {
			t.Fatalf("read again: %d of %d records, %v", got, n, err)
		}
	}
	told := w.BytesWritten()
	late := &Features{SampleTime: &SampleTime{1, n}, BuildIDs: []record.BuildID{{PID: -1, Filename: "/bin/x"}}}
	if err := w.Finish(late); err != nil {
		t.Fatal(err)
	}
	var last uint64
	r := each(t, path, func(r *Reader, rec *record.Record) {
		_, time, ok := r.Set().Find(rec.Bytes)
		if !ok || time != last+1 {
			t.Fatalf("record %d has time %d", last+1, time)
		}
		last = time
	})
	if i := r.Info(); last != n || i.DataOffset+i.DataSize != told {
		t.Errorf("%d of %d records; %d bytes told, %d there", last, n, told, i.DataOffset+i.DataSize)
	}
	if f := r.Features(); f.SampleTime.Last != n || f.BuildIDs[0].Filename != "/bin/x" || f.EventDesc[0].Name != "cpu-clock" {
		t.Errorf("features %+v", f)
	}
}

// TestKilled leaves out Finish: the records are there.
func TestKilled(t *testing.T) {
	events, rec := one()
	w, path := begin(t, events)
	if err := w.WriteRecord(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := each(t, path, func(*Reader, *record.Record) {})
	if !r.Info().Unfinished || r.Info().DataSize != int64(len(rec)) {
		t.Errorf("%+v", r.Info())
	}
}

// TestOld keeps the recording that was there.
func TestOld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "perf.data")
	for _, content := range []string{"", "first", "second"} {
		if content != "" {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		w, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		if got, _ := os.ReadFile(path + ".old"); string(got) != content {
			t.Errorf("%s.old is %q, want %q", path, got, content)
		}
	}
	if _, err := Create(filepath.Join(path, "no", "such")); err == nil {
		t.Error("created a file below a file")
	}
}

func TestOrder(t *testing.T) {
	events, rec := one()
	w := NewWriter(new(bytes.Buffer))
	if err := w.WriteRecord(rec); !errors.Is(err, errOrder) {
		t.Errorf("record before Begin: %v", err)
	}
	if err := w.Begin(events, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Begin(events, nil); !errors.Is(err, errOrder) {
		t.Errorf("second Begin: %v", err)
	}
	if _, err := w.Reread(); !errors.Is(err, errNoReread) {
		t.Errorf("stream read again: %v", err)
	}
	if err := w.Finish(nil); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteRecord(rec); !errors.Is(err, errOrder) {
		t.Errorf("record behind Finish: %v", err)
	}
}

func TestRefused(t *testing.T) {
	events, _ := one()
	if err := NewWriter(io.Discard).Begin(append(events, events[0]), nil); !errors.Is(err, record.ErrNoID) {
		t.Errorf("two events without ids: %v", err)
	}
	events[0].IDs = make([]uint64, 9000)
	var limit *StreamLimitError
	if err := NewWriter(io.Discard).Begin(events, nil); !errors.As(err, &limit) || limit.IDs != 9000 || limit.Hint() == "" {
		t.Errorf("too many ids for a stream: %v", err)
	}
	w, path := begin(t, events)
	if err := w.Finish(nil); err != nil {
		t.Fatal(err)
	}
	if r := each(t, path, func(*Reader, *record.Record) {}); len(r.Events()[0].IDs) != 9000 {
		t.Errorf("%d ids in the file", len(r.Events()[0].IDs))
	}
}

// TestFullDisk gives the error of the disk, and again at each call.
func TestFullDisk(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	events, _ := one()
	w := NewWriter(f)
	first := w.Begin(events, nil)
	if first == nil {
		t.Fatal("a full disk is no error")
	}
	if err := w.Finish(nil); !errors.Is(err, first) {
		t.Errorf("%v, then %v", first, err)
	}
}

// TestDirectory reads what perf record --threads makes: a directory with a file of header and features, and one of records a thread.
func TestDirectory(t *testing.T) {
	events, rec := one()
	w, path := begin(t, events)
	if err := w.WriteRecord(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(nil); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "perf.data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data.0", "data.10", "data.2", "data.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat(rec, 2), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var missing *MissingError
	if n, err := count(t, r); n != 7 || !errors.As(err, &missing) || missing.Count != 8 || r.Info().Path != dir {
		t.Errorf("%d records of %s, %v", n, r.Info().Path, err)
	}
	w, err = Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := os.Stat(filepath.Join(dir+".old", "data")); err != nil {
		t.Errorf("a new recording in the directory's place: %v", err)
	}
}

func BenchmarkWriteRaw(b *testing.B) {
	events, rec := one()
	w, _ := begin(b, events)
	piece := bytes.Repeat(rec, 4096)
	b.ReportAllocs()
	b.SetBytes(int64(len(piece)))
	for b.Loop() {
		if err := w.WriteRaw(piece[:100*len(rec)], piece[100*len(rec):]); err != nil {
			b.Fatal(err)
		}
		if w.BytesWritten() > 64<<20 {
			if err := w.file.Truncate(0); err != nil {
				b.Fatal(err)
			}
			w.written = 0
		}
	}
}

func BenchmarkNext(b *testing.B) {
	events, rec := one()
	w, path := begin(b, events)
	if err := w.WriteRaw(bytes.Repeat(rec, 1<<20), nil); err != nil {
		b.Fatal(err)
	}
	if err := w.Finish(nil); err != nil {
		b.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	var got record.Record
	b.ReportAllocs()
	for b.Loop() {
		err := r.Next(&got)
		if errors.Is(err, io.EOF) {
			r.Close()
			if r, err = Open(path); err != nil {
				b.Fatal(err)
			}
			continue
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	r.Close()
}
