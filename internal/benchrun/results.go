// Package benchrun runs a Go test binary, counts what it does, and adds the
// counts to the results of its benchmarks as they are printed.
package benchrun

import (
	"bytes"
	"io"
	"strconv"
	"strings"
)

// result is a line of Go's benchmark format.
type result struct {
	operations float64
	nanos      float64 // an operation, by the benchmark's own clock
	units      []string
}

// maxLine bounds the line that is looked at; longer ones are no results.
const maxLine = 64 << 10

// results passes a test binary's output on, and asks at the end of each line
// that is a benchmark's result what to add to it. Everything else goes through
// as it comes, also parts of lines: a name appears while its benchmark runs.
type results struct {
	out io.Writer
	add func(dst []byte, r result) []byte

	line    []byte // so far; what is beyond maxLine is not kept
	overrun bool
	extra   []byte
}

// Write passes p on.
func (w *results) Write(p []byte) (int, error) {
	done := 0
	for {
		end := bytes.IndexByte(p[done:], '\n')
		if end < 0 {
			w.keep(p[done:])
			n, err := w.out.Write(p[done:])
			return done + n, err
		}
		end += done
		w.keep(p[done:end])
		if n, err := w.out.Write(p[done:end]); err != nil {
			return done + n, err
		}
		w.extra = w.extra[:0]
		if r, ok := parseResult(w.line); ok && !w.overrun {
			w.extra = w.add(w.extra, r)
		}
		w.extra = append(w.extra, '\n')
		if _, err := w.out.Write(w.extra); err != nil {
			return end, err
		}
		w.line, w.overrun = w.line[:0], false
		done = end + 1
	}
}

func (w *results) keep(part []byte) {
	if len(w.line)+len(part) > maxLine {
		w.overrun = true
		return
	}
	w.line = append(w.line, part...)
}

// parseResult reads a line such as "BenchmarkX-2  1000  123 ns/op  4 B/op". In
// the output that `go test -json` reads, lines may begin with a ^V.
func parseResult(line []byte) (r result, ok bool) {
	fields := strings.Fields(strings.TrimLeft(string(line), "\x16"))
	if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
		return r, false
	}
	n, err := strconv.ParseUint(fields[1], 10, 63)
	if err != nil || n == 0 {
		return r, false
	}
	r.operations = float64(n)
	for i := 2; i < len(fields); i += 2 {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return r, false
		}
		r.units = append(r.units, fields[i+1])
		if fields[i+1] == "ns/op" {
			r.nanos = v
		}
	}
	return r, r.nanos > 0 && r.nanos <= 1e18
}
