package unwind

import (
	"debug/elf"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// switches are functions of Go's runtime that go on on another stack: what called them is on one that was not copied.
var switches = map[string]bool{
	"runtime.systemstack": true, "runtime.mcall": true, "runtime.morestack": true, "runtime.asmcgocall": true,
}

// callsKernel are functions of Go's runtime that call the vdso, for which they go to the thread's stack if they are not there. Its C code leaves
// the frame pointer as it is, but how far the stack pointer moved is not in the table.
var callsKernel = map[string]bool{"runtime.nanotime1": true, "runtime.walltime": true, "time.now": true, "runtime.vgetrandom1": true}

// goStep finds the caller of a function of Go, nil if the address is in none. Go's own table is there also when the debug information is not.
func (t *Table) goStep(at uint64) *step {
	f, ok := t.golang.Frame(at)
	switch {
	case !ok:
		return nil
	case f.Top:
		return ends(Outermost, false)
	case switches[strings.TrimSuffix(f.Name, ".abi0")]:
		return ends(StackSwitch, false)
	case callsKernel[strings.TrimSuffix(f.Name, ".abi0")] && f.Delta > 8: // behind what begins the function
		return &step{how: byFramePointer, stop: StackSwitch, ret: t.m.PC}
	}
	s := &step{cfa: dwarfunit.Rule{Reg: t.m.SP, Offset: f.Delta}, ret: t.m.PC}
	below := int64(0) // from the frame address to the return address
	if t.m.ELF == elf.EM_X86_64 {
		s.cfa.Offset += 8
		below = -8
	} else if below = -f.Delta; f.Delta == 0 {
		return s // still in the link register
	}
	s.rules = []dwarfunit.RegisterRule{{Reg: t.m.PC, Kind: dwarfunit.RuleOffset, Offset: below}}
	return s
}
