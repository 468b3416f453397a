package dwarfvars

import (
	"math/bits"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// cut is a part of a chain's 64 bits: those from shift on, keep of them (0: all that
// are left), with zeros or copies of the sign above.
type cut struct {
	shift, keep int
	sign        bool
	left        int // bits that the value was moved up and has yet to come down
}

func (c chain) whole() bool { return c.cut == cut{} }

// width is how many bits are kept.
func (c *cut) width() int {
	if c.keep > 0 {
		return c.keep
	}
	return 64 - c.shift
}

// apply does an operation with a constant. It is false if the outcome is no part of the bits.
func (c *cut) apply(op int, n uint64) bool {
	switch op {
	case dwarfunit.OpAnd:
		k := bits.Len64(n)
		if c.left != 0 || n == 0 || n != 1<<k-1 || c.sign && k > c.width() {
			return false
		}
		c.narrow(k, false)
		return true
	case dwarfunit.OpShl:
		if *c != (cut{}) || n == 0 || n > 63 {
			return false
		}
		c.left = int(n)
		return true
	case dwarfunit.OpShr, dwarfunit.OpShra:
		if n == 0 || n > 63 {
			return false
		}
		return c.down(int(n), op == dwarfunit.OpShra)
	}
	return false
}

func (c *cut) down(n int, sign bool) bool {
	if c.left != 0 {
		if n != c.left { // a field in the middle: bits above are gone, bits below go
			if n < c.left {
				return false
			}
			*c = cut{shift: n - c.left, keep: 64 - n, sign: sign}
			return true
		}
		*c = cut{keep: 64 - n, sign: sign}
		return true
	}
	if n >= c.width() || c.sign != sign && c.keep > 0 {
		return false
	}
	*c = cut{shift: c.shift + n, keep: c.width() - n, sign: sign}
	return true
}

// narrow keeps k bits at most.
func (c *cut) narrow(k int, sign bool) {
	if k < c.width() || sign && k == c.width() {
		c.keep, c.sign = k, sign
	}
}

// convert makes the value one of a base type, which compilers use to widen small values.
func (x *expression) convert() error {
	off := x.r.Uleb()
	a, err := x.pop()
	if err != nil {
		return err
	}
	if off == 0 {
		return x.push(a)
	}
	e, err := x.v.unit.Entry(x.v.unit.U.Off + int(min(off, 1<<40)))
	if err != nil || e == nil {
		return refuse("its location converts to a type that is not there")
	}
	size, _ := e.Uint(dwarfunit.AttrByteSize)
	enc, _ := e.Uint(dwarfunit.AttrEncoding)
	if size == 0 || size > 8 || a.cut.left != 0 {
		return refuse("its location converts to a type of %d bytes", size)
	}
	width := 8 * int(size)
	switch enc {
	case dwarfunit.EncSigned, dwarfunit.EncSignedChar:
		if width < a.cut.width() {
			a.cut.narrow(width, true)
		} else if width == a.cut.width() && width < 64 {
			a.cut.keep, a.cut.sign = width, true
		}
	case dwarfunit.EncUnsigned, dwarfunit.EncUnsignedChar, dwarfunit.EncBoolean:
		if a.cut.sign && width < 64 && width > a.cut.width() {
			return refuse("it is computed (a sign that is cut off)")
		}
		if width < a.cut.width() {
			a.cut.narrow(width, false)
		}
	default:
		return refuse("its location converts to floating point")
	}
	return x.push(a)
}

// arithmetic does what chains can express.
func (x *expression) arithmetic(op int) error {
	if op == dwarfunit.OpPlusUconst {
		a, err := x.pop()
		if err != nil {
			return err
		}
		if !a.whole() {
			return refuse("it is computed from a masked value")
		}
		return x.push(a.plus(int64(x.r.Uleb())))
	}
	switch op {
	case dwarfunit.OpDeref, dwarfunit.OpStackValue, dwarfunit.OpDup, dwarfunit.OpDrop, dwarfunit.OpDerefSize:
		return x.unary(op)
	case dwarfunit.OpPlus, dwarfunit.OpMinus, dwarfunit.OpMul, dwarfunit.OpAnd, dwarfunit.OpShl, dwarfunit.OpShr,
		dwarfunit.OpShra, dwarfunit.OpSwap, dwarfunit.OpOver:
		return x.binary(op)
	}
	if op == dwarfunit.OpConvert || op == dwarfunit.OpGNUConvert {
		return x.convert()
	}
	return &refusal{reason: "its location uses " + opName(op), threadLocal: op == dwarfunit.OpFormTLSAddress || op == dwarfunit.OpGNUPushTLSAddress}
}

func (x *expression) unary(op int) error {
	a, err := x.pop()
	if err != nil {
		return err
	}
	if !a.whole() && op != dwarfunit.OpStackValue && op != dwarfunit.OpDrop && op != dwarfunit.OpDup {
		return refuse("its address is computed from a masked value")
	}
	switch op {
	case dwarfunit.OpDerefSize:
		if n := int(x.r.Uint(1)); n != x.v.i.machine.PointerSize {
			return refuse("its location reads %d bytes of memory where a probe reads a pointer", n)
		}
		return x.push(a.load(0))
	case dwarfunit.OpDeref:
		return x.push(a.load(0))
	case dwarfunit.OpStackValue:
		return x.value(operand{holds: asValue, at: a})
	case dwarfunit.OpDup:
		if err := x.push(a); err != nil {
			return err
		}
		return x.push(a)
	}
	return nil // drop
}

func (x *expression) binary(op int) error {
	b, err := x.pop()
	if err != nil {
		return err
	}
	a, err := x.pop()
	if err != nil {
		return err
	}
	switch {
	case op == dwarfunit.OpSwap || op == dwarfunit.OpOver:
		next := []chain{b, a}
		if op == dwarfunit.OpOver {
			next = []chain{a, b, a}
		}
		for _, c := range next {
			if err := x.push(c); err != nil {
				return err
			}
		}
		return nil
	case b.whole() && b.isConst() && !a.isConst() && a.cut.apply(op, uint64(b.off)):
		return x.push(a)
	case !a.whole() || !b.whole():
		return refuse("it is computed from a masked value")
	case op == dwarfunit.OpPlus && b.isConst():
		return x.push(a.plus(b.off))
	case op == dwarfunit.OpPlus && a.isConst():
		return x.push(b.plus(a.off))
	case op == dwarfunit.OpMinus && b.isConst():
		return x.push(a.plus(-b.off))
	case a.isConst() && b.isConst() && op == dwarfunit.OpMul:
		return x.number(a.off * b.off)
	case a.isConst() && b.isConst() && op == dwarfunit.OpAnd:
		return x.number(a.off & b.off)
	case a.isConst() && b.isConst() && op == dwarfunit.OpShl && uint64(b.off) < 64:
		return x.number(a.off << uint64(b.off))
	}
	return refuse("it is computed (%s)", opName(op))
}
