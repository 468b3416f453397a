package probe

import (
	"errors"
	"strings"
	"testing"
)

func TestFilter(t *testing.T) {
	for _, tt := range []struct {
		filter, name string
		want         bool
	}{
		{"*", "x", true},
		{"f_*", "f_x", true},
		{"f_*", "g", false},
		{"!_* & !*@plt", "_x", false},
		{"!_* & !*@plt", "x@plt", false},
		{"!_* & !*@plt", "x", true},
		{"a|b", "b", true},
		{"!(a|b)", "b", false},
		{"a*b*c", "aXXbYbc", true},
		{"a*b*c", "aXXbYb", false},
		{"[a-c]?", "bz", true},
		{"[!a-c]?", "bz", false},
		{"f_st[r]", "f_str", true},
		{`\*`, "*", true},
		{`\*`, "x", false},
		{"[", "[", true},
		{"probe:*", "probe:x", true},
	} {
		f, err := ParseFilter(tt.filter)
		if err != nil {
			t.Errorf("ParseFilter(%q): %v", tt.filter, err)
			continue
		}
		if got := f.Match(tt.name); got != tt.want {
			t.Errorf("%q matches %q: %v", tt.filter, tt.name, got)
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	for text, at := range map[string]int{"(f*": 3, "": 0, "a&": 2, "a b": 2, ")": 0, strings.Repeat("!", 200) + "a": 101} {
		_, err := ParseFilter(text)
		var f *FilterError
		if !errors.As(err, &f) || f.Offset != at {
			t.Errorf("ParseFilter(%.10q): %v, want an error at %d", text, err, at)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("!_* & !*@plt", "x")
	f.Add("(a|[b-d]?)&!\\*", "c1")
	f.Fuzz(func(t *testing.T, text, name string) {
		if filter, err := ParseFilter(text); err == nil {
			filter.Match(name)
		}
	})
}
