package perfdata

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Widths of the fields of records, written down a second time: digits are bytes of a number, x is a byte, s the rest as it stands.
var shapes = map[record.Type]string{
	record.TypeComm: "44s", record.TypeExit: "44448", record.TypeFork: "44448", record.TypeMmap: "44888s", record.TypeMmap2: "44888448844s",
	record.TypeKsymbol: "8422s", record.TypeBPFEvent: "224s", record.TypeLostSamples: "8", record.TypeThrottle: "888", record.TypeUnthrottle: "888",
	record.TypeFinishedRound: "", record.TypeFinishedInit: "", record.TypeTimeConv: "88888s",
	record.TypeEventUpdate: "88s", record.TypeStat: "844888", record.TypeStatRound: "88", record.TypeStatConfig: "888888888",
	record.TypeIDIndex: "8" + string(bytes.Repeat([]byte{'8'}, 4096)),
}

// converter turns native bytes into those of a machine of the other byte order.
type converter struct{ b []byte }

func (c *converter) number(n int) (v uint64) {
	p := c.b[:n]
	switch n {
	case 2:
		v = uint64(binary.NativeEndian.Uint16(p))
	case 4:
		v = uint64(binary.NativeEndian.Uint32(p))
	case 8:
		v = binary.NativeEndian.Uint64(p)
	}
	slices.Reverse(p)
	c.b = c.b[n:]
	return v
}

func (c *converter) shape(s string) {
	for _, w := range s {
		if w == 's' {
			c.b = nil
		} else if w == 'x' {
			c.b = c.b[1:]
		} else if len(c.b) >= int(w-'0') {
			c.number(int(w - '0'))
		}
	}
}

// toForeign turns a record, or is false for a type that it has no shape of.
func toForeign(rec []byte, e *Event) bool {
	t := record.Type(binary.NativeEndian.Uint32(rec))
	shape, known := shapes[t]
	if !known && t != record.TypeSample {
		return false
	}
	head, body := converter{rec[:8]}, rec[8:]
	switch misc := binary.NativeEndian.Uint16(rec[4:]); {
	case t == record.TypeMmap2 && misc&record.MiscMmapBuildID != 0:
		shape = "44888xxxxxxxxxxxxxxxxxxxxxxxx44s" // the build-id has no order
	case t == record.TypeEventUpdate && binary.NativeEndian.Uint64(body) == record.EventUpdateScale:
		shape = "888"
	case t == record.TypeEventUpdate && binary.NativeEndian.Uint64(body) == record.EventUpdateCPUs && binary.NativeEndian.Uint16(body[16:]) == record.CPUMapList:
		shape = "88222222222"
	case t == record.TypeEventUpdate && binary.NativeEndian.Uint64(body) == record.EventUpdateCPUs:
		shape = "88211222" // a range: any, 0, first, last
	}
	head.shape("422")
	if t == record.TypeSample {
		sampleToForeign(&converter{body}, e)
		return true
	}
	if l := e.Layout(); t < record.FirstUserType && l.SampleIDAll {
		n := l.TrailerSize()
		trailer := ""
		for _, f := range []struct {
			bit    record.SampleFormat
			widths string
		}{{record.SampleTID, "44"}, {record.SampleTime, "8"}, {record.SampleID, "8"}, {record.SampleStreamID, "8"}, {record.SampleCPU, "44"}, {record.SampleIdentifier, "8"}} {
			if l.SampleType&f.bit != 0 {
				trailer += f.widths
			}
		}
		(&converter{body[len(body)-n:]}).shape(trailer)
		body = body[:len(body)-n]
	}
	(&converter{body}).shape(shape)
	return true
}

// sampleToForeign knows the fields that the golden recordings have.
func sampleToForeign(c *converter, e *Event) {
	st := e.Attr.SampleType
	for _, f := range []struct {
		bit    record.SampleFormat
		widths string
	}{
		{record.SampleIdentifier, "8"}, {record.SampleIP, "8"}, {record.SampleTID, "44"}, {record.SampleTime, "8"}, {record.SampleAddr, "8"},
		{record.SampleID, "8"}, {record.SampleCPU, "44"}, {record.SamplePeriod, "8"},
	} {
		if st&f.bit != 0 {
			c.shape(f.widths)
		}
	}
	if st&record.SampleCallchain != 0 {
		for n := c.number(8); n > 0; n-- {
			c.number(8)
		}
	}
	if st&record.SampleRaw != 0 {
		raw := c.b[4:][:c.number(4)]
		rawToForeign(raw, e.Format)
	}
}

// rawToForeign turns the fields of a tracepoint.
func rawToForeign(raw []byte, f *tracefs.Format) {
	for _, fl := range append(slices.Clone(f.Common), f.Fields...) {
		width := fl.Size
		if fl.IsArray && !fl.IsDynamic {
			width = fl.ElemSize
		}
		for at := fl.Offset; width > 1 && at+width <= fl.Offset+fl.Size; at += width {
			slices.Reverse(raw[at : at+width])
		}
	}
}

// foreignCopy turns a whole recording. With longs of 32 bits the bitmap of features is that of a machine that has them.
func foreignCopy(t *testing.T, path string, longs32 bool) []byte {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	o, b := other(), make([]byte, headerSize)
	var places []section
	for _, e := range r.Events() {
		places = append(places, section{uint64(len(b)), 8 * uint64(len(e.IDs))})
		for _, id := range e.IDs {
			b = o.AppendUint64(b, id)
		}
	}
	attrs := section{off: uint64(len(b))}
	for i, e := range r.Events() {
		attr := e.Attr.AppendBinary(nil, perfevent.AttrSizeVer7)
		record.SwapAttr(attr)
		b = o.AppendUint64(o.AppendUint64(append(b, attr...), places[i].off), places[i].size)
	}
	attrs.size = uint64(len(b)) - attrs.off
	data := section{off: uint64(len(b))}
	var rec record.Record
	for err = r.Next(&rec); err == nil; err = r.Next(&rec) {
		i, _, _ := r.Set().Find(rec.Bytes)
		copied := bytes.Clone(rec.Bytes)
		if toForeign(copied, &r.Events()[i]) {
			b = append(b, copied...)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	data.size = uint64(len(b)) - data.off
	var set FeatureSet
	var parts [][]byte
	f := r.Features()
	for n := range Feature(featureBits) {
		if n == FeatureBuildID || n == FeatureEventDesc || n == FeatureCompressed || !f.Present.Has(n) {
			continue // TestForeign has build-ids; names of events come from their attrs
		}
		w := walker{append: true, order: o}
		if n == FeatureTracingData {
			td := *f.TracingData
			td.BigEndian = !td.BigEndian
			w.out = td.AppendBinary(nil)
		} else if !f.walk(&w, n) {
			continue
		}
		set.add(n)
		parts = append(parts, w.out)
	}
	at := uint64(len(b) + sectionSize*len(parts))
	for _, p := range parts {
		b, at = o.AppendUint64(o.AppendUint64(b, at), uint64(len(p))), at+uint64(len(p))
	}
	b = append(b, bytes.Join(parts, nil)...)
	for i, v := range append([]uint64{magicNumber, headerSize, perfevent.AttrSizeVer7 + sectionSize, attrs.off, attrs.size, data.off, data.size, 0, 0}, set[:]...) {
		if longs32 && i >= 9 {
			v = v<<32 | v>>32
		}
		o.PutUint64(b[8*i:], v)
	}
	return b
}

// TestGoldenForeign reads each golden recording as a machine of the other byte order would have written it, with longs of 64 and of 32 bits: events,
// features, all records and the values of tracepoints are the same.
func TestGoldenForeign(t *testing.T) {
	for _, name := range recordings(t) {
		for _, longs32 := range []bool{false, true} {
			path := name + ".data"
			if info := each(t, path, func(*Reader, *record.Record) {}).Info(); info.Stream {
				continue // attrs stand among its records, which TestAppendDecode swaps
			}
			if longs32 && isBig() {
				continue // halves change places on machines of the other order only
			}
			t.Run(filepath.Base(name), func(t *testing.T) {
				b := foreignCopy(t, path, longs32)
				f, err := NewReader(bytes.NewReader(b), int64(len(b)))
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				samples := compareRecords(t, path, f)
				if !f.Info().Foreign || samples == 0 && filepath.Base(name) != "6.12-stat" {
					t.Errorf("foreign %v, %d samples", f.Info().Foreign, samples)
				}
				n := each(t, path, func(*Reader, *record.Record) {})
				if d := cmp.Diff(n.Features(), f.Features(), cmpopts.IgnoreFields(Features{}, "Present", "BuildIDs", "EventDesc", "TracingData", "Compressed", "Auxtrace", "BPFProgInfo", "BPFBTF")); d != "" {
					t.Errorf("features (-native +foreign)\n%s", d)
				}
			})
		}
	}
}

// compareRecords reads both and returns the number of samples.
func compareRecords(t *testing.T, path string, f *Reader) (samples int) {
	t.Helper()
	n, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	var a, b record.Record
	nctx, fctx := &tracefs.Context{}, &tracefs.Context{Order: f.Order()}
	for n.Next(&a) == nil {
		if !toForeign(bytes.Clone(a.Bytes), &n.Events()[0]) {
			continue // left out of the copy
		}
		if err := f.Next(&b); err != nil {
			t.Fatal(err)
		}
		i, time, _ := n.Set().Find(a.Bytes)
		j, foreignTime, _ := f.Set().Find(b.Bytes)
		if i != j || time != foreignTime {
			t.Fatalf("%v at %d: event %d at %d, foreign %d at %d", a.Type, a.Offset, i, time, j, foreignTime)
		}
		ne, fe := n.Events()[i], f.Events()[j]
		if a.Type != record.TypeSample {
			if !bytes.Equal(a.Bytes, b.Bytes) {
				t.Errorf("%v\nnative  %x\nforeign %x", a.Type, a.Bytes, b.Bytes)
			}
			continue
		}
		samples++
		var x, y record.Sample
		if err := errors.Join(ne.Layout().DecodeSample(a.Bytes, &x), fe.Layout().DecodeSample(b.Bytes, &y)); err != nil {
			t.Fatal(err)
		}
		if ne.Format != nil {
			if got, want := string(fe.Format.AppendText(nil, y.Raw, fctx)), string(ne.Format.AppendText(nil, x.Raw, nctx)); got != want {
				t.Errorf("foreign %q, native %q", got, want)
			}
		}
		x.Raw, y.Raw = nil, nil
		if d := cmp.Diff(x, y); d != "" {
			t.Errorf("sample (-native +foreign)\n%s", d)
		}
	}
	if err := f.Next(&b); !errors.Is(err, io.EOF) {
		t.Errorf("behind the last record: %v", err)
	}
	return samples
}
