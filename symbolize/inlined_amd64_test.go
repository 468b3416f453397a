package symbolize

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// inlinedText calls what is not inlined at the very end of what is: the address to which the call returns is not inner's any more.
const inlinedText = `
static volatile long sink;
__attribute__((noinline)) void callee(void) { sink++; }
namespace ns { template <class T> inline __attribute__((always_inline)) void inner(T n) { sink = n; callee(); } }
inline __attribute__((always_inline)) void middle(long n) { sink = n + 2; ns::inner(n); }
__attribute__((noinline)) void outer(long n) { middle(n); sink = 7; }
int main(int argc, char **argv) { outer(argc); return 0; }
`

// inlinedProgram is compiled, and mapped from outer on; ret is where outer's call of callee returns to.
func inlinedProgram(t *testing.T, dir string, args ...string) (p program, ret uint64) {
	t.Helper()
	testkit.Need(t, testkit.GXX)
	exe := filepath.Join(dir, "prog")
	command(t, dir, "g++", append(args, "-O2", "-g", "-w", "-o", exe, source(t, dir, "a.cc", inlinedText))...)
	p = load(t, exe, "_Z5outerl")
	callee := load(t, exe, "_Z6calleev").main
	code, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	for at := p.main; at < p.main+64; at++ {
		b := code[at-p.m.Start+p.m.Offset:]
		if next := at + 5; b[0] == 0xe8 && next+uint64(int32(binary.LittleEndian.Uint32(b[1:]))) == callee {
			return p, next
		}
	}
	t.Fatal("outer does not call callee")
	return p, 0
}

func inlinedNames(frames []Frame) (names []string) {
	for i := range frames {
		names = append(names, fmt.Sprintf("%s %+d %d", frames[i].Name, frames[i].Offset, frames[i].Size))
	}
	return names
}

// TestInlined asks for the call's own address, for that which it returns to, and for that as a return address.
func TestInlined(t *testing.T) {
	dir := t.TempDir()
	p, ret := inlinedProgram(t, dir)
	s := New(Options{Demangle: true, BuildIDCache: "-"})
	defer s.Close()
	c := s.NewCache()
	f, _, _ := c.User(&p.m, ret)
	frames := func(off uint64) []string {
		return []string{fmt.Sprintf("ns::inner<long> %+d %d", off, f.Size), fmt.Sprintf("middle %+d %d", off, f.Size)}
	}
	for range 2 { // the second time from memory
		if got, want := inlinedNames(c.Inlined(&p.m, ret-1, false)), frames(f.Offset-1); !slices.Equal(got, want) {
			t.Errorf("at the call: %q, want %q", got, want)
		}
		if got := inlinedNames(c.Inlined(&p.m, ret, false)); len(got) > 0 {
			t.Errorf("behind the call: %q", got)
		}
		if got, want := inlinedNames(c.Inlined(&p.m, ret, true)), frames(f.Offset); !slices.Equal(got, want) {
			t.Errorf("at the return address: %q, want %q", got, want)
		}
	}
	mangled := New(Options{BuildIDCache: "-"})
	defer mangled.Close()
	if got := mangled.NewCache().Inlined(&p.m, ret, true); len(got) != 2 || got[0].Name != "_ZN2ns5innerIlEEvT_" || got[0].Mangled != got[0].Name {
		t.Errorf("not demangled: %+v", got)
	}
	for name, m := range map[string]*Mapping{
		"no mapping": nil, "a function by itself": {Path: "bpf_prog", Symbol: "bpf_prog", Start: p.m.Start, End: p.m.End},
		"no file": {Path: "/nowhere/at/all", Start: p.m.Start, End: p.m.End}, "memory": {Path: "//anon", Start: p.m.Start, End: p.m.End},
		"another build": {Path: p.path, BuildID: []byte("of another build, 20"), Start: p.m.Start, End: p.m.End, Offset: p.m.Offset},
	} {
		if got := c.Inlined(m, ret, true); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestInlinedElsewhere has the debug information in a separate file, below another root, with symbols in the program or without, and
// nowhere.
func TestInlinedElsewhere(t *testing.T) {
	testkit.Need(t, testkit.Objcopy)
	dir := t.TempDir()
	p, ret := inlinedProgram(t, dir)
	command(t, dir, "objcopy", "--only-keep-debug", "prog", "prog.debug")
	ask := func(name string, o Options, m Mapping, want int) {
		t.Helper()
		o.BuildIDCache = "-"
		s := New(o)
		defer s.Close()
		if got := s.NewCache().Inlined(&m, ret, true); len(got) != want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, strip := range []string{"--strip-debug", "--strip-all"} {
		command(t, dir, "objcopy", strip, "--remove-section=.gnu_debuglink", "prog", "bare")
		m := p.m
		m.Path = filepath.Join(dir, "bare")
		ask(strip, Options{}, m, 0)
		command(t, dir, "objcopy", "--add-gnu-debuglink=prog.debug", "bare", "linked")
		m.Path = filepath.Join(dir, "linked")
		ask(strip+", debug link", Options{}, m, 2)
		m.Path = "/linked"
		ask(strip+", below a root", Options{Root: dir}, m, 2)
	}
	command(t, dir, "sh", "-c", "head -c 100 prog.debug >cut && mv cut prog.debug")
	m := p.m
	m.Path = filepath.Join(dir, "linked")
	ask("cut short", Options{}, m, 0)
}

// TestKernelInlined takes a program for a kernel: as the vmlinux that gives the names, and as the debug information of one whose names
// kallsyms gave, at another place.
func TestKernelInlined(t *testing.T) {
	dir, id := t.TempDir(), []byte{0x0a, 0x0b, 0x0c}
	cache := filepath.Join(dir, "cache", ".build-id", "0a", "0b0c")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	p, ret := inlinedProgram(t, dir, "-no-pie", "-Wl,--build-id=0x0a0b0c", "-Wl,--defsym=_text=_Z5outerl")
	command(t, dir, "cp", "prog", filepath.Join(cache, "debug"))
	const text = uint64(0xffffffff91000000)
	source(t, cache, "kallsyms", fmt.Sprintf("%x T _text\n%x T outer\n%x t other\n%x t outer\t[module]\n", text, text, text+0x100, text+0x1000000))
	m := &Mapping{Path: "[kernel.kallsyms]_text", Start: text, End: text + 0x1000, Offset: text}
	module := &Mapping{Path: "[module]", Start: text + 0x1000000, End: text + 0x1001000}
	for _, tt := range []struct {
		name string
		o    Options
		m    *Mapping
		addr uint64
		want int
	}{
		{"vmlinux", Options{Vmlinux: p.path}, m, text + ret - p.main, 2},
		{"vmlinux of the recorded kernel", Options{Vmlinux: p.path, KernelID: id}, m, text + ret - p.main, 2},
		{"kallsyms", Options{KernelID: id, BuildIDCache: filepath.Join(dir, "cache")}, m, text + ret - p.main, 2},
		{"kallsyms, a module", Options{KernelID: id, BuildIDCache: filepath.Join(dir, "cache")}, module, text + 0x1000000 + ret - p.main, 0},
		{"kallsyms of a kernel that is not known", Options{Kallsyms: filepath.Join(cache, "kallsyms"), BuildIDCache: filepath.Join(dir, "cache")}, m, text + ret - p.main, 0},
	} {
		tt.o.Demangle = true
		s := New(tt.o)
		c := s.NewCache()
		if f, r := c.KernelIn(tt.m, tt.addr); r != OK {
			t.Errorf("%s: %+v, %v (%v)", tt.name, f, r, s.KernelError())
		}
		got := c.KernelInlined(tt.m, tt.addr, true)
		if len(got) != tt.want || tt.want > 0 && (got[0].Name != "ns::inner<long>" || got[1].Name != "middle" || got[0].Module != KernelModule) {
			t.Errorf("%s: %+v", tt.name, got)
		}
		if got := c.KernelInlined(tt.m, tt.addr, false); len(got) > 0 {
			t.Errorf("%s: behind the call %+v", tt.name, got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
