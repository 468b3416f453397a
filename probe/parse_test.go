package probe

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParsePoint(t *testing.T) {
	for _, tt := range []struct {
		text         string
		group, event string
		want         Point
	}{
		{"f", "", "", Point{Function: "f"}},
		{"f+8", "", "", Point{Function: "f", Offset: 8}},
		{"f+0x10", "", "", Point{Function: "f", Offset: 16}},
		{"f%return", "", "", Point{Function: "f", Return: true}},
		{"f:12", "", "", Point{Function: "f", Line: 12}},
		{"f@dir/a.c:12", "", "", Point{Function: "f", Source: "dir/a.c", Line: 12}},
		{"f@a.c", "", "", Point{Function: "f", Source: "a.c"}},
		{"f@a.c+4", "", "", Point{Function: "f", Source: "a.c", Offset: 4}},
		{"f;x*=3;", "", "", Point{Function: "f", Pattern: "x*=3;"}},
		{"a.c:12", "", "", Point{Kind: SourcePoint, Source: "a.c", Line: 12}},
		{"dir/a.cc;if*(x)", "", "", Point{Kind: SourcePoint, Source: "dir/a.cc", Pattern: "if*(x)"}},
		{"ev=f", "", "ev", Point{Function: "f", Column: 4}},
		{"grp:ev=f%return", "grp", "ev", Point{Function: "f", Return: true, Column: 8}},
		{"0x12e0", "", "", Point{Kind: AddressPoint, Address: 0x12e0}},
		{"e=0x12e0", "", "e", Point{Kind: AddressPoint, Address: 0x12e0, Column: 3}},
		{"%sdt_libc:setjmp", "", "", Point{Kind: SDTPoint, Provider: "sdt_libc", Function: "setjmp", Column: 2}},
		{"sdt_libc:set*", "", "", Point{Kind: SDTPoint, Provider: "sdt_libc", Function: "set*"}},
		{"%sdt_p:n@/bin/x", "", "", Point{Kind: SDTPoint, Provider: "sdt_p", Function: "n", Source: "/bin/x", Column: 2}},
		{`malloc_get_state\@GLIBC_2.2.5`, "", "", Point{Function: "malloc_get_state@GLIBC_2.2.5"}},
		{`foo\+bar.c:4`, "", "", Point{Kind: SourcePoint, Source: "foo+bar.c", Line: 4}},
		{"f_*", "", "", Point{Function: "f_*"}},
		{"f.isra.0", "", "", Point{Function: "f.isra.0"}},
		// What perf misreads.
		{"ns::f", "", "", Point{Function: "ns::f"}},
		{"ns::f:3", "", "", Point{Function: "ns::f", Line: 3}},
		{"ns::f%return", "", "", Point{Function: "ns::f", Return: true}},
		{"main.handle:3", "", "", Point{Function: "main.handle", Line: 3}},
		{"main.(*Server).Serve+16", "", "", Point{Function: "main.(*Server).Serve", Offset: 16}},
		{"main.go:3", "", "", Point{Kind: SourcePoint, Source: "main.go", Line: 3}},
		{"gopkg.in/yaml%2ev3.Marshal", "", "", Point{Function: "gopkg.in/yaml%2ev3.Marshal"}},
		{"gen<i32, a::b>%return", "", "", Point{Function: "gen<i32, a::b>", Return: true}},
		{"q(int, char*)", "", "", Point{Function: "q(int, char*)"}},
		{"a::operator==", "", "", Point{Function: "a::operator=="}},
		{"operator+", "", "", Point{Function: "operator+"}},
		{"operator<", "", "", Point{Function: "operator<"}},
		{"e=a::operator==", "", "e", Point{Function: "a::operator==", Column: 3}},
		{"main.Map[go.shape.int]", "", "", Point{Function: "main.Map[go.shape.int]"}},
	} {
		d, err := Parse(tt.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
			continue
		}
		if tt.want.Column == 0 {
			tt.want.Column = 1
		}
		if diff := cmp.Diff(tt.want, d.Point); diff != "" || d.Group != tt.group || d.Event != tt.event {
			t.Errorf("Parse(%q): %s:%s, -want +got:\n%s", tt.text, d.Group, d.Event, diff)
		}
	}
}

func TestParseArguments(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Argument
		expr string
	}{
		{"n", Argument{Value: "n"}, "n"},
		{"n:u8", Argument{Value: "n", Type: "u8"}, "n"},
		{"x=n:u8", Argument{Name: "x", Value: "n", Type: "u8"}, "n"},
		{"m->ip->a", Argument{Value: "m->ip->a"}, "m->ip->a"},
		{"argv[0]:string", Argument{Value: "argv[0]", Type: "string"}, "argv[0]"},
		{"p:string@user", Argument{Value: "p", Type: "string", User: true}, "p"},
		{"$retval", Argument{Value: "$retval"}, ""},
		{"$vars", Argument{Value: "$vars"}, ""},
		{"r=$retval:s32", Argument{Name: "r", Value: "$retval", Type: "s32"}, ""},
		{"%di", Argument{Value: "%di"}, ""},
		{"+0(%si):string", Argument{Value: "+0(%si)", Type: "string"}, ""},
		{"x=-8(+0(%sp)):x16[4]", Argument{Name: "x", Value: "-8(+0(%sp))", Type: "x16[4]"}, ""},
		{"@jiffies", Argument{Value: "@jiffies"}, ""},
		{`\"a:b=c":string`, Argument{Value: `\"a:b=c"`, Type: "string"}, ""},
		{`\5`, Argument{Value: `\5`}, ""},
	} {
		d, err := Parse("f " + tt.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
			continue
		}
		tt.want.Text, tt.want.Column = tt.text, 3
		expr := ""
		if e := d.Args[0].Expr; e != nil {
			expr = e.String()
		}
		if diff := cmp.Diff(tt.want, d.Args[0], cmpopts.IgnoreFields(Argument{}, "Expr")); diff != "" || expr != tt.expr {
			t.Errorf("Parse(%q): expression %q, -want +got:\n%s", tt.text, expr, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tt := range []struct {
		text, msg string
		column    int
	}{
		{"", "There is no probe point.", 1},
		{"foo:bar", "There is non-digit char in line number.", 5},
		{"f+x", "There is non-digit character in offset.", 3},
		{"f%exit", "%exit is not supported.", 2},
		{"1e=f", "1e is bad for event name", 1},
		{"g-h:e=f", "g-h is bad for group name", 1},
		{"e=f:2+3", "Offset can't be used with line number.", 3},
		{"f%return+3", "Offset/Line/Lazy pattern can't be used with return probe.", 1},
		{"f+3;x", "Lazy pattern can't be used with offset.", 1},
		{"a.c:x", "There is non-digit char in line number.", 5},
		{"f@a.c@b.c", "SRC@SRC is not allowed.", 7},
		{"0xzz", "Invalid absolute address.", 1},
		{"%libc/x:setjmp", "libc/x:setjmp must be an SDT name.", 2},
		{"f a[i]", "Array index must be a number.", 3},
		{"f a->", "Argument parse error: a->", 3},
		{"f x=", "Argument parse error: x=", 3},
		{"f x:", "Argument parse error: x:", 3},
		{"f a.b=x", "a.b is bad for argument name", 3},
		{"f" + strings.Repeat(" %di", MaxArgs+1), "Too many probe arguments (129).", 2 + 4*MaxArgs + 1},
	} {
		_, err := Parse(tt.text)
		var d *DefinitionError
		if !errors.As(err, &d) {
			t.Errorf("Parse(%q): error %v, want a DefinitionError", tt.text, err)
			continue
		}
		if !strings.HasPrefix(d.Msg, tt.msg) || d.Column != tt.column {
			t.Errorf("Parse(%q): %q at column %d, want %q at %d", tt.text, d.Msg, d.Column, tt.msg, tt.column)
		}
	}
}

func TestCaret(t *testing.T) {
	_, err := Parse("e=grüß:x12 n")
	var d *DefinitionError
	if !errors.As(err, &d) {
		t.Fatal(err)
	}
	want := "  e=grüß:x12 n\n         ^~~"
	if got := d.Caret(); got != want {
		t.Errorf("caret:\n%s\nwant:\n%s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"f", "g:e=f@a.c+4 x=m->a[3].b:u8 $vars", "%sdt_a:b@x", "a.c;*x*", "0x10 \\\"a:b\":string", "ns::f(int, a<b>):3",
		"f%return $retval", "operator== a", "f\\@@x", "main.(*T).M[a,b] x@user"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err == nil {
			_ = d.Point.String()
			_ = d.NeedsDebugInfo()
			if len(d.Args) > MaxArgs {
				t.Errorf("%d arguments", len(d.Args))
			}
			return
		}
		var de *DefinitionError
		if !errors.As(err, &de) {
			t.Fatalf("error of type %T", err)
		}
		if de.Column < 1 || de.Column > len(text)+1 {
			t.Errorf("column %d of %d bytes", de.Column, len(text))
		}
		_ = de.Caret()
	})
}
