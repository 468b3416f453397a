package arch

import (
	"debug/elf"
	"strconv"
	"sync"
)

// The DWARF numbers are those of "DWARF for the Arm 64-bit Architecture", section 4.1. Fetch names
// are those of the kernel's regoffset_table (arch/arm64/kernel/ptrace.c).
var arm64 = sync.OnceValue(func() *Machine {
	m := &Machine{
		ELF: elf.EM_AARCH64, Name: "aarch64", GOARCH: "arm64", PointerSize: 8,
		SP: 31, PC: 30, FP: 29, IP: 32,
		C: ABI{
			IntArgs: numbers(0, 8), FloatArgs: numbers(64, 8),
			IntResults: numbers(0, 2), FloatResults: numbers(64, 4),
		},
		// R0 to R15, F0 to F15 (cmd/compile/abi-internal.md).
		Go: ABI{
			IntArgs: numbers(0, 16), FloatArgs: numbers(64, 16),
			IntResults: numbers(0, 16), FloatResults: numbers(64, 16),
		},
		GoG: 28,
	}
	for i := range 31 {
		n := "x" + strconv.Itoa(i)
		fetch := n
		if i == 30 {
			fetch = "lr"
		}
		m.Registers = append(m.Registers, Register{DWARF: i, Name: n, Fetch: fetch, Size: 8})
		m.PerfRegs, m.PerfToDWARF = append(m.PerfRegs, fetch), append(m.PerfToDWARF, i)
	}
	m.Registers = append(m.Registers,
		Register{DWARF: 31, Name: "sp", Fetch: "sp", Size: 8},
		Register{DWARF: 32, Name: "pc", Fetch: "pc", Size: 8},
		Register{DWARF: 34, Name: "ra_sign_state", Size: 8},
		Register{DWARF: 46, Name: "vg", Size: 8})
	for i := range 32 {
		m.Registers = append(m.Registers, Register{DWARF: 64 + i, Name: "v" + strconv.Itoa(i), Size: 16, Float: true})
	}
	m.PerfRegs, m.PerfToDWARF = append(m.PerfRegs, "sp", "pc"), append(m.PerfToDWARF, 31, 32)
	for len(m.PerfRegs) < 46 { // PERF_REG_ARM64_VG is bit 46
		m.PerfRegs, m.PerfToDWARF = append(m.PerfRegs, ""), append(m.PerfToDWARF, -1)
	}
	m.PerfRegs, m.PerfToDWARF = append(m.PerfRegs, "vg"), append(m.PerfToDWARF, 46)
	return m.index()
})
