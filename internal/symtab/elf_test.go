package symtab

import (
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/testkit"
)

func open(t testing.TB, path string) (*objfile.File, *Table) {
	t.Helper()
	f, err := objfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	tab, err := FromELF(f)
	if err != nil {
		t.Fatal(err)
	}
	return f, tab
}

func build(t testing.TB, args ...string) string {
	t.Helper()
	return testkit.Compile(t, testkit.GCC, args...)
}

// TestAliases has the names that perf 6.1 was seen to show; see testdata/README.
func TestAliases(t *testing.T) {
	testkit.Need(t, testkit.GCC)
	exe := build(t, "testdata/aliases.s")
	f, tab := open(t, exe)
	tests := []struct{ name, shown string }{
		{"a_weak", "a_glob_long_x"}, {"a_glob_long_x", "a_glob_long_x"},
		{"b_local_long_long", "b_glob"}, {"__c_glob", "c_g"}, {"d_short", "d_longer_name"},
		{"e_local_sized", "e_nosize_glob"}, {"f_func", "f_notype_longer"}, {"g_func", "g_object_longest"},
		{"h_label_only", "h_label_only"}, {"h3_hidden_func", "h3_hidden_func"},
		{"i_zero_bbbb", "i_zero_a"}, {"i2_zero_bbbb", "i2_zero_a"}, {"k_weak", "k_local"},
		{"_ZN3foo3barEi", "l_cname_longer_than_foo"}, {"zzz", "_ZN3foo3bazEi"}, {"SyS_x", "sys_x"},
		{"n_ifunc", "n_ifunc"}, {"p_v_abcdef", "p_v_at"}, {"main", "main"},
	}
	for _, tt := range tests {
		named := tab.Named(tt.name)
		if len(named) != 1 {
			t.Errorf("%s: %d symbols of that name", tt.name, len(named))
			continue
		}
		got, ok := tab.Lookup(named[0].Addr + 1)
		if !ok || got.Name != tt.shown {
			t.Errorf("at %s: %q, want %q", tt.name, got.Name, tt.shown)
		}
		if named[0].Shadow != (tt.name != tt.shown) {
			t.Errorf("%s: Shadow is %v", tt.name, named[0].Shadow)
		}
	}
	if len(tab.Named("h2_hidden")) != 0 {
		t.Error("perf does not take hidden labels")
	}
	if s := tab.Named("n_ifunc"); !s[0].IsIFunc() || !s[0].IsFunc() {
		t.Errorf("n_ifunc: %+v", s[0])
	}
	big := tab.Named("o_big")[0]
	if s, ok := tab.Lookup(big.Addr + 2); ok {
		t.Errorf("behind a symbol's end is %s", s.Name)
	}
	if bias, ok := f.TextBias(); !ok || bias != 0 {
		t.Errorf("TextBias = %#x, %v", bias, ok)
	}
}

func TestPLT(t *testing.T) {
	testkit.Need(t, testkit.GCC)
	src := filepath.Join(t.TempDir(), "a.c")
	if err := os.WriteFile(src, []byte("#include <stdio.h>\n#include <stdlib.h>\nint main(int c, char **v) { puts(v[0]); return atoi(v[0]); }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, pie := range []string{"-pie", "-no-pie"} {
		f, tab := open(t, build(t, "-O1", "-Wl,-z,lazy", pie, src))
		plt, ok := f.SectionHeader(".plt")
		if !ok {
			t.Fatal("no .plt")
		}
		for i, name := range []string{"puts@plt", "strtol@plt"} {
			s, ok := tab.Lookup(plt.Addr + plt.EntSize*uint64(i+1))
			if f.Machine() == elf.EM_X86_64 && (!ok || s.Name != name || s.Size != 16 || !s.PLT) {
				t.Errorf("%s: slot %d: %+v, want %s", pie, i, s, name)
			}
		}
		if len(tab.Named("puts")) != 0 {
			t.Error("puts@plt counts as puts")
		}
	}
}

// TestDynamic: what .symtab was robbed of is found in .dynsym; a stripped file has .dynsym only; a debug file gives it all back.
func TestDynamic(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.Objcopy)
	dir := t.TempDir()
	src, vers := filepath.Join(dir, "a.c"), filepath.Join(dir, "a.map")
	lib, rob, stripped, debug := filepath.Join(dir, "lib.so"), filepath.Join(dir, "rob.so"), filepath.Join(dir, "s.so"), filepath.Join(dir, "d.so")
	text := "static int __attribute__((noinline)) inner(int n) { return n * 3; }\nint alpha(int n) { return inner(n) + 1; }\nint beta(int n) { return inner(n) - 1; }\n"
	if err := os.WriteFile(src, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vers, []byte("V1 { global: alpha; };\nV2 { global: beta; } V1;\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	testkit.Run(t, "gcc", "-O1", "-fno-ipa-cp", "-shared", "-fPIC", "-Wl,--version-script="+vers, "-o", lib, src)
	testkit.Run(t, "objcopy", "--strip-symbol=alpha", "--strip-symbol=alpha@@V1", lib, rob)
	testkit.Run(t, "objcopy", "--strip-all", lib, stripped)
	testkit.Run(t, "objcopy", "--only-keep-debug", lib, debug)
	names := func(tab *Table) []string {
		var out []string
		for s := range tab.All() {
			if b, _, _ := strings.Cut(s.Name, "@"); slices.Contains([]string{"alpha", "beta", "inner"}, b) && s.IsFunc() {
				out = append(out, b+"@"+s.Version)
			}
		}
		slices.Sort(out)
		return out
	}
	_, whole := open(t, lib)
	_, robbed := open(t, rob)
	f, dyn := open(t, stripped)
	d, err := objfile.Open(debug)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	back, err := FromSeparate(f, d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"alpha@V1", "beta@V2"}, names(dyn)); diff != "" {
		t.Errorf("stripped: %s", diff)
	}
	if got := robbed.Named("alpha"); len(got) != 1 || got[0].Version != "V1" {
		t.Errorf("without alpha in .symtab: %+v", got)
	}
	if diff := cmp.Diff(names(whole), names(back)); diff != "" || len(names(whole)) < 3 {
		t.Errorf("debug file: %s", diff)
	}
	if got := back.Nearest("alhpa", 1); len(got) != 1 || !strings.HasPrefix(got[0], "alpha") {
		t.Errorf("Nearest = %v", got)
	}
}

// TestGoBinary looks up every function of a Go program in its middle.
func TestGoBinary(t *testing.T) {
	testkit.Need(t, testkit.Go)
	dir := t.TempDir()
	src, exe := filepath.Join(dir, "main.go"), filepath.Join(dir, "main")
	if err := os.WriteFile(src, []byte("package main\n\nfunc main() { println(\"hello\") }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	testkit.Run(t, "go", "build", "-o", exe, src)
	_, tab := open(t, exe)
	n := 0
	for s := range tab.All() {
		if !s.IsFunc() || s.Shadow || s.Size == 0 {
			continue
		}
		n++
		if got, ok := tab.Lookup(s.Addr + s.Size/2); !ok || got.Addr != s.Addr && got.Addr < s.Addr {
			t.Errorf("in %s: %+v", s.Name, got)
		}
	}
	if n < 100 {
		t.Errorf("%d functions", n)
	}
}

func FuzzFromELF(f *testing.F) {
	for _, p := range []string{"/usr/lib/x86_64-linux-gnu/libdl.so.2", "/usr/lib/x86_64-linux-gnu/libutil.so.1"} {
		if b, err := os.ReadFile(p); err == nil {
			f.Add(b)
		}
	}
	f.Add([]byte("\x7fELF\x02\x01\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := objfile.New(data, "fuzz")
		if err != nil {
			return
		}
		tab, err := FromELF(file)
		if err != nil {
			return
		}
		for s := range tab.All() {
			tab.Lookup(s.Addr)
			tab.Lookup(s.Addr + s.Size)
		}
		tab.Nearest("main", 3)
	})
}
