package dwarfvars

import (
	"fmt"
	"strconv"
	"strings"
)

// StepKind says how one step of an [Expr] goes on.
type StepKind uint8

// The steps of an expression.
const (
	Arrow StepKind = iota + 1 // ->Name: member behind a pointer
	Dot                       // .Name: member of a structure or union; a number is the field of a tuple
	Index                     // [Index]: element of an array, or behind a pointer
)

// Step is one step from a value to a part of it.
type Step struct {
	Kind  StepKind
	Name  string // of the member, for Arrow and Dot
	Index int64  // of the element, for Index; may be negative behind a pointer
}

// String returns the step as it is written.
func (s Step) String() string {
	switch s.Kind {
	case Arrow:
		return "->" + s.Name
	case Dot:
		return "." + s.Name
	default:
		return "[" + strconv.FormatInt(s.Index, 10) + "]"
	}
}

// Expr is a variable and the steps to the part of it that is meant.
type Expr struct {
	Text  string // as it was written
	Root  string // name of the variable, with its namespaces if they are given
	Steps []Step
}

// String returns the expression in its usual spelling.
func (e *Expr) String() string {
	var b strings.Builder
	b.WriteString(e.Root)
	for _, s := range e.Steps {
		b.WriteString(s.String())
	}
	return b.String()
}

// Last returns the name that the value goes by when nobody gives it one: the last
// member named, else the variable, as perf has it (o->arr[2] is arr). A tuple's field has the tuple's name before its number.
func (e *Expr) Last() string {
	number := ""
	for i := len(e.Steps) - 1; i >= 0; i-- {
		switch name := e.Steps[i].Name; {
		case isNumber(name):
			number = "_" + name + number
		case name != "":
			return name + number
		}
	}
	return e.Root[strings.LastIndexByte(e.Root, ':')+1:] + number
}

// ExprError is text that is no expression. Column counts bytes from 0 to where it
// stops being one.
type ExprError struct {
	Text   string
	Column int
	Reason string
}

func (e *ExprError) Error() string {
	return fmt.Sprintf("%q at column %d: %s", e.Text, e.Column+1, e.Reason)
}

// Hint tells what an expression looks like.
func (e *ExprError) Hint() string {
	return "write a variable and its parts, as in ptr->member.part[3]"
}

// ParseExpr parses [NAMESPACE::]NAME{->MEMBER|.MEMBER|.NUMBER|[NUMBER]}. Numbers are decimal, 0x
// hexadecimal or 0 octal. A name is a C identifier; $ and bytes of UTF-8 letters
// are let through, as compilers do, and ~ at the begin: Go's results without a name are ~r0, ~r1. Errors are *ExprError.
func ParseExpr(text string) (*Expr, error) {
	p := exprParser{text: text}
	e := &Expr{Text: text}
	var err error
	if e.Root, err = p.path(); err != nil {
		return nil, err
	}
	for p.pos < len(text) {
		step, err := p.step()
		if err != nil {
			return nil, err
		}
		e.Steps = append(e.Steps, step)
	}
	return e, nil
}

type exprParser struct {
	text string
	pos  int
}

func (p *exprParser) fail(at int, reason string) error {
	return &ExprError{Text: p.text, Column: at, Reason: reason}
}

func (p *exprParser) step() (Step, error) {
	rest := p.text[p.pos:]
	switch {
	case strings.HasPrefix(rest, "->"):
		p.pos += 2
		name, err := p.name("a member's name after ->")
		return Step{Kind: Arrow, Name: name}, err
	case rest[0] == '.':
		p.pos++
		name, err := p.field()
		return Step{Kind: Dot, Name: name}, err
	case rest[0] == '[':
		return p.index()
	}
	return Step{}, p.fail(p.pos, "expected ->, . or [")
}

func (p *exprParser) index() (Step, error) {
	start := p.pos + 1
	end := strings.IndexByte(p.text[start:], ']')
	if end < 0 {
		return Step{}, p.fail(p.pos, "[ is not closed")
	}
	n, err := strconv.ParseInt(p.text[start:start+end], 0, 64)
	if err != nil {
		return Step{}, p.fail(start, "expected a number between [ and ]")
	}
	p.pos = start + end + 1
	return Step{Kind: Index, Index: n}, nil
}

func (p *exprParser) name(want string) (string, error) {
	start := p.pos
	for p.pos < len(p.text) && isNameByte(p.text[p.pos], p.pos > start) {
		p.pos++
	}
	if p.pos == start {
		return "", p.fail(start, "expected "+want)
	}
	return p.text[start:p.pos], nil
}

// field is a member's name, or the number of a tuple's.
func (p *exprParser) field() (string, error) {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.pos++
	}
	if p.pos > start {
		return p.text[start:p.pos], nil
	}
	return p.name("a member's name after .")
}

// path is a name with the namespaces that it is in.
func (p *exprParser) path() (string, error) {
	start := p.pos
	for {
		if _, err := p.name("a variable's name"); err != nil {
			return "", err
		}
		if !strings.HasPrefix(p.text[p.pos:], "::") {
			return p.text[start:p.pos], nil
		}
		p.pos += 2
	}
}

func isNameByte(c byte, digits bool) bool {
	return c == '~' && !digits || c == '_' || c == '$' || c >= 0x80 || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || digits && '0' <= c && c <= '9'
}
