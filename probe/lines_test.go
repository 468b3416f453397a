package probe

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// perfAccepts returns what the reference perf prints, false if it refuses.
func perfAccepts(t *testing.T, args ...string) (string, bool) {
	t.Helper()
	c := exec.Command("perf", args...)
	c.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := c.Output()
	return string(out), err == nil
}

func sorted(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	slices.Sort(lines)
	return lines
}

// lineDefinitions are for each file of testdata. A pattern that no line of a function matches is not among them: perf
// takes the function's entry then.
func lineDefinitions() map[string][]string {
	return map[string][]string{
		"lines": {"lines.c:3", "in:1", "in:2 y", "in:3", "f:3", "f:4", "f:5 r", "lines.c:6 y", "lines.c:12", "lines.c;*return*", "f;r*", "in;*y*",
			"lines.c:19", "f@lines.c:4", "f@lines.c n", "a:0", "e=lines.c:15", "lines.c:17 r:x64", "testdata/lines.c:16", "main;*f(c)*"},
		"places": {"main:2", "main:5 i", "main:6 n", "handle:2 m->id", "places.c:17", "places.c;*printf*", "places.c:30 n", "user2:0", "main;r+=*",
			"f_bits;*return*b->a*", "places.c:33", "places.c:36 r", "inl:0 x", "user1:0 k", "main:11", "places.c;r+=*"},
	}
}

// TestLinesAreLikePerfs asks for lines and patterns. Where perf refuses a line since another begins with the same
// instruction, that instruction is probed.
func TestLinesAreLikePerfs(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	same, more := 0, 0
	for _, flags := range [][]string{{"-O2"}, {"-O0"}, {"-Og", "-gdwarf-4"}, {"-O2", "-gdwarf-3", "-no-pie"}} {
		for _, file := range []string{"lines", "places"} {
			program := compileFile(t, file, flags...)
			r := open(t, Target{Exec: program})
			for _, text := range lineDefinitions()[file] {
				want, accepted := perfAccepts(t, "probe", "-x", program, "-D", text)
				events, err := resolve(t, r, text)
				if !accepted {
					if err == nil {
						more++
					}
					continue
				}
				if err != nil {
					t.Errorf("gcc %q: %s: %v", flags, text, err)
					continue
				}
				same++
				if diff := cmp.Diff(sorted(want), sorted(kernelLines(events))); diff != "" {
					t.Errorf("gcc %q: %s: -perf +gperf:\n%s", flags, text, diff)
				}
			}
		}
	}
	if same < 90 || more < 5 {
		t.Errorf("%d definitions that perf accepts, %d that it refuses", same, more)
	}
}

// TestLineRanges takes texts of --line apart.
func TestLineRanges(t *testing.T) {
	for text, want := range map[string]LineRange{
		"f":               {Function: "f", End: -1},
		"f:3":             {Function: "f", Start: 3, End: -1},
		"f:3-9":           {Function: "f", Start: 3, End: 9},
		"f:3+2":           {Function: "f", Start: 3, End: 4},
		"f@a/b.c:0-0":     {Function: "f", File: "a/b.c"},
		"a.c":             {File: "a.c", End: -1},
		"x/a.rs:7-8":      {File: "x/a.rs", Start: 7, End: 8},
		"main.(*T).M:2":   {Function: "main.(*T).M", Start: 2, End: -1},
		"ns::f(int):1":    {Function: "ns::f(int)", Start: 1, End: -1},
		"net/http.Get:10": {Function: "net/http.Get", Start: 10, End: -1},
	} {
		got, err := ParseLineRange(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", text, diff)
		}
	}
	for text, want := range map[string]string{
		"f:a": "'start line' is not a valid number.", "f:1-b": "'end line' is not a valid number.", "f:3-2": "Start line must be smaller than end line.",
		"f:1*2": "Tailing with invalid str '*2'.", "f;x": "is not a valid function name", "": "is not a valid function name", "f@": "There is no file name",
		"f:3+0": "Start line must be smaller than end line.",
	} {
		if _, err := ParseLineRange(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// FuzzLineRange wants errors that point into the text.
func FuzzLineRange(f *testing.F) {
	for _, s := range []string{"f:3-9", "f@a.c:1+2", "x/a.c:7", "ns::f(int):1", "\\@:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLineRange(text)
		if err == nil {
			if l.Function == "" && l.File == "" || l.Start < 0 || l.End >= 0 && l.End < l.Start {
				t.Errorf("%q: %+v", text, l)
			}
			return
		}
		e, ok := err.(*DefinitionError)
		if !ok || e.Column < 1 || e.Column > len(text)+1 {
			t.Errorf("%q: %#v", text, err)
		}
	})
}

func TestLazyMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, line string
		want          bool
	}{
		{"r=in(n);", "\tint r = in(n);", false}, {"*r=in(n);", "\tint r = in(n);", true}, {"return r;", "  return\tr ;", true},
		{"if(*)", "if (a > b)", true}, {"if(?>b)", "if (a > b)", true}, {"[rs]*", "\tr++", true}, {"", "", true}, {"", "x", false},
	} {
		if got := lazyMatch(c.pattern, c.line); got != c.want {
			t.Errorf("%q on %q: %v", c.pattern, c.line, got)
		}
	}
}

// TestSourcesElsewhere moves the source away and names it by a prefix, as perf's --source wants it.
func TestSourcesElsewhere(t *testing.T) {
	testkit.Need(t, testkit.GCC)
	dir, away := t.TempDir(), t.TempDir()
	text, err := os.ReadFile("testdata/lines.c")
	if err != nil {
		t.Fatal(err)
	}
	src, program := filepath.Join(dir, "sub", "lines.c"), filepath.Join(dir, "lines")
	if err := os.MkdirAll(filepath.Dir(src), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(src, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("gcc", "-g", "-O0", "-o", program, src).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	if err := os.MkdirAll(filepath.Join(away, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(src, filepath.Join(away, "sub", "lines.c")); err != nil {
		t.Fatal(err)
	}
	r := open(t, Target{Exec: program})
	l, err := r.Lines(&LineRange{Function: "f", End: -1})
	if err != nil || l.Missing == nil || l.Path != src || len(l.Lines) != 6 || !l.Lines[0].Mark || l.Lines[0].Text != "" {
		t.Errorf("without the source: %+v, %v", l, err)
	}
	if _, err := resolve(t, r, "f;return*"); err == nil || !strings.Contains(err.Error(), "Failed to find source file path.") {
		t.Errorf("a pattern without the source: %v", err)
	}
	r.options.Source = away
	l, err = r.Lines(&LineRange{Function: "f", End: -1})
	if err != nil || l.Missing != nil || l.Path != away+"//sub/lines.c" && l.Path != away+"/sub/lines.c" || l.Lines[0].Text != "f(int n)" {
		t.Errorf("with a prefix: %+v, %v", l, err)
	}
}

// TestInRoot follows links as a process with another root would.
func TestInRoot(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"usr/bin", "etc"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "usr/bin/x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"bin": "usr/bin", "etc/alt": "/usr/bin/x", "up": "../../../../bin", "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{"/bin/x": "/usr/bin/x", "etc/alt": "/usr/bin/x", "/up/../bin/./x": "/usr/bin/x", "/": "/"} {
		if got, err := inRoot(root, path); got != want || err != nil {
			t.Errorf("%s: %s, %v", path, got, err)
		}
	}
	for _, path := range []string{"/loop", "/nosuch/x"} {
		if got, err := inRoot(root, path); err == nil {
			t.Errorf("%s is %s", path, got)
		}
	}
}

// TestKernelLinesAreLikePerfs asks for lines of Debian's kernel.
func TestKernelLinesAreLikePerfs(t *testing.T) {
	testkit.Need(t, testkit.KernelLab, testkit.Perf)
	vmlinux, err := testkit.Vmlinux()
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, Target{Vmlinux: vmlinux, Offline: true})
	for _, text := range []string{"vfs_read:6 count", "fs/open.c:1297", "do_sys_openat2:4 dfd", "vfs_read:17 ret"} {
		events, err := resolve(t, r, text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if diff := cmp.Diff(sorted(perfSays(t, "probe", "-k", vmlinux, "-D", text)), sorted(kernelLines(events))); diff != "" {
			t.Errorf("%s: -perf +gperf:\n%s", text, diff)
		}
	}
	src := t.TempDir() // text does not matter: the marks do
	if err := os.Mkdir(filepath.Join(src, "fs"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(src, "fs", "read_write.c"), []byte(strings.Repeat("\n", 1500)), 0o600); err != nil {
		t.Fatal(err)
	}
	r.options.Source = src
	l, err := r.Lines(&LineRange{Function: "vfs_read", End: -1})
	if err != nil {
		t.Fatal(err)
	}
	got := "<vfs_read@" + l.Path + ":0>\n"
	for _, line := range l.Lines {
		if line.Mark {
			got += fmt.Sprintf("%7d  \n", line.Number)
		} else {
			got += "         \n"
		}
	}
	if diff := cmp.Diff(perfSays(t, "probe", "-k", vmlinux, "-s", src, "-L", "vfs_read"), got); diff != "" {
		t.Errorf("--line: -perf +gperf:\n%s", diff)
	}
}

// TestIndirect wants the functions named that a GNU indirect function chooses from.
func TestIndirect(t *testing.T) {
	testkit.Need(t, testkit.GCC)
	dir := t.TempDir()
	src, program := filepath.Join(dir, "i.c"), filepath.Join(dir, "i")
	const text = "int __pick_fast(int n) { return n; }\nint __pick_slow(int n) { return -n; }\n" +
		"static void *choose(void) { return (void *)__pick_fast; }\nint pick(int) __attribute__((ifunc(\"choose\")));\nint main(int c, char **v) { return pick(c); }\n"
	if err := os.WriteFile(src, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("gcc", "-g", "-O1", "-o", program, src).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	events, err := resolve(t, open(t, Target{Exec: program}), "pick")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Join(events[0].Notes, ""); !strings.Contains(n, "GNU indirect function") || !strings.Contains(n, "__pick_fast, __pick_slow") {
		t.Errorf("notes %q", n)
	}
}
