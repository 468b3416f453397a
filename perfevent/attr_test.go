package perfevent

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// fullAttr has a different value in each field.
func fullAttr() Attr {
	return Attr{
		Type: TypeTracepoint, Config: 0x174, Period: 12, SampleType: record.SampleIP | record.SampleRaw, ReadFormat: record.ReadID,
		Flags: FlagDisabled | FlagSampleIDAll | FlagSigtrap | FlagMmap2, Precise: 2, Wakeup: 77, BPType: 3, Config1: 0x1111,
		Config2: 0x2222, BranchSampleType: BranchUser | BranchAny, SampleRegsUser: 0xff0fff, SampleStackUser: 8192, ClockID: -3,
		SampleRegsIntr: 0xabc, AuxWatermark: 4096, SampleMaxStack: 127, AuxSampleSize: 64, AuxAction: 1, SigData: 0x5555, Config3: 0x3333,
		Tail: "\x01\x02\x03\x04\x05\x06\x07\x08",
	}
}

func TestAttrRoundTrip(t *testing.T) {
	freq := fullAttr()
	freq.Period, freq.Freq, freq.Flags = 0, 4000, freq.Flags|FlagFreq
	for _, a := range []Attr{{}, fullAttr(), freq} {
		b := a.AppendBinary([]byte("before"), 0)
		got, err := ParseAttr(b[len("before"):], binary.LittleEndian)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, got); diff != "" {
			t.Errorf("want -, got +\n%s", diff)
		}
	}
}

// TestFullAttrIsFull keeps the round trip honest when a field is added.
func TestFullAttrIsFull(t *testing.T) {
	a := fullAttr()
	v := reflect.ValueOf(a)
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Freq" {
			t.Errorf("field %s is zero", name)
		}
	}
}

func TestAppendBinarySize(t *testing.T) {
	for _, test := range []struct {
		attr Attr
		size int
		want int
	}{
		{Attr{}, 0, AttrSizeVer7},
		{Attr{Config3: 1}, 0, AttrSizeVer8},
		{Attr{Tail: "12345678"}, 0, AttrSizeVer8 + 8},
		{Attr{}, 64, 64},
		{Attr{}, 1, 64},
		{Attr{}, 101, 104},
		{Attr{}, 512, 512},
	} {
		b := test.attr.AppendBinary(nil, test.size)
		if len(b) != test.want || int(binary.NativeEndian.Uint32(b[4:])) != test.want {
			t.Errorf("AppendBinary(%d): %d bytes, size %d, want %d", test.size, len(b), binary.NativeEndian.Uint32(b[4:]), test.want)
		}
	}
}

func TestParseAttrBigEndian(t *testing.T) {
	b := make([]byte, 64)
	binary.BigEndian.PutUint32(b, uint32(TypeSoftware))
	binary.BigEndian.PutUint32(b[4:], 64)
	binary.BigEndian.PutUint64(b[16:], 99)
	b[40] = 0x80 // disabled: the first bit field is the highest bit
	b[41] = 0x20 // freq, bit 10
	b[42] = 0x20 // sample_id_all, bit 18
	b[41] |= 1   // precise_ip, bit 15 (low) ...
	b[42] |= 0x80
	got, err := ParseAttr(b, binary.BigEndian)
	if err != nil {
		t.Fatal(err)
	}
	want := Attr{Type: TypeSoftware, Freq: 99, Flags: FlagDisabled | FlagFreq | FlagSampleIDAll, Precise: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}

func TestParseAttrErrors(t *testing.T) {
	a := fullAttr()
	whole := a.AppendBinary(nil, 0)
	for name, b := range map[string][]byte{
		"empty":     nil,
		"cut short": whole[:len(whole)-1],
		"tiny":      sized(63),
		"huge":      append(sized(8192), make([]byte, 8192)...),
	} {
		_, err := ParseAttr(b, binary.LittleEndian)
		if sizeErr := (*AttrSizeError)(nil); !errors.As(err, &sizeErr) || err.Error() == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func sized(n uint32) []byte {
	b := make([]byte, 64)
	binary.LittleEndian.PutUint32(b[4:], n)
	return b
}

func FuzzParseAttr(f *testing.F) {
	a := fullAttr()
	f.Add(a.AppendBinary(nil, 0), false)
	f.Add((&Attr{}).AppendBinary(nil, 64), true)
	f.Fuzz(func(t *testing.T, b []byte, big bool) {
		var order binary.ByteOrder = binary.LittleEndian
		if big {
			order = binary.BigEndian
		}
		got, err := ParseAttr(b, order)
		if err != nil || big || len(b) < 64 {
			return
		}
		size := max(int(binary.LittleEndian.Uint32(b[4:])), AttrSizeVer0)
		again, err := ParseAttr(got.AppendBinary(nil, (size+7)&^7), order)
		if err != nil {
			t.Fatal(err)
		}
		got.Tail = string(bytes.TrimRight([]byte(got.Tail), "\x00"))
		again.Tail = string(bytes.TrimRight([]byte(again.Tail), "\x00"))
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("first -, again +\n%s", diff)
		}
	})
}
