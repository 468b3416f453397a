package probe

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
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

func TestFunctionsAreLikePerfs(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	filter, err := ParseFilter(DefaultFuncsFilter)
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{compile(t, "-O2"), "/bin/bash"} {
		r := open(t, Target{Exec: program})
		names, err := r.Functions(filter)
		if err != nil {
			t.Fatal(err)
		}
		var code []string // perf lists variables too
		for _, name := range strings.Fields(perfSays(t, "probe", "-x", program, "-F")) {
			var no *NoFunctionError
			if _, _, err := r.named(name); !errors.As(err, &no) {
				code = append(code, name)
			}
		}
		if diff := cmp.Diff(code, names); diff != "" || len(code) < 10 {
			t.Errorf("%s: -perf +gperf:\n%s", program, diff)
		}
	}
}
