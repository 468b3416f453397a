package tracefs

type nodeKind uint8

const (
	nNumber      nodeKind = iota
	nText                 // a string, or a word without a known meaning
	nField                // REC->x
	nIndex                // a[b]
	nCast                 // (type)a
	nUnary                // op a
	nBinary               // a op b
	nCond                 // a ? b : c
	nFlags                // __print_flags(a, text, list)
	nSymbol               // __print_symbolic(a, list)
	nHex                  // __print_hex(a, b)
	nHexStr               // __print_hex_str(a, b)
	nArray                // __print_array(a, b, c)
	nString               // __get_str(field)
	nBitmask              // __get_bitmask(field)
	nDynArray             // __get_dynamic_array(field)
	nDynArrayLen          // __get_dynamic_array_len(field)
	nWordSize             // sizeof(long), known when an event is printed
)

// teNumber is the number that libtraceevent gives a kind of argument; perf
// prints it when a %p conversion meets an argument that it cannot take.
func (k nodeKind) teNumber() uint64 {
	switch k {
	case nNumber, nText:
		return 1
	case nField:
		return 2
	case nFlags:
		return 3
	case nSymbol:
		return 4
	case nHex:
		return 5
	case nArray:
		return 6
	case nCast:
		return 7
	case nString:
		return 8
	case nDynArray:
		return 10
	case nBitmask:
		return 13
	case nDynArrayLen:
		return 14
	case nHexStr:
		return 15
	}
	return 11
}

type opCode uint8

const (
	opAdd opCode = iota
	opSub
	opMul
	opDiv
	opMod
	opShl
	opShr
	opAnd
	opOr
	opXor
	opLess
	opLessEq
	opGreater
	opGreaterEq
	opEq
	opNotEq
	opAndAnd
	opOrOr
	opNot
	opInvert
	opNegate
	opPlus
)

// node is a part of an argument of a print format.
type node struct {
	kind    nodeKind
	op      opCode
	typ     ctype // of the value; for binary operators of the operands too
	a, b, c *node
	val     uint64
	text    string // string, word, or a number as written
	field   *Field
	index   int // which location of an array of strings
	list    []symbol
}

// symbol is one entry of __print_flags or __print_symbolic.
type symbol struct {
	val   uint64
	known bool // false: a constant's name that nobody knows
	name  string
}

// binaryOp returns the operator and its precedence, higher binds tighter.
func binaryOp(s string) (opCode, int) {
	switch s {
	case "*":
		return opMul, 10
	case "/":
		return opDiv, 10
	case "%":
		return opMod, 10
	case "+":
		return opAdd, 9
	case "-":
		return opSub, 9
	case "<<":
		return opShl, 8
	case ">>":
		return opShr, 8
	case "<":
		return opLess, 7
	case "<=":
		return opLessEq, 7
	case ">":
		return opGreater, 7
	case ">=":
		return opGreaterEq, 7
	case "==":
		return opEq, 6
	case "!=":
		return opNotEq, 6
	case "&":
		return opAnd, 5
	case "^":
		return opXor, 4
	case "|":
		return opOr, 3
	case "&&":
		return opAndAnd, 2
	case "||":
		return opOrOr, 1
	}
	return 0, 0
}

// newBinary types the node as C does: comparisons and logic give int, shifts
// the left side's type, all else the common type.
func newBinary(op opCode, a, b *node) *node {
	n := &node{kind: nBinary, op: op, a: a, b: b}
	switch op {
	case opAndAnd, opOrOr, opLess, opLessEq, opGreater, opGreaterEq, opEq, opNotEq:
		n.typ = typeInt
	case opShl, opShr:
		n.typ = a.typ.promote()
	default:
		n.typ = common(a.typ, b.typ)
	}
	return n.folded()
}

// folded is n as a number, if its operands are numbers whose size does not
// depend on the kernel's word.
func (n *node) folded() *node {
	for _, t := range [...]ctype{n.typ, n.a.typ, n.b.typ} {
		if t.size == wordSize {
			return n
		}
	}
	if n.a.kind != nNumber || n.b.kind != nNumber {
		return n
	}
	v, _ := fold(n)
	return &node{kind: nNumber, val: v, typ: n.typ}
}
