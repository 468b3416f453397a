package dwarfvars

import (
	"encoding/binary"
	"errors"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// Value tells where the value of e is at p. Errors: *UnknownVariableError,
// *NotHereError, *UnsupportedError, *StepError.
func (i *Info) Value(p Place, e *Expr) (Location, error) {
	loc, err := i.value(&p, e)
	if err != nil {
		return Location{}, i.public(&p, e, err)
	}
	return loc, nil
}

// public gives an error the form that callers know.
func (i *Info) public(p *Place, e *Expr, err error) error {
	var r *refusal
	if errors.As(err, &r) {
		return &UnsupportedError{Name: e.String(), Addr: p.Addr, Reason: r.reason, Elsewhere: r.next, ThreadLocal: r.threadLocal}
	}
	return i.wrap(err)
}

func (i *Info) value(p *Place, e *Expr) (Location, error) {
	s, err := i.reach(p, e)
	if err != nil {
		return Location{}, err
	}
	return s.finish()
}

// reach goes from the variable to what the expression means of it.
func (i *Info) reach(p *Place, e *Expr) (*stepper, error) {
	fn, real, err := i.functionOf(p)
	if err != nil {
		return nil, err
	}
	if e.Root == Result {
		o, t, err := i.returned(real)
		if err != nil {
			return nil, err
		}
		return (&stepper{i: i, at: p, real: real, expr: e, op: o, t: t}).steps()
	}
	v, err := i.variable(p, fn, e.Root)
	if err != nil {
		return nil, err
	}
	moved := false
	if v == nil { // a Go variable that was moved to the heap is listed by its address
		if v, err = i.variable(p, fn, "&"+e.Root); err != nil {
			return nil, err
		}
		moved = v != nil
	}
	if v == nil {
		return nil, &UnknownVariableError{Name: e.Root, Function: p.Function, Nearest: i.nearVariables(p, e.Root)}
	}
	o, err := i.locate(p, real, v)
	if err != nil {
		return nil, err
	}
	t, err := i.typeOf(v)
	if err != nil {
		return nil, err
	}
	s := &stepper{i: i, at: p, real: real, expr: e, op: o, t: t}
	if moved {
		if s.op, err = s.op.deref(); err != nil {
			return nil, err
		}
		if t, err = i.strip(t, true); err == nil && t.e != nil {
			s.t, err = i.typeOf(t.e)
		}
		if err != nil {
			return nil, err
		}
	}
	return s.steps()
}

// steps goes all steps of the expression.
func (s *stepper) steps() (*stepper, error) {
	for _, step := range s.expr.Steps {
		if err := s.step(step); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (i *Info) functionOf(p *Place) (fn, real *dwarfunit.Entry, err error) {
	if fn, err = i.data.Entry(p.die); err != nil {
		return nil, nil, err
	}
	if real, err = i.data.Entry(p.real); err != nil {
		return nil, nil, err
	}
	if fn == nil || real == nil {
		return nil, nil, &UnknownFunctionError{Name: p.Function}
	}
	return fn, real, nil
}

func (i *Info) nearVariables(p *Place, name string) []string {
	vars, err := i.Vars(*p, VarsOptions{Missing: true})
	if err != nil {
		return nil
	}
	return symtab.NearestOf(name, 5, func(yield func(string) bool) {
		for _, v := range vars {
			if !yield(v.Name) {
				return
			}
		}
	})
}

// locate returns where a variable is at p.
func (i *Info) locate(p *Place, real, v *dwarfunit.Entry) (operand, error) {
	if o, ok, err := i.goLocate(p, real, v); ok || err != nil {
		return o, err
	}
	if h := i.holder(v, dwarfunit.AttrConstValue); h != nil && !v.Has(dwarfunit.AttrLocation) {
		return i.constValue(h)
	}
	h := i.holder(v, dwarfunit.AttrLocation)
	if h == nil {
		if addr, ok := i.symbolOf(v); ok {
			return operand{holds: inMemory, at: chain{reg: NoReg, off: int64(addr), linked: true}}, nil
		}
		if v.Flag(dwarfunit.AttrDeclaration) {
			return operand{}, refuse("it is declared only; no unit with debug information defines it")
		}
		return operand{}, i.notHere(p, v, nil)
	}
	locs, err := h.Unit.Locations(h.Attr(dwarfunit.AttrLocation))
	if err != nil {
		return operand{}, err
	}
	l := pick(locs, p.Addr)
	if l == nil || len(l.Expr) == 0 {
		if l = i.afterEntry(p, real, v, locs); l == nil {
			return operand{}, i.notHere(p, v, locs)
		}
	}
	ev := evaluator{i: i, unit: h.Unit, pc: p.Addr, real: real}
	o, err := ev.eval(l.Expr)
	if err == errOptimisedOut {
		if h.Attr(dwarfunit.AttrLocation).IsBlock() { // nowhere else either
			locs = nil
		}
		return operand{}, i.notHere(p, v, locs)
	}
	if err == nil && len(locs) == 1 && h.Attr(dwarfunit.AttrLocation).IsBlock() {
		if from, yes := i.inFrame(p, real, v, &o); yes {
			return operand{}, i.notHere(p, v, []dwarfunit.Loc{{Range: dwarfunit.Range{Lo: from, Hi: endOf(real)}, Expr: l.Expr}})
		}
	}
	return o, err
}

// endOf is the end of a function's first range.
func endOf(fn *dwarfunit.Entry) uint64 {
	r, err := fn.Ranges()
	if err != nil || len(r) == 0 {
		return 0
	}
	return r[0].Hi
}

// afterEntry returns a parameter's first location when nothing is executed between its function's entry and where
// it begins but what tracing puts there. perf does so for functions built with -mfentry, whatever is in between.
func (i *Info) afterEntry(p *Place, real, v *dwarfunit.Entry, locs []dwarfunit.Loc) *dwarfunit.Loc {
	entry, ok := real.EntryPC()
	if !ok || p.Inlined || p.Addr != entry || v.Tag != dwarfunit.TagFormalParameter {
		return nil
	}
	first := firstAfter(locs, entry, real)
	if first == nil || len(first.Expr) == 0 || !i.onlyPadding(entry, first.Lo) {
		return nil
	}
	return first
}

// inFrame tells whether a parameter is in the function's own frame although pc is in the prologue, which puts it
// there: compilers that do not optimise give one location for the whole function.
func (i *Info) inFrame(p *Place, real, v *dwarfunit.Entry, o *operand) (from uint64, yes bool) {
	if v.Tag != dwarfunit.TagFormalParameter || p.Inlined || o.holds != inMemory || len(o.at.derefs) > 0 || o.at.reg == NoReg {
		return 0, false
	}
	rule, ok := i.frameRule(p.Addr)
	if !ok || rule.Reg != o.at.reg || o.at.off >= rule.Offset {
		return 0, false
	}
	entry, ok := real.EntryPC()
	if !ok || p.Addr < entry {
		return 0, false
	}
	body, ok := i.afterPrologue(real, entry)
	return body, ok && p.Addr < body
}

// keepsParameters tells whether a function keeps its parameters in its own frame from the prologue on, those apart that the
// caller put on the stack. It was compiled without optimisation then, although its unit has location lists: clang writes
// them for arrays of variable length. Only where the line table says where the prologue ends: code between may be skipped.
func (i *Info) keepsParameters(p *Place, real *dwarfunit.Entry) bool {
	if !i.tellsPrologue(real, p.Entry) {
		return false
	}
	body, ok := i.afterPrologue(real, p.Entry)
	if !ok {
		return false
	}
	at := *p
	at.Addr = body // where the frame is as the rest of the function has it
	all, some := true, false
	err := real.EachChild(func(v *dwarfunit.Entry) bool {
		if v.Tag != dwarfunit.TagFormalParameter {
			return true
		}
		expr := i.onlyAfter(p.Entry, body, v)
		if expr == nil {
			all = false
			return false
		}
		ev := evaluator{i: i, unit: real.Unit, pc: body, real: real}
		o, err := ev.eval(expr)
		if err != nil || o.holds != inMemory || len(o.at.derefs) > 1 {
			all = false
			return false
		}
		own := !i.inCaller(&at, &o)
		some = some || own
		return true
	})
	return err == nil && all && some
}

// onlyAfter returns a variable's location at body, if it is the same in the whole function or begins behind its entry; else nil. rustc
// writes such lists without optimising.
func (i *Info) onlyAfter(entry, body uint64, v *dwarfunit.Entry) []byte {
	a := v.Attr(dwarfunit.AttrLocation)
	if a == nil {
		return nil
	}
	if a.IsBlock() {
		return a.B
	}
	locs, err := v.Unit.Locations(a)
	if err != nil || pick(locs, entry) != nil {
		return nil
	}
	if l := pick(locs, body); l != nil {
		return l.Expr
	}
	return nil
}

// inCaller tells whether a value is in memory above the function's frame, where its caller put it.
func (i *Info) inCaller(p *Place, o *operand) bool {
	rule, ok := i.frameRule(p.Addr)
	return ok && o.holds == inMemory && len(o.at.derefs) == 0 && o.at.reg == rule.Reg && o.at.off >= rule.Offset
}

func (i *Info) notHere(p *Place, v *dwarfunit.Entry, locs []dwarfunit.Loc) error {
	var ranges []dwarfunit.Range
	for _, l := range locs {
		if len(l.Expr) > 0 && !l.Default {
			ranges = append(ranges, l.Range)
		}
	}
	return &NotHereError{Name: i.name(v), Function: p.Function, Addr: p.Addr, Symbol: p.Symbol, Entry: p.Addr - p.Offset, Ranges: pairs(ranges)}
}

// constValue is a variable that the compiler knows.
func (i *Info) constValue(h *dwarfunit.Entry) (operand, error) {
	a := h.Attr(dwarfunit.AttrConstValue)
	switch {
	case a.IsBlock():
		return operand{holds: asBytes, bytes: a.B}, nil
	case a.Form == dwarfunit.FormString || a.Form == dwarfunit.FormStrp || a.Form == dwarfunit.FormLineStrp:
		return operand{holds: asBytes, bytes: []byte(h.String(dwarfunit.AttrConstValue) + "\x00")}, nil
	}
	t, err := i.typeOf(h)
	if err != nil {
		return operand{}, err
	}
	n := constant(a, i.describe(t, 0).Signed)
	return operand{holds: asBytes, bytes: binary.LittleEndian.AppendUint64(nil, uint64(n))}, nil
}
