package tracefs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

func TestParseProbeLine(t *testing.T) {
	for _, c := range []struct {
		kind ProbeKind
		in   string
		want ProbeLine
	}{
		{UProbe, "p:probe_bash/readline /bin/bash:0x00000000000d5690",
			ProbeLine{Type: 'p', Group: "probe_bash", Event: "readline", Place: "/bin/bash:0x00000000000d5690"}},
		{UProbe, "r:probe_bash/readline__return /bin/bash:0x00000000000d5690 arg1=+0(%ax):string\n",
			ProbeLine{Type: 'r', Group: "probe_bash", Event: "readline__return", Place: "/bin/bash:0x00000000000d5690",
				Args: []ProbeArg{{"arg1", "+0(%ax)", "string"}}}},
		{KProbe, "r16:kprobes/x do_sys_open+0 ret=$retval:s32 c=$comm @jiffies",
			ProbeLine{Type: 'r', Flags: "16", Group: "kprobes", Event: "x", Place: "do_sys_open+0",
				Args: []ProbeArg{{"ret", "$retval", "s32"}, {"c", "$comm", ""}, {"", "@jiffies", ""}}}},
		{KProbe, `p:g/e vfs_read s=\"a:b" n=\7:b3@5/32 a=+u0(+8(%si)):ustring[2]`,
			ProbeLine{Type: 'p', Group: "g", Event: "e", Place: "vfs_read",
				Args: []ProbeArg{{"s", `\"a:b"`, ""}, {"n", `\7`, "b3@5/32"}, {"a", "+u0(+8(%si))", "ustring[2]"}}}},
	} {
		got, err := ParseProbeLine(c.kind, c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		c.want.Kind, c.want.Text = c.kind, strings.TrimSpace(c.in)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q: -want +got\n%s", c.in, d)
		}
	}
	for _, in := range []string{"", "p", "p:x", "p:x/y", "p:/y z", "p:x/ z", "e:x/y syscalls/sys_enter", "-:x/y z", "# p:x/y z"} {
		if _, err := ParseProbeLine(UProbe, in); !errors.Is(err, ErrProbeLine) {
			t.Errorf("%q: error %v", in, err)
		}
	}
}

func TestDefinitions(t *testing.T) {
	var lines []ProbeLine
	for _, text := range []string{"p:g/two /bin/x:0x10 a=%ax", "p:g/one /bin/x:0x20", "p:g/two /bin/x:0x30 a=%di"} {
		l, err := ParseProbeLine(UProbe, text)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	want := map[string]string{"g:one": "p:g/one /bin/x:0x20", "g:two": "p:g/two /bin/x:0x10 a=%ax\np:g/two /bin/x:0x30 a=%di"}
	if d := cmp.Diff(want, Definitions(lines)); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func FuzzProbeLine(f *testing.F) {
	for _, s := range []string{
		"p:probe_bash/readline /bin/bash:0x00000000000d5690 a=+0(%di):string",
		`r16:g/e vfs_read s=\"a:b" n=\7:b3@5/32`, "p:x/y z =", "p:x/y z a=:", "p:x/y z a=\\\"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseProbeLine(UProbe, s)
		if err != nil {
			return
		}
		for _, a := range p.Args {
			if !strings.Contains(s, a.Expr) || !strings.Contains(s, a.Type) {
				t.Errorf("%q: argument %+v", s, a)
			}
		}
	})
}

func TestFindInLog(t *testing.T) {
	log := "[   11.0] trace_uprobe: error: Old message\n  Command: p:x/y /bin/bash:0x10 a=%zz\n                 ^\n" +
		"[   12.5] trace_uprobe: error: Invalid register name\n  Command: p:x/y /bin/bash:0x10 a=%zz\n                               ^\n" +
		"[   13.0] trace_kprobe: error: Of another\n  Command: p:a/b c\n           ^\n"
	for _, c := range []struct {
		line, message string
		column        int
	}{
		{"p:x/y /bin/bash:0x10 a=%zz", "Invalid register name", 20},
		{"p:x/y   /bin/bash:0x10  a=%zz", "Invalid register name", 24 - 1},
		{"p:a/b c", "Of another", 0},
		{"p:other/x y", "", -1},
	} {
		message, column := findInLog(log, c.line)
		if message != c.message || column < 0 != (c.column < 0) {
			t.Errorf("%q: %q at %d, want %q at %d", c.line, message, column, c.message, c.column)
		}
		if column >= 0 && c.column > 0 && !strings.HasPrefix(c.line[column:], "a=%zz") {
			t.Errorf("%q: column %d is at %q", c.line, column, c.line[column:])
		}
	}
}

func TestHostileDefinitions(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "uprobe_events")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := At(dir)
	for _, line := range []string{
		"p:x/y /tmp/a\n-:z/z b:0", "p:x/y /tmp/a#b:0", "p:x/y /tmp/\x1b[2J:0", "-:x/y", "!p:x/y", "p:x/y /a\x00b:0",
		"p:x/y " + strings.Repeat("a", 4096),
	} {
		err := f.Define(UProbe, line)
		var d *DefineError
		if !errors.As(err, &d) || !errors.Is(err, ErrHostile) || d.Hint() == "" {
			t.Errorf("%.40q: %v", line, err)
		}
	}
	for _, n := range [][2]string{{"x", "y\nz"}, {"../x", "y"}, {"x", ""}, {"x y", "z"}, {"x", "y#"}} {
		if err := f.Remove(UProbe, n[0], n[1]); err == nil {
			t.Errorf("%q: removed", n)
		}
	}
	if b, _ := os.ReadFile(file); len(b) > 0 {
		t.Errorf("written: %q", b)
	}
}

func TestDefineAndRemove(t *testing.T) {
	testkit.Need(t, testkit.Root, testkit.Tracefs, testkit.Uprobes)
	f, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	if !f.HasUprobes() {
		t.Error("HasUprobes says no")
	}
	exe, err := exec.LookPath("true")
	if err != nil {
		t.Fatal(err)
	}
	group := testkit.Group("tracefs")
	line := fmt.Sprintf("p:%s/one %s:0x1000 a=%%di:x64", group, exe)
	if err := f.Define(UProbe, line); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Remove(UProbe, group, "one") })

	var mine []ProbeLine
	all, err := f.Probes(UProbe)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.Group == group {
			mine = append(mine, p)
		}
	}
	if len(mine) != 1 || mine[0].Event != "one" || len(mine[0].Args) != 1 {
		t.Fatalf("listed: %+v", mine)
	}
	fm, err := f.Format(group, "one")
	if err != nil || fm.Field("a") == nil || fm.PrintErr() != nil {
		t.Fatalf("format %+v: %v", fm, err)
	}
	if id, err := f.ID(group, "one"); err != nil || id != fm.ID {
		t.Errorf("ID = %d, %v; the format says %d", id, err, fm.ID)
	}

	bad := fmt.Sprintf("p:%s/two %s:0x1000  a=%%nonsense:x64", group, exe)
	err = f.Define(UProbe, bad)
	var d *DefineError
	if !errors.As(err, &d) || d.Message == "" || d.Column < 0 || !strings.Contains(bad[d.Column:], "nonsense") {
		t.Errorf("bad register: %v (%+v)", err, d)
	} else {
		t.Logf("%v\n%s", err, d.Caret())
	}
	if err := f.Define(UProbe, line); !errors.Is(err, fs.ErrExist) {
		t.Errorf("defined twice: %v", err)
	}
	if err := f.Remove(UProbe, group, "one"); err != nil {
		t.Error(err)
	}
	if err := f.Remove(UProbe, group, "one"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed twice: %v", err)
	}
	if _, err := f.Format(group, "one"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("format of a removed event: %v", err)
	}
}

func TestHints(t *testing.T) {
	for _, c := range []struct {
		err  interface{ Hint() string }
		want string
	}{
		{&AccessError{Path: "/t/uprobe_events", Dir: "/t", Err: fs.ErrPermission}, "gid=GROUP /t"}, // the files' modes are 0640
		{&AccessError{Path: "x", Err: fs.ErrPermission}, "gid=GROUP " + DefaultDir},
		{&DefineError{Line: "p:a/b do_int3", File: "kprobe_events", Message: "Failed to register probe event"}, "kprobes/blacklist"},
	} {
		if got := c.err.Hint(); !strings.Contains(got, c.want) {
			t.Errorf("%+v: hint %q, want one with %q", c.err, got, c.want)
		}
	}
}
