package dwarfvars

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// lineWith returns the number of the line of testdata/values.c that contains text.
func lineWith(t *testing.T, text string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "values.c"))
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(string(b), "\n") {
		if strings.Contains(line, text) {
			return n + 1
		}
	}
	t.Fatalf("no line with %s", text)
	return 0
}

func gcc(t *testing.T, flags ...string) string {
	t.Helper()
	testkit.Need(t, testkit.GCC)
	out := filepath.Join(t.TempDir(), "prog")
	args := append([]string{"-w", "-o", out, filepath.Join("testdata", "values.c")}, flags...)
	if msg, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc %v: %v\n%s", args, err, msg)
	}
	return out
}

func openProgram(t *testing.T, path string, o Options) *Info {
	t.Helper()
	i, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	})
	return i
}

func TestPlaceOf(t *testing.T) {
	for _, flags := range [][]string{{"-O0", "-gdwarf-5"}, {"-O2", "-gdwarf-4"}} {
		i := openProgram(t, gcc(t, flags...), Options{})
		decl := lineWith(t, "int callers(")
		places, err := i.Places("callers", PlaceOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s, ok := i.PlaceOf(places[0].Addr)
		if !ok || s.Function != "callers" || s.Symbol != "callers" || s.Offset != 0 || s.Relative != 0 || s.Line != decl || s.DeclLine != decl ||
			!strings.HasSuffix(s.File, "testdata/values.c") {
			t.Errorf("%v: entry of callers is %+v, %v", flags, s, ok)
		}
		inlined, err := i.Places("inlined", PlaceOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range inlined {
			// At the entry of an inlined function perf gives the line of the call.
			s, ok := i.PlaceOf(p.Addr)
			if !ok || s.Function != "callers" || s.Inlined || s.Line <= decl || s.Line > decl+10 || s.Relative != s.Line-decl || s.Offset != p.Offset {
				t.Errorf("%v: %#x is %+v, %v", flags, p.Addr, s, ok)
			}
		}
		if s, ok := i.PlaceOf(1); ok {
			t.Errorf("address 1 is %+v", s)
		}
	}
}

func TestOffsets(t *testing.T) {
	i := openProgram(t, gcc(t, "-O0", "-gdwarf-5"), Options{})
	places, err := i.Places("ints", PlaceOptions{Offset: 4})
	if err != nil || len(places) != 1 || places[0].Addr != places[0].Entry+4 || places[0].Offset != 4 {
		t.Errorf("ints+4 is %+v, %v", places, err)
	}
	var outside *OffsetError
	if _, err := i.Places("ints", PlaceOptions{Offset: 100000}); !errors.As(err, &outside) || outside.Size == 0 {
		t.Errorf("ints+100000: %v", err)
	}
	var many *TooManyError
	if _, err := i.Places("inlined", PlaceOptions{Max: 2}); !errors.As(err, &many) || many.Hint() == "" {
		t.Errorf("two of three places: %v", err)
	}
	var nowhere *NoInstanceError
	if _, err := i.Places("inlined", PlaceOptions{NoInlines: true}); !errors.As(err, &nowhere) {
		t.Errorf("without inlined ones: %v", err)
	}
	if places, err := i.Places("inlined", PlaceOptions{File: "values.c"}); err != nil || len(places) != 3 {
		t.Errorf("of values.c: %+v, %v", places, err)
	}
	if places, err := i.Places("inlined", PlaceOptions{File: "other.c"}); err == nil {
		t.Errorf("of other.c: %+v", places)
	}
}

// TestErrors looks whether what users meet names the way out.
func TestErrors(t *testing.T) {
	i := openProgram(t, gcc(t, "-O0", "-gdwarf-5"), Options{})
	var unknown *UnknownFunctionError
	if _, err := i.Places("objekt", PlaceOptions{}); !errors.As(err, &unknown) || !slices.Contains(unknown.Nearest, "object") {
		t.Errorf("objekt: %v", err)
	}
	places, err := i.Places("object", PlaceOptions{SkipPrologue: true})
	if err != nil || len(places) != 1 || !places[0].Skipped {
		t.Fatal(places, err)
	}
	for _, tt := range []struct{ expr, want, hint string }{
		{"colour", "function object has no variable colour", "color"},
		{"o->colour", "o->colour: ->colour on struct outer: it has no member colour", "did you mean color"},
		{"o.in", "o.in: .in on struct outer*: it is a pointer", "write ->in instead"},
		{"o->in->id", "o->in->id: ->id on struct name: it is no pointer", "write .id instead"},
		{"o->arr[4]", "o->arr[4]: [4] on int*: the array has 4 elements", ""},
		{"o->arr[-1]", "o->arr[-1]: [-1] on int*: the array has 4 elements", ""},
		{"color[0]", "color[0]: [0] on enum color: it is no array and no pointer", ""},
		{"s->x", "s->x: ->x on char: it is no structure and no union", ""},
	} {
		_, err := i.Value(places[0], mustExpr(tt.expr))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", tt.expr, err, tt.want)
			continue
		}
		hint, ok := err.(interface{ Hint() string })
		if !ok || !strings.Contains(hint.Hint(), tt.hint) {
			t.Errorf("%s: %T has not the hint %q", tt.expr, err, tt.hint)
		}
	}
	entry, err := i.Places("object", PlaceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var nowhere *NotHereError
	if _, err := i.Value(entry[0], mustExpr("o")); !errors.As(err, &nowhere) || len(nowhere.Ranges) != 1 || nowhere.Ranges[0][0] != places[0].Addr {
		t.Errorf("before the prologue has stored it: %v", err)
	} else if hint := fmt.Sprintf("it can be read at object+%d to +", places[0].Offset); !strings.HasPrefix(nowhere.Hint(), hint) {
		t.Errorf("hint %q, want %q…", nowhere.Hint(), hint)
	}
}

func TestNoDebugInfo(t *testing.T) {
	prog := gcc(t, "-s")
	_, err := Open(prog, Options{Root: t.TempDir()})
	var none *NoDebugInfoError
	if !errors.As(err, &none) || !errors.Is(err, ErrNoDebugInfo) || !strings.Contains(none.Hint(), "-g") {
		t.Errorf("without debug information: %v", err)
	}
	if _, err := Open(filepath.Join("testdata", "values.c"), Options{}); err == nil {
		t.Error("a source file is opened")
	}
}

// TestSeparate reads debug information from another file, which has no call frame information.
func TestSeparate(t *testing.T) {
	testkit.Need(t, testkit.Objcopy)
	prog := gcc(t, "-O0", "-gdwarf-5")
	debug := prog + ".debug"
	for _, args := range [][]string{{"--only-keep-debug", prog, debug}, {"--strip-debug", prog}, {"--add-gnu-debuglink=" + debug, prog}} {
		if msg, err := exec.Command("objcopy", args...).CombinedOutput(); err != nil {
			t.Fatalf("objcopy %v: %v\n%s", args, err, msg)
		}
	}
	i := openProgram(t, prog, Options{})
	if i.Path() != debug {
		t.Errorf("debug information is taken from %s", i.Path())
	}
	places, err := i.Places("object", PlaceOptions{SkipPrologue: true})
	if err != nil {
		t.Fatal(err)
	}
	if loc, err := i.Value(places[0], mustExpr("o->in.id")); err != nil || loc.Kind != Memory || len(loc.Derefs) != 1 {
		t.Errorf("o->in.id: %+v, %v", loc, err)
	}
}

func TestFunctions(t *testing.T) {
	i := openProgram(t, gcc(t, "-O2", "-gdwarf-5"), Options{})
	for _, tt := range []struct {
		pattern string
		want    []string
	}{
		{"*", []string{"byvalue", "callers", "floats", "inlined", "ints", "main", "object", "use"}},
		{"in*", []string{"inlined", "ints"}},
		{"[a-f]*", []string{"byvalue", "callers", "floats"}},
		{"[!a-o]*", []string{"use"}},
		{"?se", []string{"use"}},
		{`\main`, []string{"main"}},
		{"none", nil},
	} {
		all, err := i.Functions(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range all {
			if f.Name != "puts" && !strings.HasPrefix(f.Name, "__builtin") && f.Name != "memcpy" && f.Name != "strcpy" {
				got = append(got, f.Name)
			}
			if f.Inline != (f.Name == "inlined") {
				t.Errorf("%+v", f)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.pattern, got, tt.want)
		}
	}
}
