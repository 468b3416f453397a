package cpulist

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		text  string
		want  []int
		wrong string
	}{
		{"0-3,8\n", []int{0, 1, 2, 3, 8}, ""},
		{"2", []int{2}, ""},
		{"", nil, ""},
		{"1,x", nil, "x"},
		{"3-1", nil, "3-1"},
		{"0-", nil, ""},
		{"-1", nil, ""},
		{"0-99999999999", nil, "99999999999"},
		{"70000", nil, "70000"},
		{strings.Repeat("0-65535,", 2) + "1", nil, "0-65535"},
	} {
		got, err := Parse(test.text)
		var bad *Error
		if test.want == nil && test.text != "" {
			if !errors.As(err, &bad) || bad.Text != test.wrong || bad.Hint() == "" {
				t.Errorf("%.20q: %v, want an error about %q", test.text, err, test.wrong)
			}
			continue
		}
		if err != nil || !cmp.Equal(got, test.want) {
			t.Errorf("%q: %v, %v, want %v", test.text, got, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0-3,8", "", "1,,2", "5-4", "0-65535,0-65535", "-", "１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cpus, err := Parse(s)
		if err == nil && len(cpus) > maxCPU {
			t.Errorf("%d CPUs", len(cpus))
		}
	})
}
