package symtab

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/internal/testkit"
)

const kallsyms = `0000000000000000 D percpu_thing
ffffffff81000000 T first
ffffffff81000000 T _text
ffffffff81000100 t __last_local
ffffffff81000100 R rodata_here
ffffffff81000200 W weak_fn
ffffffff81000200 T $x.mapping
ffffffff81000300 d data_thing
ffffffff81000400 A absolute
ffffffff81000500 T last_of_kernel
ffffffffc0001000 t ext4_a	[ext4]
ffffffffc0001080 t ext4_b	[ext4]
ffffffffc0009000 T xfs_a	[xfs]
not a line
ffffffff8100 T
`

func TestKallsyms(t *testing.T) {
	tab, err := FromKallsyms([]byte(kallsyms))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		addr       uint64
		name       string
		module     string
		start, end uint64
	}{
		{0xffffffff81000010, "_text", "", 0xffffffff81000000, 0xffffffff81000100},
		{0xffffffff810001ff, "__last_local", "", 0xffffffff81000100, 0xffffffff81000200},
		{0xffffffff81000200, "weak_fn", "", 0xffffffff81000200, 0xffffffff81000300},
		{0xffffffff810004ff, "data_thing", "", 0xffffffff81000300, 0xffffffff81000500},
		{0xffffffff81001fff, "last_of_kernel", "", 0xffffffff81000500, 0xffffffff81002000},
		{0xffffffff81002000, "", "", 0, 0},
		{0xffffffffc0001000, "ext4_a", "[ext4]", 0xffffffffc0001000, 0xffffffffc0001080},
		{0xffffffffc0002fff, "ext4_b", "[ext4]", 0xffffffffc0001080, 0xffffffffc0003000},
		{0xffffffffc0003000, "", "", 0, 0},
		{0xffffffffc0009fff, "xfs_a", "[xfs]", 0xffffffffc0009000, 0xffffffffc000a000},
		{0xffffffffffffffff, "", "", 0, 0},
		{0xfffffff000000000, "", "", 0, 0},
		{0x10, "percpu_thing", "", 0, 0x1000},
	}
	for _, tt := range tests {
		s, ok := tab.Lookup(tt.addr)
		got := []any{s.Name, s.Module, s.Addr, s.Addr + s.Size}
		if diff := cmp.Diff([]any{tt.name, tt.module, tt.start, tt.end}, got); diff != "" || ok != (tt.name != "") {
			t.Errorf("%#x: %v %s", tt.addr, ok, diff)
		}
	}
	if s := tab.Named("rodata_here"); len(s) != 1 || !s[0].Shadow || s[0].Type != Object {
		t.Errorf("rodata_here: %+v", s)
	}
	if s := tab.Named("weak_fn"); len(s) != 1 || s[0].Bind != Weak || !s[0].IsFunc() || s[0].Shadow {
		t.Errorf("weak_fn: %+v", s)
	}
	if tab.Hidden() || tab.Len() != 13 {
		t.Errorf("hidden %v, %d symbols", tab.Hidden(), tab.Len())
	}
	n := 0
	for range tab.All() {
		n++
	}
	if n != tab.Len() {
		t.Errorf("All gives %d of %d", n, tab.Len())
	}
}

func TestKallsymsHidden(t *testing.T) {
	tab, err := FromKallsyms([]byte("0000000000000000 T _text\n0000000000000000 T do_syscall_64\n"))
	if err != nil || !tab.Hidden() {
		t.Fatalf("hidden %v, %v", tab.Hidden(), err)
	}
	for _, text := range []string{"", "\n\n", "hello\n"} {
		if _, err := FromKallsyms([]byte(text)); !errors.Is(err, ErrNoKallsyms) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestKallsymsOfThisKernel looks every symbol up again, and counts bytes.
func TestKallsymsOfThisKernel(t *testing.T) {
	testkit.Need(t, testkit.Root)
	text, err := os.ReadFile("/proc/kallsyms")
	if err != nil {
		t.Fatal(err)
	}
	tab, err := FromKallsyms(text)
	if err != nil {
		t.Fatal(err)
	}
	if tab.Hidden() {
		t.Fatal("root sees zeros: kernel.kptr_restrict is 2")
	}
	if lines := bytes.Count(text, []byte{'\n'}); tab.Len() < lines-1 {
		t.Errorf("%d symbols of %d lines", tab.Len(), lines)
	}
	for s := range tab.All() {
		if s.Shadow {
			continue
		}
		if got, ok := tab.Lookup(s.Addr); !ok || got.Name != s.Name || got.Module != s.Module {
			t.Fatalf("%#x: %+v, want %+v", s.Addr, got, s)
		}
	}
}

func TestNames(t *testing.T) {
	const text = `ffffffff81000000 t helper
ffffffff81000100 t helper
ffffffff81000200 t helper.isra.0
ffffffff81000300 t helper.part.3.cold
ffffffff81000400 t helper.constprop.0
ffffffff81000500 t helper_two
ffffffff81000600 t helper.strange
ffffffff81000700 T do_sys_open
ffffffff81000800 T do_sys_openat2
ffffffff81000900 T vfs_read
`
	tab, err := FromKallsyms([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	names := func(ss []Symbol) string {
		var out []string
		for _, s := range ss {
			out = append(out, s.Name)
		}
		return strings.Join(out, " ")
	}
	if got := names(tab.Named("helper")); got != "helper helper" {
		t.Errorf("Named: %s", got)
	}
	for in, want := range map[string]string{
		"do_sys_opn": "do_sys_open", "vfs_raed": "vfs_read", "sys_openat2": "do_sys_openat2", "VFS_READ": "vfs_read", "help": "helper",
		"entirely_other": "", "": "",
	} {
		if got := strings.Join(tab.Nearest(in, 1), ""); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPerfMap(t *testing.T) {
	tab := FromPerfMap([]byte("7f0010 20 LazyCompile:~f file.js:1\nzz\n0x7f0000 0x10 stub\n7f0010 8 later one\n7f0100 10\n"))
	for addr, want := range map[uint64]string{0x7f0000: "stub", 0x7f000f: "stub", 0x7f0011: "later one", 0x7f0018: "", 0x7effff: ""} {
		if s, _ := tab.Lookup(addr); s.Name != want {
			t.Errorf("%#x: %q, want %q", addr, s.Name, want)
		}
	}
}

func FuzzKallsyms(f *testing.F) {
	f.Add([]byte(kallsyms))
	f.Add([]byte("ffffffffffffffff t x\n0 t y\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tab, err := FromKallsyms(text)
		if err != nil {
			return
		}
		for s := range tab.All() {
			tab.Lookup(s.Addr)
			tab.Lookup(s.Addr + s.Size - 1)
		}
		tab.Lookup(0)
		tab.Lookup(^uint64(0))
		tab.Nearest("first", 2)
	})
}

func FuzzPerfMap(f *testing.F) {
	f.Add([]byte("7f0010 20 a\nffffffffffffffff 1 b\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tab := FromPerfMap(text)
		for s := range tab.All() {
			tab.Lookup(s.Addr)
		}
	})
}

func BenchmarkKallsyms(b *testing.B) {
	text, err := os.ReadFile("/proc/kallsyms")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := FromKallsyms(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNearest(b *testing.B) {
	text, err := os.ReadFile("/proc/kallsyms")
	if err != nil {
		b.Fatal(err)
	}
	tab, err := FromKallsyms(text)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		tab.Nearest("do_sys_opne", 5)
	}
}

func BenchmarkFind(b *testing.B) {
	text, err := os.ReadFile("/proc/kallsyms")
	if err != nil {
		b.Fatal(err)
	}
	tab, err := FromKallsyms(text)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		tab.Find(0xffffffff81234567)
	}
}
