package dwarfvars

import (
	"debug/dwarf"
	"debug/elf"
	"testing"
)

// TestLinkTime: with link time optimisation functions, instances and types stand in different units. The instances are counted by the
// standard library.
func TestLinkTime(t *testing.T) {
	for _, version := range []string{"-gdwarf-4", "-gdwarf-5"} {
		prog := compileFiles(t, sources(t), "gcc", "-O2", "-flto", version)
		i := openProgram(t, prog, Options{})
		for fn, exprs := range map[string][]string{"helper": {"o->in.a", "o->next->name"}, "shared": {"o->color", "times"}} {
			places, err := i.Places(fn, PlaceOptions{})
			if err != nil {
				t.Errorf("%s %s: %v", version, fn, err)
				continue
			}
			if want := instances(t, prog, fn); len(places) != want {
				t.Errorf("%s %s: %d places, want %d", version, fn, len(places), want)
			}
			for _, text := range exprs {
				e, err := ParseExpr(text)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := i.Value(places[0], e); err != nil {
					t.Errorf("%s %s: %s: %v", version, fn, text, err)
				}
			}
		}
	}
}

// instances counts the entries with code whose name, or origin's name, is fn.
func instances(t *testing.T, prog, fn string) int {
	t.Helper()
	f, err := elf.Open(prog)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d, err := f.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		name   string
		origin dwarf.Offset
		code   bool
	}
	all := map[dwarf.Offset]entry{}
	for r := d.Reader(); ; {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			break
		}
		if e.Tag != dwarf.TagSubprogram && e.Tag != dwarf.TagInlinedSubroutine {
			continue
		}
		var x entry
		x.name, _ = e.Val(dwarf.AttrName).(string)
		x.origin, _ = e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
		x.code = e.Val(dwarf.AttrLowpc) != nil || e.Val(dwarf.AttrRanges) != nil
		all[e.Offset] = x
	}
	n := 0
	for _, x := range all {
		code := x.code
		for range 4 {
			if x.name != "" {
				break
			}
			x = all[x.origin]
		}
		if code && x.name == fn {
			n++
		}
	}
	return n
}
