package probe

import (
	"fmt"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/insn"
)

// elsewhere names the next place at which a value can be read that is in a register of another kind here.
func (t *translator) elsewhere() string {
	const none = "no other place of the function has it either; leave it out, or rebuild with -O0, which keeps variables in memory"
	info, err := t.r.debug()
	if err != nil || t.at == nil || t.arg.Expr == nil {
		return none
	}
	at, ok := info.NextReadable(*t.at, t.arg.Expr, t.r.instructionAt, func(l *dwarfvars.Location) bool {
		_, known := t.r.image.machine.FetchName(l.Reg)
		return known || l.Kind == dwarfvars.Constant || l.Kind == dwarfvars.Memory && l.Reg == dwarfvars.NoReg
	})
	if !ok {
		return none
	}
	text := fmt.Sprintf("it can be read at %s+%d", at.Symbol, at.Offset)
	if src, ok := info.PlaceOf(at.Addr); ok && src.Statement && src.Relative > 0 && src.Function == at.Function {
		text += fmt.Sprintf(", which is %s:%d", src.Function, src.Relative)
	}
	return text
}

// instructionAt returns the address of the instruction that begins at or next behind an address of the code that begins at begin, 0 if
// that cannot be told.
func (r *Resolver) instructionAt(begin, addr uint64) uint64 {
	if addr <= begin {
		return begin
	}
	const longest = 15 // bytes of the longest x86 instruction
	code := r.image.code(begin, addr+longest)
	if code == nil {
		code = r.image.code(begin, addr)
	}
	before, after, known := insn.Around(r.image.machine.ELF, code, int(addr-begin))
	switch {
	case !known:
		return 0
	case uint64(before) == addr-begin:
		return addr
	}
	return begin + uint64(after)
}
