package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestScriptGolden asks gperf what perf was asked in testdata/golden/make.sh.
func TestScriptGolden(t *testing.T) {
	t.Chdir("testdata/golden")
	text, err := os.ReadFile("golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(text), "$ ")[1:] {
		line, want, _ := strings.Cut(part, "\n")
		t.Run(line, func(t *testing.T) {
			var out, errs bytes.Buffer
			if status := run(strings.Fields(line), nil, &out, &errs); status != 0 {
				t.Errorf("status %d: %s", status, errs.String())
			}
			if d := cmp.Diff(want, out.String()); d != "" {
				t.Errorf("perf (-) and gperf (+) print\n%s", d)
			}
		})
	}
}
