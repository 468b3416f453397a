package arch

import (
	"debug/elf"
	"strconv"
	"sync"
)

// The DWARF numbers are those of the System V ABI for AMD64, figure 3.36. Fetch names
// are those of the kernel's regoffset_table (arch/x86/kernel/ptrace.c).
var amd64 = sync.OnceValue(func() *Machine {
	m := &Machine{
		ELF: elf.EM_X86_64, Name: "x86_64", GOARCH: "amd64", PointerSize: 8,
		SP: 7, PC: 16, FP: 6, IP: 16,
		C: ABI{
			IntArgs: []int{5, 4, 1, 2, 8, 9}, FloatArgs: numbers(17, 8),
			IntResults: []int{0, 1}, FloatResults: numbers(17, 2),
		},
		// ax bx cx di si r8 r9 r10 r11, X0 to X14 (cmd/compile/abi-internal.md).
		Go: ABI{
			IntArgs: []int{0, 3, 2, 5, 4, 8, 9, 10, 11}, FloatArgs: numbers(17, 15),
			IntResults: []int{0, 3, 2, 5, 4, 8, 9, 10, 11}, FloatResults: numbers(17, 15),
		},
		GoG: 14,
		PerfRegs: []string{"AX", "BX", "CX", "DX", "SI", "DI", "BP", "SP", "IP", "FLAGS", "CS", "SS", "DS", "ES", "FS", "GS",
			"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"},
		PerfToDWARF: []int{0, 3, 2, 1, 4, 5, 6, 7, 16, 49, 51, 52, 53, 50, 54, 55, 8, 9, 10, 11, 12, 13, 14, 15},
	}
	for i, n := range []string{"ax", "dx", "cx", "bx", "si", "di", "bp", "sp"} {
		m.Registers = append(m.Registers, Register{DWARF: i, Name: "r" + n, Fetch: n, Size: 8})
	}
	for i := 8; i < 16; i++ {
		n := "r" + strconv.Itoa(i)
		m.Registers = append(m.Registers, Register{DWARF: i, Name: n, Fetch: n, Size: 8})
	}
	m.Registers = append(m.Registers, Register{DWARF: 16, Name: "rip", Fetch: "ip", Size: 8})
	for i := range 16 {
		m.Registers = append(m.Registers, Register{DWARF: 17 + i, Name: "xmm" + strconv.Itoa(i), Size: 16, Float: true})
	}
	for i := range 8 {
		m.Registers = append(m.Registers, Register{DWARF: 33 + i, Name: "st" + strconv.Itoa(i), Size: 10, Float: true})
	}
	for i := range 8 {
		m.Registers = append(m.Registers, Register{DWARF: 41 + i, Name: "mm" + strconv.Itoa(i), Size: 8, Float: true})
	}
	m.Registers = append(m.Registers, Register{DWARF: 49, Name: "rflags", Fetch: "flags", Size: 8})
	for i, n := range []string{"es", "cs", "ss", "ds", "fs", "gs"} {
		fetch := ""
		if n == "cs" || n == "ss" { // the others are not in pt_regs
			fetch = n
		}
		m.Registers = append(m.Registers, Register{DWARF: 50 + i, Name: n, Fetch: fetch, Size: 2})
	}
	for i := range 16 { // AVX-512
		m.Registers = append(m.Registers, Register{DWARF: 67 + i, Name: "xmm" + strconv.Itoa(16+i), Size: 16, Float: true})
	}
	// PERF_REG_X86_XMM0 is bit 32; a vector register takes two bits.
	for i := len(m.PerfRegs); i < 64; i++ {
		name, number := "", -1
		if i >= 32 {
			name, number = "XMM"+strconv.Itoa((i-32)/2), 17+(i-32)/2
		}
		m.PerfRegs, m.PerfToDWARF = append(m.PerfRegs, name), append(m.PerfToDWARF, number)
	}
	return m.index()
})
