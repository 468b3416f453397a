package symbolize

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

const kallsyms = `ffffffff81000000 T _text
ffffffff81000100 T do_syscall_64
ffffffff81000200 t helper
ffffffffc0001000 t ext4_read	[ext4]
ffffffffc0001100 t ext4_write	[ext4]
`

func TestKernel(t *testing.T) {
	file := source(t, t.TempDir(), "kallsyms", kallsyms)
	main := &Mapping{Path: "[kernel.kallsyms]_text", Start: 0xffffffff81000000, End: 0xffffffff82000000, Offset: 0xffffffff81000000}
	moved := &Mapping{Path: "[kernel.kallsyms]_text", Start: 0xffffffff91000000, End: 0xffffffff92000000, Offset: 0xffffffff91000000}
	odd := &Mapping{Path: "[kernel.kallsyms]_other", Start: 0xffffffff91000000, End: 0xffffffff92000000, Offset: 0xffffffff91000000}
	ext4 := &Mapping{Path: "/lib/modules/6.1/kernel/fs/ext4/ext4.ko.xz", Start: 0xffffffffc0501000, End: 0xffffffffc0502000}
	xfs := &Mapping{Path: "[xfs]", Start: 0xffffffffc0001000, End: 0xffffffffc0002000}
	tests := []struct {
		name string
		m    *Mapping
		addr uint64
		want string
		why  Reason
	}{
		{"plain", nil, 0xffffffff8100015b, "do_syscall_64+0x5b ([kernel.kallsyms])", OK},
		{"module", nil, 0xffffffffc0001104, "ext4_write+0x4 ([ext4])", OK},
		{"nothing", nil, 0xffff800000000000, "[unknown] ([unknown])", KernelNotCovered},
		{"mapped", main, 0xffffffff8100015b, "do_syscall_64+0x5b ([kernel.kallsyms])", OK},
		{"another boot", moved, 0xffffffff9100015b, "do_syscall_64+0x5b ([kernel.kallsyms])", OK},
		{"no reference", odd, 0xffffffff9100015b, "[unknown] ([kernel.kallsyms])", KernelMismatch},
		{"module moved", ext4, 0xffffffffc0501104, "ext4_write+0x4 ([ext4])", OK},
		{"module gone", xfs, 0xffffffffc0001104, "[unknown] ([xfs])", KernelMismatch},
	}
	s := New(Options{Kallsyms: file})
	defer s.Close()
	c := s.NewCache()
	for _, tt := range tests {
		for range 2 { // the second answer is remembered
			f, r := c.KernelIn(tt.m, tt.addr)
			if got := string(f.AppendSymbol(nil)) + " (" + f.Module + ")"; got != tt.want || r != tt.why {
				t.Errorf("%s: %s, %v; want %s, %v", tt.name, got, r, tt.want, tt.why)
			}
		}
	}
}

func TestKernelReasons(t *testing.T) {
	dir := t.TempDir()
	hidden := source(t, dir, "hidden", "0000000000000000 T _text\n")
	for name, tt := range map[string]struct {
		o    Options
		want Reason
	}{
		"hidden":     {Options{Kallsyms: hidden}, KernelHidden},
		"none":       {Options{Kallsyms: dir + "/none"}, NoKallsyms},
		"other":      {Options{KernelID: []byte("some other kernel's"), BuildIDCache: "-"}, KernelMismatch},
		"off":        {Options{NoKernel: true}, NoKallsyms},
		"no vmlinux": {Options{Vmlinux: dir + "/vmlinux"}, NoFile},
		"not one":    {Options{Vmlinux: source(t, dir, "txt", strings.Repeat("text ", 50))}, NotELF},
	} {
		s := New(tt.o)
		if f, r := s.Kernel(0xffffffff81000000); r != tt.want || f.Name != "" {
			t.Errorf("%s: %+v, %v; want %v", name, f, r, tt.want)
		}
		s.Close()
	}
}

// TestKernelOfCache: the copy of kallsyms that perf record keeps names a kernel that no longer runs.
func TestKernelOfCache(t *testing.T) {
	cache := t.TempDir()
	dir := cache + "/.build-id/0a/0b0c"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	source(t, dir, "kallsyms", kallsyms)
	s := New(Options{KernelID: []byte{10, 11, 12}, BuildIDCache: cache})
	defer s.Close()
	if f, r := s.Kernel(0xffffffff81000204); f.Name != "helper" || r != OK {
		t.Errorf("%+v, %v (%v)", f, r, s.KernelError())
	}
}

// TestKernelOfAnother: the image that -k names is of another kernel than the recorded one, whose addresses it would name wrongly.
func TestKernelOfAnother(t *testing.T) {
	testkit.Need(t, testkit.GCC)
	dir := t.TempDir()
	image := testkit.Compile(t, testkit.GCC, "-no-pie", "-Wl,--build-id=0x0a0b0c", "-Wl,--defsym=_text=main", source(t, dir, "p.c", "int main(void) { return 0; }\n"))
	m := &Mapping{Path: "[kernel.kallsyms]_text", Start: 0xffffffff81000000, End: 0xffffffff82000000, Offset: 0xffffffff81000000}
	for _, tt := range []struct {
		id   []byte
		want Reason
	}{{nil, OK}, {[]byte{10, 11, 12}, OK}, {[]byte{10, 11, 13}, KernelMismatch}} {
		s := New(Options{Vmlinux: image, KernelID: tt.id})
		if f, r := s.NewCache().KernelIn(m, m.Start); r != tt.want || (f.Name == "main" || f.Name == "_text") != (r == OK) {
			t.Errorf("%x: %+v, %v (%v); want %v", tt.id, f, r, s.KernelError(), tt.want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestKsymbol(t *testing.T) {
	m := &Mapping{Path: "bpf_prog_1_x", Symbol: "bpf_prog_1_x", Start: 0xffffffffc0000000, End: 0xffffffffc0000100}
	s := New(Options{})
	defer s.Close()
	f, _, r := s.User(m, m.Start+8)
	want := &Frame{Name: "bpf_prog_1_x", Mangled: "bpf_prog_1_x", Offset: 8, Size: 256, Module: "bpf_prog_1_x"}
	if diff := cmp.Diff(want, f); diff != "" || r != OK {
		t.Error(r, diff)
	}
}
