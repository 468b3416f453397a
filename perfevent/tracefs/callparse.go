package tracefs

import "fmt"

// call parses the arguments of a function that print formats know.
func (p *exprParser) call(name token) (*node, error) {
	p.pos++ // (
	switch name.text {
	case "__print_flags", "__print_flags_u64":
		return p.printFlags()
	case "__print_symbolic", "__print_symbolic_u64":
		return p.printSymbolic()
	case "__print_hex":
		return p.callN(nHex, 2)
	case "__print_hex_str":
		return p.callN(nHexStr, 2)
	case "__print_array":
		return p.callN(nArray, 3)
	case "__get_str", "__get_rel_str":
		return p.fieldCall(nString)
	case "__get_bitmask", "__get_rel_bitmask", "__get_cpumask", "__get_rel_cpumask":
		return p.fieldCall(nBitmask)
	case "__get_dynamic_array", "__get_rel_dynamic_array", "__get_sockaddr", "__get_rel_sockaddr":
		return p.fieldCall(nDynArray)
	case "__get_dynamic_array_len", "__get_rel_dynamic_array_len":
		return p.fieldCall(nDynArrayLen)
	case "__builtin_expect":
		return p.builtinExpect()
	case "__builtin_constant_p":
		return p.ignoredCall(0)
	case "sizeof":
		return p.sizeOf()
	}
	p.pos -= 2
	return nil, p.fail(fmt.Errorf("%w %s", errFunction, name.text))
}

// callN parses n plain arguments.
func (p *exprParser) callN(kind nodeKind, n int) (*node, error) {
	out := &node{kind: kind, typ: typeUlong}
	for i, arg := range [3]**node{&out.a, &out.b, &out.c} {
		if i == n {
			break
		}
		if i > 0 {
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		var err error
		if *arg, err = p.expr(); err != nil {
			return nil, err
		}
	}
	return out, p.expect(")")
}

// fieldCall parses "field)" or, for arrays of strings, "field[N])".
func (p *exprParser) fieldCall(kind nodeKind) (*node, error) {
	t := p.next()
	f := p.f.Field(t.text)
	if t.kind != tokWord || f == nil {
		p.pos--
		return nil, p.fail(fmt.Errorf("%w: %q", errNoField, t.text))
	}
	n := &node{kind: kind, field: f, typ: typeUlong}
	if kind == nDynArrayLen {
		n.typ = typeInt
	}
	if p.accept("[") {
		idx, err := p.expr()
		if err != nil {
			return nil, err
		}
		v, ok := fold(idx)
		if !ok || v > maxOffset {
			return nil, p.fail(errConstant)
		}
		n.index = int(v)
		if err := p.expect("]"); err != nil {
			return nil, err
		}
	}
	return n, p.expect(")")
}

func (p *exprParser) printFlags() (*node, error) {
	n := &node{kind: nFlags, typ: typeUlong}
	var err error
	if n.a, err = p.expr(); err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	switch t := p.peek(); t.kind {
	case tokString, tokChar:
		n.text = unescapeText(t.text)
		p.pos++
	case tokWord: // NULL
		p.pos++
	}
	return p.symbols(n)
}

func (p *exprParser) printSymbolic() (*node, error) {
	n := &node{kind: nSymbol, typ: typeUlong}
	var err error
	if n.a, err = p.expr(); err != nil {
		return nil, err
	}
	return p.symbols(n)
}

// symbols parses ", { VALUE, NAME }, ... )".
func (p *exprParser) symbols(n *node) (*node, error) {
	for p.accept(",") {
		if p.peek().is(")") {
			break
		}
		if err := p.expect("{"); err != nil {
			return nil, err
		}
		s, err := p.symbol()
		if err != nil {
			return nil, err
		}
		if err := p.expect("}"); err != nil {
			return nil, err
		}
		if p.nodes++; p.nodes > maxNodes {
			return nil, p.fail(errDepth)
		}
		n.list = append(n.list, s)
	}
	return n, p.expect(")")
}

func (p *exprParser) symbol() (symbol, error) {
	var s symbol
	if p.peek().is("}") { // "{ }" ends some lists
		return s, nil
	}
	val, err := p.expr()
	if err != nil {
		return s, err
	}
	// Constants that the kernel left as names never match: a guess would be
	// worse than the number.
	s.val, s.known = fold(val)
	if err := p.expect(","); err != nil {
		return s, err
	}
	name, err := p.expr()
	if err != nil {
		return s, err
	}
	for name.kind == nCast {
		name = name.a
	}
	if name.kind != nText && name.kind != nNumber {
		return s, p.unexpected("a name")
	}
	s.name = unescapeText(name.text)
	return s, nil
}

func (p *exprParser) builtinExpect() (*node, error) {
	n, err := p.expr()
	if err != nil {
		return nil, err
	}
	if err := p.expect(","); err != nil {
		return nil, err
	}
	if _, err := p.expr(); err != nil {
		return nil, err
	}
	return n, p.expect(")")
}

// ignoredCall parses one argument and stands for a constant.
func (p *exprParser) ignoredCall(val uint64) (*node, error) {
	if _, err := p.expr(); err != nil {
		return nil, err
	}
	return &node{kind: nNumber, val: val, typ: typeInt, text: "0"}, p.expect(")")
}

// sizeOf parses "TYPE)" or "REC->field)" behind "sizeof(".
func (p *exprParser) sizeOf() (*node, error) {
	start := p.pos - 1
	p.pos = start
	if name, ok := p.typeName(); ok {
		t := typeOf(name)
		switch t.size {
		case 0:
			p.pos = start
			return nil, p.unexpected("a type of known size")
		case wordSize:
			return &node{kind: nWordSize, typ: typeUlong}, nil
		}
		return &node{kind: nNumber, val: uint64(t.size), typ: typeUlong, text: name}, nil
	}
	p.pos = start + 1
	n, err := p.expr()
	if err != nil {
		return nil, err
	}
	if n.kind != nField {
		return nil, p.unexpected("a field")
	}
	return &node{kind: nNumber, val: uint64(n.field.Size), typ: typeUlong, text: n.field.Name}, p.expect(")")
}

// namedConstant knows the few names of old kernels that stand unresolved in
// their print formats, as libtraceevent does.
func namedConstant(s string) (uint64, bool) {
	switch s {
	case "HI_SOFTIRQ", "HRTIMER_NORESTART", "false", "NULL":
		return 0, true
	case "TIMER_SOFTIRQ", "HRTIMER_RESTART", "true":
		return 1, true
	case "NET_TX_SOFTIRQ":
		return 2, true
	case "NET_RX_SOFTIRQ":
		return 3, true
	case "BLOCK_SOFTIRQ":
		return 4, true
	case "IRQ_POLL_SOFTIRQ":
		return 5, true
	case "TASKLET_SOFTIRQ":
		return 6, true
	case "SCHED_SOFTIRQ":
		return 7, true
	case "HRTIMER_SOFTIRQ":
		return 8, true
	case "RCU_SOFTIRQ":
		return 9, true
	}
	return 0, false
}
