package dwarfvars

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gperf-dev/gperf/internal/testkit"
)

func openKernel(tb testing.TB) (*Info, string) {
	tb.Helper()
	testkit.Need(tb, testkit.KernelLab)
	path, err := testkit.Vmlinux()
	if err != nil {
		tb.Fatal(err)
	}
	i, err := Open(path, Options{NoFind: true})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := i.Close(); err != nil {
			tb.Error(err)
		}
	})
	return i, path
}

// TestKernelPlaces finds all 11 places of a function that the compiler inlined ten times, with the parameter in the register
// that perf names.
func TestKernelPlaces(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	i, path := openKernel(t)
	out, err := perfProbe(t, "-k", path, "-D", "do_sys_open filename:string").Output()
	if err != nil {
		t.Fatal(err)
	}
	places, err := i.Places("do_sys_open", PlaceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, p := range places {
		loc, err := i.Value(p, &Expr{Root: "filename"})
		if err != nil {
			t.Fatal(err)
		}
		if loc.Kind != Register || loc.Reg != 4 || loc.Type.Name != "char*" {
			t.Errorf("%s+%d: filename is at %+v, want %%si", p.Symbol, p.Offset, loc)
		}
		fmt.Fprintf(&got, "p:probe/do_sys_open %s+%d filename_string=+0(%%si):string\n", p.Symbol, p.Offset)
	}
	if diff := cmp.Diff(string(out), got.String()); diff != "" {
		t.Errorf("perf -, ours +\n%s", diff)
	}
	if len(places) != 11 {
		t.Errorf("%d places, want 11", len(places))
	}
}

// TestKernelVars compares perf probe -V for functions of the kernel.
func TestKernelVars(t *testing.T) {
	testkit.Need(t, testkit.Perf)
	i, path := openKernel(t)
	for _, fn := range []string{"do_sys_open", "vfs_open", "vfs_read", "tcp_sendmsg", "path_openat", "schedule", "pick_next_task_fair"} {
		out, err := perfProbe(t, "-k", path, "-V", fn).Output()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(out), varsText(t, i, fn, false)); diff != "" {
			t.Errorf("%s: perf -, ours +\n%s", fn, diff)
		}
	}
}

// BenchmarkKernelPlaces is the whole way of a definition: open, find, one value at each place.
func BenchmarkKernelPlaces(b *testing.B) {
	_, path := openKernel(b)
	b.ReportAllocs()
	for b.Loop() {
		i, err := Open(path, Options{NoFind: true})
		if err != nil {
			b.Fatal(err)
		}
		places, err := i.Places("do_sys_open", PlaceOptions{})
		if err != nil || len(places) != 11 {
			b.Fatal(len(places), err)
		}
		for _, p := range places {
			if _, err := i.Value(p, &Expr{Root: "filename"}); err != nil {
				b.Fatal(err)
			}
		}
		if err := i.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func varsText(t *testing.T, i *Info, fn string, externs bool) string {
	t.Helper()
	places, err := i.Places(fn, PlaceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out := "Available variables at " + fn + "\n"
	for _, p := range places {
		out += fmt.Sprintf("\t@<%s+%d>\n", p.Symbol, p.Offset)
		vars, err := i.Vars(p, VarsOptions{Externs: externs, AsPerf: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range SortVariables(vars) {
			out += "\t\t" + v.Type + "\t" + v.Name + "\n"
		}
		if len(vars) == 0 {
			out += "\t\t(No matched variables)\n"
		}
	}
	return out
}

// TestKernelIndex asks the kernel's debug information with and without an index.
func TestKernelIndex(t *testing.T) {
	scan, path := openKernel(t)
	cache := filepath.Join(t.TempDir(), "cache")
	first := openProgram(t, path, Options{Cache: cache})
	if err := first.SaveIndex(); err != nil {
		t.Fatal(err)
	}
	indexed := openProgram(t, path, Options{Cache: cache})
	if !indexed.Indexed() {
		t.Fatal("the index is not used")
	}
	for _, fn := range []string{"do_sys_open", "vfs_read", "__schedule", "kfree_skb_reason", "copy_from_user"} {
		want, werr := scan.Places(fn, PlaceOptions{})
		got, err := indexed.Places(fn, PlaceOptions{})
		if werr != nil || err != nil || len(want) == 0 {
			t.Fatalf("%s: %v, %v, %d places", fn, werr, err, len(want))
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(Place{})); d != "" {
			t.Errorf("%s (-scan +index):\n%s", fn, d)
		}
		for _, p := range want[:min(len(want), 5)] {
			a, aok := scan.PlaceOf(p.Addr)
			b, bok := indexed.PlaceOf(p.Addr)
			if a != b || aok != bok {
				t.Errorf("%#x: %+v, with an index %+v", p.Addr, a, b)
			}
		}
	}
	if !indexed.Indexed() {
		t.Error("the index turned bad")
	}
}

// perfProbe is `perf probe -q`, which keeps copies of what it has seen in a home of the test's own.
func perfProbe(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command("perf", append([]string{"probe", "-q"}, args...)...)
	c.Env = append(os.Environ(), "HOME="+t.TempDir())
	return c
}
