package benchrun

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/benchcount"
)

const output = `goos: linux
BenchmarkA-2   	     100	     12.5 ns/op
=== RUN   BenchmarkB
BenchmarkB
BenchmarkB/x=1-2 	      7	  1e+03 ns/op	  3 B/op
BenchmarkNoTime 	 7	 3 B/op
BenchmarkZero 	 0	 3 ns/op
BenchmarkOdd 	 7	 3 ns/op	 4
BenchmarkWord 	 7	 x ns/op
Benchmark nothing else
PASS`

func TestResults(t *testing.T) {
	for _, chunk := range []int{1, 3, 7, 1000} {
		var out bytes.Buffer
		w := &results{out: &out, add: func(dst []byte, r result) []byte { return fmt.Appendf(dst, " <%v %v>", r.operations, r.nanos) }}
		for part := range slices.Chunk([]byte(output), chunk) {
			if n, err := w.Write(part); n != len(part) || err != nil {
				t.Fatal(n, err)
			}
		}
		want := strings.Replace(output, "12.5 ns/op", "12.5 ns/op <100 12.5>", 1)
		want = strings.Replace(want, "3 B/op\nBenchmarkNo", "3 B/op <7 1000>\nBenchmarkNo", 1)
		if out.String() != want {
			t.Errorf("chunks of %d:\n%s\nwant\n%s", chunk, out.String(), want)
		}
	}
}

// TestPartsGoThrough: the name of a benchmark appears while it runs.
func TestPartsGoThrough(t *testing.T) {
	var out bytes.Buffer
	w := &results{out: &out}
	if _, err := w.Write([]byte("BenchmarkA-2 \t")); err != nil || out.String() != "BenchmarkA-2 \t" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestLongLine(t *testing.T) {
	var out bytes.Buffer
	w := &results{out: &out, add: func(dst []byte, _ result) []byte { return append(dst, "added"...) }}
	long := "BenchmarkA 1 " + strings.Repeat("1 ns/op ", maxLine) + "\n"
	if _, err := w.Write([]byte(long + "BenchmarkA 1 1 ns/op\n")); err != nil {
		t.Fatal(err)
	}
	if out.String() != long+"BenchmarkA 1 1 ns/opadded\n" || cap(w.line) > 2*maxLine {
		t.Errorf("%d bytes of output, %d kept", out.Len(), cap(w.line))
	}
}

func TestWriteFails(t *testing.T) {
	w := &results{out: failing{}, add: func(dst []byte, _ result) []byte { return dst }}
	if _, err := w.Write([]byte("a\nb")); !errors.Is(err, errFailing) {
		t.Error(err)
	}
}

var errFailing = errors.New("no more")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFailing }

func FuzzResults(f *testing.F) {
	f.Add([]byte(output), uint8(3))
	f.Fuzz(func(t *testing.T, b []byte, chunk uint8) {
		var out bytes.Buffer
		w := &results{out: &out, add: func(dst []byte, r result) []byte {
			if r.operations < 1 || !(r.nanos > 0) {
				t.Fatalf("%+v", r)
			}
			return append(dst, "\x00added"...)
		}}
		for part := range slices.Chunk(b, int(chunk)+1) {
			if _, err := w.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		if got := bytes.ReplaceAll(out.Bytes(), []byte("\x00added"), nil); !bytes.Contains(b, []byte("\x00added")) && !bytes.Equal(got, b) {
			t.Errorf("%q became %q", b, got)
		}
	})
}

func TestGoTest(t *testing.T) {
	before := func() ([]string, error) {
		return []string{"/a b/gperf", "bench", "--event={cycles,instructions}", "--"}, nil
	}
	const exec = "-exec='/a b/gperf' bench --event={cycles,instructions} --"
	for _, test := range []struct {
		argv string
		want string // words with | between them; "" for an error
		isGo bool
	}{
		{"go test -bench . ./...", "go|test|" + exec + "|-bench|.|./...", true},
		{"/usr/bin/go -C dir test", "/usr/bin/go|-C|dir|test|" + exec, true},
		{"go -C=dir test -args -exec", "go|-C=dir|test|" + exec + "|-args|-exec", true},
		{"./p.test -test.bench .", "./p.test|-test.bench|.", false},
		{"go build", "", true},
		{"go", "", true},
		{"go -C", "", true},
		{"go test -exec nice", "", true},
		{"go test --exec=nice", "", true},
	} {
		got, isGo, err := GoTest(strings.Fields(test.argv), before)
		if strings.Join(got, "|") != test.want || isGo != test.isGo || (err != nil) != (test.want == "") {
			t.Errorf("%s: %q, %t, %v", test.argv, got, isGo, err)
		}
	}
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{"a": "a", "": "''", "a b": "'a b'", `a"b`: `'a"b'`, "a'b": `"a'b"`, "a'b\"": ""} {
		if got, err := quote(word); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v", word, got, err)
		}
	}
}

func TestAppendMetric(t *testing.T) {
	for value, want := range map[float64]string{0: "0", 12345.6: "12346", 123.45: "123.5", 12.345: "12.35", 1.2345: "1.234", 0.0012345: "0.001234",
		0.47246: "0.4725", 0.0000001234567: "0.0000001235", 999.94: "999.9", 999.96: "1000", 9.9996: "10.00", 1e-15: "0.000000000000"} {
		got := strings.TrimSpace(string(appendMetric(nil, benchcount.Metric{Value: value, Unit: "x/op"})))
		if got != want+" x/op" {
			t.Errorf("%v: %q, want %q", value, got, want)
		}
	}
}

func TestNoResult(t *testing.T) {
	for argv, want := range map[string]string{"p.test": "give go test -bench", "p.test -test.bench=.": "no benchmark here", "p.test --test.bench x": "no benchmark here",
		"p.test -test.benchmem": "give go test -bench"} {
		if got := noResult(strings.Fields(argv)); !strings.Contains(got, want) {
			t.Errorf("%s: %s", argv, got)
		}
	}
}

// TestUnits: a unit that the benchmark reports by itself is known.
func TestUnits(t *testing.T) {
	r, ok := parseResult([]byte("BenchmarkA-2 7 3 ns/op 4.5 page-faults/op"))
	if want := []string{"ns/op", "page-faults/op"}; !ok || !slices.Equal(r.units, want) {
		t.Errorf("%q, %t, want %q", r.units, ok, want)
	}
}
