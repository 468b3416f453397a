package perfdata

import (
	"bytes"
	"os"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// lossy writes a file that lost 17 and 23 records and 42 samples. told is what the Writer is given to say of it; nil: nothing.
func lossy(t *testing.T, told *Losses) string {
	t.Helper()
	events, rec := one()
	w, path := begin(t, events)
	for _, b := range [][]byte{
		rec, record.Append(events[0].Layout(), nil, &record.Lost{Lost: 17}), record.Append(events[0].Layout(), nil, &record.Lost{Lost: 23}),
		record.Append(events[0].Layout(), nil, &record.LostSamples{Lost: 42}), rec,
	} {
		if err := w.WriteRecord(b); err != nil {
			t.Fatal(err)
		}
	}
	if told != nil {
		w.SetLosses(*told)
	}
	if err := w.Finish(nil); err != nil {
		t.Fatal(err)
	}
	return path
}

// A file that tells its losses is believed and not read for them; any other is read to its end.
func TestAllLosses(t *testing.T) {
	counted := Losses{Records: 40, Places: 2, Samples: 42}
	told := Losses{Records: 1, Places: 2, Samples: 3} // not what is there, to see which is taken
	for _, c := range []struct {
		name string
		told *Losses
		edit func(b []byte)
		want Losses
	}{
		{"not told", nil, func([]byte) {}, counted},
		{"told", &told, func([]byte) {}, told},
		{"rewritten by perf", &told, func(b []byte) { clear(b[56:72]) }, counted},
		{"another section", &told, func(b []byte) { copy(b[len(b)-lossesSize:], "eventtyp") }, counted},
		{"another size", &told, func(b []byte) { b[64]++ }, counted},
		{"outside of the file", &told, func(b []byte) { b[60] = 1 }, counted},
	} {
		b := read(t, lossy(t, c.told))
		c.edit(b)
		r, err := NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.AllLosses(); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if c.want == told && r.in.off != r.info.DataOffset {
			t.Errorf("%s: records up to offset %d were read", c.name, r.in.off)
		}
		r.Close()
	}
}

// A file that was not completed says nothing, whatever stands in its header.
func TestLossesOfUnfinished(t *testing.T) {
	events, rec := one()
	path := t.TempDir() + "/live.data"
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	w.Live(false)
	w.SetLosses(Losses{Records: 5})
	if err := w.Begin(events, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteRecord(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.EndRound(); err != nil {
		t.Fatal(err)
	}
	for _, finish := range []bool{false, true} {
		if finish {
			if err := w.Finish(nil); err != nil {
				t.Fatal(err)
			}
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if (r.told != nil) != finish {
			t.Errorf("finished %v: told %v", finish, r.told)
		}
		r.Close()
	}
}
