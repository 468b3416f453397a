package argtype

import (
	"encoding/binary"
	"reflect"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

const interfaceFormat = `name: f
ID: 7
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;

	field:unsigned long __probe_ip;	offset:8;	size:8;	signed:0;
	field:u64 v;	offset:16;	size:8;	signed:0;
	field:u64 v_ptr;	offset:24;	size:8;	signed:0;
	field:u64 v_at;	offset:32;	size:8;	signed:0;
	field:u64 v_len;	offset:40;	size:8;	signed:0;
	field:u64 v_text[1];	offset:48;	size:8;	signed:0;

print fmt: "(%lx) v=0x%Lx", REC->__probe_ip, REC->v
`

// TestInterface: a type that did not come with the event is asked for, at its address as the file is linked.
func TestInterface(t *testing.T) {
	format, err := tracefs.ParseFormat([]byte(interfaceFormat))
	if err != nil {
		t.Fatal(err)
	}
	text := Field{Name: "v", Type: Type{Kind: Text}, Raw: []string{"v_text"}, Len: "v_len", Ptr: "v_at"}
	e := &Event{Group: "p", Name: "f", Path: "/bin/p", BuildID: "0102",
		Fields:   []Field{{Name: "v", Type: Type{Kind: Interface}, Raw: []string{"v"}, Ptr: "v_ptr", Elems: []Field{text}}},
		Concrete: []Concrete{{Addr: 0x5000, Type: Type{Kind: Int, Name: "int", Size: 8}}}}
	types := map[uint64]tracefs.GoType{0x5100: {Name: "main.N", Kind: reflect.Int16}, 0x5200: {Name: "main.S", Kind: reflect.Struct},
		0x5300: {Name: "*main.E", Kind: reflect.Pointer, Text: true}, 0x5400: {Name: "float64", Kind: reflect.Float64}}
	c := &tracefs.Context{Order: binary.LittleEndian, GoType: func(path, buildID string, addr uint64) (tracefs.GoType, bool) {
		if path != e.Path || buildID != e.BuildID {
			t.Errorf("asked for %s %s", path, buildID)
		}
		g, ok := types[addr]
		return g, ok
	}}
	raw := func(ip, kind, at uint64) []byte {
		b := make([]byte, 56)
		for i, v := range []uint64{ip, kind, 0xc000, at, 2} {
			binary.LittleEndian.PutUint64(b[8+8*i:], v)
		}
		copy(b[48:], "hi")
		return b
	}
	const moved = 0x10000
	for _, tt := range []struct {
		places []uint64
		raw    []byte
		want   string
	}{
		{nil, raw(0x1040, 0x5000, 42), "(1040) v=int(42)"},
		{nil, raw(0x1040, 0x5100, 0x1fffe), "(1040) v=main.N(-2)"},
		{nil, raw(0x1040, 0x5200, 1), "(1040) v=main.S(0xc000)"},
		{nil, raw(0x1040, 0x5400, 0x3ff8000000000000), "(1040) v=float64(1.5)"},
		{nil, raw(0x1040, 0x5500, 1), "(1040) v=type 0x5500(0xc000)"},
		{[]uint64{0x1040}, raw(0x1040+moved, 0x5300+moved, 0xd000), `(11040) v=*main.E("hi")`},
		{[]uint64{0x1040, 0x2048}, raw(0x1040+moved, 0x5100+moved, 5), "(11040) v=main.N(5)"},
		// Two places at which the file can be: it is not known where it is.
		{[]uint64{0x1040, 0x2040}, raw(0x1040+moved, 0x5100+moved, 5), "(11040) v=type 0x15100(0xc000)"},
		{[]uint64{0x1040, 0x2040}, raw(0x1040+moved, 0x5000+moved, 5), "(11040) v=int(5)"},
	} {
		e.Places = tt.places
		b, err := Bind(e, format)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(b.AppendText(nil, tt.raw, c)); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
	c.GoType = nil
	e.Places = nil
	b, err := Bind(e, format)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(b.AppendText(nil, raw(1, 0x5100, 1), c)); got != "(1) v=type 0x5100(0xc000)" {
		t.Errorf("without a program: %s", got)
	}
}
