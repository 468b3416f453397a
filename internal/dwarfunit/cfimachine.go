package dwarfunit

// cfiMachine runs call frame instructions as far as the frame address needs them.
type cfiMachine struct {
	cie   *cie
	loc   uint64
	pc    uint64
	rule  Rule
	saved []Rule
	bad   bool
}

// maxSaved bounds DW_CFA_remember_state in hostile files.
const maxSaved = 1024

// run is false when the row for pc is reached or an instruction is bad.
func (m *cfiMachine) run(insns []byte) bool {
	c := cursor{b: insns}
	for c.p < len(c.b) {
		op := c.u8()
		switch op & 0xc0 {
		case 0x40: // advance_loc
			if !m.advance(uint64(op & 0x3f)) {
				return false
			}
			continue
		case 0x80: // offset
			c.uleb()
			continue
		case 0xc0: // restore
			continue
		}
		if !m.extended(op, &c) {
			return false
		}
		if c.bad {
			m.bad = true
			return false
		}
	}
	return true
}

func (m *cfiMachine) advance(n uint64) bool {
	m.loc += n * m.cie.codeAlign
	return m.loc <= m.pc
}

func (m *cfiMachine) extended(op uint8, c *cursor) bool {
	switch op {
	case 0x00, 0x2d: // nop, AArch64 negate_ra_state
	case 0x01: // set_loc
		m.loc = c.offset(m.cie.addrSize)
		return m.loc <= m.pc
	case 0x02:
		return m.advance(uint64(c.u8()))
	case 0x03:
		return m.advance(uint64(c.u16()))
	case 0x04:
		return m.advance(uint64(c.u32()))
	case 0x05, 0x09, 0x14: // offset_extended, register, val_offset
		c.uleb()
		c.uleb()
	case 0x06, 0x07, 0x08, 0x2e: // restore_extended, undefined, same_value, GNU_args_size
		c.uleb()
	case 0x0a:
		if len(m.saved) < maxSaved {
			m.saved = append(m.saved, m.rule)
		}
	case 0x0b:
		if n := len(m.saved); n > 0 {
			m.rule, m.saved = m.saved[n-1], m.saved[:n-1]
		}
	case 0x0c: // def_cfa
		m.rule = Rule{Reg: regNumber(c.uleb()), Offset: int64(c.uleb())}
	case 0x0d: // def_cfa_register
		m.rule.Reg, m.rule.Expr = regNumber(c.uleb()), nil
	case 0x0e: // def_cfa_offset
		m.rule.Offset, m.rule.Expr = int64(c.uleb()), nil
	case 0x0f: // def_cfa_expression
		m.rule = Rule{Expr: c.bytes(c.uleb())}
	case 0x10, 0x16: // expression, val_expression
		c.uleb()
		c.bytes(c.uleb())
	case 0x11, 0x15: // offset_extended_sf, val_offset_sf
		c.uleb()
		c.sleb()
	case 0x12: // def_cfa_sf
		m.rule = Rule{Reg: regNumber(c.uleb()), Offset: c.sleb() * m.cie.dataAlign}
	case 0x13: // def_cfa_offset_sf
		m.rule.Offset, m.rule.Expr = c.sleb()*m.cie.dataAlign, nil
	case 0x2f: // GNU_negative_offset_extended
		c.uleb()
		c.uleb()
	default:
		m.bad = true
		return false
	}
	return true
}

// regNumber keeps a register's number small enough for tables.
func regNumber(v uint64) int { return int(min(v, 1<<20)) }
