package glob

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"a*c", "abbc", true}, {"a*c", "abb", false},
		{"?", "", false}, {"a?c", "abc", true}, {"[ab]c", "bc", true}, {"[!ab]c", "bc", false}, {"[a-c]", "b", true}, {"[a-c]", "d", false},
		{"[]a]", "]", true}, {"[a", "[a", true}, {`\*`, "*", true}, {`\*`, "a", false}, {"do_*_open", "do_sys_open", true},
	} {
		if got := Match(tt.pattern, tt.s); got != tt.want {
			t.Errorf("Match(%q, %q) = %v", tt.pattern, tt.s, got)
		}
	}
}

// TestMatchTakesItsTime: a backtracking matcher would not come back from this.
func TestMatchTakesItsTime(t *testing.T) {
	if Match(strings.Repeat("a*", 50)+"b", strings.Repeat("a", 5000)) {
		t.Error("a match")
	}
}
