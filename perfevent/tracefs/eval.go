package tracefs

// env is one event being printed.
type env struct {
	data
	c *Context
}

// num evaluates n as a number, as C would: the result is extended to 64 bits
// by its type. What is no number is 0.
func (e *env) num(n *node) uint64 {
	switch n.kind {
	case nNumber:
		return n.val
	case nField:
		return n.field.value(&e.data)
	case nIndex:
		return e.element(n)
	case nCast:
		return n.typ.convert(e.num(n.a), e.word)
	case nUnary:
		return e.unary(n)
	case nBinary:
		return e.binary(n)
	case nCond:
		if e.num(n.a) != 0 {
			return e.num(n.b)
		}
		return e.num(n.c)
	case nDynArrayLen:
		_, l := n.field.location(&e.data, n.index)
		return uint64(l)
	case nWordSize:
		return uint64(e.word)
	}
	return 0
}

func (e *env) element(n *node) uint64 {
	i := e.num(n.b)
	if i > maxOffset {
		return 0
	}
	size := int(n.typ.size)
	if size == wordSize {
		size = e.word
	}
	el := data{raw: n.a.field.content(&e.data, 0), big: e.big, word: e.word}
	return n.typ.convert(el.number(int(i)*size, size), e.word)
}

func (e *env) unary(n *node) uint64 {
	v := e.num(n.a)
	switch n.op {
	case opNot:
		return truth(v == 0)
	case opInvert:
		v = ^v
	case opNegate:
		v = -v
	}
	return n.typ.convert(v, e.word)
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func (e *env) binary(n *node) uint64 {
	switch n.op {
	case opAndAnd:
		return truth(e.num(n.a) != 0 && e.num(n.b) != 0)
	case opOrOr:
		return truth(e.num(n.a) != 0 || e.num(n.b) != 0)
	}
	a, b := e.num(n.a), e.num(n.b)
	switch n.op {
	case opShl, opShr:
		return n.typ.convert(e.shift(n, n.typ.convert(a, e.word), b), e.word)
	case opLess, opLessEq, opGreater, opGreaterEq, opEq, opNotEq:
		return truth(compare(n.op, common(n.a.typ, n.b.typ), a, b, e.word))
	}
	a, b = n.typ.convert(a, e.word), n.typ.convert(b, e.word)
	return n.typ.convert(arith(n.op, n.typ.signed, a, b), e.word)
}

// shift masks the count as x86 does, where C leaves it undefined.
func (e *env) shift(n *node, a, b uint64) uint64 {
	b &= uint64(n.typ.bits(e.word) - 1)
	switch {
	case n.op == opShl:
		return a << b
	case n.typ.signed:
		return uint64(int64(a) >> b)
	}
	return a >> b
}

func compare(op opCode, t ctype, a, b uint64, word int) bool {
	a, b = t.convert(a, word), t.convert(b, word)
	less := a < b
	if t.signed {
		less = int64(a) < int64(b)
	}
	switch op {
	case opLess:
		return less
	case opLessEq:
		return less || a == b
	case opGreater:
		return !less && a != b
	case opGreaterEq:
		return !less
	case opEq:
		return a == b
	}
	return a != b
}

func arith(op opCode, signed bool, a, b uint64) uint64 {
	switch op {
	case opAdd:
		return a + b
	case opSub:
		return a - b
	case opMul:
		return a * b
	case opAnd:
		return a & b
	case opOr:
		return a | b
	case opXor:
		return a ^ b
	}
	// Division by zero would trap in C; a broken event must not.
	if b == 0 {
		return 0
	}
	switch {
	case op == opDiv && signed:
		return uint64(int64(a) / int64(b))
	case op == opDiv:
		return a / b
	case signed:
		return uint64(int64(a) % int64(b))
	}
	return a % b
}

// constant tells whether n needs no event to be evaluated.
func (n *node) constant() bool {
	switch n.kind {
	case nNumber:
		return true
	case nCast, nUnary:
		return n.a.constant()
	case nBinary:
		return n.a.constant() && n.b.constant()
	case nCond:
		return n.a.constant() && n.b.constant() && n.c.constant()
	}
	return false
}

// fold evaluates a constant, with longs of 64 bits.
func fold(n *node) (uint64, bool) {
	if !n.constant() {
		return 0, false
	}
	e := env{data: data{word: 8}}
	return e.num(n), true
}
