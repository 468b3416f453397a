package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// inlinedC has functions in each other where it spends its time, and where it calls that.
const inlinedC = `
static volatile long sink;
static inline __attribute__((always_inline)) long leaf(long n) { long s = 0; for (long i = 0; i < n; i++) { s += i ^ (s << 3); sink = s; } return s; }
static inline __attribute__((always_inline)) long middle(long n) { return leaf(n) + leaf(n / 2); }
__attribute__((noinline)) void tick(long n) { sink = n; }
__attribute__((noinline)) long outer(long n) { long r = middle(n) * 3; tick(r); return r; }
static inline __attribute__((always_inline)) long caller(long n) { long r = outer(n); sink += r; return r; }
__attribute__((noinline)) long twice(long n) { long r = caller(n) + caller(n + 1); sink = r; return r; }
int main(void) { long r = 0; for (int i = 0; i < 200; i++) r += twice(200000); return r == 1; }
`

const inlinedCXX = `
#include <algorithm>
#include <string>
#include <vector>
namespace store {
struct Record { std::string key; long value; bool operator<(const Record &o) const { return value < o.value || (value == o.value && key < o.key); } };
class Box { std::vector<Record> all; public: void put(long i) { all.push_back({std::to_string(i * 7919 % 1000), i ^ 0x55}); } long best() { std::sort(all.begin(), all.end()); return all[0].value; } };
}
int main() { long sum = 0; for (int r = 0; r < 80; r++) { store::Box b; for (long i = 0; i < 4000; i++) b.put(i * 31 % 4001); sum += b.best(); } return sum == 1; }
`

const inlinedRust = `
use std::collections::HashMap;
#[inline(never)] fn work(n: u64) -> u64 { let v: Vec<u64> = (0..n).map(|x| x.wrapping_mul(2654435761) % 1000).collect(); let mut m: HashMap<u64, u64> = HashMap::new(); for x in &v { *m.entry(*x).or_insert(0) += 1; } let mut w: Vec<_> = m.into_iter().collect(); w.sort_by(|a, b| b.1.cmp(&a.1)); w.iter().filter(|p| p.0 % 3 == 0).map(|p| p.1).sum() }
fn main() { let mut s = 0; for i in 0..60 { s += work(20000 + i); } println!("{}", s); }
`

const inlinedGo = `package main

import "fmt"

type num interface{ ~int | ~float64 }

func sq[T num](x T) T { return x * x }
func leaf(n int) (s int) {
	for i := range n {
		s += sq(i) ^ s<<3
	}
	return s
}
func middle(n int) int { return leaf(n) + leaf(n/2) }

//go:noinline
func outer(n int) int { r := middle(n) * 3; sink(r); return r }

//go:noinline
func sink(int) {}
func caller(n int) int { return outer(n) + 1 }

//go:noinline
func twice(n int) int { return caller(n) + caller(n+1) }

func main() {
	r := 0
	for range 150 {
		r += twice(200000)
	}
	fmt.Println(r)
}
`

// address is what a line of a chain begins with.
var address = regexp.MustCompile(`^\t *[0-9a-f]+\b`)

// corrected puts gperf's lines for those of perf that name functions wrongly (docs/differences.md): perf takes a function for an inlined one
// where the debug information has another of its names than the symbol table, and the other way round one that was put into itself; and of
// the innermost one shows now and then the one that it was put into.
func corrected(want, got string) string {
	w, g := strings.Split(want, "\n\n"), strings.Split(got, "\n\n")
	for i := range min(len(w), len(g)) { // samples, of which gperf may have more lines
		w[i] = correctedSample(strings.Split(w[i], "\n"), strings.Split(g[i], "\n"))
	}
	return strings.Join(w, "\n\n")
}

func correctedSample(w, g []string) string {
	for i := range min(len(w), len(g)) {
		at := address.FindString(w[i])
		if at == "" || !strings.HasPrefix(g[i], at) {
			continue
		}
		switch inlined := strings.HasSuffix(g[i], " (inlined)"); {
		case inlined == strings.HasSuffix(w[i], " (inlined)"):
		case !inlined, strings.HasPrefix(w[i], strings.TrimSuffix(g[i], " (inlined)")):
			w[i] = g[i]
		case i == 0 || !strings.HasPrefix(w[i-1], at): // the innermost
			if n := slices.IndexFunc(g[i:], func(l string) bool { return !strings.HasSuffix(l, " (inlined)") }); n > 0 && g[i+n] == w[i] {
				w[i] = g[i]
			}
		}
	}
	return strings.Join(w, "\n")
}

// inlinedLines counts those that stand in the same sample of both.
func inlinedLines(want, got string) (n int) {
	w, g := strings.Split(want, "\n\n"), strings.Split(got, "\n\n")
	for i := range min(len(w), len(g)) {
		lines := strings.Split(g[i], "\n")
		for _, line := range strings.Split(w[i], "\n") {
			if strings.HasSuffix(line, " (inlined)") && slices.Contains(lines, line) {
				n++
			}
		}
	}
	return n
}

// TestInlinedLikePerf wants the inlined functions in call chains that perf finds with addr2line.
func TestInlinedLikePerf(t *testing.T) {
	testkit.Need(t, testkit.Perf, testkit.GCC, testkit.GXX, testkit.Rust, testkit.Go)
	gperf, dir := gperfBinary(t), t.TempDir()
	for _, tt := range []struct{ name, text, command string }{
		{"C", inlinedC, "gcc -O2 -g -x c"},
		{"C, frame pointers", inlinedC, "gcc -O2 -g -fno-omit-frame-pointer -x c"},
		{"C, DWARF 4", inlinedC, "gcc -O2 -gdwarf-4 -x c"},
		{"C++", inlinedCXX, "g++ -O2 -g -x c++"},
		{"Rust", inlinedRust, "rustc -O -g"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "perf.data")
			prog := buildInlined(t, dir, tt.text, tt.command)
			command(t, gperf, "record", "-q", "-m", "1024", "-e", "cpu-clock", "-F", "1000", "--call-graph", "dwarf,16384", "-o", file, prog)
			for _, more := range [][]string{{}, {"--max-stack", "2"}, {"--max-stack", "0"}, {"-F", "ip,sym,dso"}, {"-F", "comm,ip"}, {"-G"}} {
				args := append([]string{"script", "-i", file}, more...)
				perf, ours := command(t, "perf", args...), command(t, gperf, args...)
				want, got := maskElsewhere(perf), maskElsewhere(ours)
				alike(t, strings.Split(corrected(want, got), "\n\n"), strings.Split(got, "\n\n"), args)
				if n := inlinedLines(want, got); len(more) == 0 && n < 20 {
					t.Errorf("%d inlined functions are shown", n)
				}
			}
			// Without them, the same is left.
			rest := slices.DeleteFunc(strings.SplitAfter(command(t, gperf, "script", "-i", file), "\n"), func(l string) bool {
				return strings.HasSuffix(l, " (inlined)\n")
			})
			if no := command(t, gperf, "script", "--no-inline", "-i", file); no != strings.Join(rest, "") {
				t.Error("--no-inline leaves out more, or less, than inlined functions")
			}
		})
	}
}

func buildInlined(t *testing.T, dir, text, line string) string {
	t.Helper()
	args := strings.Fields(line)
	src, prog := filepath.Join(dir, "inlined."+map[bool]string{true: "go", false: "rs"}[args[0] == "go"]), filepath.Join(t.TempDir(), "inlined")
	if err := os.WriteFile(src, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	testkit.Run(t, args[0], append(args[1:], "-o", prog, src)...)
	return prog
}

// TestInlined looks at chains in which perf finds none: those by frame pointers, which --inline asks for, and those of programs whose
// debug information addr2line does not follow.
func TestInlined(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.Clang, testkit.Go)
	gperf, dir := gperfBinary(t), t.TempDir()
	const c, golang = "leaf middle outer caller twice main", "main.leaf main.middle main.outer main.caller main.twice main.main"
	for _, tt := range []struct{ name, text, command, graph, option, want string }{
		{"C, frame pointers", inlinedC, "gcc -O2 -g -fno-omit-frame-pointer -fno-shrink-wrap -x c", "fp", "--inline", c},
		{"C, frame pointers, by default", inlinedC, "gcc -O2 -g -fno-omit-frame-pointer -fno-shrink-wrap -x c", "fp", "", "outer twice main"},
		{"C, registers and stack", inlinedC, "gcc -O2 -g -x c", "dwarf", "", c},
		{"C, registers and stack, none", inlinedC, "gcc -O2 -g -x c", "dwarf", "--no-inline", "outer twice main"},
		{"clang", inlinedC, "clang -O2 -g -x c", "dwarf", "--inline", c},
		{"Go", inlinedGo, "go build", "fp", "--inline", golang},
		{"Go, registers and stack", inlinedGo, "go build", "dwarf", "", golang},
		{"Go, stripped", inlinedGo, "go build -ldflags=-s", "fp", "--inline", golang},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "perf.data")
			prog := buildInlined(t, dir, tt.text, tt.command)
			command(t, gperf, "record", "-q", "-e", "cpu-clock", "-F", "1000", "--call-graph", tt.graph, "-o", file, prog)
			args := []string{"script", "-i", file}
			if tt.option != "" {
				args = append(args, tt.option)
			}
			text, found := command(t, gperf, args...), 0
			for sample := range strings.SplitSeq(text, "\n\n") {
				if chainOf(sample) == tt.want {
					found++
				}
			}
			if found < 5 {
				t.Errorf("%d samples have the chain %s:\n%.2000s", found, tt.want, text)
			}
			if tt.option == "" {
				inlinedJSON(t, gperf, file, strings.Contains(tt.want, "leaf"))
			}
		})
	}
}

// chainOf is the program's own functions in a sample's chain; what its innermost ones were put into may hold more of them.
func chainOf(sample string) string {
	var names []string
	for line := range strings.Lines(sample) {
		f := strings.Fields(line)
		if address.MatchString(line) && len(f) > 2 && (f[2] == "(inlined)" || strings.HasSuffix(f[2], "/inlined)")) {
			name, _, _ := strings.Cut(f[1], "+0x")
			names = append(names, name)
		}
	}
	if len(names) > 0 && strings.HasPrefix(names[0], "main.sq") {
		names = names[1:]
	}
	if n := len(names); n > 0 && names[n-1] == "_start" {
		names = names[:n-1]
	} else if n > 1 && strings.HasPrefix(names[n-1], "runtime.goexit") {
		names = names[:n-2] // and runtime.main
	}
	return strings.Join(names, " ")
}

// inlinedJSON wants inlined functions in JSON, or none.
func inlinedJSON(t *testing.T, gperf, file string, some bool) {
	t.Helper()
	inlined := 0
	for line := range strings.Lines(command(t, gperf, "data", "convert", "--to-json", "-", "-i", file)) {
		var s jsonout.Sample
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Callchain {
			if f.Inlined {
				inlined++
				if f.Symbol == "" || f.Offset != 0 || f.Module == "" {
					t.Errorf("an inlined function is %+v", f)
				}
			}
		}
	}
	if some != (inlined > 0) {
		t.Errorf("%d inlined functions in JSON", inlined)
	}
}
