package probe

import (
	"debug/elf"
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// checkReturned refuses $retval where the function returns a floating-point number: the kernel would read a register that has nothing
// to do with it.
func (v *values) checkReturned(a *Argument, s *spot) error {
	if _, behind, ok := strings.Cut(a.Value, "$retval"); ok && v.r.user() && strings.IndexAny(behind, "-.[") == 0 { // 6.18 takes it and leaves the rest out
		return &ArgumentError{Arg: a.Text, Msg: "$retval has no members: it is the register that the function returns with",
			Next: "where it is a pointer, write where the member is behind it: +8($retval)"}
	}
	r := v.r
	if !strings.HasPrefix(a.Value, "$retval") || !r.user() || r.options.Fetch != nil && !r.image.file.HasSection(".debug_info") {
		return nil // debug information is not fetched for this alone
	}
	info, err := r.debug()
	if err != nil {
		return nil // without it nothing is known of the function
	}
	t, ok := info.Returned(s.entry)
	if !ok || t.Kind != dwarfvars.TypeFloat {
		return nil
	}
	return &ArgumentError{Arg: a.Text, Msg: fmt.Sprintf("%s returns %s, in the register %s, which the kernel's probes cannot read",
		s.symbol, t.Name, floatResult(r, t.Size)), Next: "leave it out, or probe a line where the value is in memory"}
}

// floatResult names the register of a floating-point result: long double of x86 has the old unit's.
func floatResult(r *Resolver, size int64) string {
	m := r.image.machine
	if m.ELF == elf.EM_X86_64 && size > 8 {
		return "st0"
	}
	return m.RegisterName(m.C.FloatResults[0])
}
