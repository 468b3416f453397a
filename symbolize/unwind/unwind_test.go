package unwind

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/gperf-dev/gperf/internal/arch"
)

// section is one section of a made-up file.
type section struct {
	name string
	addr uint64
	data []byte
}

// image makes an ELF file with the sections, one segment for each.
func image(machine elf.Machine, sections ...section) []byte {
	names, nameAt := []byte{0}, []uint32{0}
	sections = append(sections, section{name: ".shstrtab"})
	for _, s := range sections {
		nameAt = append(nameAt, uint32(len(names)))
		names = append(append(names, s.name...), 0)
	}
	sections[len(sections)-1].data = names
	const head, segment = 64, 56
	at := uint64(head + segment*len(sections))
	headers := []elf.Section64{{}}
	segments, data := []elf.Prog64{}, []byte{}
	for i, s := range sections {
		n := uint64(len(s.data))
		headers = append(headers, elf.Section64{Name: nameAt[i+1], Type: uint32(elf.SHT_PROGBITS), Addr: s.addr, Off: at, Size: n})
		segments = append(segments, elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X), Off: at, Vaddr: s.addr, Filesz: n, Memsz: n})
		data = append(data, s.data...)
		at += n
	}
	h := elf.Header64{
		Type: uint16(elf.ET_DYN), Machine: uint16(machine), Version: 1, Phoff: head, Shoff: at, Ehsize: head, Phentsize: segment,
		Phnum: uint16(len(segments)), Shentsize: 64, Shnum: uint16(len(headers)), Shstrndx: uint16(len(headers) - 1),
	}
	copy(h.Ident[:], elf.ELFMAG+"\x02\x01\x01")
	var b bytes.Buffer
	for _, v := range []any{h, segments, data, headers} {
		if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

// function is call frame information from lo to hi.
type function struct {
	lo, hi uint64
	insns  []byte
}

// frames makes a .debug_frame.
func frames(common []byte, ret byte, functions ...function) []byte {
	var b []byte
	entry := func(body []byte) {
		for len(body)%8 != 4 {
			body = append(body, 0)
		}
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(body))), body...)
	}
	entry(append([]byte{0xff, 0xff, 0xff, 0xff, 3, 0, 1, 0x78, ret}, common...)) // code alignment 1, data alignment -8
	for _, f := range functions {
		body := binary.LittleEndian.AppendUint64(make([]byte, 4), f.lo)
		entry(append(binary.LittleEndian.AppendUint64(body, f.hi-f.lo), f.insns...))
	}
	return b
}

// process is a Space of files mapped where they were linked, moved by bias.
type process struct {
	codes []mapped
	words map[uint64]uint64
}

type mapped struct {
	lo, hi uint64
	code   *Code
}

const bias = 0x7f00_0000_0000

func (p *process) add(t testing.TB, lo, hi uint64, file []byte) {
	t.Helper()
	code := &Code{Why: Anonymous, VAddr: func(addr uint64) (uint64, bool) { return addr - bias, true }}
	if file != nil {
		table, err := New(file, nil)
		if err != nil {
			t.Fatal(err)
		}
		code.Table = table
	}
	p.codes = append(p.codes, mapped{bias + lo, bias + hi, code})
}

func (p *process) Code(addr uint64) *Code {
	for i := range p.codes {
		if m := &p.codes[i]; addr >= m.lo && addr < m.hi {
			return m.code
		}
	}
	return nil
}

func (p *process) Word(addr uint64) (uint64, bool) {
	v, ok := p.words[addr]
	return v, ok
}

// regs is registers by DWARF number.
type regs map[int]uint64

// sample makes a sample of a machine's registers.
func sample(t testing.TB, machine elf.Machine, r regs, stack ...uint64) *Sample {
	t.Helper()
	m, err := arch.ForMachine(machine)
	if err != nil {
		t.Fatal(err)
	}
	s := &Sample{}
	for bit, n := range m.PerfToDWARF {
		if v, ok := r[n]; ok && n >= 0 {
			s.Mask |= 1 << bit
			s.Registers = append(s.Registers, v)
		}
	}
	for _, w := range stack {
		s.Stack = binary.LittleEndian.AppendUint64(s.Stack, w)
	}
	return s
}

const (
	x86, arm    = elf.EM_X86_64, elf.EM_AARCH64
	sp          = 0x7ffc_0000_1000
	rbp, rsp    = 6, 7
	rip         = 16
	x29, lr     = 29, 30
	armSP, pc   = 31, 32
	defCFA      = 0x0c
	offset      = 0x80
	undefined   = 0x07
	negateState = 0x2d
)

// amd64Frames has a function that keeps rbp at 0x1000, its caller without a frame pointer at 0x1100, the outermost one at 0x1200, one whose
// frame address is an expression at 0x1300, and one that says nothing of where it returns to at 0x1400, and one
// that is about to return and restored rbp, as LLVM tells of it, at 0x1600.
func amd64Frames() []byte {
	common := []byte{defCFA, rsp, 8, offset | rip, 1}
	return frames(common, rip,
		function{0x1000, 0x1100, []byte{defCFA, rbp, 16, offset | rbp, 2}},
		function{0x1100, 0x1200, []byte{defCFA, rsp, 32, offset | rbp, 2}},
		function{0x1200, 0x1300, []byte{undefined, rip}},
		function{0x1300, 0x1400, []byte{0x0f, 3, 0x77, 8, 0x06}}, // the word at rsp+8
		function{0x1400, 0x1500, []byte{0x08, rip, 0x0e, 0}},
		function{0x1600, 0x1700, []byte{defCFA, rsp, 8, offset | rbp, 2}},
	)
}

func TestChainAMD64(t *testing.T) {
	code := make([]byte, 0x1000)
	copy(code[0x600:], "\x5d\xc3") // pop %rbp; ret
	file := image(x86, section{".text", 0x1000, code}, section{".plt", 0x2000, make([]byte, 64)}, section{".debug_frame", 0, amd64Frames()})
	p := &process{}
	p.add(t, 0x1000, 0x3000, file)
	p.add(t, 0x5000, 0x6000, nil)
	for _, tt := range []struct {
		name  string
		regs  regs
		stack []uint64
		max   int
		want  []uint64 // without bias
		stop  Stop
	}{
		{"frame pointer, then none, then the end", regs{rip: bias + 0x1010, rsp: sp, rbp: sp + 8},
			[]uint64{0, 99, bias + 0x1150, 0, 0, 99, bias + 0x1250}, 9, []uint64{0x1010, 0x114f, 0x124f}, Outermost},
		{"a call at the end of a function", regs{rip: bias + 0x1010, rsp: sp, rbp: sp},
			[]uint64{99, bias + 0x1200, 0, 0, 99, bias + 0x1250}, 9, []uint64{0x1010, 0x11ff, 0x124f}, Outermost},
		{"frame address by an expression", regs{rip: bias + 0x1310, rsp: sp},
			[]uint64{0, sp + 32, 0, bias + 0x1210}, 9, []uint64{0x1310, 0x120f}, Outermost},
		{"as many as asked for", regs{rip: bias + 0x1110, rsp: sp}, []uint64{0, 0, 0, bias + 0x1110}, 1, []uint64{0x1110}, Limit},
		{"the copy ends", regs{rip: bias + 0x1110, rsp: sp}, []uint64{0, 0, 0}, 9, []uint64{0x1110}, StackEnd},
		{"the last word of the copy", regs{rip: bias + 0x1110, rsp: sp}, []uint64{0, 0, 0, bias + 0x1210}, 9, []uint64{0x1110, 0x120f}, Outermost},
		{"a null pointer was called", regs{rip: 0, rsp: sp}, []uint64{bias + 0x1210}, 9, []uint64{^uint64(bias) + 1}, Unmapped},
		{"returns to where nothing is", regs{rip: bias + 0x1110, rsp: sp}, []uint64{0, 0, 0, bias + 0x9000}, 9, []uint64{0x1110, 0x8fff}, Unmapped},
		{"called by a JIT's code", regs{rip: bias + 0x1110, rsp: sp}, []uint64{0, 0, 0, bias + 0x5010}, 9, []uint64{0x1110, 0x500f}, Anonymous},
		{"returns to zero", regs{rip: bias + 0x1110, rsp: sp}, []uint64{0, 0, 0, 0}, 9, []uint64{0x1110}, Outermost},
		{"the same for ever", regs{rip: bias + 0x1410, rsp: sp}, nil, 9, []uint64{0x1410}, Loop},
		{"no table: by frame pointer", regs{rip: bias + 0x1510, rsp: sp, rbp: sp + 8}, []uint64{0, sp + 40, bias + 0x1210}, 9, []uint64{0x1510, 0x120f}, Outermost},
		{"no table, and rbp is no frame pointer", regs{rip: bias + 0x1510, rsp: sp, rbp: 77}, []uint64{0, 0, 0}, 9, []uint64{0x1510}, NoTable},
		{"no table, and rbp leads to no code", regs{rip: bias + 0x1510, rsp: sp, rbp: sp}, []uint64{0, 77, 0}, 9, []uint64{0x1510}, NoTable},
		{"entry of .plt", regs{rip: bias + 0x2010, rsp: sp}, []uint64{bias + 0x1210}, 9, []uint64{0x2010, 0x120f}, Outermost},
		{"entry of .plt behind its push", regs{rip: bias + 0x202b, rsp: sp}, []uint64{1, bias + 0x1210}, 9, []uint64{0x202b, 0x120f}, Outermost},
		{"first entry of .plt", regs{rip: bias + 0x2006, rsp: sp}, []uint64{1, 2, bias + 0x1210}, 9, []uint64{0x2006, 0x120f}, Outermost},
		{"rbp was restored, the table says it is on the stack", regs{rip: bias + 0x1601, rsp: sp, rbp: sp + 64},
			[]uint64{bias + 0x1050, 0, 0, 0, 0, 0, 0, 0, 99, bias + 0x1250}, 9, []uint64{0x1601, 0x104f, 0x124f}, Outermost},
		{"a frame address below the stack", regs{rip: bias + 0x1310, rsp: sp}, []uint64{0, sp - 1<<20, bias + 0x1110, bias + 0x1110}, 9, []uint64{0x1310}, BadMemory},
		{"no stack pointer", regs{rip: bias + 0x1010}, nil, 9, nil, NoRegisters},
		{"frame pointer not sampled", regs{rip: bias + 0x1010, rsp: sp}, []uint64{0}, 9, []uint64{0x1010}, NoRegisters},
	} {
		u, err := NewUnwinder(x86)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time from what it remembers
			got, stop := u.Chain(nil, sample(t, x86, tt.regs, tt.stack...), p, tt.max)
			for i := range got {
				got[i] -= bias
			}
			if !slices.Equal(got, tt.want) || stop != tt.stop {
				t.Errorf("%s: %#x, %v; want %#x, %v", tt.name, got, stop, tt.want, tt.stop)
			}
		}
	}
}

// TestChainARM64 has return addresses in the link register, and such with authentication codes.
func TestChainARM64(t *testing.T) {
	common := []byte{defCFA, armSP, 0}
	file := image(arm, section{".text", 0x1000, make([]byte, 0x1000)}, section{".debug_frame", 0, frames(common, lr,
		function{0x1000, 0x1100, nil}, // leaf
		function{0x1100, 0x1200, []byte{negateState, defCFA, armSP, 16, offset | x29, 2, offset | lr, 1}},
		function{0x1200, 0x1300, []byte{undefined, lr}},
	)})
	p := &process{}
	p.add(t, 0x1000, 0x3000, file)
	const code = 0x00ab_0000_0000_0000 // of an authenticated address
	for _, tt := range []struct {
		name  string
		regs  regs
		stack []uint64
		want  []uint64
		stop  Stop
	}{
		{"leaf", regs{pc: bias + 0x1010, lr: bias + 0x1210, armSP: sp}, nil, []uint64{0x1010, 0x120f}, Outermost},
		{"leaf, signed", regs{pc: bias + 0x1010, lr: code | bias + 0x1110, armSP: sp}, []uint64{sp, code | bias + 0x1210}, []uint64{0x1010, 0x110f, 0x120f}, Outermost},
		{"address space of 39 bits", regs{pc: bias + 0x1110, armSP: sp}, []uint64{sp, 0x55<<39 | 0x1210}, []uint64{0x1110, 0x120f}, Outermost},
		{"no table: by frame pointer", regs{pc: bias + 0x1510, x29: sp, armSP: sp}, []uint64{0, code | bias + 0x1210}, []uint64{0x1510, 0x120f}, Outermost},
		{"leaf that calls itself", regs{pc: bias + 0x1010, lr: bias + 0x1010, armSP: sp}, nil, []uint64{0x1010}, Loop},
	} {
		space := &process{codes: p.codes}
		if tt.name == "address space of 39 bits" {
			low := *p.codes[0].code
			low.VAddr = func(addr uint64) (uint64, bool) { return addr, true }
			space.codes = append(space.codes, mapped{0x1000, 0x3000, &low})
		}
		u, err := NewUnwinder(arm)
		if err != nil {
			t.Fatal(err)
		}
		got, stop := u.Chain(nil, sample(t, arm, tt.regs, tt.stack...), space, 9)
		for i := range got {
			got[i] &= 0xffffff
		}
		if !slices.Equal(got, tt.want) || stop != tt.stop {
			t.Errorf("%s: %#x, %v; want %#x, %v", tt.name, got, stop, tt.want, tt.stop)
		}
	}
}

// TestSignalFrame goes through the frame of a signal handler that the kernel made, by the instructions to which the handler returns: the
// interrupted instruction is the first of its function, which a call would belong to the function before.
func TestSignalFrame(t *testing.T) {
	for _, tt := range []struct {
		machine        elf.Machine
		code           string
		ip, sp, regsAt int
		order          []int // registers from regsAt on, in words
		frames         []byte
	}{
		{x86, signalReturnAMD64, rip, rsp, 40 / 8, []int{8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, rsp, rip}, amd64Frames()},
		{arm, signalReturnARM64, pc, armSP, (128 + 176 + 8) / 8, []int{
			0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, x29, lr, armSP, pc,
		}, frames([]byte{defCFA, armSP, 0}, lr, function{0x1000, 0x1100, nil}, function{0x1200, 0x1300, []byte{undefined, lr}})},
	} {
		p := &process{}
		p.add(t, 0x1000, 0x3000, image(tt.machine, section{".text", 0x1000, make([]byte, 0x1000)},
			section{".restore", 0x2000, []byte(tt.code)}, section{".debug_frame", 0, tt.frames}))
		u, err := NewUnwinder(tt.machine)
		if err != nil {
			t.Fatal(err)
		}
		stack := make([]uint64, 100)
		for i, n := range tt.order {
			stack[tt.regsAt+i] = map[int]uint64{tt.ip: bias + 0x1200, tt.sp: sp + 640}[n]
		}
		r := regs{tt.ip: bias + 0x2000, tt.sp: sp}
		want := []uint64{0x2000, 0x1200}
		if tt.machine == arm { // the handler's own leaf, which returns to the trampoline
			r, want = regs{pc: bias + 0x1010, lr: bias + 0x2000, armSP: sp}, []uint64{0x1010, 0x2000, 0x1200}
		}
		got, stop := u.Chain(nil, sample(t, tt.machine, r, stack...), p, 9)
		for i := range got {
			got[i] -= bias
		}
		if !slices.Equal(got, want) || stop != Outermost {
			t.Errorf("%v: %#x, %v; want %#x", tt.machine, got, stop, want)
		}
	}
}

// TestSignalStack has a handler on a stack of its own: what was interrupted is shown, and its callers are on another stack.
func TestSignalStack(t *testing.T) {
	p := &process{}
	p.add(t, 0x1000, 0x3000, image(x86, section{".text", 0x1000, make([]byte, 0x1000)},
		section{".restore", 0x2000, []byte(signalReturnAMD64)}, section{".debug_frame", 0, amd64Frames()}))
	u, err := NewUnwinder(x86)
	if err != nil {
		t.Fatal(err)
	}
	stack := make([]uint64, 40)
	stack[5+15], stack[5+16] = sp-1<<32, bias+0x1110
	got, stop := u.Chain(nil, sample(t, x86, regs{rip: bias + 0x2000, rsp: sp}, stack...), p, 9)
	if !slices.Equal(got, []uint64{bias + 0x2000, bias + 0x1110}) || stop != StackSwitch {
		t.Errorf("%#x, %v", got, stop)
	}
}

// TestNoAllocations holds that nothing is allocated for places that were met before.
func TestNoAllocations(t *testing.T) {
	u, p, s := recursion(t)
	dst := make([]uint64, 0, 200)
	if n := testing.AllocsPerRun(100, func() { dst, _ = u.Chain(dst[:0], s, p, 127) }); n != 0 {
		t.Errorf("%v allocations a chain", n)
	}
}

// recursion is a sample of a function that called itself a hundred times.
func recursion(t testing.TB) (*Unwinder, *process, *Sample) {
	p := &process{}
	p.add(t, 0x1000, 0x3000, image(x86, section{".text", 0x1000, make([]byte, 0x1000)}, section{".debug_frame", 0, amd64Frames()}))
	u, err := NewUnwinder(x86)
	if err != nil {
		t.Fatal(err)
	}
	var stack []uint64
	for range 100 {
		stack = append(stack, 0, 0, 0, bias+0x1150)
	}
	s := sample(t, x86, regs{rip: bias + 0x1110, rsp: sp}, append(stack, 0, 0, 0, bias+0x1250)...)
	if chain, stop := u.Chain(nil, s, p, 127); len(chain) != 102 || stop != Outermost {
		t.Fatalf("%d frames, %v", len(chain), stop)
	}
	return u, p, s
}

// BenchmarkChain follows a hundred frames.
func BenchmarkChain(b *testing.B) {
	u, p, s := recursion(b)
	dst := make([]uint64, 0, 200)
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = u.Chain(dst[:0], s, p, 127)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(dst)), "ns/frame")
}

// BenchmarkStep reads the table for a place that was not met before.
func BenchmarkStep(b *testing.B) {
	u, p, _ := recursion(b)
	b.ReportAllocs()
	for b.Loop() {
		p.codes[0].code.step(u.m, bias+0x1150, bias+0x114f)
	}
}
