package bpf

import (
	"testing"

	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

func TestParseFetch(t *testing.T) {
	for _, tc := range []struct {
		text string
		want fetch
	}{
		{"%ax", fetch{reg: "ax"}},
		{`\-5`, fetch{imm: -5}},
		{"+8(%di)", fetch{offset: 8, inner: &fetch{reg: "di"}}},
		{"-u16(+0(%sp))", fetch{offset: -16, inner: &fetch{inner: &fetch{reg: "sp"}}}},
	} {
		got, err := parseFetch(tc.text)
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		for w := &tc.want; ; w, got = w.inner, got.inner {
			if got == nil || got.reg != w.reg || got.imm != w.imm || got.offset != w.offset || (got.inner == nil) != (w.inner == nil) {
				t.Errorf("%s: got %+v, want %+v", tc.text, got, w)
				break
			}
			if w.inner == nil {
				break
			}
		}
	}
	for _, text := range []string{"", "@+0x10", "$comm", "$stack1", "+8(%di", "+99999999999(%di)", "8(%di)", `\"text"`} {
		if f, err := parseFetch(text); err == nil {
			t.Errorf("%q: got %+v", text, f)
		}
	}
}

func FuzzParseFetch(f *testing.F) {
	for _, s := range []string{"%ax", "+8(-u16(%sp))", `\0x10`, "+0(+0(+0(+0(%di))))", "+("} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseFetch(text)
		if (got == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	})
}

const formatText = `name: e
ID: 7
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long __probe_ip;	offset:8;	size:8;	signed:0;
	field:u64 s[];	offset:16;	size:64;	signed:0;
	field:u64 s_2[];	offset:80;	size:8;	signed:0;
	field:u64 s_len;	offset:88;	size:8;	signed:0;
	field:u64 s_ptr;	offset:96;	size:8;	signed:0;
	field:s32 n;	offset:104;	size:4;	signed:1;

print fmt: "(%lx) s={0x%Lx} s_2={0x%Lx} s_len=%Lu s_ptr=0x%Lx n=%d", REC->__probe_ip, REC->s[0], REC->s_2[0], REC->s_len, REC->s_ptr, REC->n
`

// TestLayout wants a text in the place of its arrays, the other fields behind each other, and a format that says so.
func TestLayout(t *testing.T) {
	f, err := tracefs.ParseFormat([]byte(formatText))
	if err != nil {
		t.Fatal(err)
	}
	types := &argtype.Event{Group: "g", Name: "e", Fields: []argtype.Field{
		{Name: "s", Type: argtype.Type{Kind: argtype.Text}, Raw: []string{"s", "s_2"}, Len: "s_len", Ptr: "s_ptr"}}}
	l, err := newLayout(types, f, nil, []byte(formatText))
	if err != nil {
		t.Fatal(err)
	}
	if l.size != 40 || l.room != 40+maxText || len(l.slots) != 5 || types.Fields[0].Exact {
		t.Errorf("%d bytes of %d, %d fields, the types that were given: %+v", l.size, l.room, len(l.slots), types.Fields[0])
	}
	made, err := tracefs.ParseFormat(l.text)
	if err != nil || made.PrintErr() != nil {
		t.Fatalf("%v, %v in\n%s", err, made.PrintErr(), l.text)
	}
	b, err := argtype.Bind(l.types, made)
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, 40, 64)
	raw[16], raw[18] = 40, 5 // where the text is and how long
	raw[20], raw[28+1] = 5, 0x10
	raw[36] = 0xff
	raw = append(raw, "te\x00xt"...)
	if got, want := string(b.AppendText(nil, raw, &tracefs.Context{})), `(0) s="te\x00xt" n=255`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	types.Fields[0].Type.Kind, types.Fields[0].Raw = argtype.Unknown, []string{"s"}
	if l, err := newLayout(types, f, nil, []byte(formatText)); l != nil || err != nil {
		t.Errorf("an event without text: %v, %v", l, err)
	}
}
