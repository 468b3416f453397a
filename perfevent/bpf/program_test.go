package bpf

import (
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// madeProbe is a probe as the kernel lists it, with all that a program is made of.
type madeProbe struct {
	name   string
	format string // the fields behind __probe_ip
	fields []argtype.Field
	lines  []tracefs.ProbeLine
}

const (
	formatHead = `name: e
ID: 1507
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long __probe_ip;	offset:8;	size:8;	signed:0;
`
	formatTail = `
print fmt: "(%lx)", REC->__probe_ip
`
	textFields = `	field:u64 s[];	offset:16;	size:64;	signed:0;
	field:u64 s_len;	offset:80;	size:8;	signed:0;
	field:u64 s_ptr;	offset:88;	size:8;	signed:0;
`
)

func textValue(kind argtype.Kind) []argtype.Field {
	return []argtype.Field{{Name: "s", Type: argtype.Type{Kind: kind}, Raw: []string{"s"}, Len: "s_len", Ptr: "s_ptr"}}
}

func textArgs(length, ptr string) []tracefs.ProbeArg {
	return []tracefs.ProbeArg{{Name: "s", Expr: "+0(" + ptr + ")", Type: "u64[8]"}, {Name: "s_len", Expr: length, Type: "u64"}, {Name: "s_ptr", Expr: ptr, Type: "u64"}}
}

// madeProbes have each kind of instruction that the generator writes.
func madeProbes() []madeProbe {
	numbers := append(textArgs("%bx", "%ax"),
		tracefs.ProbeArg{Name: "a", Expr: "%cx", Type: "u8"}, tracefs.ProbeArg{Name: "b", Expr: `\-5`, Type: "s16"},
		tracefs.ProbeArg{Name: "c", Expr: "+8(-u16(%di))", Type: "x32"}, tracefs.ProbeArg{Name: "d", Expr: `\0x123456789abcdef0`, Type: "u64"},
		tracefs.ProbeArg{Name: "e", Expr: "+16(%sp)", Type: "u16[3]"})
	ended := textArgs("%bx", "%ax")
	ended[1].Name = "s_end"
	return []madeProbe{
		{"in registers", textFields, textValue(argtype.Text), []tracefs.ProbeLine{{Place: "/bin/x:0x1000", Args: textArgs("%bx", "%ax")}}},
		{"in memory", textFields, textValue(argtype.Text), []tracefs.ProbeLine{{Place: "/bin/x:0x1000", Args: textArgs("+8(+24(%ax))", "+0(+24(%ax))")}}},
		{"up to an end", `	field:u64 s[];	offset:16;	size:64;	signed:0;
	field:u64 s_end;	offset:80;	size:8;	signed:0;
	field:u64 s_ptr;	offset:88;	size:8;	signed:0;
`, []argtype.Field{{Name: "s", Type: argtype.Type{Kind: argtype.Text}, Raw: []string{"s"}, End: "s_end", Ptr: "s_ptr"}},
			[]tracefs.ProbeLine{{Place: "/bin/x:0x1000", Args: ended}}},
		{"numbers and an array", textFields + `	field:u8 a;	offset:96;	size:1;	signed:0;
	field:s16 b;	offset:98;	size:2;	signed:1;
	field:u32 c;	offset:100;	size:4;	signed:0;
	field:u64 d;	offset:104;	size:8;	signed:0;
	field:u16 e[3];	offset:112;	size:6;	signed:0;
`, textValue(argtype.Text), []tracefs.ProbeLine{{Place: "/bin/x:0x1000", Args: numbers}}},
		{"places that differ", textFields, textValue(argtype.Text), []tracefs.ProbeLine{
			{Place: "/bin/x:0x1000", Args: textArgs("%bx", "%ax")}, {Place: "/bin/x:0x2010", Args: textArgs("%si", "%di")},
			{Place: "/bin/x:0x30f4(0x0)", Args: textArgs("+8(%sp)", "+0(%sp)")}}},
	}
}

// laidOut is the layout of a probe.
func (p *madeProbe) laidOut(t *testing.T) *layout {
	t.Helper()
	text := []byte(formatHead + p.format + formatTail)
	f, err := tracefs.ParseFormat(text)
	if err != nil {
		t.Fatal(err)
	}
	l, err := newLayout(&argtype.Event{Group: "g", Name: "e", Fields: p.fields}, f, p.lines[0].Args, text)
	if err != nil || l == nil {
		t.Fatalf("%s: %v, %v", p.name, l, err)
	}
	return l
}

// TestNoProgram: what only the kernel can fetch is refused in words.
func TestNoProgram(t *testing.T) {
	for _, test := range []struct {
		want   string
		change func(p *madeProbe)
	}{
		{"no register %zz", func(p *madeProbe) { p.lines[0].Args[1].Expr = "%zz" }},
		{"the address of s is fetched by the kernel only", func(p *madeProbe) { p.lines[0].Args[2].Expr = "@0x1000" }},
		{"type b4@0/8", func(p *madeProbe) { p.lines[0].Args[1].Type = "b4@0/8" }},
		{"cannot be told apart", func(p *madeProbe) {
			p.lines = append(p.lines, tracefs.ProbeLine{Place: "/bin/x:0x5000", Args: textArgs("%cx", "%dx")})
		}},
	} {
		p := madeProbes()[0]
		test.change(&p)
		g := &generator{regs: registers("amd64")}
		if err := g.probe(p.laidOut(t), p.lines, 7, -1, 11); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}
