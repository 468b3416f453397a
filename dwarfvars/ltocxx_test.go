package dwarfvars

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// ltoSources are two units of C++ and one of C. Each has a static variable of the same name.
func ltoSources() map[string]string {
	const class = `#define APART __attribute__((noinline))
namespace ns {
extern int total;
struct Cart {
	static int made;
	int id = 3;
	APART int add(int n);
	int small(int q) { made += q; return made + q; }
};
}
extern "C" int fromC(int a);
APART int other(int n, ns::Cart &c);
`
	return map[string]string{
		"one.cc": class + `
namespace ns {
int total = 5;
static int hidden = 11;
int Cart::made = 8;
int Cart::add(int n) { static int calls = 1; calls += n; total += n; hidden += n; id += n; return total + hidden + calls; }
}
int main(int argc, char **) { ns::Cart c; return c.add(argc) + c.small(argc) + other(argc, c) + fromC(argc) == 12345; }
`,
		"two.cc": class + `
namespace ns {
static int hidden = 22;
APART int twice(int z) { hidden += z; return z * 2 + hidden; }
}
APART int other(int n, ns::Cart &c) { ns::total += n; c.small(4); return ns::twice(n + c.id) + c.add(n + 1); }
`,
		"three.c": `static int hidden = 33;
int shared = 4;
struct item { int a; struct item *next; };
static __attribute__((noinline)) int deep(struct item *i) { hidden += i->a; shared++; return hidden; }
int fromC(int a) { struct item i = {a, 0}; __asm__ volatile("" : : "r"(&i) : "memory"); return deep(&i); }
`,
	}
}

// ltoVariables are the symbols of variables as functions see them.
func ltoVariables() map[string]map[string]string {
	return map[string]map[string]string{
		"ns::Cart::add":   {"ns::total": "_ZN2ns5totalE", "total": "_ZN2ns5totalE", "made": "_ZN2ns4Cart4madeE", "hidden": "11", "calls": "_ZZN2ns4Cart3addEiE5calls"},
		"ns::Cart::small": {"ns::Cart::made": "_ZN2ns4Cart4madeE"},
		"twice":           {"hidden": "22", "total": "_ZN2ns5totalE"},
		"other":           {"ns::hidden": "22", "n": ""},
		"fromC":           {"hidden": "33", "shared": "shared", "a": ""},
		"deep":            {"hidden": "33"},
	}
}

// TestLinkTimeCxx: the units that were compiled have names and types, those that were linked have code and places.
func TestLinkTimeCxx(t *testing.T) {
	testkit.Need(t, testkit.GCC, testkit.GXX)
	for _, flags := range []string{"-gdwarf-5", "-gdwarf-4", "-gdwarf-5 -flto-partition=max"} {
		dir := t.TempDir()
		for name, text := range ltoSources() {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		compile := append([]string{"-O2", "-flto", "-fno-ipa-cp", "-w"}, strings.Fields(flags)...)
		tool(t, dir, "gcc", append(compile, "-c", "three.c")...)
		tool(t, dir, "g++", append(compile, "-o", "prog", "one.cc", "two.cc", "three.o")...)
		prog := filepath.Join(dir, "prog")
		cache := t.TempDir()
		plain, indexed := openProgram(t, prog, Options{}), openProgram(t, prog, indexOptions(cache))
		if err := indexed.SaveIndex(); err != nil {
			t.Fatal(err)
		}
		indexed = openProgram(t, prog, indexOptions(cache))
		if !indexed.Indexed() {
			t.Fatal("the index is not used")
		}
		for _, i := range []*Info{plain, indexed} {
			for fn, vars := range ltoVariables() {
				checkLinked(t, i, flags, fn, vars)
			}
		}
	}
}

// checkLinked compares where variables are with the symbol table, or with what the program has there.
func checkLinked(t *testing.T, i *Info, flags, fn string, vars map[string]string) {
	t.Helper()
	places, err := i.Places(fn, PlaceOptions{})
	if err != nil {
		t.Errorf("%s: %s: %v", flags, fn, err)
		return
	}
	table, err := symtab.FromSeparate(i.file, i.debug)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range vars {
		loc, err := i.Value(places[0], &Expr{Text: name, Root: name})
		if err != nil {
			t.Errorf("%s: %s: %s: %v", flags, fn, name, err)
			continue
		}
		if want == "" {
			continue
		}
		have := ""
		if loc.Kind == Memory && loc.Reg == NoReg {
			s, _ := table.Lookup(uint64(loc.Offset))
			have, _, _ = strings.Cut(s.Name, ".")
		}
		if strings.HasSuffix(have, "hidden") || strings.HasSuffix(have, "hiddenE") {
			have = initial(t, i, uint64(loc.Offset))
		}
		if have != want {
			t.Errorf("%s: %s: %s is %s at %+v, want %s", flags, fn, name, have, loc, want)
		}
	}
}

// initial is the number that a variable begins with.
func initial(t *testing.T, i *Info, addr uint64) string {
	t.Helper()
	h, ok := i.file.SectionHeader(".data")
	b, err := i.file.Section(".data")
	if !ok || err != nil || addr < h.Addr || addr-h.Addr >= uint64(len(b)) {
		t.Fatalf("%#x is not in .data: %v", addr, err)
	}
	r := dwarfunit.NewReader(b[addr-h.Addr:])
	return map[uint64]string{11: "11", 22: "22", 33: "33"}[r.Uint(4)]
}
