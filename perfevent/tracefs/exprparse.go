package tracefs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds the nesting of an expression; the deepest of kernel 6.18 is
// at 40.
const maxDepth = 200

// maxNodes bounds what a print format may grow to, names bound by statement
// expressions counted at each use.
const maxNodes = 1 << 16

// PrintFormatError tells why a print format cannot be compiled.
type PrintFormatError struct {
	Column int // in the print format, from 0
	Err    error
}

func (e *PrintFormatError) Error() string {
	return fmt.Sprintf("print format, column %d: %v", e.Column, e.Err)
}

func (e *PrintFormatError) Unwrap() error { return e.Err }

var (
	errDepth      = errors.New("expression is nested too deeply")
	errUnexpected = errors.New("unexpected")
	errNoArgument = errors.New("a conversion has no argument")
	errConstant   = errors.New("not a constant")
	errNoField    = errors.New("no such field")
	errFunction   = errors.New("unknown function")
	errNoFormat   = errors.New("no format string")
)

// exprParser is a recursive-descent parser of the arguments of a print format.
type exprParser struct {
	f     *Format
	toks  []token
	pos   int
	depth int
	nodes int
	names map[string]binding // of a statement expression
}

func (p *exprParser) peek() token {
	if p.pos < len(p.toks) {
		return p.toks[p.pos]
	}
	return token{pos: len(p.f.PrintFmt)}
}

func (p *exprParser) peekAt(n int) token {
	if p.pos+n < len(p.toks) {
		return p.toks[p.pos+n]
	}
	return token{pos: len(p.f.PrintFmt)}
}

func (p *exprParser) next() token {
	t := p.peek()
	p.pos++
	return t
}

// accept takes the operator op if it is next.
func (p *exprParser) accept(op string) bool {
	if p.peek().is(op) {
		p.pos++
		return true
	}
	return false
}

func (p *exprParser) expect(op string) error {
	if p.accept(op) {
		return nil
	}
	return p.unexpected(op)
}

func (p *exprParser) unexpected(want string) error {
	t := p.peek()
	return p.fail(fmt.Errorf("%w %q, want %s", errUnexpected, t.text, want))
}

func (p *exprParser) fail(err error) error {
	var at *PrintFormatError
	if errors.As(err, &at) {
		return err
	}
	return &PrintFormatError{Column: p.peek().pos, Err: err}
}

// expr parses what may stand between two commas.
func (p *exprParser) expr() (*node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.nodes++; p.depth > maxDepth || p.nodes > maxNodes {
		return nil, p.fail(errDepth)
	}
	a, err := p.binary(1)
	if err != nil || !p.accept("?") {
		return a, err
	}
	b, err := p.expr()
	if err != nil {
		return nil, err
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	c, err := p.expr()
	if err != nil {
		return nil, err
	}
	return &node{kind: nCond, a: a, b: b, c: c, typ: common(b.typ, c.typ)}, nil
}

// binary parses operators that bind at least as tight as min.
func (p *exprParser) binary(min int) (*node, error) {
	left, err := p.unary()
	for err == nil {
		t := p.peek()
		if t.kind != tokOp {
			break
		}
		op, prec := binaryOp(t.text)
		if prec == 0 || prec < min {
			break
		}
		p.pos++
		var right *node
		if right, err = p.binary(prec + 1); err == nil {
			if p.nodes++; p.nodes > maxNodes {
				return nil, p.fail(errDepth)
			}
			left = newBinary(op, left, right)
		}
	}
	return left, err
}

func (p *exprParser) unary() (*node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.nodes++; p.depth > maxDepth || p.nodes > maxNodes {
		return nil, p.fail(errDepth)
	}
	t := p.peek()
	if t.kind == tokOp {
		switch t.text {
		case "!":
			return p.unaryOp(opNot)
		case "~":
			return p.unaryOp(opInvert)
		case "-":
			return p.unaryOp(opNegate)
		case "+":
			return p.unaryOp(opPlus)
		case "&":
			// Only the address of a field makes sense: a place for %pI6.
			p.pos++
			n, err := p.unary()
			if err == nil && n.kind != nField {
				err = p.unexpected("a field behind &")
			}
			return n, err
		case "(":
			if n, ok, err := p.cast(); ok || err != nil {
				return n, err
			}
		}
	}
	return p.postfix()
}

func (p *exprParser) unaryOp(op opCode) (*node, error) {
	p.pos++
	a, err := p.unary()
	if err != nil {
		return nil, err
	}
	n := &node{kind: nUnary, op: op, a: a, typ: a.typ.promote()}
	if op == opNot {
		n.typ = typeInt
	}
	return n, nil
}

// cast parses "(TYPE) operand". An unknown name counts as a type if an
// operand follows that cannot continue an expression.
func (p *exprParser) cast() (n *node, ok bool, err error) {
	start := p.pos
	name, ok := p.typeName()
	if !ok {
		p.pos = start
		return nil, false, nil
	}
	t := typeOf(name)
	next := p.peek()
	operand := next.kind == tokWord || next.kind == tokString || next.kind == tokChar || next.is("(")
	if t.size != 0 && !operand {
		operand = next.is("-") || next.is("~") || next.is("!") || next.is("&")
	}
	if !operand {
		p.pos = start
		return nil, false, nil
	}
	a, err := p.unary()
	if err != nil {
		return nil, false, err
	}
	if t.size == 0 {
		t.signed = a.typ.signed
	}
	return &node{kind: nCast, a: a, typ: t}, true, nil
}

// typeName reads "(word word * *)"; it leaves p anywhere if it is not that.
func (p *exprParser) typeName() (string, bool) {
	if !p.accept("(") {
		return "", false
	}
	var words []string
	for p.peek().kind == tokWord {
		w := p.next().text
		if w[0] >= '0' && w[0] <= '9' || w == "REC" {
			return "", false
		}
		if _, bound := p.names[w]; bound {
			return "", false
		}
		words = append(words, w)
	}
	if len(words) == 0 {
		return "", false
	}
	for p.accept("*") {
		words = append(words, "*")
	}
	return strings.Join(words, " "), p.accept(")")
}

// postfix parses a primary and its subscripts.
func (p *exprParser) postfix() (*node, error) {
	n, err := p.primary()
	for err == nil && p.peek().is("[") {
		p.pos++
		var idx *node
		if idx, err = p.expr(); err != nil {
			break
		}
		if err = p.expect("]"); err != nil {
			break
		}
		n, err = p.newIndex(n, idx)
	}
	return n, err
}

// newIndex types an element: by a cast to a pointer, else by the field.
func (p *exprParser) newIndex(a, idx *node) (*node, error) {
	n := &node{kind: nIndex, a: a, b: idx}
	in := a
	for in.kind == nCast {
		if in.typ.pointer && n.typ.size == 0 {
			n.typ.size = in.typ.elem
		}
		in = in.a
	}
	if in.field == nil || in.kind != nField && in.kind != nDynArray {
		return nil, p.unexpected("an array before [")
	}
	n.a = in
	if n.typ.size == 0 {
		n.typ = ctype{size: uint8(min(in.field.ElemSize, 8)), signed: in.field.Signed}
	}
	return n, nil
}

func (p *exprParser) primary() (*node, error) {
	t := p.peek()
	switch t.kind {
	case tokString:
		p.pos++
		return &node{kind: nText, text: t.text, typ: typeUlong}, nil
	case tokChar:
		p.pos++
		return &node{kind: nNumber, val: uint64(charValue(t.text)), text: t.text, typ: typeInt}, nil
	case tokWord:
		return p.word()
	}
	if !t.is("(") {
		return nil, p.unexpected("an operand")
	}
	p.pos++
	if p.accept("{") {
		return p.statements()
	}
	n, err := p.expr()
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return n, nil
}

// word parses what begins with a word: a field, a number, a function call, or
// a name that the kernel did not resolve.
func (p *exprParser) word() (*node, error) {
	t := p.next()
	if t.text == "REC" {
		return p.fieldRef()
	}
	if t.text[0] >= '0' && t.text[0] <= '9' {
		return p.number(t)
	}
	if b, ok := p.names[t.text]; ok {
		if p.nodes += b.nodes; p.nodes > maxNodes {
			return nil, p.fail(errDepth)
		}
		return b.n, nil
	}
	if p.peek().is("(") {
		return p.call(t)
	}
	n := &node{kind: nText, text: t.text, typ: typeUlong}
	if v, ok := namedConstant(t.text); ok {
		return &node{kind: nNumber, val: v, text: t.text, typ: typeInt}, nil
	}
	return n, nil
}

// fieldRef parses "->name" behind REC.
func (p *exprParser) fieldRef() (*node, error) {
	// "(REC)->name": the parenthesis closes in primary, so look through it.
	if t := p.toks[min(p.pos, len(p.toks)):]; len(t) > 2 && t[0].is(")") && t[1].is("->") {
		t[0], t[1], t[2] = t[1], t[2], t[0]
	}
	if err := p.expect("->"); err != nil {
		return nil, err
	}
	t := p.next()
	f := p.f.Field(t.text)
	if t.kind != tokWord || f == nil {
		p.pos--
		return nil, p.fail(fmt.Errorf("%w: %q", errNoField, t.text))
	}
	return &node{kind: nField, field: f, typ: f.ctype()}, nil
}

func (p *exprParser) number(t token) (*node, error) {
	digits := strings.TrimRight(t.text, "uUlL")
	suffix := strings.ToLower(t.text[len(digits):])
	v, err := strconv.ParseUint(digits, 0, 64)
	if err != nil || strings.Contains(digits, "_") {
		p.pos--
		return nil, p.unexpected("a number")
	}
	n := &node{kind: nNumber, val: v, text: t.text}
	unsigned := strings.Contains(suffix, "u")
	hex := len(digits) > 1 && digits[0] == '0'
	switch {
	case strings.Count(suffix, "l") >= 2:
		n.typ = typeS64
	case strings.Contains(suffix, "l"):
		n.typ = typeLong
	case v <= 1<<31-1 || v <= 1<<32-1 && (unsigned || hex):
		n.typ = typeInt
		unsigned = unsigned || v > 1<<31-1
	default:
		n.typ = typeS64
	}
	n.typ.signed = !unsigned && v <= 1<<63-1
	return n, nil
}

// charValue is the value of a character constant's text.
func charValue(s string) byte {
	if len(s) >= 2 && s[0] == '\\' {
		return unescape(s[1])
	}
	if s == "" {
		return 0
	}
	return s[0]
}
