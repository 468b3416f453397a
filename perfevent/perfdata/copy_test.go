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
	events, features := r.Events(), r.Features()
	if r.Info().Stream {
		all := each(t, path, func(*Reader, *record.Record) {})
		events, features = all.Events(), all.Features()
	}
	if err := w.Begin(events, features); err != nil {
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
		if rec.Type == record.TypeHeaderAttr || rec.Type == record.TypeHeaderFeature || rec.Type == record.TypeHeaderTracingData {
			continue // a stream's own; the Writer makes them
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

// rawFeatures returns what stands before the features, and the features as they stand in the file.
func rawFeatures(t *testing.T, path string) ([]byte, map[Feature][]byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := &Reader{order: native()}
	h := r.parseHeader(b[:headerSize])
	at := int(h.data.off + h.data.size)
	out := map[Feature][]byte{}
	for f, p := Feature(0), b[at:]; f < featureBits; f++ {
		if h.features.Has(f) {
			off, size := ne.Uint64(p), ne.Uint64(p[8:])
			out[f], p = b[off:off+size], p[sectionSize:]
		}
	}
	return b[:at], out
}

// TestCopyIsTheSame writes what was read from a file of the real perf and expects the same bytes: header, ids, attrs, records, and each
// feature. Only the features' places differ, since perf leaves room for those that it gave up.
func TestCopyIsTheSame(t *testing.T) {
	for _, name := range []string{"software.data", "tracepoint.data", "callgraph.data", "group.data", "uprobe.data"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.data")
			w, err := Create(path)
			if err != nil {
				t.Fatal(err)
			}
			copyTo(t, filepath.Join("testdata", name), w)
			wantHead, wantFeatures := rawFeatures(t, filepath.Join("testdata", name))
			gotHead, gotFeatures := rawFeatures(t, path)
			if !bytes.Equal(gotHead, wantHead) {
				t.Error("header or records differ")
			}
			for f := range Feature(featureBits) {
				if !bytes.Equal(gotFeatures[f], wantFeatures[f]) {
					t.Errorf("feature %v differs", f)
				}
			}
		})
	}
}
