package unwind

import "github.com/gperf-dev/gperf/internal/dwarfunit"

// Bounds of an expression in a hostile file.
const (
	maxStack = 32
	maxOps   = 512
)

// Operators that only arithmetic on numbers has; the others are dwarfunit's.
const (
	opPick, opRot                      = 0x15, 0x17
	opAbs, opDiv, opMod, opNeg, opNot  = 0x19, 0x1b, 0x1d, 0x1f, 0x20
	opOr, opXor, opBra                 = 0x21, 0x27, 0x28
	opEq, opGe, opGt, opLe, opLt, opNe = 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e
	opSkip                             = 0x2f
)

// expression runs an expression of call frame information on numbers.
type expression struct {
	u     *Unwinder
	space Space
	bias  uint64
	cfa   uint64
	stack [maxStack]uint64
	n     int
	why   Stop // of failed
	bad   bool
}

func (x *expression) fail(why Stop) uint64 {
	if !x.bad {
		x.bad, x.why = true, why
	}
	return 0
}

func (x *expression) push(v uint64) {
	if x.n == maxStack {
		x.fail(BadTable)
		return
	}
	x.stack[x.n] = v
	x.n++
}

func (x *expression) pop() uint64 {
	if x.n == 0 {
		return x.fail(BadTable)
	}
	x.n--
	return x.stack[x.n]
}

// at is the element that is k below the top.
func (x *expression) at(k uint64) uint64 {
	if k >= uint64(x.n) {
		return x.fail(BadTable)
	}
	return x.stack[x.n-1-int(k)]
}

func (x *expression) register(n uint64, off int64) {
	v, ok := x.u.regs.get(n)
	if !ok {
		x.fail(NoRegisters)
	}
	x.push(v + uint64(off))
}

func (x *expression) memory(addr uint64, size int) uint64 {
	if size < 1 || size > 8 {
		return x.fail(BadTable)
	}
	v, ok := x.u.word(addr, x.space)
	if !ok {
		return x.fail(x.u.unread(addr))
	}
	return v & (^uint64(0) >> (64 - 8*size))
}

// run returns what the expression leaves on top of the stack, which begins with start.
func (x *expression) run(expr []byte, start ...uint64) (uint64, bool) {
	x.n, x.bad = copy(x.stack[:], start), false
	r := dwarfunit.MakeReader(expr)
	for ops := 0; r.More(); ops++ {
		if ops == maxOps {
			x.fail(BadTable)
		}
		x.operator(int(r.Uint(1)), &r)
		if r.Bad() {
			x.fail(BadTable)
		}
		if x.bad {
			return 0, false
		}
	}
	v := x.pop()
	return v, !x.bad
}

// operator runs what pushes; computed values are left to compute.
func (x *expression) operator(op int, r *dwarfunit.Reader) {
	switch {
	case op >= dwarfunit.OpLit0 && op <= dwarfunit.OpLit31:
		x.push(uint64(op - dwarfunit.OpLit0))
	case op >= dwarfunit.OpBreg0 && op <= dwarfunit.OpBreg31:
		x.register(uint64(op-dwarfunit.OpBreg0), r.Sleb())
	case op == dwarfunit.OpBregx:
		n := r.Uleb()
		x.register(n, r.Sleb())
	case op == dwarfunit.OpAddr:
		x.push(r.Uint(8) + x.bias)
	case op == dwarfunit.OpConstu:
		x.push(r.Uleb())
	case op == dwarfunit.OpConsts:
		x.push(uint64(r.Sleb()))
	case op >= dwarfunit.OpConst1u && op <= dwarfunit.OpConst8s:
		size := 1 << ((op - dwarfunit.OpConst1u) / 2)
		if (op-dwarfunit.OpConst1u)%2 == 0 {
			x.push(r.Uint(size))
		} else {
			x.push(uint64(r.Int(size)))
		}
	case op == dwarfunit.OpCallFrameCFA:
		x.push(x.cfa)
	case op == opSkip || op == opBra:
		to := r.Int(2)
		if op == opSkip || x.pop() != 0 {
			r.Skip(to)
		}
	default:
		x.shuffle(op, r)
	}
}

// shuffle runs what moves elements of the stack.
func (x *expression) shuffle(op int, r *dwarfunit.Reader) {
	switch op {
	case dwarfunit.OpDup:
		x.push(x.at(0))
	case dwarfunit.OpDrop:
		x.pop()
	case dwarfunit.OpOver:
		x.push(x.at(1))
	case opPick:
		x.push(x.at(r.Uint(1)))
	case dwarfunit.OpSwap:
		b, a := x.pop(), x.pop()
		x.push(b)
		x.push(a)
	case opRot:
		c, b, a := x.pop(), x.pop(), x.pop()
		x.push(c)
		x.push(a)
		x.push(b)
	case dwarfunit.OpDeref:
		x.push(x.memory(x.pop(), 8))
	case dwarfunit.OpDerefSize:
		size := int(r.Uint(1))
		x.push(x.memory(x.pop(), size))
	case dwarfunit.OpPlusUconst:
		x.push(x.pop() + r.Uleb())
	case opAbs:
		if v := x.pop(); int64(v) < 0 {
			x.push(-v)
		} else {
			x.push(v)
		}
	case opNeg:
		x.push(-x.pop())
	case opNot:
		x.push(^x.pop())
	case dwarfunit.OpNop:
	default:
		b, a := x.pop(), x.pop()
		x.push(x.compute(op, a, b))
	}
}

// compute runs operators of two operands.
func (x *expression) compute(op int, a, b uint64) uint64 {
	truth := func(v bool) uint64 {
		if v {
			return 1
		}
		return 0
	}
	switch op {
	case dwarfunit.OpAnd:
		return a & b
	case opOr:
		return a | b
	case opXor:
		return a ^ b
	case dwarfunit.OpPlus:
		return a + b
	case dwarfunit.OpMinus:
		return a - b
	case dwarfunit.OpMul:
		return a * b
	case dwarfunit.OpShl:
		return a << b
	case dwarfunit.OpShr:
		return a >> b
	case dwarfunit.OpShra:
		return uint64(int64(a) >> b)
	case opEq:
		return truth(a == b)
	case opNe:
		return truth(a != b)
	case opGe:
		return truth(int64(a) >= int64(b))
	case opGt:
		return truth(int64(a) > int64(b))
	case opLe:
		return truth(int64(a) <= int64(b))
	case opLt:
		return truth(int64(a) < int64(b))
	case opDiv, opMod:
		switch {
		case b == 0:
			return x.fail(BadTable)
		case op == opMod:
			return a % b
		case b == ^uint64(0):
			return -a // the least number by -1 has no quotient
		}
		return uint64(int64(a) / int64(b))
	}
	return x.fail(BadTable)
}
