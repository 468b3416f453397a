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

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// tool runs a program in a directory.
func tool(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// sources puts the program of testdata/files into a directory of its own.
func sources(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "files"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// compileFiles compiles both sources and links them to dir/prog.
func compileFiles(t *testing.T, dir, cc string, flags ...string) string {
	t.Helper()
	testkit.Need(t, map[string]testkit.Feature{"gcc": testkit.GCC, "clang": testkit.Clang}[cc])
	for _, src := range []string{"one", "two"} {
		tool(t, dir, cc, append(flags, "-c", src+".c", "-o", src+".o")...)
	}
	tool(t, dir, cc, append(flags, "one.o", "two.o", "-o", "prog")...)
	return filepath.Join(dir, "prog")
}

// asked are functions and what is asked at each of their places.
func asked() map[string][]string {
	return map[string][]string{
		"shared": {"o->in.a", "o->in.name", "o->in.bits", "o->next->more", "o->color", "o->i", "times", "counter", "hidden"},
		"helper": {"o->in.a", "by", "sum", "o->next->name"},
		"other":  {"p->o.color", "p->d", "text", "local.a", "r", "o->n", "counter"},
		"away":   {"o->next->a"},
	}
}

// answers tells all that is said of the program, without addresses: they differ in a file that is not linked.
func answers(t *testing.T, i *Info) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for fn, exprs := range asked() {
		places, err := i.Places(fn, PlaceOptions{})
		if err != nil {
			t.Errorf("%s: %v", fn, err)
			continue
		}
		for _, p := range places {
			line := fmt.Sprintf("%s+%d inlined=%v", p.Symbol, p.Offset, p.Inlined)
			s, ok := i.PlaceOf(p.Addr)
			line += fmt.Sprintf(" %v %s %s:%d", ok, s.Function, filepath.Base(s.File), s.Line)
			for _, text := range exprs {
				e, err := ParseExpr(text)
				if err != nil {
					t.Fatal(err)
				}
				line += "\n  " + text + ": " + answer(i, p, e)
			}
			vars, err := i.Vars(p, VarsOptions{})
			if err != nil {
				t.Errorf("%s: %v", fn, err)
			}
			for _, v := range vars {
				line += fmt.Sprintf("\n  %s %s %v", v.Type, v.Name, v.Here)
			}
			out[fn] = append(out[fn], line)
		}
	}
	return out
}

func answer(i *Info, p Place, e *Expr) string {
	l, err := i.Value(p, e)
	var gone *NotHereError
	var cannot *UnsupportedError
	switch {
	case errors.As(err, &gone):
		return "not here"
	case errors.As(err, &cannot):
		return cannot.Reason
	case err != nil:
		return err.Error()
	case l.Reg == NoReg && l.Kind == Memory:
		return fmt.Sprintf("static %v %+v", l.Derefs, l.Type)
	}
	bits := ""
	if l.Bits != nil {
		bits = fmt.Sprintf("%+v", *l.Bits)
	}
	elem := ""
	if l.Type.Elem != nil {
		elem = fmt.Sprintf("%+v", *l.Type.Elem)
	}
	l.Bits, l.Type.Elem = nil, nil
	return fmt.Sprintf("%+v%s%s", l, bits, elem)
}

// compilers are those whose debug information is compared in all its containers.
func compilers() [][]string {
	return [][]string{{"gcc", "-O2", "-gdwarf-5"}, {"gcc", "-O2", "-gdwarf-4"}, {"clang", "-O2", "-gdwarf-5"}, {"clang", "-O2", "-gdwarf-4"}}
}

// container makes a program whose debug information is kept in some way.
type container struct {
	name  string
	needs []testkit.Feature
	flags []string
	after func(t *testing.T, dir, prog string) string
}

func containers() []container {
	objcopy := func(args ...string) func(*testing.T, string, string) string {
		return func(t *testing.T, dir, prog string) string {
			tool(t, dir, "objcopy", append(args, prog)...)
			return prog
		}
	}
	split := []string{"-gsplit-dwarf"}
	return []container{
		{"zlib", []testkit.Feature{testkit.Objcopy}, nil, objcopy("--compress-debug-sections=zlib")},
		{"zlib-gnu", []testkit.Feature{testkit.Objcopy}, nil, objcopy("--compress-debug-sections=zlib-gnu")},
		{"zstd", []testkit.Feature{testkit.Objcopy}, nil, objcopy("--compress-debug-sections=zstd")},
		{"split", nil, split, nil},
		{"split, moved with the program", nil, split, moveAway},
		{"package", []testkit.Feature{testkit.DWP}, split, pack},
		{"type units", nil, []string{"-fdebug-types-section"}, nil},
		{"split type units", nil, []string{"-fdebug-types-section", "-gsplit-dwarf"}, nil},
		{"package with type units", []testkit.Feature{testkit.DWP}, []string{"-fdebug-types-section", "-gsplit-dwarf"}, pack},
		{"partial units", []testkit.Feature{testkit.DWZ}, nil, func(t *testing.T, dir, prog string) string {
			tool(t, dir, "dwz", prog)
			return prog
		}},
		{"alternate file", []testkit.Feature{testkit.DWZ}, nil, alternate},
		{"gdb's index", nil, []string{"-ggnu-pubnames", "-fuse-ld=gold", "-Wl,--gdb-index"}, hasSection(".gdb_index")},
		{"supplementary file", []testkit.Feature{testkit.DWZ}, nil, supplementary},
		{"separate", []testkit.Feature{testkit.Objcopy}, nil, separate},
		{"separate, compressed", []testkit.Feature{testkit.Objcopy}, []string{"-gz=zlib"}, separate},
		{"relocatable", []testkit.Feature{testkit.GCC}, nil, func(t *testing.T, dir, prog string) string {
			tool(t, dir, "ld", "-r", "one.o", "two.o", "-o", "both.o")
			return filepath.Join(dir, "both.o")
		}},
		{"relocatable, compressed", []testkit.Feature{testkit.XZ}, nil, func(t *testing.T, dir, prog string) string {
			tool(t, dir, "ld", "-r", "one.o", "two.o", "-o", "both.o")
			tool(t, dir, "xz", "both.o")
			return filepath.Join(dir, "both.o.xz")
		}},
		{"relocatable, separate", []testkit.Feature{testkit.Objcopy}, nil, func(t *testing.T, dir, prog string) string {
			tool(t, dir, "ld", "-r", "one.o", "two.o", "-o", "both.ko")
			return separate(t, dir, filepath.Join(dir, "both.ko"))
		}},
	}
}

// hasSection takes a program as it is, if it has what the case is about.
func hasSection(name string) func(*testing.T, string, string) string {
	return func(t *testing.T, _, prog string) string {
		if !openProgram(t, prog, Options{}).file.HasSection(name) {
			t.Fatalf("%s has no %s", prog, name)
		}
		return prog
	}
}

// TestNameIndex: an index of names that the compiler wrote changes no answer.
func TestNameIndex(t *testing.T) {
	flags := []string{"-O2", "-gdwarf-5"}
	want := answers(t, openProgram(t, compileFiles(t, sources(t), "clang", flags...), Options{}))
	prog := compileFiles(t, sources(t), "clang", append(flags, "-gpubnames")...)
	hasSection(".debug_names")(t, "", prog)
	if diff := cmp.Diff(want, answers(t, openProgram(t, prog, Options{}))); diff != "" {
		t.Errorf("(-plain +here)\n%s", diff)
	}
}

// moveAway moves the program and its .dwo files to another directory.
func moveAway(t *testing.T, dir, prog string) string {
	to := t.TempDir()
	found, err := filepath.Glob(filepath.Join(dir, "*.dwo"))
	if err != nil || len(found) != 2 {
		t.Fatalf("%v %v", found, err)
	}
	for _, p := range append(found, prog) {
		if err := os.Rename(p, filepath.Join(to, filepath.Base(p))); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(to, filepath.Base(prog))
}

// pack makes a .dwp file and removes the .dwo files.
func pack(t *testing.T, dir, prog string) string {
	tool(t, dir, "llvm-dwp", "-e", prog, "-o", prog+".dwp")
	found, err := filepath.Glob(filepath.Join(dir, "*.dwo"))
	if err != nil || len(found) != 2 {
		t.Fatalf("%v %v", found, err)
	}
	for _, p := range found {
		if err := os.Remove(p); err != nil {
			t.Fatal(err)
		}
	}
	return prog
}

// alternate lets dwz move what the program and a copy of it share to a third file.
func alternate(t *testing.T, dir, prog string) string {
	tool(t, dir, "cp", prog, prog+"2")
	tool(t, dir, "dwz", "-m", dir+"/common.debug", "-M", "common.debug", prog, prog+"2")
	if _, err := os.Stat(dir + "/common.debug"); err != nil {
		t.Fatal(err)
	}
	return prog
}

// supplementary is alternate as DWARF 5 has it.
func supplementary(t *testing.T, dir, prog string) string {
	tool(t, dir, "cp", prog, prog+"2")
	tool(t, dir, "dwz", "-5", "-m", dir+"/common.debug", "-M", "common.debug", prog, prog+"2")
	if _, err := os.Stat(dir + "/common.debug"); err != nil {
		t.Fatal(err)
	}
	return prog
}

// separate splits the debug information off; the call frame information stays with the program.
func separate(t *testing.T, dir, prog string) string {
	debug := prog + ".debug"
	tool(t, dir, "objcopy", "--only-keep-debug", prog, debug)
	tool(t, dir, "objcopy", "--strip-debug", "--add-gnu-debuglink="+debug, prog)
	return prog
}

// TestContainers asks the same of one program's debug information in all its containers.
func TestContainers(t *testing.T) {
	for _, cc := range compilers() {
		t.Run(cc[0]+cc[2], func(t *testing.T) {
			want := answers(t, openProgram(t, compileFiles(t, sources(t), cc[0], cc[1:]...), Options{}))
			if len(want["helper"]) < 4 || !strings.Contains(strings.Join(want["shared"], ""), "struct") && len(want["shared"]) != 1 {
				t.Fatalf("too few places: %v", want)
			}
			for _, c := range containers() {
				if slices.Contains(c.needs, testkit.DWZ) && cc[0] == "clang" && cc[2] == "-gdwarf-5" {
					continue // dwz 0.15 refuses .debug_addr
				}
				t.Run(c.name, func(t *testing.T) {
					testkit.Need(t, c.needs...)
					dir := sources(t)
					prog := compileFiles(t, dir, cc[0], append(c.flags, cc[1:]...)...)
					if c.after != nil {
						prog = c.after(t, dir, prog)
					}
					i := openProgram(t, prog, Options{})
					if diff := cmp.Diff(want, answers(t, i)); diff != "" {
						t.Errorf("(-plain +here)\n%s", diff)
					}
				})
			}
		})
	}
}

// TestMissingParts: what is there is used, what is not is named with the places where it was looked for.
func TestMissingParts(t *testing.T) {
	dir := sources(t)
	prog := compileFiles(t, dir, "gcc", "-O2", "-g", "-gsplit-dwarf")
	found, err := filepath.Glob(filepath.Join(dir, "*two*.dwo"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v %v", found, err)
	}
	if err := os.Rename(found[0], dir+"/elsewhere"); err != nil {
		t.Fatal(err)
	}
	i := openProgram(t, prog, Options{})
	if p, err := i.Places("shared", PlaceOptions{}); err != nil || len(p) != 1 {
		t.Errorf("in the .dwo file that is there: %v, %v", p, err)
	}
	var split *SplitError
	if _, err := i.Places("other", PlaceOptions{}); !errors.As(err, &split) || !strings.Contains(err.Error(), found[0]) || split.Hint() == "" {
		t.Errorf("in the .dwo file that is not: %v", err)
	}
	// A .dwo file of another build is not taken.
	tool(t, dir, "gcc", "-O1", "-Dextra=1", "-g", "-gsplit-dwarf", "-c", "one.c", "-o", "other.o")
	other, err := filepath.Glob(filepath.Join(dir, "other*.dwo"))
	if err != nil || len(other) != 1 {
		t.Fatalf("%v %v", other, err)
	}
	if err := os.Rename(other[0], found[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := openProgram(t, prog, Options{}).Places("other", PlaceOptions{}); !errors.As(err, &split) || !strings.Contains(err.Error(), "another build") {
		t.Errorf("in a .dwo file of another build: %v", err)
	}

	testkit.Need(t, testkit.DWZ)
	dir = sources(t)
	prog = alternate(t, dir, compileFiles(t, dir, "gcc", "-O2", "-g"))
	if err := os.Remove(dir + "/common.debug"); err != nil {
		t.Fatal(err)
	}
	i = openProgram(t, prog, Options{})
	places, err := i.Places("shared", PlaceOptions{})
	if err == nil {
		e, parseErr := ParseExpr("o->in.a")
		if parseErr != nil {
			t.Fatal(parseErr)
		}
		_, err = i.Value(places[0], e)
	}
	if err == nil || !strings.Contains(err.Error(), dir+"/common.debug") {
		t.Errorf("without the alternate file: %v", err)
	}
}
