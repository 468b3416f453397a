package perfdata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// drain reads all records of b and returns how many there were and the error that ended it.
func drain(b []byte) (int, *Reader, error) {
	r, err := NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return 0, nil, err
	}
	defer r.Close()
	var rec record.Record
	for n := 0; ; n++ {
		if err := r.Next(&rec); err != nil {
			return n, r, err
		}
	}
}

// TestCutShort cuts recordings at every eighth byte. Each cut is an error with a place and a hint, or a whole recording; what stands before the
// cut is read.
func TestCutShort(t *testing.T) {
	for _, name := range recordings(t) {
		b := read(t, name+".data")
		whole, r, err := drain(b)
		if !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		end := int(r.info.DataOffset + r.info.DataSize)
		last := 0
		for cut := 0; cut < len(b); cut += 8 {
			n, r, err := drain(b[:cut])
			var corrupt *CorruptError
			var format *FormatError
			switch {
			case n < last || n > whole:
				t.Fatalf("%s cut at %d gives %d records, at %d it gave %d", name, cut, n, cut-8, last)
			case errors.Is(err, io.EOF):
				if !r.Info().Stream && cut < end {
					t.Errorf("%s cut at %d has no error", name, cut)
				}
				if !r.Info().Stream && len(r.Features().Damage) == 0 {
					t.Errorf("%s cut at %d has no damaged feature", name, cut)
				}
			case errors.As(err, &corrupt):
				if !corrupt.Cut || corrupt.Hint() == "" || corrupt.Offset > int64(cut) {
					t.Errorf("%s cut at %d: %+v", name, cut, corrupt)
				}
			case errors.As(err, &format):
				if cut >= 8 {
					t.Errorf("%s cut at %d: %v", name, cut, err)
				}
			default:
				t.Errorf("%s cut at %d: %v", name, cut, err)
			}
			last = n
		}
	}
}

// TestUnfinished reads a file whose recorder was killed: no size of the data, no features.
func TestUnfinished(t *testing.T) {
	b := read(t, "testdata/software.data")
	whole, r, _ := drain(b)
	end := r.info.DataOffset + r.info.DataSize
	clear(b[48:56])  // data.size
	clear(b[72:104]) // features
	n, r, err := drain(b[:end])
	if n != whole || !errors.Is(err, io.EOF) || !r.Info().Unfinished {
		t.Errorf("%d of %d records, unfinished %v, %v", n, whole, r.Info().Unfinished, err)
	}
	if got := r.Events()[1].Name; got != "page-faults" {
		t.Errorf("second event is called %q", got)
	}
	if n, r, err = drain(b[:r.info.DataOffset]); n != 0 || !errors.Is(err, io.EOF) || !r.Info().Unfinished {
		t.Errorf("killed before the first record: %d records, unfinished %v, %v", n, r.Info().Unfinished, err)
	}
}

func TestNotOurs(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"", "an empty file"},
		{"PERFFILE\x00\x00\x00\x00", "a recording in perf's first format"},
		{"\x7fELF\x02\x01\x01", "a program or library"},
		{"\x1f\x8b\x08\x00", "a file packed with gzip"},
		{"\x17\x08\x44tracing6", "a trace.dat of trace-cmd"},
		{"#!/bin/sh\necho\n", "text"},
		{"\x01\x02\x03\x04\x05\x06\x07\x08", "does not begin as perf.data does"},
	} {
		path := filepath.Join(t.TempDir(), "x.data")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path)
		var f *FormatError
		if !errors.As(err, &f) || f.Hint() == "" || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q: %v", c.content, err)
		}
	}
}

// TestHostile has headers that ask for more than there is.
func TestHostile(t *testing.T) {
	b := read(t, "testdata/software.data")
	put := func(at int, v uint64) []byte {
		c := bytes.Clone(b)
		binary.NativeEndian.PutUint64(c[at:], v)
		return c
	}
	for name, c := range map[string][]byte{
		"attr size 0":      put(16, 0),
		"attr size huge":   put(16, 1<<40),
		"attrs far off":    put(24, 1<<62),
		"attrs huge":       put(32, 1<<62),
		"data far off":     put(40, 1<<63),
		"data huge":        put(48, 1<<63-1),
		"ids huge":         put(136+136, 1<<62),
		"ids beyond":       put(136+128, 1<<62),
		"header of 8":      put(8, 8),
		"record of 0":      put(424, 1),
		"all the features": put(72, ^uint64(0)),
	} {
		if _, _, err := drain(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestDamagedFeature spoils one feature: the others and the records stay.
func TestDamagedFeature(t *testing.T) {
	b := read(t, "testdata/software.data")
	whole, r, _ := drain(b)
	at := int(r.info.DataOffset + r.info.DataSize)
	ne.PutUint64(b[at+8*16:], 1<<50) // the ninth one's offset
	n, r, err := drain(b)
	if n != whole || !errors.Is(err, io.EOF) || len(r.Features().Damage) != 1 || r.Features().Hostname == "" {
		t.Errorf("%d of %d records, %v, damage %v", n, whole, err, r.Features().Damage)
	}
}

// TestFileInPipe tells why a file cannot come through a pipe.
func TestFileInPipe(t *testing.T) {
	_, err := NewStreamReader(bytes.NewReader(read(t, "testdata/software.data")))
	var c *CorruptError
	if !errors.As(err, &c) || !errors.Is(err, errFileInPipe) {
		t.Error(err)
	}
}

// TestManyEventsInStream has thousands of events in a stream, each with a group, updates and records between them: the work is bounded.
func TestManyEventsInStream(t *testing.T) {
	attr := (&perfevent.Attr{SampleType: record.SampleIdentifier}).AppendBinary(nil, 128)
	l := &record.Layout{SampleType: record.SampleIdentifier}
	stream := func(n int, between bool) []byte {
		b := ne.AppendUint64(ne.AppendUint64(nil, magicNumber), streamSize)
		f := Features{Groups: make([]Group, n)}
		for i := range f.Groups {
			f.Groups[i] = Group{Members: 1 << 30}
		}
		b = appendFeature(b, FeatureGroupDesc, f.encode(nil, FeatureGroupDesc))
		for i := range n {
			b = record.Append(nil, b, &record.HeaderAttr{Attr: attr, IDs: []uint64{uint64(i) + 1}})
			b = record.Append(nil, b, &record.EventUpdate{Kind: record.EventUpdateName, ID: uint64(i) + 1, Text: "e"})
			if between {
				b = l.AppendSample(b, &record.Sample{ID: uint64(i) + 1})
			}
		}
		return b
	}
	for _, c := range []struct {
		n       int
		between bool
		stops   bool
	}{{2000, true, false}, {100000, false, false}, {10000, true, true}} {
		r, err := NewStreamReader(bytes.NewReader(stream(c.n, c.between)))
		if err != nil {
			t.Fatal(err)
		}
		var rec record.Record
		for err == nil {
			if err = r.Next(&rec); err == nil && rec.Type == record.TypeSample {
				r.Set()
				r.Events()
			}
		}
		if got := errors.Is(err, errEventWork); got != c.stops || !c.stops && !errors.Is(err, io.EOF) {
			t.Errorf("%d events, records between them %v: %v", c.n, c.between, err)
		}
		if n := len(r.Events()); !c.stops && n != c.n {
			t.Errorf("%d of %d events", n, c.n)
		}
	}
}

// TestManyThings has more events, and more damaged features, than memory is to be spent for.
func TestManyThings(t *testing.T) {
	attr := (&perfevent.Attr{SampleType: record.SampleIdentifier}).AppendBinary(nil, 64)
	b := ne.AppendUint64(ne.AppendUint64(nil, magicNumber), streamSize)
	one := record.Append(nil, nil, &record.HeaderAttr{Attr: attr})
	if n, r, err := drain(append(bytes.Clone(b), bytes.Repeat(one, maxEvents+1)...)); !errors.Is(err, errManyEvents) || n != maxEvents || len(r.Events()) != maxEvents {
		t.Errorf("%d events: %v", n, err)
	}
	one = appendFeature(nil, FeatureSampleTime, []byte{1})
	if n, r, err := drain(append(b, bytes.Repeat(one, 10*maxDamage)...)); !errors.Is(err, io.EOF) || n != 10*maxDamage || len(r.Features().Damage) != maxDamage {
		t.Errorf("%d features, %v", n, err)
	}
}

// TestStreamFeaturesEnd has the ends that perfs of several versions write: an empty feature of the number behind their last one.
func TestStreamFeaturesEnd(t *testing.T) {
	for _, end := range []Feature{FeatureHybridTopology, featureEnd, FeatureCacheLine, 40, 1 << 20} {
		b := ne.AppendUint64(ne.AppendUint64(nil, magicNumber), streamSize)
		b = appendFeature(b, FeatureEMachine, (&Features{EMachine: &EMachine{62, 1}}).encode(nil, FeatureEMachine))
		b = appendFeature(b, end, nil)
		n, r, err := drain(b)
		if n != 2 || !errors.Is(err, io.EOF) || len(r.Features().Damage) != 0 || r.Features().EMachine == nil || r.Features().EMachine.Machine != 62 {
			t.Errorf("end %d: %d records, %v, %+v", end, n, err, r.Features())
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, name := range recordings(f) {
		f.Add(read(f, name+".data"))
	}
	f.Add(foreignFile())
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		defer r.Close()
		var rec record.Record
		var s record.Sample
		for n := 0; n < 1<<14; n++ { // a compressed record may hold very many
			if r.Next(&rec) != nil {
				break
			}
			i, _, _ := r.Set().Find(rec.Bytes)
			l := r.Set().Layout(i)
			if rec.Type == record.TypeSample {
				_ = l.DecodeSample(rec.Bytes, &s)
			} else {
				_, _ = record.Decode(l, rec.Bytes)
			}
		}
		if td := r.Features().TracingData; td != nil {
			td.Comms()
			td.Printk()
		}
	})
}
