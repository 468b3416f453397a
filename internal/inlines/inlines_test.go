package inlines

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/dwarffile"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// textC has functions in each other, in blocks, in loops, in parts that the compiler moves away, and one that is put into itself.
const textC = `
#include <stdlib.h>
#include <stdio.h>
static volatile long sink;
static inline __attribute__((always_inline)) long leaf(long n) { long s = 0; for (long i = 0; i < n; i++) { s += i ^ (s << 3); sink = s; } return s; }
static inline __attribute__((always_inline)) long middle(long n) { if (n > 3) { long k = leaf(n); if (k == 77) { printf("%ld\n", k); abort(); } return k + leaf(n / 2); } return 0; }
static long again(long n) { return n < 2 ? leaf(n) : again(n - 1) + again(n - 2); }
__attribute__((noinline)) long outer(long n) { return middle(n) * 3; }
static long part(long n) { if (n & 1) return leaf(n); sink = n; return middle(n) + middle(n + sink); }
__attribute__((noinline)) long twice(long n) { return outer(n) + outer(n + 1) + part(n) + part(n * 7); }
int main(int argc, char **argv) { return twice(argc) + again(argc); }
`

const textCXX = `
#include <algorithm>
#include <map>
#include <string>
#include <vector>
#include <cstdio>
namespace store {
template <class T> struct Box { T v; Box(T v) : v(v) {} T get() const { return v; } bool operator<(const Box &o) const { return v < o.v; } };
struct Base { virtual ~Base() {} virtual int run(int n) = 0; };
struct Sum : Base { std::vector<Box<long>> all; int run(int n) override { for (long i = 0; i < n; i++) all.push_back(Box<long>(i * 7919 % 1000)); std::sort(all.begin(), all.end()); return std::count_if(all.begin(), all.end(), [](const Box<long> &b) { return b.get() % 3 == 0; }); } };
}
int main(int argc, char **argv) { store::Sum s; std::map<std::string, int> m; m[argv[0]] = s.run(argc * 100); for (auto &p : m) printf("%s %d\n", p.first.c_str(), p.second); }
`

const textRust = `
use std::collections::HashMap;
fn main() { let v: Vec<u64> = (0..std::env::args().count() as u64 * 100).map(|x| x.wrapping_mul(31) % 17).collect(); let mut m = HashMap::new(); for x in &v { *m.entry(*x).or_insert(0) += 1; } println!("{:?}", m.iter().max()); }
`

const textGo = `package main

import ("fmt"; "os"; "sort"; "strings")

type num interface{ ~int | ~float64 }

func sq[T num](x T) T { return x * x }
func leaf(n int) (s int) { for i := range n { s += sq(i) ^ s<<3 }; return s }
func main() { a := strings.Fields(os.Args[0]); sort.Strings(a); fmt.Println(a, leaf(len(a)), sq(1.5)) }
`

// TestLikeSymbolizer asks for addresses all over programs of several compilers, and wants what llvm-symbolizer says.
func TestLikeSymbolizer(t *testing.T) {
	testkit.Need(t, testkit.LLVM, testkit.GCC, testkit.GXX, testkit.Clang, testkit.Rust, testkit.Go)
	dir := t.TempDir()
	for name, text := range map[string]string{"p.c": textC, "p.cc": textCXX, "p.rs": textRust, "main.go": textGo, "go.mod": "module p\n\ngo 1.24\n",
		"one.c": "static long helper(long n) { volatile long v = n; return v * 3; }\nlong shared(long n) { return helper(n) + 1; }\n",
		"two.c": "long shared(long);\nint main(int argc, char **argv) { return shared(argc) + shared(argc * 2); }\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		command string
		least   int // of addresses that have inlined functions
	}{
		{"gcc -O2 -g p.c", 50},
		{"gcc -O3 -gdwarf-2 p.c", 50},
		{"gcc -O2 -gdwarf-4 -no-pie p.c", 50},
		{"gcc -O2 -g -gno-column-info -ffunction-sections -Wl,--gc-sections p.c", 50},
		{"gcc -O2 -g -gsplit-dwarf p.c", 50},
		{"gcc -O2 -gdwarf-4 -gsplit-dwarf p.c", 50},
		{"gcc -O2 -g -flto one.c two.c", 10},
		{"gcc -O2 -gdwarf-4 -flto one.c two.c", 10},
		{"clang -O2 -g p.c", 50},
		{"clang -O2 -gdwarf-4 p.c", 50},
		{"g++ -O2 -g p.cc", 500},
		{"g++ -O2 -gdwarf-4 -fdebug-types-section p.cc", 500},
		{"g++ -O2 -g -gz p.cc", 500},
		{"clang++ -O2 -g p.cc", 500},
		{"rustc -O -g p.rs", 500},
		{"rustc -O -g -C codegen-units=1 p.rs", 500},
		{"go build", 500},
	} {
		t.Run(tt.command, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "program")
			args := strings.Fields(tt.command)
			c := exec.Command(args[0], append([]string{args[1], "-o", program}, args[2:]...)...)
			c.Dir = dir
			if out, err := c.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", tt.command, err, out)
			}
			table, addrs := open(t, program)
			want := symbolized(t, program, addrs)
			inlined, bad := 0, 0
			for i, pc := range addrs {
				got := table.At(nil, pc)
				if len(got) > 0 {
					inlined++
				}
				if !slices.Equal(got, want[i]) {
					if bad++; bad < 4 {
						t.Errorf("%#x: %q, llvm-symbolizer has %q", pc, got, want[i])
					}
				}
			}
			if inlined < tt.least || bad > 0 {
				t.Errorf("%d of %d addresses have inlined functions; %d differ", inlined, len(addrs), bad)
			}
		})
	}
}

// open makes the table of a program, and lists addresses of its code.
func open(t testing.TB, program string) (*Table, []uint64) {
	t.Helper()
	f, err := objfile.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	d, err := dwarffile.Load(f, f, dwarffile.Options{Functions: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	text, ok := f.SectionHeader(".text")
	if !ok {
		t.Fatal("no .text")
	}
	var addrs []uint64
	for pc := text.Addr; pc < text.Addr+text.Size; pc += 1 + text.Size/10000 {
		addrs = append(addrs, pc)
	}
	return New(d.Data), addrs
}

// symbolized is what llvm-symbolizer says of the addresses, the function with code of its own left out.
func symbolized(t *testing.T, program string, addrs []uint64) (all [][]string) {
	t.Helper()
	var in strings.Builder
	for _, pc := range addrs {
		fmt.Fprintf(&in, "%#x\n", pc)
	}
	c := exec.Command("llvm-symbolizer", "--no-demangle", "--output-style=LLVM", "-e", program)
	c.Stdin = strings.NewReader(in.String())
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(strings.TrimSuffix(string(out), "\n\n"), "\n\n") {
		var names []string
		for i, line := range strings.Split(block, "\n") {
			if i%2 == 0 {
				names = append(names, line)
			}
		}
		all = append(all, names[:len(names)-1:len(names)-1])
	}
	if len(all) != len(addrs) {
		t.Fatalf("llvm-symbolizer says something of %d of %d addresses", len(all), len(addrs))
	}
	return all
}

// TestMemory: when a bound is reached, the table starts anew and says the same.
func TestMemory(t *testing.T) {
	src := filepath.Join(t.TempDir(), "p.c")
	if err := os.WriteFile(src, []byte(textC), 0o600); err != nil {
		t.Fatal(err)
	}
	table, addrs := open(t, testkit.Compile(t, testkit.GCC, "-O2", "-g", src))
	var want [][]string
	for _, pc := range addrs {
		want = append(want, table.At(nil, pc))
	}
	table.kept = maxKept
	table.keep(1)
	if len(table.units) > 0 || len(table.names) > 0 || table.kept != 1 {
		t.Errorf("%d units, %d names, %d ranges are kept", len(table.units), len(table.names), table.kept)
	}
	for i, pc := range addrs {
		if got := table.At(nil, pc); !slices.Equal(got, want[i]) {
			t.Errorf("%#x: %q, %q before", pc, got, want[i])
		}
	}
}

// BenchmarkAt asks for addresses of a C++ program: all for the first time, and again.
func BenchmarkAt(b *testing.B) {
	src := filepath.Join(b.TempDir(), "p.cc")
	if err := os.WriteFile(src, []byte(textCXX), 0o600); err != nil {
		b.Fatal(err)
	}
	table, addrs := open(b, testkit.Compile(b, testkit.GXX, "-O2", "-g", src))
	var names []string
	for name, anew := range map[string]bool{"first": true, "again": false} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if anew {
					table = New(table.data)
				}
				for _, pc := range addrs {
					names = table.At(names[:0], pc)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(addrs)), "ns/address")
		})
	}
}

// FuzzTable asks for addresses in whatever files there may be.
func FuzzTable(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "dwarfvars", "testdata", "small", "*"))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := objfile.New(b, "fuzzed")
		if err != nil {
			return
		}
		d, err := dwarffile.Load(file, file, dwarffile.Options{Functions: true})
		if err != nil {
			return
		}
		defer d.Close()
		table := New(d.Data)
		for pc := uint64(0x400000); pc < 0x400400; pc += 4 {
			if got := table.At(nil, pc); len(got) > maxDepth+1 {
				t.Errorf("%#x: %d functions in each other", pc, len(got))
			}
		}
	})
}

// TestSeeds: the fuzz target's programs have inlined functions where it asks.
func TestSeeds(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "dwarfvars", "testdata", "small", "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no seeds: %v", err)
	}
	found := 0
	for _, path := range paths {
		table, _ := open(t, path)
		for pc := uint64(0x400000); pc < 0x400400; pc += 4 {
			if len(table.At(nil, pc)) > 0 {
				found++
				break
			}
		}
	}
	if found < len(paths)/2 {
		t.Errorf("%d of %d seeds have inlined functions where they are asked for", found, len(paths))
	}
}
