package dwarfvars

import (
	"debug/elf"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// asPerf writes what perf probe -D prints of a function's places and values.
func asPerf(t *testing.T, i *Info, b build, fn string, exprs []string) (lines []string) {
	t.Helper()
	places, err := i.Places(fn, PlaceOptions{SkipPrologue: len(exprs) > 0})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range places {
		off, ok := i.file.FileOffset(p.Addr)
		if !ok {
			t.Fatalf("%#x is not in the file", p.Addr)
		}
		line := fmt.Sprintf("%#x", off)
		for _, text := range exprs {
			text, cast, _ := strings.Cut(text, ":")
			loc, err := i.Value(p, mustExpr(text))
			if err != nil {
				t.Fatalf("%s at %+v: %v", text, p, err)
			}
			line += " " + perfText(t, b, &loc, text, cast)
		}
		lines = append(lines, line)
	}
	return lines
}

func perfText(t *testing.T, b build, l *Location, expr, cast string) string {
	t.Helper()
	m, err := arch.ForMachine(elf.EM_X86_64)
	if err != nil {
		t.Fatal(err)
	}
	reg, _ := m.FetchName(l.Reg)
	fetch := "%" + reg
	if l.Kind == Memory {
		if l.Reg == NoReg {
			fetch = "@" + expr
			if l.Offset == 0 || l.Derefs != nil {
				t.Fatalf("%s: %+v", expr, l)
			}
			fetch += "+0"
		} else {
			fetch = fmt.Sprintf("%+d(%s)", l.Offset, fetch)
		}
		for _, d := range l.Derefs {
			fetch = fmt.Sprintf("%+d(%s)", d, fetch)
		}
	}
	kind := ":x"
	enumSigned := b.compiler == "gcc" // which writes the DW_AT_encoding that perf looks at
	if l.Type.Signed && (l.Type.Kind != TypeEnum || enumSigned) {
		kind = ":s"
	}
	kind += strconv.FormatInt(8*l.Type.Size, 10)
	if l.Type.Kind == TypeArray || l.Type.Kind == TypePointer && b.compiler == "clang" { // which writes no size of pointers
		kind = ""
	}
	name := mustExpr(expr).Last()
	if cast == "string" {
		kind = ":string"
		if l.Type.Kind == TypePointer {
			fetch = "+0(" + fetch + ")"
		}
		if name == expr {
			name += "_string"
		}
	}
	return name + "=" + fetch + kind
}

func perfLines(t *testing.T, prog, def string) (lines []string) {
	t.Helper()
	out, err := perfProbe(t, "-x", prog, "-D", def).CombinedOutput()
	if err != nil {
		t.Fatalf("perf probe -D %q: %v\n%s", def, err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "p:") {
			_, rest, _ := strings.Cut(strings.TrimSpace(line), prog+":")
			lines = append(lines, rest)
		}
	}
	return lines
}

// TestPerfDefinitions asks perf and this package the same. Left out is what perf gets wrong: bit-fields, arrays in
// arrays, structures in registers, values that are computed, what clang's frame bases and its pointers without
// a size need, and DWARF 3 and 5 of clang, whose location lists perf does not know and so takes code for unoptimised.
func TestPerfDefinitions(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	for _, b := range perfBuilds() {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			prog := compile(t, b, "values.c")
			i := open(t, prog)
			if b.compiler == "clang" && b.flags[1] != "-gdwarf-4" && b.optimised() {
				return
			}
			more := "object g_counter"
			if b.compiler == "gcc" {
				more = "object argv[1]:string g_counter"
				if !b.optimised() {
					more += " s_counter"
				}
			}
			for _, def := range []string{
				more, "ints", "object", "inlined", "main",
				"ints c uc s us i u",
				"object o->in.id o->in.text:string o->pin->id o->pin->text:string o->arr[3] o->ua o->deep o->color o->d s:string s color argv np o->buf:string o->numbers[2] o->self->self->in.text:string",
				"callers o->self->arr[2] n",
			} {
				words := strings.Fields(def)
				got := asPerf(t, i, b, words[0], words[1:])
				if diff := cmp.Diff(perfLines(t, prog, def), got); diff != "" {
					t.Errorf("%s: perf -, ours +\n%s", def, diff)
				}
			}
		})
	}
}

// TestPerfVars compares the lists of variables, as perf probe -V prints them.
func TestPerfVars(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	for _, b := range perfBuilds() {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			prog := compile(t, b, "values.c")
			i := open(t, prog)
			for _, fn := range []string{"ints", "object", "byvalue", "floats", "inlined", "callers", "main"} {
				out, err := perfProbe(t, "-x", prog, "-V", fn, "--externs").Output()
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(out), varsText(t, i, fn, true)); diff != "" {
					t.Errorf("%s: perf -, ours +\n%s", fn, diff)
				}
			}
		})
	}
}

// perfBuilds are the builds that perf is asked about, which takes its time.
func perfBuilds() (some []build) {
	for _, b := range builds() {
		if b.flags[0] != "-O1" {
			some = append(some, b)
		}
	}
	return some
}
