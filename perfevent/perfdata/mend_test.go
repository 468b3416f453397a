package perfdata

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// faults are events of which some count software events where these occur.
func faults(configs ...uint64) []Event {
	out := make([]Event, len(configs))
	for i, c := range configs {
		out[i] = Event{IDs: []uint64{10 + uint64(i)}, Leader: i, Attr: perfevent.Attr{
			Type: perfevent.TypeSoftware, Config: c, SampleType: record.SampleIdentifier | record.SampleIP | record.SampleTime,
		}}
	}
	return out
}

// TestMendID looks over samples of which one has the id of another recorder's event: if only one event can have got it, it is that one's, for Find
// and, once it was returned, for perf too.
func TestMendID(t *testing.T) {
	const strange = 99
	for _, c := range []struct {
		name   string
		events []Event
		zip    bool
		want   uint64 // the id that is there in the end
		event  int    // what Find says of it, -1 nothing
	}{
		{"one that may borrow", faults(perfevent.SWCPUClock, perfevent.SWPageFaults, perfevent.SWDummy), false, 11, 1},
		{"in a compressed record", faults(perfevent.SWCPUClock, perfevent.SWPageFaults), true, strange, 1},
		{"two that may", faults(perfevent.SWContextSwitches, perfevent.SWPageFaults), false, strange, -1},
		{"none", faults(perfevent.SWCPUClock, perfevent.SWDummy), false, strange, -1},
	} {
		path := filepath.Join(t.TempDir(), "borrowed.data")
		w, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if c.zip {
			if err := w.Compress(1); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Begin(c.events, nil); err != nil {
			t.Fatal(err)
		}
		var raw []byte
		for _, id := range []uint64{10, strange, 11} {
			raw = append(raw, c.events[0].Layout().AppendSample(nil, &record.Sample{ID: id, IP: 1, Time: 7})...)
		}
		if err := w.WriteRaw(raw, nil); err != nil {
			t.Fatal(err)
		}
		in, err := w.Reread()
		if err != nil {
			t.Fatal(err)
		}
		var rec record.Record
		for err = in.Next(&rec); err == nil; err = in.Next(&rec) {
			if _, err := w.Mend(in, &rec); err != nil {
				t.Fatal(err)
			}
		}
		if !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if err := errors.Join(in.Close(), w.Finish(nil), w.Close()); err != nil {
			t.Fatal(err)
		}
		checkIDs(t, c.name, read(t, path), c.want, c.event)
	}
}

// checkIDs wants the ids 10, want, 11, and event for the second sample.
func checkIDs(t *testing.T, name string, file []byte, want uint64, event int) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rec record.Record
	for _, id := range []uint64{10, want, 11} {
		if err := r.Next(&rec); err != nil {
			t.Fatal(err)
		}
		got := ne.Uint64(rec.Bytes[record.HeaderSize:])
		i, at, ok := r.Set().Find(rec.Bytes)
		if !ok {
			i = -1
		}
		if got != id || id == want && i != event || ok && at != 7 {
			t.Errorf("%s: id %d of event %d at %d, want %d", name, got, i, at, id)
		}
	}
}

// TestMendTrailer looks over a KSYMBOL record whose trailer does not stand at its end, as Linux writes it beside other recorders: mended, perf reads on
// behind it.
func TestMendTrailer(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	events := faults(perfevent.SWCPUClock, perfevent.SWDummy)
	for i := range events {
		events[i].Attr.Flags |= perfevent.FlagSampleIDAll
	}
	events[1].Attr.Flags |= perfevent.FlagKsymbol
	layout := events[1].Layout()
	late := record.Append(layout, nil, &record.Ksymbol{Addr: 1 << 63, Len: 8, Kind: 1, Name: "bpf_prog", Meta: record.Meta{SampleID: record.Trailer{Time: 6, ID: 11}}})
	late = append(late, bytes.Repeat([]byte{0x55}, 24)...)
	ne.PutUint16(late[6:], uint16(len(late)))
	for _, mended := range []bool{false, true} {
		w, path := begin(t, events)
		for _, rec := range [][]byte{late, events[0].Layout().AppendSample(nil, &record.Sample{ID: 10, IP: 1, Time: 7})} {
			if err := w.WriteRecord(rec); err != nil {
				t.Fatal(err)
			}
		}
		in, err := w.Reread()
		if err != nil {
			t.Fatal(err)
		}
		var rec record.Record
		for err = in.Next(&rec); err == nil; err = in.Next(&rec) {
			if _, at, ok := in.Set().Find(rec.Bytes); !ok || at != 6 && rec.Type == record.TypeKsymbol {
				t.Errorf("a reader finds %v at %d, %v", rec.Type, at, ok)
			}
			if mended {
				if yes, err := w.Mend(in, &rec); yes != (rec.Type == record.TypeKsymbol) || err != nil {
					t.Errorf("%v: mended %v, %v", rec.Type, yes, err)
				}
			}
		}
		if err := errors.Join(in.Close(), w.Finish(nil), w.Close()); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("perf", "script", "-F", "time,event", "-i", path).Output()
		if got := bytes.Contains(out, []byte("0.000000")); got != mended {
			t.Errorf("mended %v: perf prints %q, %v", mended, out, err)
		}
	}
}
