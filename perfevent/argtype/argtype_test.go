package argtype

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

const formatText = `name: query
ID: 2000
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long __probe_ip;	offset:8;	size:8;	signed:0;
	field:u8 sql[];	offset:16;	size:12;	signed:0;
	field:u64 sql_len;	offset:28;	size:8;	signed:0;
	field:s32 n;	offset:36;	size:4;	signed:1;
	field:s32 color;	offset:40;	size:4;	signed:1;
	field:u8 ok;	offset:44;	size:1;	signed:0;
	field:u32 ratio;	offset:45;	size:4;	signed:0;
	field:u64 price;	offset:49;	size:8;	signed:0;
	field:u32 colors[];	offset:57;	size:8;	signed:0;
	field:__data_loc char[] name;	offset:65;	size:4;	signed:1;
	field:u64 addr;	offset:69;	size:8;	signed:0;
	field:u32 three;	offset:77;	size:4;	signed:0;
	field:u32 pick;	offset:81;	size:4;	signed:0;

print fmt: "(%lx) sql={0x%x,0x%x} sql_len=%Lu n=%d color=%d ok=%u ratio=%u price=%Lu colors={%u,%u} name=\"%s\" addr=0x%Lx three=%u pick=%u", REC->__probe_ip, REC->sql[0], REC->sql[1], REC->sql_len, REC->n, REC->color, REC->ok, REC->ratio, REC->price, REC->colors[0], REC->colors[1], __get_str(name), REC->addr, REC->three, REC->pick
`

func testEvent() *Event {
	colors := Type{Kind: Enum, Name: "enum color", Size: 4, Values: []EnumValue{{-1, "NONE"}, {0, "RED"}, {2, `BL"UE%`}}}
	return &Event{
		Group: "probe_db", Name: "query", Definition: "p:probe_db/query /bin/db:0x10", BuildID: "00ff",
		Fields: []Field{
			{Name: "sql", Type: Type{Kind: Text, Name: "string"}, Raw: []string{"sql"}, Len: "sql_len"},
			{Name: "color", Type: colors, Raw: []string{"color"}},
			{Name: "ok", Type: Type{Kind: Bool, Size: 1}, Raw: []string{"ok"}},
			{Name: "ratio", Type: Type{Kind: Float32, Size: 4}, Raw: []string{"ratio"}},
			{Name: "price", Type: Type{Kind: Float64, Size: 8}, Raw: []string{"price"}},
			{Name: "colors", Type: colors, Raw: []string{"colors"}},
			{Name: "three", Type: Type{Kind: Int, Size: 4, Bits: 3}, Raw: []string{"three"}},
			{Name: "pick", Type: Type{Kind: Enum, Size: 4, Bits: 2, Values: colors.Values}, Raw: []string{"pick"}},
		},
	}
}

func testRaw(sqlLen uint64, color int32) []byte {
	le := binary.LittleEndian
	b := make([]byte, 85)
	le.PutUint64(b[8:], 0x401000)
	copy(b[16:], "select 1;xyz")
	le.PutUint64(b[28:], sqlLen)
	n := int32(-3)
	le.PutUint32(b[36:], uint32(n))
	le.PutUint32(b[40:], uint32(color))
	b[44] = 1
	le.PutUint32(b[45:], math.Float32bits(1.5))
	le.PutUint64(b[49:], math.Float64bits(-2.25))
	le.PutUint32(b[57:], 2)
	le.PutUint32(b[61:], 7)
	le.PutUint32(b[65:], 85|5<<16)
	le.PutUint64(b[69:], 0xbeef)
	le.PutUint32(b[77:], 6) // -2 in three bits
	le.PutUint32(b[81:], 3) // -1 in two
	return append(b, "kate\x00"...)
}

func TestAppendText(t *testing.T) {
	f, err := tracefs.ParseFormat([]byte(formatText))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Bind(testEvent(), f)
	if err != nil {
		t.Fatal(err)
	}
	c := &tracefs.Context{Order: binary.LittleEndian}
	for _, tc := range []struct {
		raw  []byte
		want string
	}{
		{testRaw(9, -1), `(401000) sql="select 1;" n=-3 color=NONE ok=true ratio=1.5 price=-2.25 colors={BL"UE%,7} name="kate" addr=0xbeef three=-2 pick=NONE`},
		{testRaw(40, 5), `(401000) sql="select 1;xyz"...(len 40) n=-3 color=5 ok=true ratio=1.5 price=-2.25 colors={BL"UE%,7} name="kate" addr=0xbeef three=-2 pick=NONE`},
		{testRaw(0, 0), `(401000) sql="" n=-3 color=RED ok=true ratio=1.5 price=-2.25 colors={BL"UE%,7} name="kate" addr=0xbeef three=-2 pick=NONE`},
		{nil, `(0) sql="" n=0 color=RED ok=false ratio=0 price=0 colors={} name=(fault) addr=0x0 three=0 pick=RED`},
	} {
		if got := string(b.AppendText(nil, tc.raw, c)); got != tc.want {
			t.Errorf("\n got %s\nwant %s", got, tc.want)
		}
	}
	if b.Len() != 11 || b.Field(1).Type.Kind != Unknown || b.Field(2).Type.Kind != Enum {
		t.Errorf("%d values", b.Len())
	}
	dst, raw := make([]byte, 0, 1024), testRaw(9, -1)
	if n := testing.AllocsPerRun(10, func() { b.AppendText(dst, raw, c) }); n != 0 {
		t.Errorf("%v allocations an event", n)
	}
}

func TestBindErrors(t *testing.T) {
	f, err := tracefs.ParseFormat([]byte(formatText))
	if err != nil {
		t.Fatal(err)
	}
	e := testEvent()
	e.Fields[1].Raw = []string{"colour"}
	if _, err := Bind(e, f); err == nil || !strings.Contains(err.Error(), "colour") {
		t.Errorf("a field that is not there: %v", err)
	}
	e = testEvent()
	e.Fields[0].Len = ""
	if _, err := Bind(e, f); !errors.Is(err, ErrPayload) {
		t.Errorf("a Go string without length: %v", err)
	}
}

func TestRewriteFormat(t *testing.T) {
	text := testEvent().RewriteFormat([]byte(formatText))
	f, err := tracefs.ParseFormat(text)
	if err != nil || f.PrintErr() != nil {
		t.Fatalf("%v, %v\n%s", err, f.PrintErr(), text)
	}
	c := &tracefs.Context{Order: binary.LittleEndian}
	want := `(401000) sql="select 1;" n=-3 color=NONE ok=true ratio=1069547520 price=13835621005235585024 colors={2,7} name="kate" addr=0xbeef three=-2 pick=NONE`
	if got := string(f.AppendText(nil, testRaw(9, -1), c)); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	plain := testEvent()
	plain.Fields = plain.Fields[3:5]
	if got := plain.RewriteFormat([]byte(formatText)); string(got) != formatText {
		t.Errorf("floats only: rewritten\n%s", got)
	}
}

func TestPayload(t *testing.T) {
	e := testEvent()
	b, err := e.AppendBinary([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(append(b[1:], 0, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(e, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	for i := range 20000 {
		e.Fields[1].Type.Values = append(e.Fields[1].Type.Values, EnumValue{int64(i), "NAME"})
	}
	b, err = e.AppendBinary(nil)
	if err != nil || len(b) > MaxPayload {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	if got, err := Decode(b); err != nil || got.Fields[1].Type.Values != nil || len(got.Fields[5].Type.Values) != 3 {
		t.Errorf("a huge enum: %v", err)
	}
	for _, s := range []string{"", "x", header, header + "{}", header + "[]", header + `{"group":"a","name":"b","fields":[{"name":"c"}]}{`} {
		if _, err := Decode([]byte(s)); !errors.Is(err, ErrPayload) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if got, err := Decode([]byte(header + `{"group":"a","name":"b","fields":[{"name":"c","type":{"kind":"later"},"raw":["c"]}]}`)); err != nil || got.Fields[0].Type.Kind != Unknown {
		t.Errorf("a kind of a later version: %+v, %v", got, err)
	}
}

func FuzzDecode(f *testing.F) {
	b, err := testEvent().AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b, testRaw(9, 2))
	f.Add([]byte(header+`{"group":"a","name":"query","fields":[{"name":"c","type":{"kind":"float64","size":3},"raw":["n"]}]}`), []byte{})
	f.Add([]byte(header+`{"group":"a","name":"query","fields":[{"name":"c","type":{"kind":"gostring"},"raw":["name","n"]}]}`), testRaw(1, 1))
	format, err := tracefs.ParseFormat([]byte(formatText))
	if err != nil {
		f.Fatal(err)
	}
	c := &tracefs.Context{}
	f.Fuzz(func(t *testing.T, b, raw []byte) {
		e, err := Decode(b)
		if err != nil {
			return
		}
		again, err := e.AppendBinary(nil)
		if err != nil {
			return
		}
		if back, err := Decode(again); err != nil {
			t.Errorf("decoded but not again: %v, %+v", err, back)
		}
		if bound, err := Bind(e, format); err == nil {
			bound.AppendText(nil, raw, c)
		}
		text := e.RewriteFormat([]byte(formatText))
		if fm, err := tracefs.ParseFormat(text); err != nil || fm.PrintErr() != nil {
			t.Errorf("rewritten to nonsense: %v\n%s", err, text)
		}
	})
}

func TestStore(t *testing.T) {
	s := Store{Dir: filepath.Join(t.TempDir(), "run", "events")}
	e := testEvent()
	if _, err := s.Load(e.Group, e.Name, e.Definition); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing saved: %v", err)
	}
	if err := s.Remove(e.Group, e.Name); err != nil {
		t.Errorf("remove from nothing: %v", err)
	}
	if err := s.Save(e); err != nil {
		t.Fatal(err)
	}
	got, err := s.Load(e.Group, e.Name, e.Definition)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(e, got); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	info, err := os.Stat(filepath.Join(s.Dir, e.Group, e.Name+".json"))
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	list, _ := os.ReadDir(filepath.Join(s.Dir, e.Group))
	if len(list) != 1 {
		t.Errorf("left behind: %v", list)
	}
	var stale *StaleError
	if _, err := s.Load(e.Group, e.Name, "p:probe_db/query /bin/db:0x20"); !errors.As(err, &stale) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("another definition: %v", err)
	}
	for _, n := range [][2]string{{"..", "x"}, {"a/b", "x"}, {"a", "x\n"}, {"", "x"}, {"a", strings.Repeat("x", 300)}} {
		bad := *e
		bad.Group, bad.Name = n[0], n[1]
		if err := s.Save(&bad); err == nil {
			t.Errorf("saved as %q", n)
		}
	}
	if err := s.Remove(e.Group, e.Name); err != nil {
		t.Error(err)
	}
	if list, _ := os.ReadDir(s.Dir); len(list) > 0 {
		t.Errorf("left behind: %v", list)
	}
}

func TestStoreUnsafe(t *testing.T) {
	e := testEvent()
	s := Store{Dir: filepath.Join(t.TempDir(), "events")}
	if err := s.Save(e); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(s.Dir, e.Group, e.Name+".json")
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(e.Group, e.Name, e.Definition); !errors.Is(err, ErrUnsafe) {
		t.Errorf("a file that all may write: %v", err)
	}
	if err := os.Chmod(s.Dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(e); !errors.Is(err, ErrUnsafe) {
		t.Errorf("a directory that all may write: %v", err)
	}
}

func TestShown(t *testing.T) {
	e := Event{Group: "g", Name: "e", Definition: "p:g/e x:1", Fields: []Field{
		{Name: "key", Type: Type{Kind: Text}, Raw: []string{"key"}, Len: "key_len", Ptr: "key_ptr"},
		{Name: "n", Type: Type{Kind: Int}, Raw: []string{"n_len"}},
	}}
	got := e.Shown([]string{"goid", "key", "key_len", "key_ptr", "n_len", "last"})
	if want := []string{"goid", "key", "n", "last"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
