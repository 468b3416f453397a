package probe

import (
	"fmt"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// elsewhere names the next place at which a value can be read that is in a register of another kind here.
func (t *translator) elsewhere() string {
	flags := "-O0"
	if t.r.golang() != nil {
		flags = "-gcflags='-N -l'"
	}
	none := "no other place of the function has it either; leave it out, or rebuild with " + flags + ", which keeps variables in memory"
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
