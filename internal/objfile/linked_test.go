package objfile

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestLinked asks for the libraries of a program and of scripts, one of them found by its own directory.
func TestLinked(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	lib := filepath.Join(dir, "libown.so")
	testkit.Need(t, testkit.GCC)
	testkit.Run(t, "gcc", "-shared", "-fPIC", "-o", lib, write("own.c", "int own(void) { return 7; }"))
	prog := filepath.Join(dir, "prog")
	testkit.Run(t, "gcc", "-o", prog, write("prog.c", "int own(void); int main(void) { return own() - 7; }"), "-L"+dir, "-lown", "-Wl,-rpath,$ORIGIN")
	all := Linked(prog)
	if all[0] != prog || !slices.Contains(all, lib) {
		t.Errorf("the program's files are %q", all)
	}
	if !slices.ContainsFunc(all, func(p string) bool { return filepath.Base(p) == "libc.so.6" }) {
		t.Errorf("no C library in %q", all)
	}
	if got := Linked(write("script", "#! "+prog+" -x\n")); got[0] != prog || !slices.Contains(got, lib) {
		t.Errorf("the script's files are %q", got)
	}
	t.Setenv("PATH", dir)
	if got := Linked(write("script2", "#!/usr/bin/env prog\n")); got[0] != prog {
		t.Errorf("the script of env has %q", got)
	}
	for _, odd := range []string{"", filepath.Join(dir, "none"), dir, write("empty", ""), write("text", "#!\nx")} {
		if got := Linked(odd); len(got) != 1 {
			t.Errorf("%q has %q", odd, got)
		}
	}
}
