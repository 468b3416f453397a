package dwarfunit

import "slices"

// cfiMachine runs call frame instructions until the row for pc is complete.
type cfiMachine struct {
	s   *FrameSection
	cie *cie
	loc uint64
	pc  uint64
	cfiState
	initial []RegisterRule // as the common entry has them, for DW_CFA_restore
	saved   []cfiState
	bad     bool
}

// cfiState is what DW_CFA_remember_state remembers.
type cfiState struct {
	cfa    Rule
	regs   []RegisterRule
	signed bool
}

// Bounds for hostile files. Compilers remember one state, and no machine has more columns that are saved.
const (
	maxSaved = 64
	maxRules = 128
)

// Call frame instructions, DWARF 5 section 7.24, and those of GNU and AArch64.
const (
	cfaAdvanceLoc, cfaOffset, cfaRestore = 0x40, 0x80, 0xc0 // the low six bits are an operand

	cfaSetLoc                    = 0x01
	cfaAdvanceLoc1               = 0x02
	cfaAdvanceLoc2               = 0x03
	cfaAdvanceLoc4               = 0x04
	cfaOffsetExtended            = 0x05
	cfaRestoreExtended           = 0x06
	cfaUndefined                 = 0x07
	cfaSameValue                 = 0x08
	cfaRegister                  = 0x09
	cfaRememberState             = 0x0a
	cfaRestoreState              = 0x0b
	cfaDefCFA                    = 0x0c
	cfaDefCFARegister            = 0x0d
	cfaDefCFAOffset              = 0x0e
	cfaDefCFAExpression          = 0x0f
	cfaExpression                = 0x10
	cfaOffsetExtendedSF          = 0x11
	cfaDefCFASF                  = 0x12
	cfaDefCFAOffsetSF            = 0x13
	cfaValOffset                 = 0x14
	cfaValOffsetSF               = 0x15
	cfaValExpression             = 0x16
	cfaAArch64NegateRAStatePC    = 0x2c
	cfaAArch64NegateRAState      = 0x2d
	cfaGNUArgsSize               = 0x2e
	cfaGNUNegativeOffsetExtended = 0x2f
)

// run is false when the row for pc is reached or an instruction is bad. at is where the instructions are in the section.
func (m *cfiMachine) run(insns []byte, at int) bool {
	c := cursor{b: insns}
	for c.p < len(c.b) {
		op := c.u8()
		low := uint64(op & 0x3f)
		on := true
		switch op & 0xc0 {
		case cfaAdvanceLoc:
			on = m.advance(low)
		case cfaOffset:
			m.set(RegisterRule{Reg: int(low), Kind: RuleOffset, Offset: int64(c.uleb()) * m.cie.dataAlign})
		case cfaRestore:
			m.restore(int(low))
		default:
			on = m.extended(op, &c, at)
		}
		if c.bad {
			m.bad = true
		}
		if !on || m.bad {
			return false
		}
	}
	return true
}

func (m *cfiMachine) advance(n uint64) bool {
	m.loc += n * m.cie.codeAlign
	return m.loc <= m.pc
}

// extended runs an instruction whose operands follow it, those that concern no single register first.
func (m *cfiMachine) extended(op uint8, c *cursor, at int) bool {
	switch op {
	case 0x00:
	case cfaSetLoc:
		m.loc = m.s.pointer(c, m.cie.encoding, m.cie.addrSize, m.s.Addr+uint64(at))
		return m.loc <= m.pc
	case cfaAdvanceLoc1:
		return m.advance(uint64(c.u8()))
	case cfaAdvanceLoc2:
		return m.advance(uint64(c.u16()))
	case cfaAdvanceLoc4:
		return m.advance(uint64(c.u32()))
	case cfaRememberState:
		m.bad = m.bad || len(m.saved) == maxSaved
		s := m.cfiState
		s.regs = slices.Clone(s.regs)
		m.saved = append(m.saved, s)
	case cfaRestoreState:
		if n := len(m.saved); n > 0 {
			m.cfiState, m.saved = m.saved[n-1], m.saved[:n-1]
		}
	case cfaDefCFA:
		m.cfa = Rule{Reg: regNumber(c.uleb()), Offset: int64(c.uleb())}
	case cfaDefCFARegister:
		m.cfa.Reg, m.cfa.Expr = regNumber(c.uleb()), nil
	case cfaDefCFAOffset:
		m.cfa.Offset, m.cfa.Expr = int64(c.uleb()), nil
	case cfaDefCFAExpression:
		m.cfa = Rule{Expr: c.bytes(c.uleb())}
	case cfaDefCFASF:
		m.cfa = Rule{Reg: regNumber(c.uleb()), Offset: c.sleb() * m.cie.dataAlign}
	case cfaDefCFAOffsetSF:
		m.cfa.Offset, m.cfa.Expr = c.sleb()*m.cie.dataAlign, nil
	case cfaAArch64NegateRAState, cfaAArch64NegateRAStatePC:
		m.signed = !m.signed
	case cfaGNUArgsSize:
		c.uleb()
	default:
		m.register(op, c)
	}
	return true
}

// register runs an instruction that sets the rule of one register.
func (m *cfiMachine) register(op uint8, c *cursor) {
	r := RegisterRule{Reg: regNumber(c.uleb())}
	switch op {
	case cfaRestoreExtended:
		m.restore(r.Reg)
		return
	case cfaUndefined:
		r.Kind = RuleUndefined
	case cfaSameValue:
		r.Kind = RuleSameValue
	case cfaRegister:
		r.Kind, r.From = RuleRegister, regNumber(c.uleb())
	case cfaOffsetExtended:
		r.Kind, r.Offset = RuleOffset, int64(c.uleb())*m.cie.dataAlign
	case cfaOffsetExtendedSF:
		r.Kind, r.Offset = RuleOffset, c.sleb()*m.cie.dataAlign
	case cfaGNUNegativeOffsetExtended:
		r.Kind, r.Offset = RuleOffset, -int64(c.uleb())*m.cie.dataAlign
	case cfaValOffset:
		r.Kind, r.Offset = RuleValOffset, int64(c.uleb())*m.cie.dataAlign
	case cfaValOffsetSF:
		r.Kind, r.Offset = RuleValOffset, c.sleb()*m.cie.dataAlign
	case cfaExpression:
		r.Kind, r.Expr = RuleExpression, c.bytes(c.uleb())
	case cfaValExpression:
		r.Kind, r.Expr = RuleValExpression, c.bytes(c.uleb())
	default:
		m.bad = true
		return
	}
	m.set(r)
}

func (m *cfiMachine) set(r RegisterRule) {
	for i := range m.regs {
		if m.regs[i].Reg == r.Reg {
			m.regs[i] = r
			return
		}
	}
	if len(m.regs) == maxRules {
		m.bad = true
		return
	}
	m.regs = append(m.regs, r)
}

// restore gives a register the rule that it has in the common entry: none, if it has none there.
func (m *cfiMachine) restore(reg int) {
	for _, r := range m.initial {
		if r.Reg == reg {
			m.set(r)
			return
		}
	}
	m.regs = slices.DeleteFunc(m.regs, func(r RegisterRule) bool { return r.Reg == reg })
}

// regNumber keeps a register's number small enough for tables.
func regNumber(v uint64) int { return int(min(v, 1<<20)) }
