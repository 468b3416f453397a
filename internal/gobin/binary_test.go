package gobin

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/internal/testkit"
)

// build compiles the program of testdata and returns its path.
func build(t *testing.T, env []string, flags ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "prog")
	c := exec.Command("go", append(append([]string{"build", "-o", out}, flags...), ".")...)
	c.Dir = "testdata/prog"
	c.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if msg, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", c.Args, err, msg)
	}
	return out
}

func open(t *testing.T, path string) (*objfile.File, *Binary) {
	t.Helper()
	f, err := objfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	b, err := Open(f)
	if err != nil {
		t.Fatal(err)
	}
	return f, b
}

// form is one of those in which the Go tool links a program.
type form struct {
	name  string
	needs []testkit.Feature
	env   []string
	flags []string
}

func forms() []form {
	return []form{
		{name: "static"},
		{name: "pie", flags: []string{"-buildmode=pie"}},
		{name: "cgo", needs: []testkit.Feature{testkit.GCC}, env: []string{"CGO_ENABLED=1"}, flags: []string{"-tags=withc"}},
		{name: "cgo pie", needs: []testkit.Feature{testkit.GCC}, env: []string{"CGO_ENABLED=1"}, flags: []string{"-tags=withc", "-buildmode=pie"}},
		{name: "arm64", env: []string{"GOARCH=arm64"}},
	}
}

// TestTableAsSymbols compares the table with the symbols, in every form that the Go tool links a program.
func TestTableAsSymbols(t *testing.T) {
	testkit.Need(t, testkit.Go)
	for _, tt := range forms() {
		t.Run(tt.name, func(t *testing.T) {
			testkit.Need(t, tt.needs...)
			path := build(t, tt.env, tt.flags...)
			f, b := open(t, path)
			symbols, err := symtab.FromELF(f)
			if err != nil {
				t.Fatal(err)
			}
			same := 0
			for fn := range b.Functions.All() {
				if symbols.HasAt(fn.Entry, fn.Name) {
					same++
				}
			}
			if n := b.Functions.Len(); same < n*90/100 { // the others are ABI0: their symbols end so
				t.Errorf("%d of %d functions have a symbol of their name", same, n)
			}
			if !b.ABIInternal || !strings.HasPrefix(b.Version, "go1.") && !strings.HasPrefix(b.Version, "devel") {
				t.Errorf("version %q, ABIInternal %v", b.Version, b.ABIInternal)
			}
			stripped := build(t, tt.env, append(tt.flags, "-ldflags=-s -w")...)
			_, s := open(t, stripped)
			want, got := b.Functions.Named("main.handle"), s.Functions.Named("main.handle")
			if len(want) != 1 || len(got) != 1 || got[0] != want[0] && tt.needs == nil {
				t.Errorf("main.handle: %v, stripped %v", want, got)
			}
			if fn, ok := s.Functions.Find(got[0].Entry + 1); !ok || fn != got[0] {
				t.Errorf("at its second byte: %v %v", fn, ok)
			}
		})
	}
}

func TestAssembly(t *testing.T) {
	testkit.Need(t, testkit.Go)
	_, b := open(t, build(t, nil))
	for name, want := range map[string]bool{"main.handle": false, "runtime.rt0_go": true, "runtime.mallocgc": false, "runtime.memmove": true} {
		if f := b.Functions.Named(name); len(f) != 1 || f[0].Asm != want {
			t.Errorf("%s: %+v, assembly: want %v", name, f, want)
		}
	}
}

// TestWrappers asks for functions that have a wrapper in the other calling convention.
func TestWrappers(t *testing.T) {
	testkit.Need(t, testkit.Go)
	for _, arch := range []string{"amd64", "arm64"} {
		f, b := open(t, build(t, []string{"GOARCH=" + arch}))
		symbols, err := symtab.FromELF(f)
		if err != nil {
			t.Fatal(err)
		}
		abi0 := 0
		for s := range symbols.All() {
			fn, ok := b.Functions.Find(s.Addr)
			if !ok || fn.Entry != s.Addr || strings.Contains(s.Name, "[") || !s.IsFunc() {
				continue
			}
			if !strings.HasSuffix(s.Name, ".abi0") && s.Name != fn.Name {
				continue
			}
			if got := b.Lookup(f, s.Name); len(got) != 1 || got[0].Entry != s.Addr {
				t.Errorf("%s %s at %#x: %+v", arch, s.Name, s.Addr, got)
			}
			if strings.HasSuffix(s.Name, ".abi0") {
				if abi0++; !b.IsABI0(f, fn) {
					t.Errorf("%s %s is not taken for ABI0", arch, s.Name)
				}
			}
		}
		if abi0 < 50 {
			t.Errorf("%s: only %d functions of ABI0", arch, abi0)
		}
	}
}

func TestNotGo(t *testing.T) {
	testkit.Need(t, testkit.GCC)
	f, err := objfile.Open(testkit.Compile(t, "gcc", "-x", "c", "testdata/prog/sum.h", "-shared"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := Open(f); !errors.Is(err, ErrNotGo) {
		t.Errorf("a library of C: %v", err)
	}
}

// TestGoid compares the table of versions with what is known of it.
func TestGoid(t *testing.T) {
	for version, want := range map[string]int64{"go1.17.13": 152, "go1.22rc1": 152, "go1.23.12": 160, "go1.24": 160, "go1.25.5": 152, "go1.26.8": 152} {
		b := Binary{Version: version, minor: minorOf(version)}
		if got, err := b.GoidOffset(); err != nil || got != want {
			t.Errorf("%s: %d %v, want %d", version, got, err, want)
		}
	}
	for _, version := range []string{"", "go1.16.3", "go1.99", "devel go1.27-abcdef", "go2"} {
		b := Binary{Version: version, minor: minorOf(version)}
		var unknown *GoidError
		if _, err := b.GoidOffset(); !errors.As(err, &unknown) || unknown.Hint() == "" {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// tables are small tables of every layout, with the functions f at 0x1000 and g at 0x1010, which ends at 0x1020.
func tables() map[tableVersion][]byte {
	word := func(b []byte, at, size int, v uint64) {
		for i := range size {
			b[at+i] = byte(v >> (8 * i))
		}
	}
	head := func(v tableVersion) []byte {
		b := make([]byte, 256)
		word(b, 0, 4, uint64(v))
		b[6], b[7] = 1, 8
		word(b, 8, 8, 2)
		return b
	}
	all := make(map[tableVersion][]byte)
	old := head(version12) // index at 16, functions at 64 and 96, names at 128
	for i, v := range []uint64{0x1000, 64, 0x1010, 96, 0x1020} {
		word(old, 16+8*i, 8, v)
	}
	word(old, 64+8, 4, 128)
	word(old, 96+8, 4, 130)
	copy(old[128:], "f\x00g\x00")
	all[version12] = old
	b := head(version116)
	word(b, 8+2*8, 8, 128)
	word(b, 8+6*8, 8, 72)
	for i, v := range []uint64{0x1000, 64, 0x1010, 96, 0x1020} {
		word(b, 72+8*i, 8, v)
	}
	word(b, 72+64+8, 4, 0)
	word(b, 72+96+8, 4, 2)
	copy(b[128:], "f\x00g\x00")
	all[version116] = b
	for _, v := range []tableVersion{version118, version120} {
		b := head(v)
		word(b, 8+2*8, 8, 0x1000)
		word(b, 8+3*8, 8, 120)
		word(b, 8+7*8, 8, 80)
		for i, v := range []uint64{0, 64, 0x10, 112, 0x20} {
			word(b, 80+4*i, 4, v)
		}
		copy(b[120:], "f\x00g\x00")
		word(b, 80+64+4, 4, 0)
		word(b, 80+112+4, 4, 2)
		flags := 80 + 112 + 4 + 33
		if v == version120 {
			flags += 4
		}
		b[flags] = 4
		all[v] = b
	}
	return all
}

func TestLayouts(t *testing.T) {
	for version, b := range tables() {
		table, err := parseTable(b)
		if err != nil {
			t.Errorf("%#x: %v", version, err)
			continue
		}
		f, g := table.At(0), table.At(1)
		if want := (Func{Name: "f", Entry: 0x1000, End: 0x1010}); f != want {
			t.Errorf("%#x: %+v, want %+v", version, f, want)
		}
		if want := (Func{Name: "g", Entry: 0x1010, End: 0x1020, Asm: table.offsets}); g != want {
			t.Errorf("%#x: %+v, want %+v", version, g, want)
		}
		for cut := range len(b) {
			_, _ = parseTable(b[:cut]) // must not panic
		}
	}
	for _, b := range [][]byte{nil, bytes.Repeat([]byte{0xff}, 64), []byte("\xf1\xff\xff\xff\x00\x00\x01\x03aaaaaaaaaaaaaaaaaa")} {
		if _, err := parseTable(b); err == nil {
			t.Errorf("%q is taken for a table", b)
		}
	}
}

func FuzzTable(f *testing.F) {
	for _, b := range tables() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := parseTable(b)
		if err != nil {
			return
		}
		for i := range min(table.Len(), 1000) {
			fn := table.At(i)
			table.Find(fn.Entry)
		}
		table.Named("f")
	})
}
