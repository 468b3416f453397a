package jsonout_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/internal/testkit/jsonschema"
)

// TestSchemas compares docs/schema with the structs. -update writes it.
func TestSchemas(t *testing.T) {
	for name, s := range map[string]*jsonschema.Schema{
		"recording": jsonschema.Of(jsonout.Line{}, "a line of gperf data convert --to-json"),
		"check":     jsonschema.Of([]jsonout.Check{}, "gperf check -j"),
		"list":      jsonschema.Of([]jsonout.ListedEvent{}, "gperf list -j"),
	} {
		want, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		path := "../../docs/schema/" + name + ".json"
		if update.Value.String() == "true" {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the structs say: go test ./internal/jsonout -update (%v)", path, err)
		}
	}
}

var update = func() *flag.Flag {
	flag.Bool("update", false, "write docs/schema")
	return flag.Lookup("update")
}()

func TestAppendString(t *testing.T) {
	for _, s := range []string{"", "plain", "a\"b\\c", "\x00\n\x1b\x7f", "é€😀", "\xff\xc3", "\xe2\x82"} {
		var back string
		text := jsonout.AppendString(nil, s)
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%q: %s: %v", s, text, err)
		}
		want, _ := json.Marshal(s)
		var same string
		if err := json.Unmarshal(want, &same); err != nil || back != same {
			t.Errorf("%q: %s gives %q, encoding/json %q", s, text, back, same)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add([]byte("a\xe2\x82\"\\\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var back, same string
		if err := json.Unmarshal(jsonout.AppendString(nil, b), &back); err != nil {
			t.Fatal(err)
		}
		want, _ := json.Marshal(string(b))
		if err := json.Unmarshal(want, &same); err != nil || back != same {
			t.Errorf("%q against %q", back, same)
		}
	})
}
