package dwarfvars

import (
	"debug/elf"
	"fmt"
	"slices"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// chain is a number that registers and memory give: reg's value (0 with NoReg) plus
// off, then for each of derefs: what is in memory there, plus the number.
type chain struct {
	reg    int
	off    int64
	derefs []int64
	cut    cut
	linked bool // off is an address as the file is linked
}

func (c chain) plus(n int64) chain {
	if k := len(c.derefs); k > 0 {
		c.derefs = slices.Clone(c.derefs)
		c.derefs[k-1] += n
	} else {
		c.off += n
	}
	return c
}

func (c chain) load(n int64) chain {
	c.derefs = append(slices.Clone(c.derefs), n)
	return c
}

func (c chain) isConst() bool { return c.reg == NoReg && len(c.derefs) == 0 }

// holds says what an operand's chain is.
type holds uint8

const (
	inMemory holds = iota // the address of the value
	asValue               // the value
	asBytes               // the value is bytes, known when it was compiled
	asPieces              // the value is in pieces
)

// operand is a value's place.
type operand struct {
	holds  holds
	at     chain
	skip   int64 // bytes of a value that a register holds which come before the part meant
	bytes  []byte
	pieces []piece
}

type piece struct {
	operand
	size  int64
	empty bool // optimised out
}

// refusal is why an expression cannot be followed; it becomes an *UnsupportedError.
type refusal struct {
	reason      string
	next        string // the way out, if there is one that belongs to the reason
	threadLocal bool
}

func (r *refusal) Error() string { return r.reason }

// instead adds the way out to a refusal.
func instead(err error, next string) error {
	if r, ok := err.(*refusal); ok {
		return &refusal{reason: r.reason, next: next, threadLocal: r.threadLocal}
	}
	return err
}

func refuse(format string, args ...any) error { return &refusal{reason: fmt.Sprintf(format, args...)} }

// evaluator runs location expressions on chains instead of numbers: what comes out is how to
// compute the location, for a probe to do.
type evaluator struct {
	i     *Info
	unit  *dwarfunit.Context
	pc    uint64
	real  *dwarfunit.Entry // the function whose frame counts
	depth int
}

// maxStack and maxOps bound hostile expressions.
const (
	maxStack = 64
	maxOps   = 4096
)

// eval runs a location expression.
func (v *evaluator) eval(expr []byte) (operand, error) {
	r := dwarfunit.NewReader(expr)
	run := expression{v: v, r: r}
	var pieces []piece
	for n := 0; r.More(); n++ {
		if n > maxOps {
			return operand{}, refuse("its location expression is too long")
		}
		op := int(r.Uint(1))
		if op == dwarfunit.OpPiece || op == dwarfunit.OpBitPiece {
			p, err := run.piece(op)
			if err != nil {
				return operand{}, err
			}
			pieces = append(pieces, p)
			continue
		}
		if run.done {
			return operand{}, refuse("operators follow a complete location")
		}
		if err := run.step(op); err != nil {
			return operand{}, err
		}
		if r.Bad() {
			return operand{}, refuse("its location expression is cut short")
		}
	}
	if pieces != nil {
		return operand{holds: asPieces, pieces: pieces}, nil
	}
	return run.result()
}

// expression is the state of one expression.
type expression struct {
	v     *evaluator
	r     *dwarfunit.Reader
	stack []chain
	out   operand
	done  bool // out is complete: a register, a value, bytes
}

func (x *expression) result() (operand, error) {
	if x.done {
		return x.out, nil
	}
	if len(x.stack) == 0 {
		return operand{}, errOptimisedOut
	}
	if !x.stack[len(x.stack)-1].whole() {
		return operand{}, refuse("its address is computed from a masked value")
	}
	return operand{holds: inMemory, at: x.stack[len(x.stack)-1]}, nil
}

var errOptimisedOut = &refusal{reason: "it is optimised out"}

func (x *expression) piece(op int) (piece, error) {
	bits := x.r.Uleb()
	if op == dwarfunit.OpBitPiece {
		if x.r.Uleb() != 0 || bits%8 != 0 {
			return piece{}, refuse("it is in pieces of single bits")
		}
		bits /= 8
	}
	if x.r.Bad() || bits > 1<<20 {
		return piece{}, refuse("its location expression is cut short")
	}
	p := piece{size: int64(bits)}
	o, err := x.result()
	if err == errOptimisedOut {
		p.empty = true
	} else if err != nil {
		return p, err
	}
	p.operand = o
	x.stack, x.out, x.done = x.stack[:0], operand{}, false
	return p, nil
}

func (x *expression) push(c chain) error {
	if len(x.stack) >= maxStack {
		return refuse("its location expression is too deep")
	}
	x.stack = append(x.stack, c)
	return nil
}

func (x *expression) number(n int64) error { return x.push(chain{reg: NoReg, off: n}) }

func (x *expression) pop() (chain, error) {
	if len(x.stack) == 0 {
		return chain{}, refuse("its location expression takes from an empty stack")
	}
	c := x.stack[len(x.stack)-1]
	x.stack = x.stack[:len(x.stack)-1]
	return c, nil
}

func (x *expression) value(o operand) error {
	x.out, x.done = o, true
	return nil
}

func (x *expression) register(n uint64) error {
	return x.value(operand{holds: asValue, at: chain{reg: int(min(n, 1<<20))}})
}

func (x *expression) step(op int) error {
	r, size := x.r, int(x.v.unit.U.AddrSize)
	switch {
	case op >= dwarfunit.OpLit0 && op <= dwarfunit.OpLit31:
		return x.number(int64(op - dwarfunit.OpLit0))
	case op >= dwarfunit.OpReg0 && op <= dwarfunit.OpReg31:
		return x.register(uint64(op - dwarfunit.OpReg0))
	case op >= dwarfunit.OpBreg0 && op <= dwarfunit.OpBreg31:
		return x.push(x.v.based(op - dwarfunit.OpBreg0).plus(r.Sleb()))
	}
	switch op {
	case dwarfunit.OpRegx:
		return x.register(r.Uleb())
	case dwarfunit.OpBregx:
		reg := int(min(r.Uleb(), 1<<20))
		return x.push(x.v.based(reg).plus(r.Sleb()))
	case dwarfunit.OpAddr:
		return x.address(r.Uint(size))
	case dwarfunit.OpAddrx, dwarfunit.OpConstx, dwarfunit.OpGNUAddrIndex, dwarfunit.OpGNUConstIndex:
		a, ok := x.v.unit.AddrIndex(r.Uleb())
		if !ok {
			return refuse("its address is not in .debug_addr")
		}
		if op == dwarfunit.OpAddrx || op == dwarfunit.OpGNUAddrIndex {
			return x.address(a)
		}
		return x.number(int64(a))
	case dwarfunit.OpConst1u, dwarfunit.OpConst2u, dwarfunit.OpConst4u, dwarfunit.OpConst8u:
		return x.number(int64(r.Uint(1 << ((op - dwarfunit.OpConst1u) / 2))))
	case dwarfunit.OpConst1s, dwarfunit.OpConst2s, dwarfunit.OpConst4s, dwarfunit.OpConst8s:
		return x.number(r.Int(1 << ((op - dwarfunit.OpConst1s) / 2)))
	case dwarfunit.OpConstu:
		return x.number(int64(r.Uleb()))
	case dwarfunit.OpConsts:
		return x.number(r.Sleb())
	case dwarfunit.OpFbreg:
		n := r.Sleb()
		base, err := x.v.frameBase()
		if err != nil {
			return err
		}
		return x.push(base.plus(n))
	case dwarfunit.OpCallFrameCFA:
		cfa, err := x.v.cfa()
		if err != nil {
			return err
		}
		return x.push(cfa)
	case dwarfunit.OpImplicitValue:
		return x.value(operand{holds: asBytes, bytes: r.Bytes(r.Uleb())})
	case dwarfunit.OpEntryValue, dwarfunit.OpGNUEntryValue:
		return x.entryValue(r.Bytes(r.Uleb()))
	case dwarfunit.OpNop, dwarfunit.OpGNUUninit:
		return nil
	}
	return x.arithmetic(op)
}

// address pushes an address of the file. Of what the linker dropped it is 0; in a kernel variables of each CPU begin there.
func (x *expression) address(a uint64) error {
	if a == 0 && !x.v.i.file.IsKernelImage() && x.v.i.file.Type() != elf.ET_REL {
		return errOptimisedOut
	}
	return x.push(chain{reg: NoReg, off: int64(a), linked: true})
}

// entryValue is a value as it was when the function was entered; at the entry that is the value now.
func (x *expression) entryValue(expr []byte) error {
	entry, ok := x.v.real.EntryPC()
	if !ok || entry != x.v.pc {
		return refuse("it is known by its value at the function's entry only (DW_OP_entry_value)")
	}
	if x.v.depth++; x.v.depth > 8 {
		return refuse("its location refers to itself")
	}
	o, err := x.v.eval(expr)
	x.v.depth--
	switch {
	case err != nil:
		return err
	case o.holds == asValue:
		return x.push(o.at)
	case o.holds == inMemory:
		return x.push(o.at.load(0))
	}
	return refuse("its entry value is not in a register or memory")
}

// pick returns the item that holds at pc, or nil.
func pick(locs []dwarfunit.Loc, pc uint64) *dwarfunit.Loc {
	var fallback *dwarfunit.Loc
	for k := range locs {
		l := &locs[k]
		if l.Default {
			fallback = l
		} else if pc >= l.Lo && pc < l.Hi {
			return l
		}
	}
	return fallback
}

func opName(op int) string {
	switch op {
	case dwarfunit.OpImplicitPointer, dwarfunit.OpGNUImplicitPointer:
		return "DW_OP_implicit_pointer: the object that it points to was optimised away"
	case dwarfunit.OpFormTLSAddress, dwarfunit.OpGNUPushTLSAddress:
		return "thread-local storage (DW_OP_form_tls_address)"
	case dwarfunit.OpConvert, dwarfunit.OpGNUConvert, dwarfunit.OpRegvalType, dwarfunit.OpGNURegvalType,
		dwarfunit.OpConstType, dwarfunit.OpGNUConstType, dwarfunit.OpDerefType, dwarfunit.OpGNUDerefType,
		dwarfunit.OpReinterpret, dwarfunit.OpGNUReinterpret:
		return fmt.Sprintf("arithmetic on typed values (DW_OP %#02x)", op)
	case dwarfunit.OpGNUParameterRef:
		return "another function's parameter (DW_OP_GNU_parameter_ref)"
	case dwarfunit.OpMinus, dwarfunit.OpPlus, dwarfunit.OpMul, dwarfunit.OpAnd, dwarfunit.OpShl, dwarfunit.OpShr, dwarfunit.OpShra:
		return map[int]string{dwarfunit.OpMinus: "a difference", dwarfunit.OpPlus: "a sum", dwarfunit.OpMul: "a product",
			dwarfunit.OpAnd: "a masked value", dwarfunit.OpShl: "a shifted value",
			dwarfunit.OpShr: "a shifted value", dwarfunit.OpShra: "a shifted value"}[op]
	}
	return fmt.Sprintf("operator %#02x, which computes a value", op)
}
