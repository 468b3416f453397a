package probe

import (
	"slices"
	"testing"
)

func TestMergeSorted(t *testing.T) {
	for _, lists := range [][][]string{
		{nil},
		{{"a"}},
		{{"a", "c"}, {"b", "c", "d"}},
		{{"b"}, nil, {"a", "z"}},
		{{"q"}, {"r"}, {"a"}, {"b", "c"}, {"c"}},
	} {
		want := slices.Concat(lists...)
		slices.Sort(want)
		if got := mergeSorted(lists); !slices.Equal(got, want) {
			t.Errorf("%v: %v", lists, got)
		}
	}
}
