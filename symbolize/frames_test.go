package symbolize

import (
	"debug/elf"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/symbolize/unwind"
)

// space is a process with a few mappings.
type space struct {
	c    *Cache
	maps []*Mapping
}

func (s *space) find(addr uint64) *Mapping {
	for _, m := range s.maps {
		if addr >= m.Start && addr < m.End {
			return m
		}
	}
	return nil
}

func (s *space) Code(addr uint64) *unwind.Code {
	if m := s.find(addr); m != nil {
		return s.c.Code(m)
	}
	return nil
}

func (s *space) Word(addr uint64) (uint64, bool) {
	if m := s.find(addr); m != nil {
		return s.c.Word(m, addr)
	}
	return 0, false
}

// chain unwinds from an address at which only a return address is on the stack.
func (s *space) chain(t *testing.T, pc, ret uint64) ([]uint64, unwind.Stop) {
	t.Helper()
	u, err := unwind.NewUnwinder(elf.EM_X86_64)
	if err != nil {
		t.Fatal(err)
	}
	const sp, ip = 7, 8 // bits of perf_regs.h
	sample := &unwind.Sample{Mask: 1<<sp | 1<<ip, Registers: []uint64{0x7ffc00001000, pc}, Stack: binary.LittleEndian.AppendUint64(nil, ret)}
	return u.Chain(nil, sample, s, 9)
}

// TestFramesOfVDSO comes from the vdso to the program that called it.
func TestFramesOfVDSO(t *testing.T) {
	p := compile(t)
	f, text := vdso(t)
	s := New(Options{BuildIDCache: "-"})
	defer s.Close()
	vdso := &Mapping{Path: "[vdso]", Start: 0x7fff00000000, End: 0x7fff00000000 + uint64(f.Size())}
	jit := &Mapping{Path: "//anon", Start: 0x7ffe00000000, End: 0x7ffe00001000, PID: 1 << 30}
	sp := &space{c: s.NewCache(), maps: []*Mapping{&p.m, vdso, jit}}
	found := false
	for off := uint64(0); off < text.Size && !found; off += 16 {
		pc := vdso.Start + text.Addr + off
		if frame, _, r := sp.c.User(vdso, pc); r != OK || frame.Offset != 0 {
			continue
		}
		found = true
		got, _ := sp.chain(t, pc, p.main+4)
		if len(got) < 2 || !slices.Equal(got[:2], []uint64{pc, p.main + 3}) {
			t.Errorf("%#x", got)
		}
	}
	if !found {
		t.Error("no function begins in the vdso")
	}
	if got, stop := sp.chain(t, jit.Start, p.main); len(got) != 1 || stop != unwind.Anonymous {
		t.Errorf("code of a JIT: %#x, %v", got, stop)
	}
	gone := &Mapping{Path: "/nonexistent/lib.so", Start: 0x1000, End: 0x2000}
	sp.maps = append(sp.maps, gone)
	if got, stop := sp.chain(t, 0x1000, p.main); len(got) != 1 || stop != unwind.NoFile {
		t.Errorf("code of a file that is gone: %#x, %v", got, stop)
	}
}

// TestWord reads the code of a mapping, but not what the process may have written to.
func TestWord(t *testing.T) {
	p := compile(t)
	f, err := objfile.Open(p.path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := binary.LittleEndian.Uint64(f.Bytes()[p.m.Offset:])
	s := New(Options{BuildIDCache: "-"})
	defer s.Close()
	c := s.NewCache()
	if v, ok := c.Word(&p.m, p.m.Start); !ok || v != want {
		t.Errorf("%#x %v, want %#x", v, ok, want)
	}
	written := p.m
	written.Writable = true
	if v, ok := c.Word(&written, p.m.Start); ok {
		t.Errorf("%#x of memory that may have changed", v)
	}
	for _, addr := range []uint64{p.m.Start - 1, p.m.End - 7, p.m.End} {
		if v, ok := c.Word(&p.m, addr); ok {
			t.Errorf("%#x at %#x", v, addr)
		}
	}
}
