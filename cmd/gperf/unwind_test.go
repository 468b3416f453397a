package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gperf-dev/gperf/internal/jsonout"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// userChains records a program's calls of getppid with registers and stack, and returns the functions of each chain's user part.
func userChains(t *testing.T, gperf string, program ...string) (chains [][]string, data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "perf.data")
	command(t, gperf, append([]string{"record", "-q", "-e", "syscalls:sys_enter_getppid", "--call-graph", "dwarf", "-o", data}, program...)...)
	for line := range strings.Lines(command(t, gperf, "data", "convert", "--to-json", "-", "-i", data)) {
		var s jsonout.Sample
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		if s.Type != "sample" {
			continue
		}
		var names []string
		for _, f := range s.Callchain {
			if name, _, _ := strings.Cut(f.Symbol, "@"); f.Module != "[kernel.kallsyms]" {
				names = append(names, name)
			}
		}
		chains = append(chains, names)
	}
	return chains, data
}

// own are the functions of testdata/unwind.
var own = []string{"here", "recursive", "dynamic", "compare", "handler", "interrupted", "jumped", "thread", "plugin", "main"}

// TestChains records every kind of call in programs that were built in many ways, and wants the programs' own functions by name:
// what the names of the C library's are depends on how it was installed.
func TestChains(t *testing.T) {
	testkit.Need(t, testkit.Tracefs, testkit.GCC, testkit.Clang, testkit.Objcopy, testkit.Go)
	gperf, dir := gperfBinary(t), t.TempDir()
	plugin := filepath.Join(dir, "plugin.so")
	command(t, "gcc", "-O2", "-shared", "-fPIC", "-o", plugin, "testdata/unwind/plugin.c")
	want := [][]string{
		{"here", "recursive", "recursive", "recursive", "recursive", "main"},
		{"here", "dynamic", "main"},
		{"here", "compare", "main"},
		{"here", "handler", "interrupted", "main"},
		{"here", "jumped", "main"},
		{"here", "thread"},
		{"here", "plugin", "main"},
	}
	noTables := "-fno-asynchronous-unwind-tables -fno-unwind-tables "
	for _, tt := range []struct {
		name, flags string
		after       [][]string // commands on the program P
	}{
		{"eh_frame", "gcc -O2 -fomit-frame-pointer", nil},
		{"unoptimised", "gcc -O0", nil},
		{"static", "gcc -O2 -static", nil},
		{"no-pie", "gcc -O2 -no-pie", nil},
		{"clang", "clang -O2 -fomit-frame-pointer", nil},
		{"debug_frame", "gcc -O2 -g " + noTables, nil},
		{"debug_frame, compressed", "gcc -O2 -g -gz=zlib " + noTables, nil},
		{"debug_frame in a separate file", "gcc -O2 -g " + noTables, [][]string{
			{"objcopy", "--only-keep-debug", "P", "P.debug"}, {"objcopy", "--strip-debug", "P"}, {"objcopy", "--add-gnu-debuglink=P.debug", "P"},
		}},
		{"frame pointers", "gcc -O2 -fno-omit-frame-pointer " + noTables, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			prog := filepath.Join(t.TempDir(), "chains")
			build := strings.Fields(tt.flags)
			command(t, build[0], append(build[1:], "-w", "-o", prog, "testdata/unwind/chains.c", "-lpthread", "-ldl")...)
			for _, args := range tt.after {
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "P", prog)
				}
				command(t, args[0], args[1:]...)
			}
			program, want := []string{prog}, want
			if tt.name == "static" {
				want = want[:len(want)-1]
			} else {
				program = append(program, plugin)
			}
			got, data := userChains(t, gperf, program...)
			for i := range got {
				got[i] = slices.DeleteFunc(got[i], func(name string) bool { return !slices.Contains(own, name) })
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("chains (-want +got):\n%s\n%s", d, command(t, gperf, "script", "-i", data))
			}
		})
	}
}

// TestChainsOfGo has what Go's stacks have of their own: goroutines, calls on the system stack, and programs without symbols.
func TestChainsOfGo(t *testing.T) {
	testkit.Need(t, testkit.Tracefs, testkit.Go)
	const text = `package main
import ("runtime"; "syscall")
//go:noinline
func here() { syscall.Getppid() }
//go:noinline
func recursive(n int) int { var s [40]int; if n == 0 { here(); return s[n] }; return recursive(n-1) + s[n] }
type t struct{ n int }
//go:noinline
func (v *t) method(f func(int) int) int { defer func() { recover() }(); return f(v.n) }
func main() {
	runtime.LockOSThread()
	recursive(2)
	done := make(chan int)
	go func() { done <- (&t{1}).method(recursive) }()
	<-done
}
`
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	gperf := gperfBinary(t)
	want := [][]string{
		{"main.here", "main.recursive", "main.recursive", "main.recursive", "main.main", "runtime.main", "runtime.goexit"},
		{"main.here", "main.recursive", "main.recursive", "main.(*t).method", "main.main.func1", "runtime.goexit"},
	}
	for name, flags := range map[string][]string{"debug": nil, "stripped": {"-ldflags=-s -w"}, "pie": {"-buildmode=pie"}} {
		t.Run(name, func(t *testing.T) {
			prog := filepath.Join(t.TempDir(), "prog")
			command(t, "go", append(append([]string{"build", "-o", prog}, flags...), source)...)
			got, data := userChains(t, gperf, prog)
			for i := range got {
				got[i] = slices.DeleteFunc(got[i], func(s string) bool {
					return strings.HasPrefix(s, "syscall.") || strings.Contains(s, "runtime/") || strings.HasPrefix(s, "internal/")
				})
				for k, s := range got[i] {
					got[i][k] = strings.TrimSuffix(s, ".abi0")
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("chains (-want +got):\n%s\n%s", d, command(t, gperf, "script", "-i", data))
			}
		})
	}
}

// TestChainsOfGoClock has samples in the vdso, which the runtime calls on the thread's stack: what called it there is told, and nothing is guessed.
func TestChainsOfGoClock(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Go)
	const text = `package main
import "time"
func main() { for begin := time.Now(); time.Since(begin) < 300*time.Millisecond; {} }
`
	dir := t.TempDir()
	source, prog, data := filepath.Join(dir, "main.go"), filepath.Join(dir, "prog"), filepath.Join(dir, "perf.data")
	if err := os.WriteFile(source, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	command(t, "go", "build", "-o", prog, source)
	gperf := gperfBinary(t)
	command(t, gperf, "record", "-q", "-e", "cpu-clock:u", "-F", "1000", "--call-graph", "dwarf", "-o", data, prog)
	ends := map[string]int{}
	for line := range strings.Lines(command(t, gperf, "data", "convert", "--to-json", "-", "-i", data)) {
		var s jsonout.Sample
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(err)
		}
		if ends[s.ChainEnd]++; s.Type == "sample" && s.ChainEnd != "the outermost frame" && s.ChainEnd != "the caller is on another stack" {
			t.Errorf("a chain ends for %q: %s", s.ChainEnd, line)
		}
	}
	if ends["the caller is on another stack"] < 10 {
		t.Errorf("the vdso was met seldom: %v", ends)
	}
}
