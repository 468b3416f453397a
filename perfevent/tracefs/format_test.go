package tracefs

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseField(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Field
	}{
		{"field:int common_pid;	offset:4;	size:4;	signed:1;",
			Field{Name: "common_pid", Type: "int", Decl: "int common_pid", Offset: 4, Size: 4, Signed: true, ElemSize: 4, Count: 1}},
		{"field:char prev_comm[16];	offset:8;	size:16;	signed:0;",
			Field{Name: "prev_comm", Type: "char[16]", Decl: "char prev_comm[16]", Offset: 8, Size: 16, IsArray: true, IsString: true, ElemSize: 1, Count: 16}},
		{"field:char comm[TASK_COMM_LEN];	offset:8;	size:16;	signed:1;",
			Field{Name: "comm", Type: "char[TASK_COMM_LEN]", Decl: "char comm[TASK_COMM_LEN]", Offset: 8, Size: 16, Signed: true, IsArray: true, IsString: true, ElemSize: 1, Count: 16}},
		{"field:unsigned long args[6];	offset:16;	size:48;	signed:0;",
			Field{Name: "args", Type: "unsigned long[6]", Decl: "unsigned long args[6]", Offset: 16, Size: 48, IsArray: true, IsLong: true, ElemSize: 8, Count: 6}},
		{"field:unsigned long args[6];	offset:8;	size:24;	signed:0;",
			Field{Name: "args", Type: "unsigned long[6]", Decl: "unsigned long args[6]", Offset: 8, Size: 24, IsArray: true, IsLong: true, ElemSize: 4, Count: 6}},
		{"field:const char * filename;	offset:24;	size:8;	signed:0;",
			Field{Name: "filename", Type: "const char *", Decl: "const char * filename", Offset: 24, Size: 8, IsPointer: true, IsLong: true, ElemSize: 8, Count: 1}},
		{"field:__data_loc char[] name;	offset:16;	size:4;	signed:0;",
			Field{Name: "name", Type: "char[]", Decl: "__data_loc char[] name", Offset: 16, Size: 4, IsArray: true, IsDynamic: true, IsString: true, ElemSize: 1}},
		{"field:__rel_loc u32[] list;	offset:16;	size:4;	signed:0;",
			Field{Name: "list", Type: "u32[]", Decl: "__rel_loc u32[] list", Offset: 16, Size: 4, IsArray: true, IsRelDynamic: true, ElemSize: 4}},
		// As probes declare arrays of numbers and of strings.
		{"field:s16 b[];	offset:20;	size:8;	signed:1;",
			Field{Name: "b", Type: "s16[]", Decl: "s16 b[]", Offset: 20, Size: 8, Signed: true, IsArray: true, ElemSize: 2, Count: 4}},
		{"field:__data_loc char[][2] ss;	offset:99;	size:8;	signed:1;",
			Field{Name: "ss", Type: "char[][2]", Decl: "__data_loc char[][2] ss", Offset: 99, Size: 8, Signed: true, IsArray: true, IsDynamic: true, IsString: true, ElemSize: 1}},
	} {
		got, err := parseField(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: -want +got\n%s", c.in, d)
		}
	}
}

func TestParseFormatErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "no line \"name"},
		{"name: x\nID: 1\n", "no line \"print fmt"},
		{"name: x\nID: many\nprint fmt: \"\"\n", "line 2"},
		{"name: x\nformat:\n\tfield:int;\toffset:0;\tsize:4;\n", "line 3"},
		{"name: x\nformat:\n\tfield:int a;\toffset:-1;\tsize:4;\n", "out of range"},
		{"name: x\nformat:\n\tfield:int a;\toffset:0;\tsize:99999999;\n", "out of range"},
	} {
		_, err := ParseFormat([]byte(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.in, err, c.want)
		}
	}
}

func TestFieldAccess(t *testing.T) {
	f, err := ParseFormat(craftedText(0))
	if err != nil {
		t.Fatal(err)
	}
	raw := craftedRaw()
	c := &Context{Order: binary.LittleEndian}
	if v, ok := f.Field("s16").Int(raw, c); v != -300 || !ok {
		t.Errorf("s16 = %d, %v", v, ok)
	}
	if v, ok := f.Field("s16").Uint(raw, c); v != 0xfed4 || !ok {
		t.Errorf("s16 = %#x, %v", v, ok)
	}
	if v, ok := f.Field("arr16").Elem(raw, 2, c); v != 0xfffd || !ok {
		t.Errorf("arr16[2] = %#x, %v", v, ok)
	}
	if _, ok := f.Field("arr16").Elem(raw, 3, c); ok {
		t.Error("arr16[3] is there")
	}
	if s, ok := f.Field("str").Str(raw, c); string(s) != "dynamic" || !ok {
		t.Errorf("str = %q, %v", s, ok)
	}
	if s, ok := f.Field("rstr").Str(raw, c); string(s) != "relative" || !ok {
		t.Errorf("rstr = %q, %v", s, ok)
	}
	if v, ok := f.Field("u32").Uint(raw, &Context{Order: binary.BigEndian}); v != 0x01000080 || !ok {
		t.Errorf("u32 in big endian = %#x, %v", v, ok)
	}
	for _, name := range []string{"str", "u64", "arr8"} {
		if _, ok := f.Field(name).Bytes(raw[:80], c); ok {
			t.Errorf("%s is in 80 bytes", name)
		}
	}
	if f.Field("nothing") != nil {
		t.Error("a field that is not there")
	}
}

func FuzzFormat(f *testing.F) {
	names, _ := filepath.Glob("testdata/formats/*")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, craftedRaw(), uint8(8))
	}
	for i := range crafted {
		f.Add(craftedText(i), craftedRaw(), uint8(i%2*4+4))
	}
	c := &Context{Symbol: func(addr uint64) (string, uint64, bool) { return "symbol", 1, addr&1 == 0 }}
	f.Fuzz(func(t *testing.T, text, raw []byte, word uint8) {
		fm, err := ParseFormat(text)
		if err != nil {
			return
		}
		c.PointerSize = int(word)
		out := fm.AppendText(nil, raw, c)
		if max := 1000 + 100*(len(text)+1)*(len(raw)+maxWidth); len(out) > max {
			t.Errorf("%d bytes of text from %d bytes of format and %d of data", len(out), len(text), len(raw))
		}
		for i := range fm.Fields {
			fm.Fields[i].Bytes(raw, c)
			fm.Fields[i].Int(raw, c)
			fm.Fields[i].Elem(raw, int(word), c)
		}
	})
}
