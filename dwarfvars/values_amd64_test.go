package dwarfvars

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// build is one way to compile a test program.
type build struct {
	compiler string
	flags    []string
}

func (b build) String() string {
	s := b.compiler
	for _, f := range b.flags {
		s += f
	}
	return s
}

// builds returns compilers × optimisation × DWARF version × PIE or not.
func builds() (all []build) {
	for _, c := range []string{"gcc", "clang"} {
		for _, o := range []string{"-O0", "-O1", "-O2"} {
			for _, v := range []string{"-gdwarf-3", "-gdwarf-4", "-gdwarf-5"} {
				for _, pie := range []string{"-pie", "-no-pie"} {
					if v == "-gdwarf-3" && pie == "-pie" {
						continue
					}
					code := map[string]string{"-pie": "-fPIE", "-no-pie": "-fno-pie"}[pie]
					all = append(all, build{c, []string{o, v, code, pie}})
				}
			}
		}
	}
	return all
}

func (b build) optimised() bool { return b.flags[0] != "-O0" }

// loses tells whether the compiler does not say where a value is although there is one: DWARF 3
// has no DW_OP_stack_value, and clang leaves out what would need it.
func (b build) loses() bool { return b.compiler == "clang" && b.flags[1] == "-gdwarf-3" }

// compile makes a program out of a file in testdata.
func compile(t *testing.T, b build, source string) string {
	t.Helper()
	testkit.Need(t, map[string]testkit.Feature{"gcc": testkit.GCC, "clang": testkit.Clang, "g++": testkit.GXX}[b.compiler])
	out := filepath.Join(t.TempDir(), "prog")
	args := append([]string{"-w", "-o", out, filepath.Join("testdata", source)}, b.flags...)
	if msg, err := exec.Command(b.compiler, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", b.compiler, args, err, msg)
	}
	return out
}

func open(t *testing.T, path string) *Info {
	t.Helper()
	i, err := Open(path, Options{})
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

// truth is what an expression is worth in testdata/values.c. want is an int64, a string behind the value
// or a float64. At -O0 all of them must be found; must lists those that must be with optimisation too.
type truth struct {
	fn, expr string
	want     any
	must     bool
}

var truths = []truth{
	{"ints", "c", int64(-5), true},
	{"ints", "uc", int64(251), true},
	{"ints", "s", int64(-300), true},
	{"ints", "us", int64(65000), true},
	{"ints", "i", int64(-70000), true},
	{"ints", "u", int64(4000000000), true},
	{"ints", "l", int64(-5000000000), true},
	{"ints", "ul", int64(-1), true},
	{"object", "o->in.id", int64(7), true},
	{"object", "o->in.text", "seven", true},
	{"object", "o->pin->id", int64(9), true},
	{"object", "o->pin->text", "other", true},
	{"object", "o->arr[3]", int64(-30), true},
	{"object", "o->m[1][2]", int64(105), true},
	{"object", "o->ua", int64(0x04030201), true},
	{"object", "o->ub[2]", int64(3), true},
	{"object", "o->deep", int64(-5), true},
	{"object", "o->deeper", int64('x'), true},
	{"object", "o->color", int64(-3), true},
	{"object", "o->bits.a", int64(5), true},
	{"object", "o->bits.b", int64(-3), true},
	{"object", "o->bits.c", int64(123456789012), true},
	{"object", "o->bits.d", int64(200), true},
	{"object", "o->bits.f", int64(1), true},
	{"object", "o->bits.g", int64(-60), true},
	{"object", "o->packed.p", int64(0x123456789), true},
	{"object", "o->d", 2.5, true},
	{"object", "o->buf", "in place", true},
	{"object", "o->buf[3]", int64('p'), true},
	{"object", "o->numbers[2]", int64(4000000000), true},
	{"object", "o->self->self->in.text", "seven", true},
	{"object", "o->names[1].text", "thirty-one", true},
	{"object", "o[0].names[1].id", int64(31), true},
	{"object", "o->names->id", int64(0), true},
	{"object", "o->flex[2]", int64(64), true},
	{"object", "s", "string", true},
	{"object", "s[2]", int64('r'), true},
	{"object", "color", int64(-3), true},
	{"object", "yes", int64(1), true},
	{"object", "np[0]", int64(123456), true},
	{"object", "argv[1]", "a1", true},
	{"object", "argv[1][1]", int64('1'), true},
	{"object", "typedefd", int64(99), false}, // the seventh argument is on the stack
	{"object", "calls", int64(5), true},
	{"object", "g_counter", int64(77), true},
	{"object", "s_counter", int64(78), false},
	{"object", "g_names[1]", "one", false},
	{"byvalue", "p.x", int64(11), true},
	{"byvalue", "p.y", int64(-12), true},
	{"byvalue", "q.x", int64(13), false},
	{"byvalue", "q.y", int64(-14), true},
	{"byvalue", "n.id", int64(15), false},
	{"byvalue", "n.text", "sixteen", false},
	{"floats", "f", 1.5, true},
	{"floats", "d", 2.5, true},
	{"floats", "after", int64(17), true},
	{"inlined", "tag", []any{"first", "seven", "third"}, false},
	{"inlined", "x", []any{int64(41), int64(42), int64(41)}, false},
	{"inlined", "o->in.text", "seven", false},
	{"callers", "o->self->arr[2]", int64(-20), true},
	{"callers", "n", int64(42), true},
	{"plain", "n", int64(-7), true},
	{"plain", "text", "text", true},
	{"plain", "onstack", int64(77), true},
	{"vla", "n", int64(5), true},
}

// TestUnoptimisedBesideLists asks for parameters in a unit that has a location list although nothing is optimised.
func TestUnoptimisedBesideLists(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for _, version := range []string{"-gdwarf-4", "-gdwarf-5"} {
		b := build{"clang", []string{"-O0", version}}
		prog := compile(t, b, "vla.c")
		i := open(t, prog)
		for _, fn := range []string{"plain", "vla"} {
			places, err := i.Places(fn, PlaceOptions{SkipPrologue: true})
			if err != nil || len(places) != 1 || !places[0].Skipped {
				t.Fatalf("%v %s: %+v, %v", b, fn, places, err)
			}
			checkPlaces(t, i, prog, b, fn, places)
		}
	}
}

// TestValues runs programs up to each place and looks whether the location tells the truth. A value that
// cannot be fetched must be refused; a wrong one is what this test is for.
func TestValues(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for _, b := range builds() {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			prog := compile(t, b, "values.c")
			i := open(t, prog)
			found := 0
			for _, fn := range []string{"ints", "object", "byvalue", "floats", "inlined", "callers"} {
				places, err := i.Places(fn, PlaceOptions{SkipPrologue: true})
				if err != nil {
					t.Fatal(err)
				}
				if n := map[string]int{"inlined": 3}[fn]; n != 0 && len(places) != n {
					t.Errorf("%s has %d places, want %d", fn, len(places), n)
				}
				found += checkPlaces(t, i, prog, b, fn, places)
			}
			t.Logf("%d values", found)
		})
	}
}

func checkPlaces(t *testing.T, i *Info, prog string, b build, fn string, places []Place) (found int) {
	t.Helper()
	byAddr := map[uint64]Place{}
	var addrs []uint64
	for _, p := range places {
		byAddr[p.Addr] = p
		addrs = append(addrs, p.Addr)
	}
	hits := 0
	err := runTo(prog, addrs, func(tr *tracee, addr uint64) error {
		for _, tt := range truths {
			if tt.fn != fn {
				continue
			}
			want := tt.want
			if list, ok := want.([]any); ok {
				want = list[hits%len(list)]
			}
			ok, err := checkValue(i, tr, byAddr[addr], tt.expr, want)
			if err != nil {
				t.Errorf("%s at %s+%d: %s: %v", fn, byAddr[addr].Symbol, byAddr[addr].Offset, tt.expr, err)
			}
			if ok {
				found++
			} else if !b.optimised() || tt.must && !b.loses() {
				_, err := i.Value(byAddr[addr], mustExpr(tt.expr))
				t.Errorf("%s at %s+%d: %s is not found: %v", fn, byAddr[addr].Symbol, byAddr[addr].Offset, tt.expr, err)
			}
		}
		hits++
		return nil
	})
	if err != nil {
		t.Errorf("%s: %v", fn, err)
	}
	if hits == 0 {
		t.Errorf("%s: no place was reached", fn)
	}
	return found
}

// checkValue is false if the value cannot be fetched, which is said by an error of the right type.
func checkValue(i *Info, tr *tracee, p Place, expr string, want any) (bool, error) {
	loc, err := i.Value(p, mustExpr(expr))
	var nowhere *NotHereError
	var unsupported *UnsupportedError
	if errors.As(err, &nowhere) || errors.As(err, &unsupported) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	got, err := tr.fetch(&loc, want)
	if err != nil {
		return false, err
	}
	if got != want {
		return true, fmt.Errorf("is %v, location %+v gives %v", want, loc, got)
	}
	return true, nil
}

// TestValuesEverywhere steps through functions and looks at each instruction whether the locations tell the
// truth. There it is no fault if a value cannot be fetched, in prologues above all.
func TestValuesEverywhere(t *testing.T) {
	testkit.Need(t, testkit.Root)
	for _, b := range []build{
		{"gcc", []string{"-O0", "-gdwarf-5", "-fPIE", "-pie"}},
		{"gcc", []string{"-O2", "-gdwarf-5", "-fPIE", "-pie"}},
		{"gcc", []string{"-O1", "-gdwarf-4", "-fno-pie", "-no-pie", "-fcf-protection", "-fno-omit-frame-pointer"}},
		{"clang", []string{"-O0", "-gdwarf-5", "-fPIE", "-pie"}},
		{"clang", []string{"-O1", "-gdwarf-4", "-fno-pie", "-no-pie", "-fno-omit-frame-pointer"}},
		{"clang", []string{"-O2", "-gdwarf-5", "-fPIE", "-pie"}},
	} {
		t.Run(b.String(), func(t *testing.T) {
			t.Parallel()
			prog := compile(t, b, "values.c")
			i := open(t, prog)
			for _, fn := range []string{"ints", "object", "byvalue", "floats", "callers"} {
				places, err := i.Places(fn, PlaceOptions{})
				if err != nil {
					t.Fatal(err)
				}
				stepThrough(t, i, prog, fn, places[0])
			}
		})
	}
}

func stepThrough(t *testing.T, i *Info, prog, fn string, p Place) {
	t.Helper()
	right, refused := 0, 0
	_, real, err := i.functionOf(&p)
	if err != nil {
		t.Fatal(err)
	}
	ranges, err := real.Ranges()
	if err != nil {
		t.Fatal(err)
	}
	err = runTo(prog, []uint64{p.Addr}, func(tr *tracee, addr uint64) error {
		return tr.steps(pairs(ranges), func(pc uint64) {
			at := p
			at.Addr = pc
			for _, tt := range truths {
				if tt.fn != fn || fn == "callers" && tt.expr == "n" { // a block has another n
					continue
				}
				ok, err := checkValue(i, tr, at, tt.expr, tt.want)
				switch {
				case err != nil:
					t.Errorf("%s+%d: %s: %v", fn, pc-p.Entry, tt.expr, err)
				case ok:
					right++
				default:
					refused++
				}
			}
		})
	})
	if err != nil || right == 0 {
		t.Errorf("%s: %d values: %v", fn, right, err)
	}
	t.Logf("%s: %d right, %d refused", fn, right, refused)
}
