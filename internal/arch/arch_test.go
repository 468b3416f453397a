package arch

import (
	"debug/elf"
	"errors"
	"testing"
)

func TestRegisters(t *testing.T) {
	type reg struct {
		n           int
		name, fetch string
	}
	for _, tt := range []struct {
		machine elf.Machine
		goarch  string
		regs    []reg
	}{
		{elf.EM_X86_64, "amd64", []reg{
			{0, "rax", "ax"}, {1, "rdx", "dx"}, {2, "rcx", "cx"}, {3, "rbx", "bx"}, {4, "rsi", "si"}, {5, "rdi", "di"}, {6, "rbp", "bp"},
			{7, "rsp", "sp"}, {8, "r8", "r8"}, {15, "r15", "r15"}, {16, "rip", "ip"}, {17, "xmm0", ""}, {32, "xmm15", ""},
			{33, "st0", ""}, {41, "mm0", ""}, {49, "rflags", "flags"}, {51, "cs", "cs"}, {54, "fs", ""}, {67, "xmm16", ""},
		}},
		{elf.EM_AARCH64, "arm64", []reg{
			{0, "x0", "x0"}, {29, "x29", "x29"}, {30, "x30", "lr"}, {31, "sp", "sp"}, {32, "pc", "pc"}, {46, "vg", ""},
			{64, "v0", ""}, {95, "v31", ""},
		}},
	} {
		m, err := ForMachine(tt.machine)
		if err != nil {
			t.Fatal(err)
		}
		if m.GOARCH != tt.goarch || m.PointerSize != 8 {
			t.Errorf("%v: GOARCH %s, pointers of %d bytes", tt.machine, m.GOARCH, m.PointerSize)
		}
		for _, want := range tt.regs {
			r, ok := m.ByDWARF(want.n)
			if !ok || r.Name != want.name || r.Fetch != want.fetch || r.DWARF != want.n {
				t.Errorf("%s: DWARF register %d is %+v (%v), want %s and %q", tt.goarch, want.n, r, ok, want.name, want.fetch)
			}
			if fetch, ok := m.FetchName(want.n); ok != (want.fetch != "") || fetch != want.fetch {
				t.Errorf("%s: fetch name of %d is %q, %v", tt.goarch, want.n, fetch, ok)
			}
		}
	}
}

func TestUnknown(t *testing.T) {
	var unknown *UnknownMachineError
	if _, err := ForMachine(elf.EM_S390); !errors.As(err, &unknown) || unknown.Hint() == "" {
		t.Errorf("error for s390 is %v", err)
	}
	m, err := ForMachine(elf.EM_X86_64)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{-1, 40 + 26, 1 << 30} {
		if r, ok := m.ByDWARF(n); ok {
			t.Errorf("register %d is %+v", n, r)
		}
	}
	if name := m.RegisterName(1000); name != "register 1000" {
		t.Errorf("register 1000 is called %q", name)
	}
}

// TestTables looks whether what refers to registers refers to some.
func TestTables(t *testing.T) {
	for _, e := range []elf.Machine{elf.EM_X86_64, elf.EM_AARCH64} {
		m, err := ForMachine(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, abi := range []ABI{m.C, m.Go} {
			for _, set := range [][]int{abi.IntArgs, abi.IntResults} {
				for _, n := range set {
					if r, ok := m.ByDWARF(n); !ok || r.Float {
						t.Errorf("%s: integer register %d is %+v", m.Name, n, r)
					}
				}
			}
			for _, set := range [][]int{abi.FloatArgs, abi.FloatResults} {
				for _, n := range set {
					if r, ok := m.ByDWARF(n); !ok || !r.Float {
						t.Errorf("%s: floating point register %d is %+v", m.Name, n, r)
					}
				}
			}
		}
		if len(m.PerfRegs) != len(m.PerfToDWARF) {
			t.Fatalf("%s: %d names, %d numbers of perf registers", m.Name, len(m.PerfRegs), len(m.PerfToDWARF))
		}
		for i, n := range m.PerfToDWARF {
			if (n < 0) != (m.PerfRegs[i] == "") {
				t.Errorf("%s: perf register %d is %q and DWARF %d", m.Name, i, m.PerfRegs[i], n)
			}
			if n >= 0 {
				if _, ok := m.ByDWARF(n); !ok {
					t.Errorf("%s: perf register %s has no DWARF register %d", m.Name, m.PerfRegs[i], n)
				}
			}
		}
	}
}

// TestPerfRegs holds the bits against perf_regs.h of both machines.
func TestPerfRegs(t *testing.T) {
	for _, tt := range []struct {
		machine elf.Machine
		bit     int
		name    string
	}{
		{elf.EM_X86_64, 0, "AX"}, {elf.EM_X86_64, 3, "DX"}, {elf.EM_X86_64, 5, "DI"}, {elf.EM_X86_64, 8, "IP"}, {elf.EM_X86_64, 23, "R15"},
		{elf.EM_X86_64, 24, ""}, {elf.EM_X86_64, 32, "XMM0"}, {elf.EM_X86_64, 62, "XMM15"},
		{elf.EM_AARCH64, 0, "x0"}, {elf.EM_AARCH64, 30, "lr"}, {elf.EM_AARCH64, 31, "sp"}, {elf.EM_AARCH64, 32, "pc"}, {elf.EM_AARCH64, 46, "vg"},
	} {
		m, err := ForMachine(tt.machine)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.PerfRegs[tt.bit]; got != tt.name {
			t.Errorf("%s: bit %d is %q, want %q", m.Name, tt.bit, got, tt.name)
		}
	}
}
