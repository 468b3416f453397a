package perfdata

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// copyTo writes all records of the recording at path with w, its features too.
func copyTo(t *testing.T, path string, w *Writer) {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := w.Begin(r.Events(), r.Features()); err != nil {
		t.Fatal(err)
	}
	var rec record.Record
	for {
		err := r.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteRaw(rec.Bytes[:len(rec.Bytes)/2], rec.Bytes[len(rec.Bytes)/2:]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestCopyIsTheSame writes what was read from a file of the real perf and expects the same bytes, but for the places of the features.
func TestCopyIsTheSame(t *testing.T) {
	for _, name := range []string{"software.data", "tracepoint.data", "callgraph.data", "group.data"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.data")
			w, err := Create(path)
			if err != nil {
				t.Fatal(err)
			}
			copyTo(t, filepath.Join("testdata", name), w)
			want, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				i := 0
				for i < min(len(got), len(want)) && got[i] == want[i] {
					i++
				}
				t.Errorf("copy has %d bytes, perf's file %d; they differ from offset %d", len(got), len(want), i)
			}
		})
	}
}
