// Package metric is the small language in which figures are made of counts: the expressions of perf's metrics over the names of
// events, with + - * / %, comparisons, A if B else C, min, max and d_ratio.
//
// In a name a minus between two letters or digits belongs to the name (branch-misses), as does a colon (cycles:u); a minus with
// blanks around it, or behind a parenthesis or number, subtracts. A unit's event stands between at-signs, as in perf's own
// metrics: msr@tsc@. perf's backslashes before - and , are taken too.
package metric

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// SyntaxError says where an expression cannot be understood.
type SyntaxError struct {
	Text    string
	Column  int // bytes before the place
	Message string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("metric expression: %s\n%s\n%*s^", e.Message, e.Text, e.Column, "")
}

// Hint shows the form.
func (e *SyntaxError) Hint() string {
	return "for example: 1000 * branch-misses / instructions; names of events, numbers, + - * / % < > ( ), min(), max(), d_ratio(), A if B else C"
}

// Expr is an expression that was parsed. It is safe for concurrent use.
type Expr struct {
	text   string
	root   node
	events []string
}

// String is the text that was parsed.
func (e *Expr) String() string { return e.text }

// Events are the names that the expression asks for, each once, in their order, with those of facts of the machine: see [IsFact].
func (e *Expr) Events() []string { return slices.Clone(e.events) }

// IsFact tells that a name is of a fact of the machine, not of an event.
func IsFact(name string) bool { return strings.HasPrefix(name, "#") }

// facts are those that an expression may ask for, as perf's own metrics do.
func facts() []string {
	return []string{"#num_cpus", "#num_cpus_online", "#num_cores", "#num_dies", "#num_packages", "#smt_on"}
}

// Bounds of an expression.
const (
	maxText  = 1 << 16
	maxDepth = 200
)

// Parse parses an expression. The error is a [*SyntaxError].
func Parse(text string) (*Expr, error) {
	p := &parser{text: text, expr: &Expr{text: text}}
	if len(text) > maxText {
		return nil, &SyntaxError{Text: text[:40] + "…", Message: "it is too long"}
	}
	p.advance()
	root := p.choice()
	if p.err == nil && p.tok.kind != tokEnd {
		p.fail("an operator must stand here")
	}
	if p.err != nil {
		return nil, p.err
	}
	p.expr.root = root
	return p.expr, nil
}

type parser struct {
	text  string
	pos   int
	tok   token
	depth int
	expr  *Expr
	err   *SyntaxError
}

func (p *parser) fail(message string) {
	if p.err == nil {
		p.err = &SyntaxError{Text: p.text, Column: p.tok.column, Message: message}
	}
	p.tok = token{kind: tokEnd, column: p.tok.column}
}

// choice is A if B else C, the weakest operator.
func (p *parser) choice() node {
	if p.depth++; p.depth > maxDepth {
		p.fail("it is nested too deeply")
		return node{}
	}
	defer func() { p.depth-- }()
	n := p.binary(0)
	if !p.word("if") {
		return n
	}
	cond := p.binary(0)
	if !p.word("else") {
		p.fail("'if' needs an 'else'")
		return node{}
	}
	return node{op: opIf, args: []node{cond, n, p.choice()}}
}

// levels are the operators, the weakest first.
func levels() []string { return []string{"|", "^", "&", "<>", "+-", "*/%"} }

func (p *parser) binary(level int) node {
	if level == len(levels()) {
		return p.unary()
	}
	n := p.binary(level + 1)
	for p.tok.kind == tokOperator && strings.Contains(levels()[level], p.tok.text) {
		op := p.tok.text[0]
		p.advance()
		n = node{op: op, args: []node{n, p.binary(level + 1)}}
	}
	return n
}

func (p *parser) unary() node {
	if p.depth++; p.depth > maxDepth {
		p.fail("it is nested too deeply")
		return node{}
	}
	defer func() { p.depth-- }()
	if p.operator("-") {
		return node{op: opMinus, args: []node{p.unary()}}
	}
	return p.primary()
}

func (p *parser) primary() node {
	switch p.tok.kind {
	case tokNumber:
		v, err := strconv.ParseFloat(p.tok.text, 64)
		if err != nil {
			p.fail("'" + p.tok.text + "' is no number")
			return node{}
		}
		p.advance()
		return node{op: opNumber, value: v}
	case tokName:
		return p.name()
	}
	if !p.operator("(") {
		p.fail("an event, a number or a parenthesis must stand here")
		return node{}
	}
	n := p.choice()
	if !p.operator(")") {
		p.fail("a parenthesis is not closed")
	}
	return n
}

func (p *parser) name() node {
	name := p.tok.text
	functions := map[string]byte{"min": opMin, "max": opMax, "d_ratio": opRatio}
	op, isFunction := functions[name]
	if name == "if" || name == "else" {
		p.fail("'" + name + "' stands at a wrong place")
		return node{}
	}
	if IsFact(name) && !slices.Contains(facts(), name) {
		p.fail("of this machine is known: " + strings.Join(facts(), " "))
		return node{}
	}
	p.advance()
	if !isFunction || !p.operator("(") {
		if !slices.Contains(p.expr.events, name) {
			p.expr.events = append(p.expr.events, name)
		}
		return node{op: opEvent, name: name}
	}
	a := p.choice()
	if !p.operator(",") {
		p.fail("'" + name + "' takes two values")
		return node{}
	}
	b := p.choice()
	if !p.operator(")") {
		p.fail("a parenthesis is not closed")
	}
	return node{op: op, args: []node{a, b}}
}

func (p *parser) operator(s string) bool {
	if p.tok.kind != tokOperator || p.tok.text != s {
		return false
	}
	p.advance()
	return true
}

func (p *parser) word(s string) bool {
	if p.tok.kind != tokName || p.tok.text != s {
		return false
	}
	p.advance()
	return true
}
