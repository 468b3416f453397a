package probe

import (
	"debug/elf"
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// returned gives an argument over $retval the type that the function returns, where the debug information tells one that the kernel cannot
// fetch as a number by itself: text, elements, structures, what a member of them is. All others are left to the kernel. It refuses
// floating-point numbers: the kernel would read a register that has nothing to do with them.
func (v *values) returned(a *Argument, s *spot) (*Argument, *spot, error) {
	r := v.r
	steps, ok := strings.CutPrefix(a.Value, dwarfvars.Result)
	if !ok || !r.user() || s.code != nil {
		return a, s, nil
	}
	isStep := strings.IndexAny(steps, "-.[") == 0
	if !isStep && r.options.Fetch != nil && !r.image.file.HasSection(".debug_info") {
		return a, s, nil // debug information is not fetched for this alone
	}
	info, err := r.debug()
	if err != nil && isStep {
		return nil, nil, err
	}
	if err != nil {
		return a, s, nil // without it nothing is known of the function
	}
	place, t, ok := info.AtReturn(s.entry, s.addr)
	switch {
	case !ok && isStep:
		return nil, nil, &dwarfvars.UnknownFunctionError{Name: s.symbol}
	case !ok || steps != "" && !isStep:
		return a, s, nil
	case t.Kind == dwarfvars.TypeVoid && s.atReturn:
		return nil, nil, &ArgumentError{Arg: a.Text, local: true, Msg: readable(s.symbol) + " returns nothing", Next: "leave it out"}
	case t.Kind == dwarfvars.TypeFloat:
		return nil, nil, &ArgumentError{Arg: a.Text, Msg: fmt.Sprintf("%s returns %s, in the register %s, which the kernel's probes cannot read",
			readable(s.symbol), t.Name, floatResult(r, t.Size)), Next: "leave it out, or probe a line where the value is in memory"}
	}
	typed, err := typedResult(a, steps)
	if err != nil {
		return nil, nil, err
	}
	at := *s
	at.dwarf = &place
	switch {
	case isStep, isString(a.Type), strings.HasPrefix(a.Type, "string["):
		return typed, &at, nil
	case isComposedResult(info, place, &t, typed.Expr), s.atReturn && a.Type == "" && isNumber(&t):
		return typed, &at, nil
	}
	return a, s, nil
}

// isNumber tells results that fill a part of the register only, whatever is beside them.
func isNumber(t *dwarfvars.Type) bool {
	switch t.Kind {
	case dwarfvars.TypeInt, dwarfvars.TypeUint, dwarfvars.TypeChar, dwarfvars.TypeBool, dwarfvars.TypeEnum:
		return t.Size > 0 && t.Size <= 8
	}
	return false
}

// typedResult makes an expression over what a function returns of an argument.
func typedResult(a *Argument, steps string) (*Argument, error) {
	const root = "retval" // a name, to which the steps are written
	typed := *a
	p := parser{text: a.Text}
	if err := p.variable(&typed, word{root + steps, a.Column - 1}); err != nil {
		return nil, err
	}
	e := *typed.Expr
	e.Root, e.Text = dwarfvars.Result, dwarfvars.Result+strings.TrimPrefix(e.Text, root)
	if typed.Expr = &e; e.Last() == dwarfvars.Result && typed.Name == "" {
		typed.Name = root
	}
	return &typed, nil
}

// isComposedResult tells a result that is more than one number: in memory, in several registers, or what a pointer leads to.
func isComposedResult(info *dwarfvars.Info, p dwarfvars.Place, t *dwarfvars.Type, e *dwarfvars.Expr) bool {
	switch t.Kind {
	case dwarfvars.TypeStruct, dwarfvars.TypeUnion, dwarfvars.TypeArray, dwarfvars.TypeString, dwarfvars.TypeSlice:
		return true
	case dwarfvars.TypeEnum:
		return t.Size > 8 || t.Other != ""
	}
	loc, err := info.Value(p, e)
	return err == nil && loc.Counted != nil
}

// floatResult names the register of a floating-point result: long double of x86 has the old unit's.
func floatResult(r *Resolver, size int64) string {
	m := r.image.machine
	if m.ELF == elf.EM_X86_64 && size > 8 {
		return "st0"
	}
	return m.RegisterName(m.C.FloatResults[0])
}

// resultRegisters is the hint where it is not known how a value is returned.
func (r *Resolver) resultRegisters() string {
	m := r.image.machine
	var names []string
	for _, n := range m.C.IntResults {
		if name, ok := m.FetchName(n); ok {
			names = append(names, "%"+name)
		}
	}
	return "probe the line behind the call, where a variable of the caller has it; the registers of results are " + strings.Join(names, " and ")
}
