package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// compile builds testdata/places.c and returns the program's path.
func compile(t *testing.T, flags ...string) string {
	t.Helper()
	return compileFile(t, "places", flags...)
}

func compileFile(t *testing.T, name string, flags ...string) string {
	t.Helper()
	testkit.Need(t, testkit.GCC)
	program := filepath.Join(t.TempDir(), name)
	args := append(append([]string{"-g", "-o", program}, flags...), "testdata/"+name+".c")
	if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	return program
}

func open(t *testing.T, target Target) *Resolver {
	t.Helper()
	r, err := NewResolver(context.Background(), target, Options{System: os.DirFS("/")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// resolve returns the events of a definition.
func resolve(t *testing.T, r *Resolver, text string) ([]*Event, error) {
	t.Helper()
	d, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return r.ResolveAll(d)
}

func kernelLines(events []*Event) string {
	var b strings.Builder
	for _, e := range events {
		for _, l := range e.KernelLines() {
			b.WriteString(l + "\n")
		}
	}
	return b.String()
}

// perfSays returns what the reference perf prints on standard output.
func perfSays(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	c := exec.Command("perf", args...)
	c.Stdout, c.Stderr = &out, &errs
	c.Env = append(os.Environ(), "HOME="+t.TempDir()) // where perf keeps copies of what it has seen
	if err := c.Run(); err != nil {
		t.Fatalf("perf %q: %v\n%s", args, err, errs.Bytes())
	}
	return out.String()
}

func TestDefinitionsAreLikePerfs(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	for _, flags := range [][]string{{"-O2"}, {"-O0"}, {"-O2", "-gdwarf-4", "-no-pie"}} {
		program := compile(t, flags...)
		r := open(t, Target{Exec: program})
		for _, text := range []string{
			"handle", "handle path:string", "handle m->id m->name:string m->path:string",
			"handle m->ip->a m->in.b c sh ch u n", "handle m->arr[2] m->flags m->big", "handle%return $retval",
			"f_point n", "f_str s:string argv[0]:string us:string", "handle $params",
			"g=handle n:u8 n:x n:u n:s64", "a:b=handle %di $stack0 +8(%di):u32 $comm", "r1=handle%return",
			"handle m->un.i m->un.f", "handle m->next->next->path:string", "handle xx=n:u16", "0x1000",
			"handle m->in.a", "handle m->name:string", "inl", "inl x", "user2 k",
		} {
			events, err := resolve(t, r, text)
			if err != nil {
				t.Errorf("gcc %q: %s: %v", flags, text, err)
				continue
			}
			want := perfSays(t, "probe", "-x", program, "-D", text)
			if diff := cmp.Diff(want, kernelLines(events)); diff != "" {
				t.Errorf("gcc %q: %s: -perf +gperf:\n%s", flags, text, diff)
			}
		}
	}
}

func TestVariablesAreLikePerfs(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	program := compile(t, "-O2")
	r := open(t, Target{Exec: program})
	for _, text := range []string{"handle", "inl", "f_point", "main", "handle+5", "handle%return", "f_bits"} {
		if got, want := showVars(t, r, text), perfSays(t, "probe", "-x", program, "-V", text); got != want {
			t.Errorf("%s: -perf +gperf:\n%s", text, cmp.Diff(want, got))
		}
	}
}

func showVars(t *testing.T, r *Resolver, text string) string {
	t.Helper()
	d, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	places, err := r.Variables(d, VarsOptions{})
	if err != nil {
		t.Errorf("%s: %v", text, err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Available variables at %s\n", text)
	for _, p := range places {
		fmt.Fprintf(&b, "\t@<%s+%d>\n", p.Function, p.Offset)
		for _, v := range p.Vars {
			fmt.Fprintf(&b, "\t\t%s\t%s\n", v.Type, v.Name)
		}
	}
	return b.String()
}

func TestRefusals(t *testing.T) {
	r := open(t, Target{Exec: compile(t, "-O2")})
	for text, want := range map[string]string{
		"nosuch":                  "Probe point 'nosuch' not found.",
		"handle nosuch":           "function handle has no variable nosuch",
		"handle m->nosuch":        "it has no member nosuch",
		"handle m.id":             "it is a pointer",
		"handle n:string":         "Failed to cast into string: n(int) is not a pointer nor array.",
		"handle m->ip:string":     "Failed to cast into string: m->ip is not (unsigned) char *.",
		"handle path path":        `argument name "path" is used twice`,
		"handle+100000":           "offset 100000 is outside of handle",
		"inl%return":              "because inl is an inlined function and has no return point.",
		"handle:90":               "line handle:90 has no code",
		"places.c:3":              "line places.c:3 has no code",
		"nosuch.c:3":              "names no source file nosuch.c",
		"nosuch:3":                "debug information has no function nosuch",
		"handle;xyzzy*":           "no line of handle with code matches the pattern",
		"handle@nosuch.c:1":       "debug information has no function handle",
		"inl $arg1":               "the function is inlined there",
		"handle+4 $arg1":          "arguments are known only at the entry",
		"handle %di@user":         "@user is for variables",
		"handle %di:symstr":       "names addresses of the kernel",
		"handle path[0-3]:string": "the elements are no pointers to text",
		"handle n:string[2]":      "is no row of pointers to text",
		"f_point p[0-1]":          "it is no array and no pointer",
		"%sdt_a:b":                "has no static markers (USDT)",
		"f_float a":               "register xmm0",
		"handle @nosuch":          "has no data symbol nosuch",
		"0x1200 n":                "variables need a function",
		"handle m->next->next->next->next->next->next->next->next->next->path:string": "is longer than 63 characters",
	} {
		_, err := resolve(t, r, text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}

func TestInsideInstruction(t *testing.T) {
	r := open(t, Target{Exec: compile(t, "-O2")})
	refused := 0
	for offset := 1; offset < 12; offset++ {
		_, err := resolve(t, r, fmt.Sprintf("handle+%d", offset))
		var b *BoundaryError
		if errors.As(err, &b) {
			refused++
			if b.Before >= b.Offset || b.After <= b.Offset {
				t.Errorf("handle+%d: nearest are %d and %d", offset, b.Before, b.After)
			}
			for _, near := range []uint64{b.Before, b.After} {
				if _, err := resolve(t, r, fmt.Sprintf("handle+%d", near)); err != nil {
					t.Errorf("handle+%d was offered, but: %v", near, err)
				}
			}
		} else if err != nil {
			t.Error(err)
		}
	}
	if refused == 0 {
		t.Error("no place was refused")
	}
}

// scratch returns a manager on the machine's tracefs, and a group of its own that is emptied in the end.
func scratch(t *testing.T) (*Manager, string) {
	t.Helper()
	testkit.Need(t, testkit.Uprobes)
	fs, _, err := tracefs.Mount()
	if err != nil {
		t.Fatal(err)
	}
	group := fmt.Sprintf("probe_tp%d", os.Getpid())
	m := NewManager(fs, &argtype.Store{Dir: t.TempDir()})
	t.Cleanup(func() {
		f, err := ParseFilter(group + ":*")
		if err == nil {
			_, err = m.Remove(f)
		}
		if err != nil {
			t.Error(err)
		}
	})
	return m, group
}

// defined returns the kernel's lines of a group.
func defined(t *testing.T, group string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(tracefs.DefaultDir, "uprobe_events"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, ":"+group+"/") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func TestReadline(t *testing.T) {
	m, group := scratch(t)
	bash, err := filepath.EvalSymlinks("/bin/bash")
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, Target{Exec: "/bin/bash"})
	events, err := resolve(t, r, "readline%return +0($retval):string")
	if err != nil {
		t.Fatal(err)
	}
	e := events[0]
	if e.Group != "probe_bash" || e.Name != "readline__return" {
		t.Errorf("named %s:%s", e.Group, e.Name)
	}
	e.Group = group
	if err := m.Add(AddOptions{}, e); err != nil {
		t.Fatal(err)
	}
	place, offset, _ := strings.Cut(e.Places[0].At, ":0x")
	want := fmt.Sprintf("r:%s/readline__return %s:0x%016s arg1=+0($retval):string\n", group, place, offset)
	if got := defined(t, group); got != want {
		t.Errorf("kernel has %q, want %q", got, want)
	}
	filter, err := ParseFilter(group + ":*")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := m.List(filter)
	if err != nil || len(lines) != 1 {
		t.Fatalf("list: %v, %v", lines, err)
	}
	l := NewLister(Options{}, nil, nil)
	defer l.Close()
	text := fmt.Sprintf("  %s:readline__return (on readline%%return in %s with arg1)", group, bash)
	if got := l.Text(context.Background(), lines[0]); got != text {
		t.Errorf("listed as %q, want %q", got, text)
	}
	removed, err := m.Remove(filter)
	if err != nil || !slices.Equal(removed, []string{group + ":readline__return"}) {
		t.Errorf("removed %v, %v", removed, err)
	}
	if got := defined(t, group); got != "" {
		t.Errorf("left in the kernel: %q", got)
	}
}

func TestAllOrNone(t *testing.T) {
	m, group := scratch(t)
	r := open(t, Target{Exec: compile(t, "-O2")})
	var events []*Event
	for _, text := range []string{group + ":one=inl x", group + ":two=handle n %nosuch"} {
		more, err := resolve(t, r, text)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, more...)
	}
	err := m.Add(AddOptions{}, events...)
	var w *WriteError
	if !errors.As(err, &w) {
		t.Fatalf("Add: %v, want a WriteError", err)
	}
	if !strings.Contains(w.Error(), "Invalid register name") || !strings.HasSuffix(w.Caret(), "^~~~~~~") {
		t.Errorf("%v\n%s", w, w.Caret())
	}
	if got := defined(t, group); got != "" {
		t.Errorf("left in the kernel: %q", got)
	}
}

func TestNamesThatExist(t *testing.T) {
	m, group := scratch(t)
	r := open(t, Target{Exec: compile(t, "-O2")})
	add := func(o AddOptions) (string, error) {
		events, err := resolve(t, r, group+":e=handle c")
		if err != nil {
			t.Fatal(err)
		}
		err = m.Add(o, events...)
		return events[0].Name, err
	}
	if _, err := add(AddOptions{}); err != nil {
		t.Fatal(err)
	}
	var exists *ExistsError
	if _, err := add(AddOptions{}); !errors.As(err, &exists) || exists.Error() != `Error: event "e" already exists.` {
		t.Errorf("second time: %v", err)
	}
	if name, err := add(AddOptions{Force: true}); err != nil || name != "e_1" {
		t.Errorf("by force: %s, %v", name, err)
	}
	line, _, _ := strings.Cut(defined(t, group), "\n")
	saved, err := m.types.Load(group, "e", line)
	if err != nil {
		t.Fatal(err)
	}
	if len(saved.Fields) != 1 || saved.Fields[0].Type.Kind != argtype.Enum || len(saved.Fields[0].Type.Values) != 3 {
		t.Errorf("types: %+v", saved)
	}
}

// What the kernel fetches for each argument must be what the program has there.
func TestValuesAreRight(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	m, group := scratch(t)
	program := compile(t, "-O2")
	r := open(t, Target{Exec: program})
	for _, tt := range []struct{ text, want string }{
		{"handle m->id m->name:string m->path:string n u sh:s16 m->in.b m->arr[2] @g_counter:s32",
			`id=5 name="hello" path="/etc/passwd" n=0 u=0x63 sh_s16=-3 b=2 arr=30 arg9=42`},
		{"f_bits b->a b->c b->f", "a=5 c=123456789012 f=1"},
		{"inl x tag:string", `x=0 tag_string="one"`},
		{"f_str s:string us:string", `s_string="abc" us_string="xyz"`},
	} {
		events, err := resolve(t, r, group+":value="+tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if err := m.Add(AddOptions{}, events...); err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		data := filepath.Join(t.TempDir(), "data")
		perfSays(t, "record", "-q", "-e", group+":value", "-o", data, program, "1")
		first, _, _ := strings.Cut(perfSays(t, "script", "-i", data, "-F", "trace"), "\n")
		if _, values, _ := strings.Cut(first, ") "); strings.ReplaceAll(values, "65533", "-3") != tt.want { // perf prints s16 without its sign
			t.Errorf("%s: %q, want %q", tt.text, values, tt.want)
		}
		f, err := ParseFilter(group + ":value")
		if err == nil {
			_, err = m.Remove(f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
