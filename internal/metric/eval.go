package metric

import (
	"errors"
	"fmt"
	"math"
)

const (
	opNumber = 'n'
	opEvent  = 'e'
	opIf     = '?'
	opMinus  = '~'
	opMin    = 'm'
	opMax    = 'M'
	opRatio  = 'd'
)

// node is one operator with its operands.
type node struct {
	op    byte
	value float64
	name  string
	args  []node
}

// ErrDivision tells that an expression divides by zero: its figure is not known.
var ErrDivision = errors.New("division by zero")

// MissingError is an event without a count.
type MissingError struct{ Name string }

func (e *MissingError) Error() string { return e.Name + " was not counted" }

// Eval computes the figure of counts, which get gives by name; false for one that is not there. The error is [ErrDivision], with
// the event that is zero if the divisor is one, or a [*MissingError].
func (e *Expr) Eval(get func(name string) (float64, bool)) (float64, error) {
	v, err := e.root.eval(get)
	if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		return 0, errors.New("the figure is beyond all numbers")
	}
	return v, err
}

func (n *node) eval(get func(string) (float64, bool)) (float64, error) {
	switch n.op {
	case opNumber:
		return n.value, nil
	case opEvent:
		v, ok := get(n.name)
		if !ok {
			return 0, &MissingError{n.name}
		}
		return v, nil
	case opIf:
		cond, err := n.args[0].eval(get)
		if err != nil {
			return 0, err
		}
		if cond != 0 {
			return n.args[1].eval(get)
		}
		return n.args[2].eval(get)
	}
	a, err := n.args[0].eval(get)
	if err != nil {
		return 0, err
	}
	if n.op == opMinus {
		return -a, nil
	}
	b, err := n.args[1].eval(get)
	if err != nil {
		return 0, err
	}
	return n.apply(a, b)
}

func (n *node) apply(a, b float64) (float64, error) {
	switch n.op {
	case '+':
		return a + b, nil
	case '-':
		return a - b, nil
	case '*':
		return a * b, nil
	case '/', '%':
		if b == 0 {
			if d := &n.args[1]; d.op == opEvent {
				return 0, fmt.Errorf("%w: %s is 0", ErrDivision, d.name)
			}
			return 0, ErrDivision
		}
		if n.op == '%' {
			return math.Mod(a, b), nil
		}
		return a / b, nil
	case '<':
		return truth(a < b), nil
	case '>':
		return truth(a > b), nil
	case '&':
		return float64(int64(a) & int64(b)), nil
	case '|':
		return float64(int64(a) | int64(b)), nil
	case '^':
		return float64(int64(a) ^ int64(b)), nil
	case opMin:
		return math.Min(a, b), nil
	case opMax:
		return math.Max(a, b), nil
	}
	if b == 0 { // d_ratio is 0 then, by perf's definition
		return 0, nil
	}
	return a / b, nil
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
