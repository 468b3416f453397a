package perfdata

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// TestMissingParts takes data files out of a directory as perf record --threads makes it.
func TestMissingParts(t *testing.T) {
	for _, test := range []struct {
		cpus, threads, format int
		have                  []int
		want                  string // missing
	}{
		{4, 1, 1, []int{0, 1, 2, 3}, ""},
		{4, 1, 1, []int{0, 2, 3}, "data.1 is missing, with what was recorded on one of the CPUs"},
		{4, 1, 1, []int{0, 1, 2}, "data.3 is missing, with what was recorded on one of the CPUs"},
		{4, 3, 1, []int{0, 1}, "data.2, data.3 are missing, with what was recorded on 2 of the CPUs"},
		{4, 3, 1, []int{0, 1, 2, 3}, ""},
		{12, 1, 1, nil, "data.0, data.1, data.2, data.3, data.4, data.5, data.6, data.7 and 4 more are missing, with what was recorded on 12 of the CPUs"},
		{12, 1, 0, nil, ""},           // perf record --kcore
		{4, 0, 1, []int{0, 1, 2}, ""}, // nothing tells on how many threads
		{2, 1, 1, []int{0, 1, 2}, ""}, // an event that is open on more CPUs
		{2, 1, 1, []int{2_000_000_000}, "data.0, data.1, data.2, data.3, data.4, data.5, data.6, data.7 and 1999999992 more are missing, with what was recorded on 2000000000 of the CPUs"},
	} {
		t.Run(fmt.Sprint(test.cpus, test.threads, test.format, test.have), func(t *testing.T) {
			dir := directory(t, test.cpus, test.threads, test.format, test.have)
			r, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			n, err := count(t, r)
			if want := len(test.have) + min(test.threads, 1); n != want {
				t.Errorf("%d records, want %d", n, want)
			}
			if test.want == "" {
				if !errors.Is(err, io.EOF) || len(r.Features().Damage) > 0 {
					t.Errorf("%v, damage %v", err, r.Features().Damage)
				}
				return
			}
			var missing *MissingError
			if !errors.As(err, &missing) || missing.Error() != dir+": "+test.want || !slices.Contains(r.Features().Damage, err) {
				t.Errorf("%v, damage %v", err, r.Features().Damage)
			}
		})
	}
}

// directory makes a recording of an event that is open on each CPU for each thread, with a record in each data file.
func directory(t *testing.T, cpus, threads, format int, have []int) string {
	events, rec := one()
	events[0].IDs = make([]uint64, cpus*max(threads, 1))
	for i := range events[0].IDs {
		events[0].IDs[i] = uint64(100 + i)
	}
	w, path := begin(t, events)
	if threads > 0 {
		m := &record.ThreadMap{Threads: make([]record.ThreadMapEntry, threads)}
		if err := w.WriteRecord(record.Append(events[0].Layout(), nil, m)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(&Features{DirFormat: uint64(format)}); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "perf.data")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Rename(path, filepath.Join(dir, "data"))); err != nil {
		t.Fatal(err)
	}
	for _, n := range have {
		if err := os.WriteFile(filepath.Join(dir, partName(n)), rec, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
