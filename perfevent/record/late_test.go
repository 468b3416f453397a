package record

import (
	"bytes"
	"reflect"
	"testing"
)

// TestMoveTrailer makes records longer as Linux does, by stale bytes behind the trailer, and wants what stood there first.
func TestMoveTrailer(t *testing.T) {
	layout := &Layout{SampleType: SampleIdentifier | SampleIP | SampleTID | SampleTime | SampleCPU, SampleIDAll: true}
	set, err := NewSet([]EventLayout{{layout, []uint64{4}}, {layout, []uint64{5}}})
	if err != nil {
		t.Fatal(err)
	}
	trailer := Meta{SampleID: Trailer{PID: 1, TID: 2, Time: 3, CPU: 4, ID: 5}}
	stale := bytes.Repeat([]byte{0xaa}, 3*layout.TrailerSize())
	for _, body := range []Body{
		&Ksymbol{Meta: trailer, Addr: 6, Len: 7, Kind: 1, Name: "bpf_prog_0123456"}, // padded by eight
		&Ksymbol{Meta: trailer, Addr: 6, Len: 7, Kind: 1, Name: "bpf_prog_012345678"},
		&Ksymbol{Meta: trailer, Addr: 6, Len: 7, Kind: 1},
		&BPFEvent{Meta: trailer, Kind: 1, ID: 9, Tag: [8]byte{1, 2, 3}},
		&Comm{Meta: trailer, PID: 1, TID: 2, Comm: "comm"}, // never wrong
	} {
		want := Append(layout, nil, body)
		for n := 0; n <= len(stale); n += 8 {
			rec := append(bytes.Clone(want), stale[:n]...)
			native.PutUint16(rec[6:], uint16(len(rec)))
			moved := set.MoveTrailer(1, rec)
			if _, comm := body.(*Comm); moved != (n > 0 && !comm) {
				t.Errorf("%v with %d stale bytes: moved %v", body.Type(), n, moved)
			}
			if !moved {
				continue
			}
			got, err := Decode(layout, rec)
			if err != nil {
				t.Fatal(err)
			}
			first, err := Decode(layout, want)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, first) {
				t.Errorf("with %d stale bytes: %+v, want %+v", n, got, first)
			}
			if set.MoveTrailer(1, rec) {
				t.Error("moved twice")
			}
		}
		for n := range len(want) { // cut anywhere it must not panic
			set.MoveTrailer(1, bytes.Clone(want[:n]))
		}
	}
	// Nobody's id, or no trailer at all.
	for _, events := range [][]EventLayout{{{layout, []uint64{1}}, {layout, []uint64{2}}}, {{&Layout{}, nil}}} {
		other, err := NewSet(events)
		if err != nil {
			t.Fatal(err)
		}
		rec := append(Append(layout, nil, &BPFEvent{Meta: trailer}), stale...)
		native.PutUint16(rec[6:], uint16(len(rec)))
		if other.MoveTrailer(0, rec) {
			t.Errorf("%+v: moved", events)
		}
	}
}
