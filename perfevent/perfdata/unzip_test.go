package perfdata

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// zipper makes the compressed records of one zstd stream.
type zipper struct {
	enc *zstd.Encoder
	out bytes.Buffer
}

func newZipper(t *testing.T) *zipper {
	z := new(zipper)
	var err error
	if z.enc, err = zstd.NewWriter(&z.out, zstd.WithEncoderConcurrency(1)); err != nil {
		t.Fatal(err)
	}
	return z
}

// piece compresses b and flushes, and returns what came out.
func (z *zipper) piece(t *testing.T, b []byte) []byte {
	if _, err := z.enc.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.enc.Flush(); err != nil {
		t.Fatal(err)
	}
	out := bytes.Clone(z.out.Bytes())
	z.out.Reset()
	return out
}

// TestCompressed packs records into records of both kinds, some of which begin in one and end in another, with plain records between.
func TestCompressed(t *testing.T) {
	events, _ := one()
	l := events[0].Layout()
	for _, second := range []bool{false, true} {
		z := newZipper(t)
		var plain []byte
		for i := range uint64(20000) {
			plain = l.AppendSample(plain, &record.Sample{Time: i + 1, Raw: []byte("raw.")})
		}
		w, path := begin(t, events)
		// A piece ends in the middle of a record; a mark that is not compressed follows. Its place among the samples is what is tested.
		var marks []int
		for from, n := 0, 0; from < len(plain); n++ {
			to := min(from+[]int{100, 24, 7, 200000, 1}[n%5], len(plain))
			piece := z.piece(t, plain[from:to])
			var rec []byte
			if second {
				rec = record.Append(nil, nil, &record.Compressed2{Data: piece})
			} else {
				rec = record.Append(nil, nil, &record.Compressed{Data: piece})
			}
			rec = record.Append(nil, rec, &record.Mark{Kind: record.TypeFinishedRound})
			if err := w.WriteRecord(rec); err != nil {
				t.Fatal(err)
			}
			from = to
			marks = append(marks, from/24)
		}
		if err := w.Finish(nil); err != nil {
			t.Fatal(err)
		}
		samples, seen := 0, 0
		each(t, path, func(r *Reader, rec *record.Record) {
			if rec.Type == record.TypeFinishedRound {
				if samples != marks[seen] {
					t.Fatalf("kind 2 %v: mark %d stands behind %d samples, want %d", second, seen, samples, marks[seen])
				}
				seen++
				return
			}
			samples++
			if _, time, ok := r.Set().Find(rec.Bytes); !ok || time != uint64(samples) {
				t.Fatalf("kind 2 %v: sample %d has time %d", second, samples, time)
			}
		})
		if samples != 20000 || seen != len(marks) {
			t.Errorf("kind 2 %v: %d samples, %d of %d marks", second, samples, seen, len(marks))
		}
	}
}

// TestCompressedDamage has a piece that is no zstd, one that ends in the middle of a record, and one that unpacks to a thousand times its size.
func TestCompressedDamage(t *testing.T) {
	events, rec := one()
	z := newZipper(t)
	half := z.piece(t, rec[:12])
	zeros := newZipper(t).piece(t, make([]byte, 64<<20))
	for name, c := range map[string]struct {
		piece []byte
		cut   bool
	}{
		"no zstd": {[]byte("this is not compressed"), false},
		"half":    {half, true},
		"zeros":   {zeros, false},
	} {
		w, path := begin(t, events)
		if err := w.WriteRecord(record.Append(nil, nil, &record.Compressed{Data: c.piece})); err != nil {
			t.Fatal(err)
		}
		if err := w.Finish(nil); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = count(t, r)
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) || corrupt.Cut != c.cut || errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
		if r.unzip != nil && len(r.unzip.buf) > 1<<20 {
			t.Errorf("%s: %d bytes of memory", name, len(r.unzip.buf))
		}
		r.Close()
	}
}
