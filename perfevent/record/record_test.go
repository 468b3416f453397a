package record

import (
	"bytes"
	"errors"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// types are all types that have a body of their own.
func types() []Type {
	var ts []Type
	for t := Type(0); t < 128; t++ {
		if _, no := newBody(t).(*Unknown); !no {
			ts = append(ts, t)
		}
	}
	return ts
}

// fill gives v random content: short lists, short strings, kinds that are known.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1+r.IntN(4), 4))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.String:
		v.SetString("name of 15 bytes"[:1+r.IntN(15)])
	case reflect.Float64:
		v.SetFloat(r.Float64())
	case reflect.Bool:
		// Follows from the type.
	case reflect.Int32:
		v.SetInt(int64(int32(r.Uint32())))
	default:
		v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
	}
}

// randomLayout chooses any fields.
func randomLayout(r *rand.Rand) *Layout {
	return &Layout{
		SampleType:       SampleFormat(r.Uint64()) & (1<<25 - 1) &^ SampleWeightStruct,
		ReadFormat:       ReadFormat(r.Uint64()) & 31,
		BranchSampleType: r.Uint64() & (BranchHWIndex | BranchCounters),
		RegsUser:         r.Uint64() & 0xf00f,
		RegsIntr:         r.Uint64() & 0xf,
		SampleIDAll:      r.IntN(2) == 0,
	}
}

// randomBody is a body of type t whose parts agree with each other and with the layout.
func randomBody(r *rand.Rand, t Type, l *Layout) Body {
	b := newBody(t)
	fill(r, reflect.ValueOf(b).Elem())
	switch b := b.(type) {
	case *Sample:
		consistent(r, b, l)
	case *Mark:
		b.Kind = t
	case *Task:
		b.Exit = t == TypeExit
	case *HeaderAttr:
		b.Attr = make([]byte, 128)
		native.PutUint32(b.Attr[4:], 128)
	case *IDIndex:
		b.Guests = make([]IDGuest, len(b.Entries)*r.IntN(2))
	case *CPUMap:
		b.Kind, b.LongSize = uint16(r.IntN(3)), 8
		b.Mask32 = nil
	case *EventUpdate:
		b.Kind = []uint64{0, 1, 2, 3, EventUpdateTypes}[r.IntN(5)]
		b.CPUs.Kind = CPUMapList
	case *SchedstatCPU:
		b.Version = 15 + uint16(r.IntN(3))
	case *SchedstatDomain:
		b.Counts = make([]uint32, 2*r.IntN(4))
	case *AuxtraceError:
		b.Format = uint32(r.IntN(3))
	}
	return b
}

func consistent(r *rand.Rand, s *Sample, l *Layout) {
	regs := func(abi *uint64, v *[]uint64, mask uint64) {
		*abi = uint64(r.IntN(3))
		*v = (*v)[:0]
		if *abi > 0 {
			*v = make([]uint64, bits.OnesCount64(mask))
		}
	}
	regs(&s.UserABI, &s.UserRegs, l.RegsUser)
	regs(&s.IntrABI, &s.IntrRegs, l.RegsIntr)
	s.Raw = make([]byte, 8*r.IntN(3)+4)
	s.UserStack = make([]byte, 8*r.IntN(3))
	s.Aux = make([]byte, 8*r.IntN(3))
	s.BranchCounters = make([]uint64, len(s.Branches))
	for i := range s.Branches {
		s.Branches[i].Flags = 0 // TestBranchFlags has them
	}
}

// TestAppendDecode appends random bodies of each type, decodes and appends again, and expects the same bytes; and the same bytes again when
// they come from a machine of the other byte order.
func TestAppendDecode(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range types() {
		for range 200 {
			l := randomLayout(r)
			body := randomBody(r, typ, l)
			rec := Append(l, nil, body)
			if len(rec) == 0 || len(rec)%8 != 0 && padded(typ) {
				t.Fatalf("%v: %d bytes", typ, len(rec))
			}
			got, err := Decode(l, rec)
			if err != nil {
				t.Fatalf("%v: %v\n%+v\n%+v", typ, err, body, l)
			}
			if again := Append(l, nil, got); !bytes.Equal(rec, again) {
				t.Fatalf("%v: %+v of layout %+v\nappended %x\nagain    %x", typ, body, l, rec, again)
			}
			if h, ok := body.(*HeaderAttr); ok {
				SwapAttr(h.Attr)
			}
			c := coder{mode: appending, foreign: true}
			swapped := c.record(l, body)
			if err := Swap(l, swapped); err != nil || !bytes.Equal(swapped, rec) {
				t.Fatalf("%v: %v\nnative  %x\nswapped %x", typ, err, rec, swapped)
			}
		}
	}
}

// TestDecodeIsAppended compares all fields of a sample that has them all.
func TestDecodeIsAppended(t *testing.T) {
	l := &Layout{SampleType: 1<<25 - 1, ReadFormat: 31, BranchSampleType: BranchHWIndex, RegsUser: 7, RegsIntr: 1 << 63}
	want := Sample{
		Misc: 2, IP: 1, PID: 2, TID: 3, Time: 4, Addr: 5, ID: 6, StreamID: 7, CPU: 8, Period: 9,
		Read:      Read{TimeEnabled: 10, TimeRunning: 11, Group: []ReadValue{{12, 13, 14}, {15, 16, 17}}},
		Callchain: []uint64{ContextUser, 18}, Raw: []byte("four"), BranchHWIdx: 19, Branches: []Branch{{20, 21, 22}},
		UserABI: 2, UserRegs: []uint64{23, 24, 25}, UserStack: []byte("12345678"), UserStackDyn: 26, Weight: 27, DataSrc: 28,
		Transaction: 29, IntrABI: 1, IntrRegs: []uint64{30}, PhysAddr: 31, CGroup: 32, DataPageSize: 33, CodePageSize: 34, Aux: []byte("aux data"),
	}
	rec := l.AppendSample(nil, &want)
	var got Sample
	if err := l.DecodeSample(rec, &got); err != nil {
		t.Fatal(err)
	}
	want.Raw = append(want.Raw, 0, 0, 0, 0, 0, 0, 0, 0)[:4+8&^7]
	if d := cmp.Diff(want.Raw[:4], got.Raw[:4]); d != "" {
		t.Error(d)
	}
	want.Raw = got.Raw
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-appended +decoded):\n%s", d)
	}
	// A record at an odd address is decoded too.
	odd := append(make([]byte, 1, len(rec)+1), rec...)[1:]
	var again Sample
	if err := l.DecodeSample(odd, &again); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(got, again); d != "" {
		t.Errorf("(-even +odd address):\n%s", d)
	}
}

// TestShort cuts records of each type: an error, and no panic.
func TestShort(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, typ := range types() {
		l := randomLayout(r)
		rec := Append(l, nil, randomBody(r, typ, l))
		for n := range rec {
			cut := bytes.Clone(rec[:n])
			if _, err := Decode(l, cut); !errors.Is(err, ErrShort) {
				t.Errorf("%v of %d bytes cut to %d: %v", typ, len(rec), n, err)
			}
			if n >= HeaderSize {
				native.PutUint16(cut[6:], uint16(n))
				_, _ = Decode(l, cut) // some types end where the record ends
			}
		}
	}
}

func TestBranchFlags(t *testing.T) {
	// mispred, cycles 0x1234, type 5: on a big-endian machine the first field is the top bit.
	foreign := uint64(1)<<63 | 0x1234<<44 | 5<<40
	want := uint64(1) | 0x1234<<4 | 5<<20
	if isBigEndian() {
		foreign, want = want, foreign
	}
	l := &Layout{SampleType: SampleBranchStack}
	s := Sample{Branches: []Branch{{1, 2, foreign}}}
	c := coder{mode: appending, foreign: true}
	rec := c.record(l, &s)
	if err := Swap(l, rec); err != nil {
		t.Fatal(err)
	}
	var got Sample
	if err := l.DecodeSample(rec, &got); err != nil || got.Branches[0] != (Branch{1, 2, want}) {
		t.Errorf("%+v, %v; want flags %#x", got.Branches, err, want)
	}
}

func TestUnknownIsKept(t *testing.T) {
	rec := Append(nil, nil, &Unknown{Kind: 99, Data: []byte("whatever"), Meta: Meta{Misc: 5}})
	b, err := Decode(&Layout{SampleType: SampleTID, SampleIDAll: true}, rec)
	if u, ok := b.(*Unknown); !ok || err != nil || u.Kind != 99 || u.Misc != 5 || string(u.Data) != "whatever" {
		t.Errorf("%+v, %v", b, err)
	}
	if got := Type(99).String(); got != "type 99" {
		t.Error(got)
	}
}

// TestBPFMetadataRooms has the name in each of the rooms that perfs gave it.
func TestBPFMetadataRooms(t *testing.T) {
	for _, room := range []int{bpfNameRoom, bpfNameRoomOld} {
		for n := range 3 {
			rec := make([]byte, HeaderSize+room+8+n*320)
			native.PutUint32(rec, uint32(TypeBPFMetadata))
			native.PutUint16(rec[6:], uint16(len(rec)))
			copy(rec[HeaderSize:], "prog")
			native.PutUint64(rec[HeaderSize+room:], uint64(n))
			for i := range n {
				copy(rec[HeaderSize+room+8+i*320:], "key")
				copy(rec[HeaderSize+room+8+i*320+64:], "value")
			}
			b, err := Decode(nil, rec)
			m, ok := b.(*BPFMetadata)
			if err != nil || !ok || m.Program != "prog" || len(m.Entries) != n || n > 0 && m.Entries[n-1] != (BPFMetadataEntry{"key", "value"}) {
				t.Errorf("room %d, %d entries: %+v, %v", room, n, b, err)
			}
		}
	}
}

func TestTooLongIsNotAppended(t *testing.T) {
	dst := []byte("before")
	if got := Append(nil, dst, &EventUpdate{Kind: EventUpdateTypes, Data: make([]byte, 1<<16)}); len(got) != len(dst) {
		t.Errorf("%d bytes", len(got))
	}
}

func TestNames(t *testing.T) {
	for _, typ := range types() {
		if typeName(typ) == "" {
			t.Errorf("type %d has no name", typ)
		}
	}
}
