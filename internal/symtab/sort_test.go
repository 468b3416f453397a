package symtab

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/objfile"
)

func TestSortEntries(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, fewEntries - 1, fewEntries, 5000} {
		for _, mask := range []uint64{0, 0xff, 0xffff00000000fff0, ^uint64(0)} {
			es := make([]elfEntry, n)
			for i := range es {
				es[i] = elfEntry{addr: r.Uint64() & mask, up: int32(i)}
			}
			if n > 10 { // as an earlier round leaves it
				es[3], es[9] = es[9], es[3]
			}
			want := slices.Clone(es)
			slices.SortFunc(want, func(a, b elfEntry) int { return cmp.Or(cmp.Compare(a.addr, b.addr), cmp.Compare(a.up, b.up)) })
			if got := sortEntries(es); !slices.Equal(got, want) {
				t.Errorf("%d entries, addresses of %#x: order differs", n, mask)
			}
		}
	}
}

// TestRaw asks for every address of a table without and with it.
func TestRaw(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := objfile.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := FromELF(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := OpenRaw(f, f)
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint64][]string{}
	for i := 0; i < table.Len(); i++ {
		if s := table.At(i); !s.PLT {
			want[s.Addr] = append(want[s.Addr], withoutVersion([]byte(s.Name)))
		}
	}
	asked := 0
	got := raw.NamesAt(slices.Collect(maps.Keys(want)))
	for addr, names := range want {
		if asked++; asked > 300 {
			break
		}
		got := got[addr]
		slices.Sort(got)
		slices.Sort(names)
		if d := gocmp.Diff(slices.Compact(names), slices.Compact(got)); d != "" {
			t.Errorf("%#x (-table +raw):\n%s", addr, d)
		}
		for _, n := range names {
			if !table.HasAt(addr, n) || table.HasAt(addr, n+"?") || table.HasAt(addr+1<<40, n) {
				t.Errorf("HasAt(%#x, %q) is wrong", addr, n)
			}
		}
	}
	if raw.NamesAt([]uint64{1})[1] != nil {
		t.Error("a name at address 1")
	}
}
