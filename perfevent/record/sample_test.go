package record

import (
	"errors"
	"testing"
)

// tracepoint is the layout and a sample of what perf record -g -e sched:… makes.
func tracepoint() (*Layout, []byte) {
	l := &Layout{
		SampleType:  SampleIP | SampleTID | SampleTime | SampleCallchain | SampleCPU | SamplePeriod | SampleRaw | SampleIdentifier,
		SampleIDAll: true,
	}
	s := Sample{ID: 7, IP: 1, PID: 2, TID: 3, Time: 4, CPU: 5, Period: 1, Callchain: make([]uint64, 20), Raw: make([]byte, 60)}
	return l, l.AppendSample(nil, &s)
}

func TestDecodeSampleAllocatesNothing(t *testing.T) {
	l, rec := tracepoint()
	var s Sample
	if n := testing.AllocsPerRun(100, func() {
		if err := l.DecodeSample(rec, &s); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestPeekAndFind(t *testing.T) {
	base := SampleIP | SampleTID | SampleTime | SampleAddr | SampleStreamID | SampleCPU
	for _, id := range []SampleFormat{SampleIdentifier, SampleID, SampleID | SampleIdentifier} {
		l := &Layout{SampleType: base | id, SampleIDAll: true}
		l2 := &Layout{SampleType: base | id | SamplePeriod, SampleIDAll: true}
		set, err := NewSet([]EventLayout{{l, []uint64{10, 11}}, {l2, []uint64{12, 1 << 60}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			id    uint64
			event int
			ok    bool
		}{{10, 0, true}, {11, 0, true}, {12, 1, true}, {1 << 60, 1, true}, {0, 0, true}, {13, 0, false}} {
			sample := l.AppendSample(nil, &Sample{Time: 99, ID: c.id, StreamID: 1, Addr: 2, CPU: 3})
			comm := Append(l, nil, &Comm{Comm: "x", Meta: Meta{SampleID: Trailer{Time: 99, ID: c.id, StreamID: 1, CPU: 3}}})
			for _, rec := range [][]byte{sample, comm} {
				event, time, ok := set.Find(rec)
				if ok != c.ok || ok && (event != c.event || time != 99) {
					t.Errorf("%x, id %d: event %d, time %d, %v", id, c.id, event, time, ok)
				}
			}
		}
	}
}

func TestSetRefuses(t *testing.T) {
	a, b := &Layout{SampleType: SampleIP | SampleID}, &Layout{SampleType: SampleIP | SampleAddr | SampleID}
	for _, ls := range [][2]*Layout{{a, b}, {{}, {}}} {
		if _, err := NewSet([]EventLayout{{ls[0], nil}, {ls[1], nil}}); !errors.Is(err, ErrNoID) {
			t.Errorf("%+v: %v", ls, err)
		}
	}
	if _, err := NewSet([]EventLayout{{a, nil}}); err != nil {
		t.Error(err)
	}
}

func TestNoTrailer(t *testing.T) {
	l := &Layout{SampleType: SampleTime | SampleIdentifier}
	rec := Append(l, nil, &Comm{Comm: "x"})
	if _, _, ok := l.Peek(rec); ok {
		t.Error("a record without trailer has a time")
	}
	if _, _, ok := (&Layout{SampleType: SampleTime, SampleIDAll: true}).Peek(Append(nil, nil, &Mark{Kind: TypeFinishedRound})); ok {
		t.Error("a record of perf's own has a time")
	}
}

func BenchmarkDecodeSample(b *testing.B) {
	l, rec := tracepoint()
	var s Sample
	b.ReportAllocs()
	b.SetBytes(int64(len(rec)))
	for b.Loop() {
		if err := l.DecodeSample(rec, &s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	l, rec := tracepoint()
	set, err := NewSet([]EventLayout{{l, []uint64{7, 8}}, {l, []uint64{9, 10}}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok := set.Find(rec); !ok {
			b.Fatal("nobody's")
		}
	}
}

func FuzzDecode(f *testing.F) {
	l, rec := tracepoint()
	f.Add(rec, uint64(l.SampleType), uint64(0), uint64(0), uint64(0), true)
	f.Add(Append(nil, nil, &IDIndex{Entries: make([]IDEntry, 2)}), uint64(0), uint64(0), uint64(0), uint64(0), false)
	f.Add(Append(nil, nil, &CPUMap{Kind: CPUMapMask, LongSize: 8, Mask64: []uint64{3}}), uint64(0), uint64(0), uint64(0), uint64(0), false)
	f.Add(Append(nil, nil, &HeaderAttr{Attr: make([]byte, 64), IDs: []uint64{1}}), uint64(0), uint64(0), uint64(0), uint64(0), false)
	f.Fuzz(func(t *testing.T, rec []byte, sampleType, readFormat, branch, regs uint64, all bool) {
		l := &Layout{
			SampleType: SampleFormat(sampleType), ReadFormat: ReadFormat(readFormat), BranchSampleType: branch,
			RegsUser: regs, RegsIntr: regs, SampleIDAll: all,
		}
		l.Peek(rec)
		b, err := Decode(l, rec)
		if err == nil {
			Append(l, nil, b)
		}
		if err := Swap(l, rec); err == nil {
			_, _ = Decode(l, rec)
		}
	})
}
