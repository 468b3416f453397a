package probe

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestKernelShapes asks for a parameter that the compiler kept half of at some of 1,952 inlined instances: the others are probed.
func TestKernelShapes(t *testing.T) {
	r := openKernel(t)
	events, err := resolve(t, r, "kmalloc size")
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 1 || len(events[0].Places) < 1000 {
		t.Fatalf("%d events, %d places", len(events), len(events[0].Places))
	}
	for _, p := range events[0].Places {
		if len(p.Args) != 1 || p.Args[0].Type != "x64" {
			t.Errorf("%s: %+v", p.At, p.Args)
		}
	}
	if notes := strings.Join(events[0].Notes, "\n"); !strings.Contains(notes, "is missing there or has another type") || !strings.Contains(notes, "(size:b32@0/64)") {
		t.Errorf("what is left out is not told: %.200q", notes)
	}
}

// openKernel opens the lab's kernel for functions with many places, without a cache.
func openKernel(t *testing.T) *Resolver {
	t.Helper()
	testkit.Need(t, testkit.KernelLab)
	vmlinux, err := testkit.Vmlinux()
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewResolver(context.Background(), Target{Vmlinux: vmlinux, Offline: true}, Options{System: os.DirFS("/"), MaxPlaces: 5000})
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

// TestKernelGlob: of many functions each must not cost a search of all units.
func TestKernelGlob(t *testing.T) {
	r := openKernel(t)
	before, err := resolve(t, r, "vfs_read count")
	if err != nil {
		t.Fatal(err)
	}
	all, err := resolve(t, r, "vfs_*")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := r.debug(); err != nil || !info.Indexed() || len(all) < 50 {
		t.Errorf("%d functions, error %v, or they were found without an index", len(all), err)
	}
	after, err := resolve(t, r, "vfs_read count")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(kernelLines(before), kernelLines(after)); d != "" {
		t.Errorf("an index made on the way finds something else (-before +after):\n%s", d)
	}
}
