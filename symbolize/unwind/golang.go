package unwind

import (
	"debug/elf"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// switches are functions of Go's runtime that go on on another stack: what called them is on one that was not copied.
var switches = map[string]bool{
	"runtime.systemstack": true, "runtime.mcall": true, "runtime.morestack": true, "runtime.asmcgocall": true,
}

// goStep finds the caller of a function of Go, nil if the address is in none. Go's own table is there also when the debug information is not.
func (t *Table) goStep(at uint64) *step {
	f, ok := t.golang.Frame(at)
	switch {
	case !ok:
		return nil
	case f.Top:
		return ends(Outermost, false)
	case switches[f.Name]:
		return ends(StackSwitch, false)
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
