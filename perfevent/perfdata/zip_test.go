package perfdata

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// TestCompress packs the records of a recording at several levels: gperf reads the same records, also while the file is written, and perf prints
// the same.
func TestCompress(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	orig := "testdata/uprobe.data"
	want, _ := perf(t, "", "script", "--force", "-i", orig)
	whole, _, _ := drain(read(t, orig))
	for _, level := range []int{1, 3, 22} {
		path := filepath.Join(t.TempDir(), "z.data")
		w, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Compress(level); err != nil {
			t.Fatal(err)
		}
		w.Live(false)
		copyTo(t, orig, w)
		b := read(t, path)
		n, r, err := drain(b)
		c := r.Features().Compressed
		if n != whole || !errors.Is(err, io.EOF) || c == nil || c.Level != uint32(level) || c.Type != 1 {
			t.Errorf("level %d: %d of %d records, %v, %+v", level, n, whole, err, c)
		}
		if got, errs := perf(t, "", "script", "--force", "-i", path); got != want || errs != "" {
			t.Errorf("level %d: perf script prints %s\n%s", level, cmp.Diff(want, got), errs)
		}
	}
	if err := new(Writer).Compress(23); err == nil {
		t.Error("level 23 is taken")
	}
}

// TestCompressLarge packs pieces that are larger than a record and than what a record may hold, some of which cannot be made smaller.
func TestCompressLarge(t *testing.T) {
	events, _ := one()
	path := filepath.Join(t.TempDir(), "z.data")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Live(false)
	if err := errors.Join(w.Compress(1), w.Begin(events, nil)); err != nil {
		t.Fatal(err)
	}
	l, want, x := events[0].Layout(), 0, uint64(1)
	for round := range 4 {
		var b []byte
		for len(b) < 1<<20 {
			raw := make([]byte, 1004)
			for i := range raw {
				if round%2 == 1 {
					x = x*6364136223846793005 + 1442695040888963407
					raw[i] = byte(x >> 33)
				}
			}
			want++
			b = l.AppendSample(b, &record.Sample{Time: uint64(want), Raw: raw})
		}
		if err := errors.Join(w.WriteRaw(b[:300], b[300:]), w.EndRound()); err != nil {
			t.Fatal(err)
		}
		mem, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n, _, err := drain(mem)
		if got := n - round; got != want || !errors.Is(err, io.EOF) {
			t.Fatalf("round %d: %d of %d samples, %v", round, got, want, err)
		}
	}
	if err := w.Finish(nil); err != nil {
		t.Fatal(err)
	}
	if _, r, _ := drain(read(t, path)); r.Features().Compressed.Ratio < 1 {
		t.Errorf("ratio %+v", r.Features().Compressed)
	}
}
