// Package arch holds machines as data: register numbers and names, calling
// conventions. Both machines are known to every build, so that a file from one
// is read on the other.
package arch

import (
	"debug/elf"
	"fmt"
)

// Register is one register of a machine.
type Register struct {
	DWARF int    // its number in DWARF
	Name  string // as the machine's manuals have it: rdi, xmm0, x0
	Fetch string // as the kernel's probe arguments have it, without %: di, x0; "" if they cannot read it
	Size  int    // bytes
	Float bool   // a floating point or vector register
}

// ABI is a calling convention: which registers carry arguments and results, in
// order, as DWARF numbers.
type ABI struct {
	IntArgs, FloatArgs       []int
	IntResults, FloatResults []int
}

// Machine is one machine's tables. It is not to be changed.
type Machine struct {
	ELF         elf.Machine
	Name        string // as in the ELF world: x86_64, aarch64
	GOARCH      string
	PointerSize int
	SP, PC      int // DWARF numbers; PC is the column of the return address in call frame information
	FP          int // frame pointer
	IP          int // program counter
	C           ABI
	Go          ABI
	GoG         int // register that holds Go's g; DWARF number
	Registers   []Register

	// PerfRegs names the bits of sample_regs_user and sample_regs_intr (perf_regs.h), as perf script prints
	// them. "" is a bit without register.
	PerfRegs []string
	// PerfToDWARF gives the DWARF number of each such bit; -1 without one.
	PerfToDWARF []int

	byDWARF []int16 // index into Registers plus one
}

// UnknownMachineError is a machine without a table.
type UnknownMachineError struct{ Machine elf.Machine }

func (e *UnknownMachineError) Error() string {
	return fmt.Sprintf("no register table for machine %v", e.Machine)
}

// Hint names what is known.
func (e *UnknownMachineError) Hint() string { return "x86-64 and arm64 files can be read" }

// ForMachine returns the tables of a machine. The error is an *UnknownMachineError.
func ForMachine(m elf.Machine) (*Machine, error) {
	switch m {
	case elf.EM_X86_64:
		return amd64(), nil
	case elf.EM_AARCH64:
		return arm64(), nil
	}
	return nil, &UnknownMachineError{m}
}

// Machines returns the tables of all machines.
func Machines() []*Machine { return []*Machine{amd64(), arm64()} }

// ByDWARF returns the register with a DWARF number.
func (m *Machine) ByDWARF(n int) (Register, bool) {
	if n < 0 || n >= len(m.byDWARF) || m.byDWARF[n] == 0 {
		return Register{DWARF: n}, false
	}
	return m.Registers[m.byDWARF[n]-1], true
}

// FetchName returns what the kernel's probe arguments call the register, without %.
// It is false for registers that they cannot read, such as xmm0.
func (m *Machine) FetchName(n int) (string, bool) {
	r, ok := m.ByDWARF(n)
	return r.Fetch, ok && r.Fetch != ""
}

// FetchOf is FetchName for a register's name: rdi, x0.
func (m *Machine) FetchOf(name string) (string, bool) {
	for _, r := range m.Registers {
		if r.Name == name {
			return r.Fetch, r.Fetch != ""
		}
	}
	return "", false
}

// RegisterName returns a name for every number, known or not.
func (m *Machine) RegisterName(n int) string {
	if r, ok := m.ByDWARF(n); ok {
		return r.Name
	}
	return fmt.Sprintf("register %d", n)
}

func (m *Machine) index() *Machine {
	top := 0
	for _, r := range m.Registers {
		top = max(top, r.DWARF)
	}
	m.byDWARF = make([]int16, top+1)
	for i, r := range m.Registers {
		m.byDWARF[r.DWARF] = int16(i + 1)
	}
	return m
}

func numbers(first, count int) []int {
	n := make([]int, count)
	for i := range n {
		n[i] = first + i
	}
	return n
}
