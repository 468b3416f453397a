package dwarfunit

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	delve "github.com/go-delve/delve/pkg/dwarf/frame"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/gperf-dev/gperf/internal/testkit"
)

const program = `
#include <stdio.h>
#include <stdlib.h>
struct a { int x : 3; char *s; struct a *next; };
enum e { A, B = 7 };
static inline __attribute__((always_inline)) int inlined(struct a *p, int n) { return p->x + n; }
__attribute__((noinline)) int f(struct a *p, enum e e, double d) { int r = 0; for (int i = 0; i < 3; i++) r += inlined(p, i) + e + d; return r; }
__attribute__((noinline)) void cold(struct a *p) { if (p->x == 99) { puts("never"); abort(); } printf("%d\n", inlined(p, 5)); }
int main(int argc, char **argv) { struct a v = { 1, argv[0], 0 }; cold(&v); return f(&v, B, argc) + inlined(&v, 2); }
`

type object struct {
	name string
	data *Data
	std  *dwarf.Data
	file *elf.File
}

// objects compiles a program in several ways.
func objects(t *testing.T) (all []object) {
	t.Helper()
	dir := t.TempDir()
	src := filepath.Join(dir, "p.c")
	if err := os.WriteFile(src, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"gcc", "clang"} {
		testkit.Need(t, map[string]testkit.Feature{"gcc": testkit.GCC, "clang": testkit.Clang}[c])
		for _, flags := range []string{"-gdwarf-2 -O2", "-gdwarf-3 -O0", "-gdwarf-4 -O2", "-gdwarf-5 -O0", "-gdwarf-5 -O2 -no-pie", "-gdwarf-5 -O2 -flto"} {
			if strings.Contains(flags, "-flto") && c == "clang" { // needs a linker of its own
				continue
			}
			out := filepath.Join(dir, fmt.Sprint(c, strings.ReplaceAll(flags, " ", "")))
			if msg, err := exec.Command(c, append(strings.Fields(flags), "-w", "-o", out, src)...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, msg)
			}
			all = append(all, load(t, out))
		}
	}
	return all
}

func load(t *testing.T, path string) object {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	d, err := New(sectionsOf(f))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	std, err := f.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	return object{filepath.Base(path), d, std, f}
}

func sectionsOf(f *elf.File) Sections {
	get := func(name string) []byte {
		s := f.Section(name)
		if s == nil || s.Type == elf.SHT_NOBITS {
			return nil
		}
		b, err := s.Data()
		if err != nil {
			return nil
		}
		return b
	}
	return Sections{
		Info: get(".debug_info"), Abbrev: get(".debug_abbrev"), Str: get(".debug_str"), LineStr: get(".debug_line_str"),
		StrOffsets: get(".debug_str_offsets"), Addr: get(".debug_addr"), Ranges: get(".debug_ranges"), RngLists: get(".debug_rnglists"),
		Loc: get(".debug_loc"), LocLists: get(".debug_loclists"), ARanges: get(".debug_aranges"), Line: get(".debug_line"),
	}
}

// TestEntries compares every entry with the standard library's reading of it.
func TestEntries(t *testing.T) {
	for _, o := range objects(t) {
		t.Run(o.name, func(t *testing.T) {
			r := o.std.Reader()
			n := 0
			for {
				want, err := r.Next()
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					break
				}
				if want.Tag == 0 {
					continue
				}
				got, err := o.data.Entry(int(want.Offset))
				if err != nil || got == nil {
					t.Fatalf("entry %#x: %v", want.Offset, err)
				}
				compareEntry(t, o, got, want)
				n++
			}
			if n < 30 {
				t.Errorf("%d entries", n)
			}
		})
	}
}

func compareEntry(t *testing.T, o object, got *Entry, want *dwarf.Entry) {
	t.Helper()
	if dwarf.Tag(got.Tag) != want.Tag || got.Children != want.Children || len(got.Attrs) != len(want.Field) {
		t.Fatalf("%#x: tag %#x, %d attributes, want %v", want.Offset, got.Tag, len(got.Attrs), want)
	}
	for k, f := range want.Field {
		a := &got.Attrs[k]
		if dwarf.Attr(a.At) != f.Attr {
			t.Fatalf("%#x: attribute %d is %#x, want %v", want.Offset, k, a.At, f.Attr)
		}
		ok := true
		switch v := f.Val.(type) {
		case string:
			s, _ := got.Unit.text(a)
			ok = string(s) == v
		case uint64: // an address, or an index of the standard library's own
			addr, isAddr := got.Unit.address(a)
			ok = isAddr && addr == v || a.U == v
		case int64:
			ok = int64(a.U) == v || f.Class == dwarf.ClassLocListPtr || f.Class == dwarf.ClassRangeListPtr || f.Class == dwarf.ClassStrOffsetsPtr
		case bool:
			ok = (a.U != 0) == v
		case []byte:
			ok = bytes.Equal(a.B, v)
		case dwarf.Offset:
			off, _ := got.Ref(a.At)
			ok = dwarf.Offset(off) == v
		}
		if !ok {
			t.Errorf("%#x: %v is %+v, want %v", want.Offset, f.Attr, a, f.Val)
		}
	}
	ranges, err := got.Ranges()
	if err != nil {
		t.Errorf("%#x: ranges: %v", want.Offset, err)
	}
	std, err := o.std.Ranges(want)
	if err != nil {
		t.Fatal(err)
	}
	std = slices.DeleteFunc(std, func(r [2]uint64) bool { return r[0] == r[1] })
	if want.Val(dwarf.AttrHighpc) == nil && want.Val(dwarf.AttrRanges) == nil {
		return // one address, which the standard library does not call a range
	}
	var mine [][2]uint64
	for _, r := range ranges {
		mine = append(mine, [2]uint64{r.Lo, r.Hi})
	}
	if diff := cmp.Diff(std, mine, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%#x %v: ranges\n%s", want.Offset, want.Tag, diff)
	}
}

// TestFind compares the scan with a walk over all entries: each function by name, with all its instances.
func TestFind(t *testing.T) {
	for _, o := range objects(t) {
		t.Run(o.name, func(t *testing.T) {
			want := allCode(t, o.std)
			for name, offs := range want {
				found, err := o.data.Find(Search{Name: name})
				if err != nil {
					t.Fatal(err)
				}
				var got []int
				for _, f := range found {
					if f.Code {
						got = append(got, f.Off)
					}
					for _, i := range f.Instances {
						got = append(got, i.Off)
						if i.Inlined && i.Real == 0 {
							t.Errorf("%s: instance %#x is in no function", name, i.Off)
						}
					}
				}
				slices.Sort(got)
				if diff := cmp.Diff(offs, got); diff != "" {
					t.Errorf("%s\n%s", name, diff)
				}
			}
			if len(want) < 3 {
				t.Errorf("functions: %v", want)
			}
			if found, err := o.data.Find(Search{Name: "no_such_function"}); err != nil || len(found) != 0 {
				t.Errorf("found %v, %v", found, err)
			}
		})
	}
}

// allCode returns the entries with code by the name of their function.
func allCode(t *testing.T, d *dwarf.Data) map[string][]int {
	t.Helper()
	names := map[dwarf.Offset]string{}
	origins := map[dwarf.Offset]dwarf.Offset{}
	var code []dwarf.Offset
	r := d.Reader()
	for {
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
		if n, ok := e.Val(dwarf.AttrName).(string); ok {
			names[e.Offset] = n
		}
		for _, at := range []dwarf.Attr{dwarf.AttrAbstractOrigin, dwarf.AttrSpecification} {
			if o, ok := e.Val(at).(dwarf.Offset); ok {
				origins[e.Offset] = o
			}
		}
		if e.Val(dwarf.AttrLowpc) != nil || e.Val(dwarf.AttrRanges) != nil || e.Val(dwarf.AttrEntrypc) != nil {
			code = append(code, e.Offset)
		}
	}
	out := map[string][]int{}
	for _, off := range code {
		at := off
		for names[at] == "" && origins[at] != 0 {
			at = origins[at]
		}
		out[names[at]] = append(out[names[at]], int(off))
	}
	for _, offs := range out {
		slices.Sort(offs)
	}
	return out
}

// TestCFA compares the frame address at each byte of the code with delve's reading.
func TestCFA(t *testing.T) {
	for _, o := range objects(t) {
		t.Run(o.name, func(t *testing.T) {
			eh, text := o.file.Section(".eh_frame"), o.file.Section(".text")
			b, err := eh.Data()
			if err != nil {
				t.Fatal(err)
			}
			table := NewFrameTable(FrameSection{Data: b, Addr: eh.Addr, EH: true})
			fdes, err := delve.Parse(b, o.file.ByteOrder, 0, 8, eh.Addr)
			if err != nil {
				t.Fatal(err)
			}
			fdes = fdes.Append(nil)
			n := 0
			for pc := text.Addr; pc < text.Addr+text.Size; pc++ {
				rule, ok, err := table.CFA(pc)
				if err != nil {
					t.Fatal(err)
				}
				fde, err := fdes.FDEForPC(pc)
				if (err == nil) != ok {
					t.Fatalf("%#x: found %v, delve %v", pc, ok, err)
				}
				if !ok {
					continue
				}
				want, err := fde.EstablishFrame(pc)
				if err != nil {
					t.Fatal(err)
				}
				if want.CFA.Expression == nil && (rule.Reg != int(want.CFA.Reg) || rule.Offset != want.CFA.Offset) {
					t.Fatalf("%#x: register %d%+d, delve %+v", pc, rule.Reg, rule.Offset, want.CFA)
				}
				n++
			}
			if n < 100 {
				t.Errorf("%d addresses", n)
			}
		})
	}
}

// TestUnitAt finds the unit of each function's first byte, with and without .debug_aranges.
func TestUnitAt(t *testing.T) {
	for _, o := range objects(t) {
		for _, name := range []string{"f", "main"} {
			found, err := o.data.Find(Search{Name: name})
			if err != nil || len(found) == 0 {
				t.Fatal(name, err)
			}
			off, unit := found[0].Off, found[0].Unit
			if !found[0].Code {
				off, unit = found[0].Instances[0].Off, found[0].Instances[0].Unit
			}
			e, err := o.data.Entry(off)
			if err != nil {
				t.Fatal(err)
			}
			pc, ok := e.EntryPC()
			if !ok {
				t.Fatalf("%s has no entry", name)
			}
			if c, ok := o.data.UnitAt(pc); !ok || c.Index != unit {
				t.Errorf("%s: %s at %#x is in unit %+v, want %d", o.name, name, pc, c, unit)
			}
			if c, ok := o.data.unitByRanges(pc); !ok || c.Index != unit {
				t.Errorf("%s: by ranges %s at %#x is in unit %+v, want %d", o.name, name, pc, c, unit)
			}
		}
		if c, ok := o.data.UnitAt(1); ok {
			t.Errorf("%s: address 1 is in unit %d", o.name, c.Index)
		}
	}
}
