package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

func TestCheck(t *testing.T) {
	const pkg = `"Package":"github.com/gperf-dev/gperf/probe"`
	pass := `{"Action":"pass",` + pkg + `,"Test":"TestA"}` + "\n"
	skip := func(test, text string) string {
		return `{"Action":"output",` + pkg + `,"Test":"` + test + `","Output":"    x.go:1: ` + text + `\n"}` + "\n" +
			`{"Action":"skip",` + pkg + `,"Test":"` + test + `"}` + "\n"
	}
	list := map[string]testkit.Feature{"probe.TestK": testkit.Kprobes}
	lacksKprobes := func(f testkit.Feature) error {
		if f == testkit.Kprobes {
			return errors.New("none")
		}
		return nil
	}
	for _, tt := range []struct{ name, in, fail string }{
		{"passes", pass, ""},
		{"expected skip", pass + skip("TestK", "need kprobes: none"), ""},
		{"failure", pass + `{"Action":"fail",` + pkg + `,"Test":"TestB"}`, "1 tests failed"},
		{"build failure", pass + `{"Action":"build-fail","ImportPath":"x"}`, "1 tests failed"},
		{"unlisted skip", pass + skip("TestZ", "need kprobes: none"), "not as expected"},
		{"skip of its own", pass + skip("TestK", "not today"), "not as expected"},
		{"feature is there", pass + skip("TestK", "need perf: none"), "not as expected"},
		{"ran without its feature", `{"Action":"pass",` + pkg + `,"Test":"TestK"}`, "not as expected"},
		{"nothing ran", "", "no test ran"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			err := check(strings.NewReader(tt.in), &out, list, lacksKprobes)
			switch {
			case tt.fail == "" && err != nil:
				t.Errorf("%v\n%s", err, &out)
			case tt.fail != "" && (err == nil || !strings.Contains(err.Error(), tt.fail)):
				t.Errorf("error %v, want %q\n%s", err, tt.fail, &out)
			}
		})
	}
}
