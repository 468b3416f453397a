package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/internal/testkit/jsonschema"
)

// TestConvertToJSON turns all golden recordings into JSON: each line fits its schema, and there are as many samples as perf prints lines.
func TestConvertToJSON(t *testing.T) {
	schema := jsonschema.Of(jsonout.Line{}, "")
	files, err := filepath.Glob("../../perfevent/perfdata/testdata/*.data")
	others, err2 := filepath.Glob("../../perfevent/perfdata/testdata/versions/*.data")
	files = append(files, others...)
	if err != nil || err2 != nil || len(files) < 10 {
		t.Fatal(files, err, err2)
	}
	for _, file := range append(files, "testdata/golden/probe.data") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var out, errs bytes.Buffer
			if status := run([]string{"data", "convert", "--to-json", "-", "-f", "-i", file}, strings.NewReader(""), &out, &errs); status != 0 {
				t.Fatalf("status %d: %s", status, errs.String())
			}
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			for i, l := range lines {
				if err := schema.Validate([]byte(l)); err != nil {
					t.Fatalf("line %d: %s\n%v", i+1, l, err)
				}
			}
			var end jsonout.End
			if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || end.Type != "end" || int(end.Samples) != len(lines)-2 {
				t.Errorf("%d lines end in %s", len(lines), lines[len(lines)-1])
			}
			if !strings.HasPrefix(lines[0], `{"type":"recording","version":1,`) {
				t.Errorf("begins with %s", lines[0])
			}
			text, err := os.ReadFile(strings.TrimSuffix(file, ".data") + ".script")
			if err != nil {
				return // perf's text is not kept for this one
			}
			samples := 0
			for l := range strings.Lines(string(text)) {
				if len(strings.Fields(l)) >= 4 { // an address of a call chain stands alone
					samples++
				}
			}
			if samples != len(lines)-2 {
				t.Errorf("%d samples, perf prints %d", len(lines)-2, samples)
			}
		})
	}
}

// TestJSONOfCommands holds what list and check print against their schemas.
func TestJSONOfCommands(t *testing.T) {
	for _, c := range []struct {
		args   []string
		schema *jsonschema.Schema
	}{
		{[]string{"list", "-j", "--details", "sw", "pmu", "cache"}, jsonschema.Of([]jsonout.ListedEvent{}, "")},
		{[]string{"check", "-j"}, jsonschema.Of([]jsonout.Check{}, "")},
	} {
		var out, errs bytes.Buffer
		if status := run(c.args, strings.NewReader(""), &out, &errs); status != 0 {
			t.Fatalf("%v: status %d: %s", c.args, status, errs.String())
		}
		if err := c.schema.Validate(out.Bytes()); err != nil {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}
