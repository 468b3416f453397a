package symbolize

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// program is a file with symbols, and a mapping of its code.
type program struct {
	path string
	main uint64 // address of main as the mapping has it
	m    Mapping
}

// load pretends that a program's code was mapped at 0x7f0000000000.
func load(t *testing.T, path, function string) program {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	syms, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range syms {
		if s.Name != function {
			continue
		}
		for _, p := range f.Progs {
			if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 {
				m := Mapping{Path: path, Start: 0x7f0000000000, Offset: p.Off &^ 0xfff}
				m.End = m.Start + (p.Off+p.Filesz-m.Offset+0xfff)&^0xfff
				return program{path, s.Value - p.Vaddr + p.Off - m.Offset + m.Start, m}
			}
		}
	}
	t.Fatalf("%s has no %s", path, function)
	return program{}
}

func compile(t *testing.T, args ...string) program {
	t.Helper()
	testkit.Need(t, testkit.GCC)
	dir := t.TempDir()
	src := source(t, dir, "a.c", "#include <unistd.h>\nint main(int c, char **v) { if (c > 1) pause(); return 0; }\n")
	exe := filepath.Join(dir, "prog")
	command(t, dir, "gcc", append([]string{"-o", exe, src}, args...)...)
	return load(t, exe, "main")
}

func buildID(t *testing.T, path string) []byte {
	t.Helper()
	f, err := objfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.BuildID()
}

func user(o Options, m *Mapping, addr uint64) (string, Reason) {
	if o.BuildIDCache == "" {
		o.BuildIDCache = "-"
	}
	s := New(o)
	defer s.Close()
	f, _, r := s.User(m, addr)
	return string(f.AppendSymbol(nil)) + " (" + f.Module + ")", r
}

func TestUser(t *testing.T) {
	for _, args := range [][]string{{"-pie"}, {"-no-pie"}, {"-static"}} {
		p := compile(t, append(args, "-Wl,--build-id=sha1")...)
		with := p.m
		with.BuildID = buildID(t, p.path)
		for _, m := range []*Mapping{&p.m, &with} {
			got, r := user(Options{}, m, p.main+4)
			if want := "main+0x4 (" + p.path + ")"; got != want || r != OK {
				t.Errorf("%v: %s, %v; want %s", args, got, r, want)
			}
		}
	}
}

// TestStrippedGo names functions of a Go program that has no symbols, by the table that its runtime has.
func TestStrippedGo(t *testing.T) {
	testkit.Need(t, testkit.Go)
	dir := t.TempDir()
	src, prog, whole := filepath.Join(dir, "main.go"), filepath.Join(dir, "prog"), filepath.Join(dir, "whole")
	if err := os.WriteFile(src, []byte("package main\n\n//go:noinline\nfunc twice(n int) int { return 2 * n }\n\nfunc main() { println(twice(21)) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	testkit.Run(t, "go", "build", "-o", whole, src)
	testkit.Run(t, "go", "build", "-ldflags", "-s -w", "-o", prog, src)
	f, err := objfile.Open(whole) // whose functions stand at the same addresses
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := symtab.FromELF(f)
	if err != nil {
		t.Fatal(err)
	}
	named := table.Named("main.twice")
	if len(named) != 1 {
		t.Fatalf("main.twice: %+v", named)
	}
	offset, _ := f.FileOffset(named[0].Addr)
	m := &Mapping{Path: prog, Start: named[0].Addr - offset, End: named[0].Addr - offset + uint64(f.Size())}
	if got, r := user(Options{}, m, named[0].Addr+1); got != "main.twice+0x1 ("+prog+")" || r != OK {
		t.Errorf("%s, %v", got, r)
	}
}

func TestVirtualAddress(t *testing.T) {
	p := compile(t, "-no-pie")
	s := New(Options{})
	defer s.Close()
	_, at, _ := s.User(&p.m, p.main)
	f, err := objfile.Open(p.path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if sec, ok := f.SectionOf(at); !ok || sec.Name != ".text" {
		t.Errorf("main is at %#x in %q", at, sec.Name)
	}
}

func TestReasons(t *testing.T) {
	p := compile(t, "-Wl,--build-id=sha1")
	dir := t.TempDir()
	stripped := filepath.Join(dir, "stripped")
	static := filepath.Join(dir, "static")
	testkit.Need(t, testkit.Objcopy)
	command(t, dir, "gcc", "-static", "-o", static, source(t, dir, "b.c", "int main(void) { return 0; }\n"))
	command(t, dir, "objcopy", "--strip-all", static, stripped)
	text := source(t, dir, "text", strings.Repeat("no ELF file ", 20))
	at := func(change func(m *Mapping)) *Mapping {
		m := p.m
		change(&m)
		return &m
	}
	tests := []struct {
		name   string
		m      *Mapping
		addr   uint64
		want   Reason
		module string
	}{
		{"no mapping", nil, 1, Unmapped, Unknown},
		{"outside", &p.m, p.m.End, Unmapped, Unknown},
		{"no file", at(func(m *Mapping) { m.Path = dir + "/none" }), p.main, NoFile, dir + "/none"},
		{"deleted", at(func(m *Mapping) { m.Path = dir + "/none (deleted)" }), p.main, Deleted, dir + "/none (deleted)"},
		{"changed", at(func(m *Mapping) { m.BuildID = []byte("another build, I say") }), p.main, BuildIDMismatch, p.path},
		{"no ELF", at(func(m *Mapping) { m.Path = text }), p.main, NotELF, text},
		{"stripped", at(func(m *Mapping) { m.Path = stripped }), p.m.Start + 0x10, NoSymbols, stripped},
		{"not covered", at(func(m *Mapping) { m.Offset = 0 }), p.m.Start, NotCovered, p.path},
		{"beyond the file", at(func(m *Mapping) { m.Offset = 1 << 40 }), p.m.Start, OutsideSegments, p.path},
		{"anonymous", at(func(m *Mapping) { m.Path, m.PID = "//anon", 1<<22+5 }), p.main, Anonymous, "/tmp/perf-4194309.map"},
		{"data", at(func(m *Mapping) { m.Path, m.PID, m.Data = "//anon", 7, true }), p.main, Anonymous, "//anon"},
		{"stack", at(func(m *Mapping) { m.Path, m.Data = "[stack]", true }), p.main, Anonymous, "[stack]"},
		{"special", at(func(m *Mapping) { m.Path = "[vsyscall]" }), p.main, Anonymous, "[vsyscall]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, r := user(Options{}, tt.m, tt.addr)
			if want := "[unknown] (" + tt.module + ")"; got != want || r != tt.want {
				t.Errorf("%s, %v; want %s, %v", got, r, want, tt.want)
			}
			if r.String() == "" || r == OK {
				t.Errorf("%v has no text", r)
			}
		})
	}
}

func TestEveryReasonHasText(t *testing.T) {
	for r := OK; r <= KernelNotCovered; r++ {
		if r.String() == "" {
			t.Errorf("reason %d has no text", r)
		}
	}
	if Reason(200).String() == "" || Reason(200).Hint() != "" {
		t.Error("an unknown reason")
	}
}

// TestDeleted: the file of a running program is found though somebody deleted it.
func TestDeleted(t *testing.T) {
	testkit.Need(t, testkit.Root)
	p := compile(t, "-pie")
	cmd := exec.Command(p.path, "wait")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	m := mapped(t, cmd.Process.Pid, p.path)
	if err := os.Remove(p.path); err != nil {
		t.Fatal(err)
	}
	m.Path += " (deleted)"
	addr := p.main - p.m.Start + p.m.Offset - m.Offset + m.Start
	if got, r := user(Options{}, &m, addr); got != "main+0x0 ("+m.Path+")" || r != OK {
		t.Errorf("%s, %v", got, r)
	}
	if got, r := user(Options{NoProcRoot: true}, &m, addr); r != Deleted {
		t.Errorf("without /proc: %s, %v", got, r)
	}
}

// mapped finds a running program's code.
func mapped(t *testing.T, pid int, path string) Mapping {
	t.Helper()
	for range 1000 {
		maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(maps)) {
			m := Mapping{Path: path, PID: pid}
			var prot string
			if _, err := fmt.Sscanf(line, "%x-%x %s %x", &m.Start, &m.End, &prot, &m.Offset); err == nil && prot == "r-xp" && strings.Contains(line, path) {
				return m
			}
		}
		runtime.Gosched()
	}
	t.Fatalf("%s is not mapped in %d", path, pid)
	return Mapping{}
}

// TestDebugFile: local functions of a stripped program come from its debug file below the root.
func TestDebugFile(t *testing.T) {
	testkit.Need(t, testkit.Objcopy)
	p := compile(t, "-Wl,--build-id=0x0a0b0c0d")
	root := t.TempDir()
	for _, d := range []string{"/usr/lib/debug/.build-id/0a", "/opt"} {
		if err := os.MkdirAll(root+d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	command(t, root, "objcopy", "--only-keep-debug", p.path, root+"/usr/lib/debug/.build-id/0a/0b0c0d.debug")
	command(t, root, "objcopy", "--strip-all", p.path, root+"/opt/prog")
	m := p.m
	m.Path = "/opt/prog"
	if got, r := user(Options{Root: root}, &m, p.main); got != "main+0x0 (/opt/prog)" || r != OK {
		t.Errorf("%s, %v", got, r)
	}
}

// TestBuildIDCache: a file that was replaced is found in perf's cache.
func TestBuildIDCache(t *testing.T) {
	p := compile(t, "-Wl,--build-id=0x0a0b0c0e")
	cache := t.TempDir()
	dir := cache + "/.build-id/0a/0b0c0e"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(p.path, dir+"/elf"); err != nil {
		t.Fatal(err)
	}
	m := p.m
	m.BuildID = []byte{10, 11, 12, 14, 0, 0, 0, 0} // records pad with zeros
	if _, r := user(Options{BuildIDCache: cache}, &m, p.main); r != NoFile {
		t.Errorf("padded id: %v", r) // the cache's directory has the real length
	}
	m.BuildID = m.BuildID[:4]
	if got, r := user(Options{BuildIDCache: cache}, &m, p.main); got != "main+0x0 ("+p.path+")" || r != OK {
		t.Errorf("%s, %v", got, r)
	}
}

// vdso opens this process's own, and tells where its code is.
func vdso(t *testing.T) (*objfile.File, objfile.Section) {
	t.Helper()
	f, err := objfile.VDSO()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	text, ok := f.SectionHeader(".text")
	if !ok {
		t.Fatal("the vdso has no .text")
	}
	return f, text
}

func TestVDSO(t *testing.T) {
	f, text := vdso(t)
	m := &Mapping{Path: "[vdso]", Start: 0x7fff00000000, End: 0x7fff00000000 + uint64(f.Size())}
	named := 0
	for off := uint64(0); off < text.Size; off += 16 {
		if got, r := user(Options{}, m, m.Start+text.Addr+off); r == OK && strings.HasSuffix(got, " ([vdso])") {
			named++
		}
	}
	if named == 0 {
		t.Error("no address of the vdso has a name")
	}
	m.BuildID = []byte("another machine's vdso")
	if _, r := user(Options{}, m, m.Start+text.Addr); r != BuildIDMismatch {
		t.Errorf("another vdso: %v", r)
	}
}

func TestPerfMap(t *testing.T) {
	const pid = 1<<22 + 17 // no process has it
	root := t.TempDir()
	if err := os.Mkdir(root+"/tmp", 0o755); err != nil {
		t.Fatal(err)
	}
	source(t, root+"/tmp", fmt.Sprintf("perf-%d.map", pid), "1000 20 Foo::bar(int) tier 2\n1020 10 stub\n")
	anon := &Mapping{Path: "//anon", PID: pid, Start: 0x1000, End: 0x2000}
	file := fmt.Sprintf("/tmp/perf-%d.map", pid)
	named := &Mapping{Path: file, PID: pid, Start: 0x1000, End: 0x2000}
	module := " (" + file + ")"
	for addr, want := range map[uint64]string{0x1004: "Foo::bar(int) tier 2+0x4", 0x102f: "stub+0xf", 0x1030: "[unknown]"} {
		for _, m := range []*Mapping{anon, named} {
			if got, _ := user(Options{Root: root, Demangle: true}, m, addr); got != want+module {
				t.Errorf("%#x: %s, want %s", addr, got, want+module)
			}
		}
	}
}

// TestConcurrent has several goroutines load the same things.
func TestConcurrent(t *testing.T) {
	p := compile(t)
	file := source(t, t.TempDir(), "kallsyms", kallsyms)
	s := New(Options{Kallsyms: file, Demangle: true, BuildIDCache: "-"})
	defer s.Close()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c := s.NewCache()
			for i := range uint64(300) {
				m := p.m
				if f, _, r := c.User(&m, p.main); r != OK || f.Name != "main" {
					t.Errorf("%+v, %v", f, r)
					return
				}
				if f, r := c.Kernel(0xffffffff81000100 + i%16); r != OK || f.Offset != i%16 {
					t.Errorf("%+v, %v", f, r)
					return
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkUserCached(b *testing.B) {
	exe, _ := os.Executable()
	f, err := objfile.Open(exe)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	text, _ := f.SectionHeader(".text")
	m := &Mapping{Path: exe, Start: text.Addr, End: text.Addr + text.Size, Offset: text.Offset}
	s := New(Options{Demangle: true})
	defer s.Close()
	c := s.NewCache()
	b.ReportAllocs()
	i := uint64(0)
	for b.Loop() {
		c.User(m, m.Start+i%256*64)
		i++
	}
}
