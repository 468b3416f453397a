package dwarfvars

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseExpr(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Expr
		last string
	}{
		{"a", Expr{Root: "a"}, "a"},
		{"o->in.name", Expr{Root: "o", Steps: []Step{{Kind: Arrow, Name: "in"}, {Kind: Dot, Name: "name"}}}, "name"},
		{"argv[0]", Expr{Root: "argv", Steps: []Step{{Kind: Index}}}, "argv"},
		{"o->arr[0x2][-1]", Expr{Root: "o", Steps: []Step{{Kind: Arrow, Name: "arr"}, {Kind: Index, Index: 2}, {Kind: Index, Index: -1}}}, "arr"},
		{"_x9", Expr{Root: "_x9"}, "_x9"},
	} {
		got, err := ParseExpr(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		tt.want.Text = tt.text
		if diff := cmp.Diff(&tt.want, got); diff != "" {
			t.Errorf("%s\n%s", tt.text, diff)
		}
		if got.Last() != tt.last {
			t.Errorf("%s is called %s", tt.text, got.Last())
		}
	}
}

func TestParseExprErrors(t *testing.T) {
	for _, tt := range []struct {
		text   string
		column int
	}{
		{"", 0}, {"9", 0}, {"->a", 0}, {"a->", 3}, {"a-b", 1}, {"a.", 2}, {"a[", 1}, {"a[x]", 2}, {"a[1", 1}, {"a[]", 2}, {"a b", 1}, {"a[1]x", 4},
	} {
		e, err := ParseExpr(tt.text)
		var bad *ExprError
		if !errors.As(err, &bad) || bad.Column != tt.column || bad.Hint() == "" {
			t.Errorf("%q is %v, error %v; want one at column %d", tt.text, e, err, tt.column)
		}
	}
}
