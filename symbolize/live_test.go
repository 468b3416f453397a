package symbolize

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/gobin"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestLikePerfScript records real programs with the reference perf and asks for every line that perf script prints of them.
func TestLikePerfScript(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Perf)
	for _, tt := range []struct {
		name  string
		needs []testkit.Feature
		build func(t *testing.T, dir string) []string // gives the workload
		args  []string
	}{
		{"c", []testkit.Feature{testkit.GCC}, buildC, nil},
		{"aliases", []testkit.Feature{testkit.GCC}, func(t *testing.T, dir string) []string {
			src, err := filepath.Abs("../internal/symtab/testdata/aliases.s")
			if err != nil {
				t.Fatal(err)
			}
			command(t, dir, "gcc", "-o", filepath.Join(dir, "aliases"), src)
			return []string{filepath.Join(dir, "aliases")}
		}, nil},
		{"c++", []testkit.Feature{testkit.GXX}, buildCXX, nil},
		{"rust", []testkit.Feature{testkit.Rust}, buildRust, nil},
		{"go", []testkit.Feature{testkit.Go}, buildGo, nil},
		{"perl", nil, func(*testing.T, string) []string {
			return []string{"perl", "-e", `my $s=0; for my $i (1..600000){$s+=length("$i")} print "$s\n"`}
		}, nil},
		{"python", []testkit.Feature{testkit.Python}, func(*testing.T, string) []string {
			return []string{"python3", "-c", "print(sum(hash(str(i)) % 7 for i in range(400000)))"}
		}, nil},
		{"system", nil, func(*testing.T, string) []string {
			return []string{"sh", "-c", "for i in 1 2 3 4 5 6 7 8; do ls -lR /usr/share/doc /proc/self >/dev/null; done"}
		}, []string{"-a", "-F", "499"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			testkit.Need(t, tt.needs...)
			dir := t.TempDir()
			work := tt.build(t, dir)
			data := filepath.Join(dir, "perf.data")
			args := append([]string{"record", "-q", "-N", "-e", "cpu-clock", "-F", "1999", "-g", "-o", data}, tt.args...)
			command(t, dir, "perf", append(append(args, "--"), work...)...)
			script := command(t, dir, "perf", "script", "-i", data, "-F", "pid,tid,time,ip,sym,symoff,dso",
				"--show-task-events", "--show-mmap-events")
			compareScript(t, script, tt.args != nil)
		})
	}
}

// command runs a program whose perf cache is kept out of the user's home.
func command(t *testing.T, dir, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if name == "perf" {
		cmd.Args = append([]string{"perf", "--buildid-dir", filepath.Join(dir, "cache")}, args...)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, &stderr)
	}
	return out
}

// processes are the mappings of each process as the records told them so far.
type processes map[int][]*Mapping

func compareScript(t *testing.T, script []byte, system bool) {
	t.Helper()
	s := New(Options{Demangle: true, BuildIDCache: "-"})
	defer s.Close()
	c := s.NewCache()
	procs := make(processes)
	pid, lines, bad := 0, 0, 0
	inUser := false // of this call chain, the frames in user space were reached: what follows is no kernel address
	for sc := bufio.NewScanner(bytes.NewReader(script)); sc.Scan(); {
		line := sc.Text()
		switch {
		case strings.Contains(line, "PERF_RECORD_"):
			procs.record(t, line)
		case strings.HasPrefix(line, "\t"):
			want := strings.TrimSpace(line)
			inUser = inUser || !strings.HasPrefix(want, "ffffffff")
			// perf reads the vdso from its cache, which record -N leaves out.
			if system && passing(want) || strings.HasSuffix(want, "[unknown] ([vdso])") {
				continue
			}
			lines++
			got, reason := procs.resolve(t, c, pid, want, inUser)
			if got != want && !overPLT(want, got) && !ofStrippedGo(want, got) {
				if bad++; bad <= 10 {
					t.Errorf("pid %d: perf: %s\n\tgperf: %s (%v)", pid, want, got, reason)
				}
			}
		case line != "":
			pid, _ = strconv.Atoi(strings.TrimSpace(line[:strings.IndexByte(line, '/')]))
			inUser = false
		}
	}
	if lines < 20 {
		t.Errorf("only %d lines to compare", lines)
	}
	t.Logf("%d of %d lines alike", lines-bad, lines)
}

// ofStrippedGo tells names of Go's functions in a program without symbols, which perf does not know.
func ofStrippedGo(perf, got string) bool {
	const unknown = "[unknown] ("
	i := strings.Index(perf, unknown)
	if i < 0 || got == perf {
		return false
	}
	f, err := objfile.Open(strings.TrimSuffix(perf[i+len(unknown):], ")"))
	if err != nil {
		return false
	}
	defer f.Close()
	return gobin.Is(f) && !f.HasSection(".symtab")
}

// record follows "PERF_RECORD_MMAP2 1/1: [0x5583397b1000(0xc1000) @ 0x2f000 fe:00 246999 0]: r-xp /usr/bin/bash" and forks. perf does not
// forget mappings at exec.
func (p processes) record(t *testing.T, line string) {
	t.Helper()
	_, rec, _ := strings.Cut(line, "PERF_RECORD_")
	switch {
	case strings.HasPrefix(rec, "MMAP2 "):
		m := &Mapping{}
		var tid int
		var size uint64
		head, tail, _ := strings.Cut(rec, "]: ")
		if _, err := fmt.Sscanf(head, "MMAP2 %d/%d: [0x%x(0x%x) @ ", &m.PID, &tid, &m.Start, &size); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		off := strings.Fields(head[strings.Index(head, "@ "):])[1]
		m.Offset, _ = strconv.ParseUint(strings.TrimPrefix(off, "0x"), 16, 64)
		m.End = m.Start + size
		prot, path, _ := strings.Cut(tail, " ")
		m.Path, m.Data = path, !strings.Contains(prot, "x")
		p[m.PID] = append(p[m.PID], m)
	case strings.HasPrefix(rec, "FORK(") && !strings.Contains(line, " 0.000000: "): // those at 0 are of perf's making and copy nothing
		var pid, tid, ppid, ptid int
		if _, err := fmt.Sscanf(rec, "FORK(%d:%d):(%d:%d)", &pid, &tid, &ppid, &ptid); err == nil && pid != ppid {
			p[pid] = append([]*Mapping(nil), p[ppid]...)
		}
	}
}

// resolve answers for one line of a call chain: "IP NAME+0xOFF (MODULE)". perf prints a user address as its offset in the mapped file.
func (p processes) resolve(t *testing.T, c *Cache, pid int, want string, inUser bool) (string, Reason) {
	t.Helper()
	hex, rest, _ := strings.Cut(want, " ")
	ip, err := strconv.ParseUint(hex, 16, 64)
	if err != nil {
		t.Fatalf("%q: %v", want, err)
	}
	var f *Frame
	var r Reason
	if !inUser {
		f, r = c.Kernel(ip)
	} else {
		module := rest[moduleAt(rest) : len(rest)-1]
		m, addr := p.find(pid, ip, module)
		f, _, r = c.User(m, addr)
	}
	out := f.AppendSymbol([]byte(hex + " "))
	return string(out) + " (" + f.Module + ")", r
}

// moduleAt finds where the module begins: a path or a name in brackets, in parentheses.
func moduleAt(s string) int { return max(strings.LastIndex(s, "(/"), strings.LastIndex(s, "([")) + 1 }

// overPLT tells an address in the .plt of a library, over which perf stretches _init: whether it then finds that symbol or
// none depends on the shape of its tree (see link in internal/symtab). Few samples fall there, and not in each run.
func overPLT(perf, ours string) bool {
	return strings.Contains(perf, " [unknown] (/") && strings.Contains(ours, " _init+0x")
}

// passing tells modules of other processes on the machine that may be gone or replaced by the time we look.
func passing(line string) bool {
	m := line[moduleAt(line):]
	return strings.Contains(m, "(deleted)") || strings.HasPrefix(m, "/tmp/") || strings.HasPrefix(m, "/root/")
}

func (p processes) find(pid int, off uint64, module string) (*Mapping, uint64) {
	ms := p[pid]
	for i := len(ms) - 1; i >= 0; i-- {
		m := ms[i]
		if m.Path == module && off >= m.Offset && off-m.Offset < m.End-m.Start {
			return m, off - m.Offset + m.Start
		}
		if off >= m.Start && off < m.End {
			return m, off
		}
	}
	return nil, off
}

func source(t *testing.T, dir, name, text string) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

func buildC(t *testing.T, dir string) []string {
	src := source(t, dir, "a.c", `
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
static __attribute__((noinline)) int leaf(int n) { volatile int s = 0; for (int i = 0; i < n; i++) s += i; return s; }
__attribute__((noinline)) int middle(int n) { return leaf(n) + 1; }
int by_size(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
int main(void) {
	int *v = malloc(4 * 300000);
	for (int i = 0; i < 300000; i++) v[i] = rand();
	qsort(v, 300000, 4, by_size);
	for (int i = 0; i < 300; i++) middle(100000);
	for (int i = 0; i < 20000; i++) getppid();
	return 0;
}`)
	exe := filepath.Join(dir, "a")
	command(t, dir, "gcc", "-O1", "-fno-omit-frame-pointer", "-o", exe, src)
	return []string{exe}
}

func buildCXX(t *testing.T, dir string) []string {
	src := source(t, dir, "a.cc", `
#include <map>
#include <string>
#include <vector>
#include <algorithm>
#include <functional>
#include <sstream>
namespace shop {
template <typename T> struct Box {
	T v;
	__attribute__((noinline)) bool operator<(const Box &o) const { return v < o.v; }
	template <typename U> __attribute__((noinline)) U as(U u) const { return u + (U)v; }
	__attribute__((noinline)) operator long() const { return (long)v; }
	__attribute__((noinline)) ~Box() { asm volatile(""); }
};
struct Base { virtual ~Base() {} virtual long work(int) = 0; };
namespace { struct Hidden : Base { __attribute__((noinline)) long work(int n) override { long s = 0; for (int i = 0; i < n; i++) { asm volatile("" : "+r"(s)); s += i; } return s; } }; }
}
int main() {
	std::vector<shop::Box<double>> v;
	for (int i = 0; i < 200000; i++) v.push_back({(double)(i * 7919 % 200000)});
	std::sort(v.begin(), v.end());
	std::map<std::string, std::function<long(int)>> m;
	shop::Base *b = new shop::Hidden;
	for (int i = 0; i < 20000; i++) { std::ostringstream o; o << i; m[o.str()] = [b](int n) { return b->work(n); }; }
	long s = 0;
	for (auto &e : m) s += e.second(3000);
	for (auto &x : v) s += x.as<float>(1) + (long)x;
	return s == 42;
}`)
	exe := filepath.Join(dir, "acc")
	command(t, dir, "g++", "-O1", "-fno-omit-frame-pointer", "-o", exe, src)
	return []string{exe}
}

func buildRust(t *testing.T, dir string) []string {
	src := source(t, dir, "a.rs", `
use std::collections::HashMap;
use std::fmt::Display;
#[inline(never)] fn spin(n: u64) -> u64 { let mut s = 0u64; for i in 0..n { s = unsafe { std::ptr::read_volatile(&(s.wrapping_mul(31) + i)) }; } s }
trait Work { fn work(&self) -> u64; }
struct A(u64);
impl Work for A { #[inline(never)] fn work(&self) -> u64 { spin(self.0) } }
#[inline(never)] fn all<T: Display>(t: T) -> usize { let mut n = 0; for _ in 0..200000 { n += format!("{}", t).len(); } n }
fn main() {
	let a: Box<dyn Work> = Box::new(A(60_000_000));
	let mut m = HashMap::new();
	for i in 0..400000u64 { m.insert(i, i); }
	let f = |x: u64| spin(x);
	println!("{} {} {} {}", a.work(), m.len(), all(3.5f64), f(30_000_000));
}`)
	exe := filepath.Join(dir, "ars")
	command(t, dir, "rustc", "-O", "-C", "force-frame-pointers=yes", "-o", exe, src)
	return []string{exe}
}

func buildGo(t *testing.T, dir string) []string {
	source(t, dir, "main.go", `package main

import (
	"fmt"
	"sort"
	"strings"
)

type box[T any] struct{ v T }

func (b *box[T]) text() string { return fmt.Sprint(b.v) }

func main() {
	var all []string
	for i := range 100000 {
		all = append(all, (&box[int]{i * 7919 % 100000}).text())
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	fmt.Println(len(strings.Join(all, ",")))
}
`)
	source(t, dir, "go.mod", "module live\n\ngo 1.24\n")
	exe := filepath.Join(dir, "ago")
	command(t, dir, "go", "build", "-o", exe, ".")
	return []string{exe}
}
