// Command skipcheck reads `go test -json` from standard input, prints what failed, and compares what was skipped with
// the list of tests that may be skipped where a feature is missing (../skips.txt). It fails on a failed test, on a
// skip that the list does not expect, on a skip that does not go through testkit, and on a listed test that ran although
// its feature is missing.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// event is what test2json writes (cmd/test2json).
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go test -json ./... | skipcheck skips.txt")
		os.Exit(2)
	}
	list, err := readList(os.Args[1])
	if err == nil {
		err = check(os.Stdin, os.Stdout, list, testkit.Have)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "skipcheck:", err)
		os.Exit(1)
	}
}

// readList reads lines "FEATURE PACKAGE.TEST", PACKAGE without the module's path.
func readList(name string) (map[string]testkit.Feature, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	list := make(map[string]testkit.Feature)
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(fields) != 2 {
			return nil, fmt.Errorf("%s: %q is not FEATURE PACKAGE.TEST", name, line)
		}
		list[fields[1]] = testkit.Feature(fields[0])
	}
	return list, nil
}

// tests is what a run came to.
type tests struct {
	passed, failed int
	output         map[string]*strings.Builder
	skipped        map[string]testkit.Feature // "" where the skip did not come from testkit
	reason         map[string]string
	ran            map[string]bool
}

func check(in io.Reader, out io.Writer, list map[string]testkit.Feature, have func(testkit.Feature) error) error {
	r := &tests{output: make(map[string]*strings.Builder), skipped: make(map[string]testkit.Feature), reason: make(map[string]string), ran: make(map[string]bool)}
	if err := r.read(in, out); err != nil {
		return err
	}
	wrong := r.wrongSkips(list, have)
	for _, name := range slices.Sorted(mapKeys(r.skipped)) {
		fmt.Fprintf(out, "skipped %s: %s\n", name, r.reason[name])
	}
	for _, w := range wrong {
		fmt.Fprintln(out, "SKIPS:", w)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, len(r.skipped))
	switch {
	case r.failed > 0:
		return fmt.Errorf("%d tests failed", r.failed)
	case len(wrong) > 0:
		return fmt.Errorf("%d skips are not as expected on a machine like this one", len(wrong))
	case r.passed == 0:
		return fmt.Errorf("no test ran")
	}
	return nil
}

func mapKeys(m map[string]testkit.Feature) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (r *tests) read(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			// What the go command itself says (a build that fails) is no JSON.
			fmt.Fprintf(out, "%s\n", lines.Bytes())
			continue
		}
		r.take(e, out)
	}
	return lines.Err()
}

func (r *tests) take(e event, out io.Writer) {
	name := shortName(e)
	switch e.Action {
	case "output", "build-output":
		b := r.output[name]
		if b == nil {
			b = new(strings.Builder)
			r.output[name] = b
		}
		b.WriteString(e.Output)
	case "pass":
		if e.Test == "" {
			fmt.Fprintf(out, "ok   %-32s %6.1fs\n", name, e.Elapsed)
			return
		}
		r.passed++
		r.ran[name] = true
	case "fail", "build-fail":
		r.failed++
		r.ran[name] = true
		fmt.Fprintf(out, "FAIL %s\n", name)
		if b := r.output[name]; b != nil {
			fmt.Fprintln(out, b)
		}
	case "skip":
		if e.Test != "" {
			r.noteSkip(name)
		}
	}
}

func (r *tests) noteSkip(name string) {
	r.skipped[name] = ""
	r.reason[name] = "it gives no reason"
	b := r.output[name]
	if b == nil {
		return
	}
	if m := needLine().FindStringSubmatch(b.String()); m != nil {
		r.skipped[name], r.reason[name] = testkit.Feature(m[1]), m[0]
	}
}

func needLine() *regexp.Regexp { return regexp.MustCompile(`need ([a-z+0-9]+): .*`) }

// shortName is the package without its module's path, and the test.
func shortName(e event) string {
	pkg := strings.TrimPrefix(strings.TrimPrefix(e.Package, "github.com/gperf-dev/gperf"), "/")
	if pkg == "" {
		pkg = path.Base(e.Package)
	}
	if e.Test == "" {
		return pkg
	}
	return pkg + "." + e.Test
}

func (r *tests) wrongSkips(list map[string]testkit.Feature, have func(testkit.Feature) error) []string {
	var wrong []string
	for _, name := range slices.Sorted(mapKeys(r.skipped)) {
		f := r.skipped[name]
		switch want, listed := list[name]; {
		case f == "":
			wrong = append(wrong, name+" was skipped, and not through testkit.Need")
		case !listed:
			wrong = append(wrong, fmt.Sprintf("%s was skipped for want of %s, which the list does not expect", name, f))
		case want != f:
			wrong = append(wrong, fmt.Sprintf("%s was skipped for want of %s, the list says %s", name, f, want))
		case have(f) == nil:
			wrong = append(wrong, fmt.Sprintf("%s was skipped for want of %s, which this machine has", name, f))
		}
	}
	for _, name := range slices.Sorted(mapKeys(list)) {
		if f := list[name]; r.ran[name] && have(f) != nil {
			wrong = append(wrong, fmt.Sprintf("%s is listed as needing %s, but ran without it", name, f))
		}
	}
	return wrong
}
