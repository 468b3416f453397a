package dwarfvars

import "github.com/gperf-dev/gperf/internal/dwarfunit"

// frameBase is what DW_OP_fbreg counts from.
func (v *evaluator) frameBase() (chain, error) {
	a := v.real.Attr(dwarfunit.AttrFrameBase)
	if a == nil {
		return chain{}, refuse("its function has no frame base")
	}
	locs, err := v.real.Unit.Locations(a)
	if err != nil {
		return chain{}, err
	}
	l := pick(locs, v.pc)
	if l == nil {
		return chain{}, refuse("its function has no frame base at this address")
	}
	if v.depth++; v.depth > 8 {
		return chain{}, refuse("its frame base refers to itself")
	}
	at, err := (&evaluator{i: v.i, unit: v.real.Unit, pc: v.pc, real: v.real, depth: v.depth}).eval(l.Expr)
	v.depth--
	if err != nil {
		return chain{}, err
	}
	switch at.holds {
	case inMemory:
		return at.at, nil
	case asValue:
		return v.rebase(at.at), nil
	}
	return chain{}, refuse("its frame base is not in a register")
}

// rebase says what a register that is the frame base holds in the function's body, as the call frame
// information knows it at pc: in prologue and epilogue the register holds something else. (Compilers
// other than gcc use the stack or frame pointer as frame base.)
func (v *evaluator) rebase(c chain) chain {
	entry, ok := v.real.EntryPC()
	if !ok || c.off != 0 || c.derefs != nil {
		return c
	}
	body, ok := v.i.afterPrologue(v.real, entry)
	if !ok {
		return c
	}
	inBody, ok := v.i.frameRule(body)
	now, ok2 := v.i.frameRule(v.pc)
	if !ok || !ok2 || inBody.Reg != c.reg {
		return c
	}
	return chain{reg: now.Reg, off: now.Offset - inBody.Offset}
}

// based is what a location that counts from a register counts from. Where the register is the frame base too,
// the compiler (clang) means what it holds in the body, in the epilogue as well.
func (v *evaluator) based(reg int) chain {
	c := chain{reg: reg}
	a := v.real.Attr(dwarfunit.AttrFrameBase)
	if a == nil || len(a.B) != 1 || int(a.B[0]) != dwarfunit.OpReg0+reg {
		return c
	}
	return v.rebase(c)
}

// frameRule is where the canonical frame address is at pc, if that is a register plus a number.
func (i *Info) frameRule(pc uint64) (dwarfunit.Rule, bool) {
	for k := range i.frames {
		if rule, ok, err := i.frames[k].CFA(pc); ok && err == nil {
			return rule, rule.Expr == nil
		}
	}
	return dwarfunit.Rule{}, false
}

// cfa is the canonical frame address by the call frame information.
func (v *evaluator) cfa() (chain, error) {
	for k := range v.i.frames {
		rule, ok, err := v.i.frames[k].CFA(v.pc)
		if err != nil {
			return chain{}, err
		}
		if !ok {
			continue
		}
		if rule.Expr == nil {
			return chain{reg: rule.Reg, off: rule.Offset}, nil
		}
		if v.depth++; v.depth > 8 {
			return chain{}, refuse("its frame address refers to itself")
		}
		o, err := v.eval(rule.Expr)
		v.depth--
		if err == nil && o.holds != inMemory {
			err = refuse("its frame address is not in memory")
		}
		return o.at, err
	}
	return chain{}, refuse("it is on the stack, and there is no call frame information for this address")
}
