package symtab

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestMiniDebug: the symbols of .gnu_debugdata, made as Fedora's find-debuginfo makes it, are read where .symtab is gone.
func TestMiniDebug(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.Objcopy, testkit.XZ)
	dir := t.TempDir()
	src, lib, mini, out := filepath.Join(dir, "a.c"), filepath.Join(dir, "lib.so"), filepath.Join(dir, "mini"), filepath.Join(dir, "out.so")
	text := "static __attribute__((noinline)) int inner(int n) { __asm__(\"\"); return n * 3; }\nint outer(int n) { return inner(n) + 1; }\n"
	if err := os.WriteFile(src, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][]string{
		{"gcc", "-O1", "-shared", "-fPIC", "-o", lib, src},
		{"objcopy", "-S", "--remove-section", ".comment", "--keep-symbol=inner", lib, mini},
		{"xz", mini},
		{"objcopy", "--strip-all", "--add-section", ".gnu_debugdata=" + mini + ".xz", lib, out},
	} {
		if msg, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", c, err, msg)
		}
	}
	_, whole := open(t, lib)
	f, tab := open(t, out)
	for _, name := range []string{"inner", "outer"} {
		want, got := whole.Named(name), tab.Named(name)
		if len(want) != 1 || len(got) != 1 || got[0].Addr != want[0].Addr || got[0].Size != want[0].Size {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if s, ok := tab.Lookup(whole.Named("inner")[0].Addr + 1); !ok || s.Name != "inner" {
		t.Errorf("in inner: %+v", s)
	}
	if _, err := OpenRaw(f, f); err == nil {
		t.Error("symbols are taken without a table, which leaves .gnu_debugdata out")
	}
}

// TestRelocatable: symbols of several sections of an object file have addresses of their own.
func TestRelocatable(t *testing.T) {
	testkit.Need(t, testkit.GCC)
	src := filepath.Join(t.TempDir(), "a.c")
	text := "int a(void) { return 1; }\n__attribute__((section(\".init.text\"))) int b(void) { return 2; }\n"
	if err := os.WriteFile(src, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, tab := open(t, build(t, "-O1", "-c", src))
	for name, section := range map[string]string{"a": ".text", "b": ".init.text"} {
		h, ok := f.SectionHeader(section)
		got := tab.Named(name)
		if !ok || len(got) != 1 || got[0].Addr != h.Addr {
			t.Errorf("%s: %+v, want it at %#x", name, got, h.Addr)
		}
	}
}
