package unwind

import (
	"debug/elf"
	"encoding/binary"
	"math/bits"

	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

const (
	// maxRegisters is more than the DWARF numbers of a machine's registers that can be sampled.
	maxRegisters = 40
	// recentSteps is how many places are found again without hashing; a power of two.
	recentSteps = 1 << 10
	// maxSteps bounds an Unwinder's memory; beyond it starts anew.
	maxSteps = 1 << 16
	// maxDepth is more frames than a sample's stack, of 64 KiB at most, has room for.
	maxDepth = 1 << 13
	// farthest is how far above the stack pointer a frame pointer is believed, in bytes.
	farthest = 1 << 14
)

// registers are by DWARF number.
type registers struct {
	v     [maxRegisters]uint64
	known uint64 // a bit for each that is known
}

func (r *registers) get(n uint64) (uint64, bool) {
	if n >= maxRegisters {
		return 0, false
	}
	return r.v[n], r.known>>n&1 != 0
}

func (r *registers) set(n int, v uint64) {
	r.v[n] = v
	r.known |= 1 << n
}

// Unwinder follows chains of calls. One goroutine uses it.
type Unwinder struct {
	m      *arch.Machine
	steps  map[place]*step
	recent [recentSteps]struct {
		place
		*step
	}

	regs   registers
	found  [maxRegisters]uint64 // of the caller, by rule
	lost   uint64               // a bit for each rule whose register could not be found
	stack  []byte
	bottom uint64 // address of stack's first byte
	expr   expression

	unmapped *step
}

// place is a key of steps.
type place struct {
	code *Code
	addr uint64 // twice the program counter, less one for a return address
}

// NewUnwinder makes an Unwinder for samples of a machine. The error is one for a machine that is not known.
func NewUnwinder(machine elf.Machine) (*Unwinder, error) {
	m, err := arch.ForMachine(machine)
	if err != nil {
		return nil, err
	}
	u := &Unwinder{m: m, steps: make(map[place]*step), unmapped: ends(Unmapped, false)}
	u.expr.u = u
	return u, nil
}

// Chain appends the sampled address and those of its callers, innermost first, at most max of them, and says why there are no more. The
// address of a call is that of its last byte, which belongs to the calling instruction, where the return address may not.
func (u *Unwinder) Chain(dst []uint64, s *Sample, space Space, max int) ([]uint64, Stop) {
	if !u.start(s) {
		return dst, NoRegisters
	}
	max = min(max, maxDepth)
	pc, _ := u.regs.get(uint64(u.m.IP))
	before := false // pc is a return address: the call is before it
	for n := 0; ; n++ {
		if n >= max {
			return dst, Limit
		}
		st := u.step(space, pc, before)
		shown := pc
		if before && !st.signal { // a signal's frame is entered by no call
			shown--
		}
		dst = append(dst, shown)
		if st.how == stopsHere {
			return dst, st.stop
		}
		from, sp := pc, u.regs.v[u.m.SP]
		var why Stop
		if pc, why = u.caller(st, pc, space); why != Outermost || pc == 0 {
			return dst, why
		}
		if pc == from && u.regs.v[u.m.SP] == sp {
			return dst, Loop
		}
		before = !st.signal
	}
}

// start takes over the registers and the stack.
func (u *Unwinder) start(s *Sample) bool {
	u.regs.known = 0
	i := 0
	for mask := s.Mask; mask != 0 && i < len(s.Registers); mask &= mask - 1 {
		if bit := bits.TrailingZeros64(mask); bit < len(u.m.PerfToDWARF) {
			if n := u.m.PerfToDWARF[bit]; n >= 0 && n < maxRegisters {
				u.regs.set(n, s.Registers[i])
			}
		}
		i++
	}
	_, pc := u.regs.get(uint64(u.m.IP))
	sp, ok := u.regs.get(uint64(u.m.SP))
	u.stack, u.bottom = s.Stack, sp
	return pc && ok
}

// step looks up how the caller of the code at pc is found.
func (u *Unwinder) step(space Space, pc uint64, before bool) *step {
	at := pc
	if before {
		at--
	}
	code := space.Code(at)
	if code == nil {
		return u.unmapped
	}
	key := place{code, pc + at} // that is 2*pc, or 2*pc-1
	r := &u.recent[key.addr*0x9e3779b97f4a7c15>>(64-10)]
	if r.place != key {
		r.place, r.step = key, u.remembered(key, pc, at)
	}
	return r.step
}

func (u *Unwinder) remembered(key place, pc, at uint64) *step {
	if s := u.steps[key]; s != nil {
		return s
	}
	s := key.code.step(u.m, pc, at)
	if len(u.steps) >= maxSteps {
		clear(u.steps)
	}
	u.steps[key] = s
	return s
}

func (c *Code) step(m *arch.Machine, pc, at uint64) *step {
	if c.Table == nil {
		return ends(c.Why, false)
	}
	vaddr, ok := c.VAddr(at)
	if !ok {
		return ends(NoTable, false)
	}
	if c.Table.m != m {
		return ends(NoTable, false)
	}
	s := c.Table.step(vaddr+(pc-at), pc != at)
	s.bias = at - vaddr
	return s
}

// caller makes the registers those of the caller, and returns where it goes on. 0 is the end of the chain.
func (u *Unwinder) caller(s *step, pc uint64, space Space) (uint64, Stop) {
	u.regs.set(u.m.IP, pc)
	if s.how == byFramePointer {
		return u.byFramePointer(space, s.stop)
	}
	cfa, why := u.frameAddress(s, space)
	if why != Outermost {
		return 0, why
	}
	// All rules are about the registers as they are here: they change when all are found.
	u.lost = 0
	unread := NoRegisters
	for i := range s.rules {
		r := &s.rules[i]
		if u.found[i], why = u.register(r, cfa, s, space); why != Outermost {
			if u.lost |= 1 << i; r.Reg == s.ret {
				unread = why
			}
		}
	}
	u.regs.set(u.m.SP, cfa)
	for i := range s.rules {
		if reg := s.rules[i].Reg; u.lost>>i&1 != 0 {
			u.regs.known &^= 1 << reg
		} else {
			u.regs.set(reg, u.found[i])
		}
	}
	ret, ok := u.regs.get(uint64(s.ret))
	if !ok {
		return 0, unread
	}
	return u.strip(ret, s.signed, space), Outermost
}

func (u *Unwinder) frameAddress(s *step, space Space) (uint64, Stop) {
	if s.cfa.Expr != nil {
		return u.run(s, space, 0, s.cfa.Expr)
	}
	v, ok := u.regs.get(uint64(s.cfa.Reg))
	if !ok {
		return 0, NoRegisters
	}
	return v + uint64(s.cfa.Offset), Outermost
}

func (u *Unwinder) run(s *step, space Space, cfa uint64, expr []byte, start ...uint64) (uint64, Stop) {
	x := &u.expr
	x.space, x.bias, x.cfa = space, s.bias, cfa
	v, ok := x.run(expr, start...)
	if !ok {
		return 0, x.why
	}
	return v, Outermost
}

// register finds one register of the caller.
func (u *Unwinder) register(r *dwarfunit.RegisterRule, cfa uint64, s *step, space Space) (v uint64, why Stop) {
	switch r.Kind {
	case dwarfunit.RuleValOffset:
		return cfa + uint64(r.Offset), Outermost
	case dwarfunit.RuleOffset:
		if v = cfa + uint64(r.Offset); s.popped && v < u.regs.v[u.m.SP] {
			return u.unchanged(r.Reg)
		}
	case dwarfunit.RuleExpression, dwarfunit.RuleValExpression:
		v, why = u.run(s, space, cfa, r.Expr, cfa)
		if why != Outermost || r.Kind == dwarfunit.RuleValExpression {
			return v, why
		}
	case dwarfunit.RuleSameValue, dwarfunit.RuleRegister:
		if r.Kind == dwarfunit.RuleRegister {
			return u.unchanged(r.From)
		}
		return u.unchanged(r.Reg)
	default:
		return 0, NoRegisters
	}
	w, ok := u.word(v, space)
	if !ok {
		return 0, u.unread(v)
	}
	return w, Outermost
}

func (u *Unwinder) unchanged(reg int) (uint64, Stop) {
	if v, ok := u.regs.get(uint64(reg)); ok {
		return v, Outermost
	}
	return 0, NoRegisters
}

// word reads memory: the copied stack, or what a file has.
func (u *Unwinder) word(addr uint64, space Space) (uint64, bool) {
	if off := addr - u.bottom; off < uint64(len(u.stack)) {
		if uint64(len(u.stack))-off < 8 {
			return 0, false
		}
		return binary.LittleEndian.Uint64(u.stack[off:]), true
	}
	return space.Word(addr)
}

// unread says why memory could not be read.
func (u *Unwinder) unread(addr uint64) Stop {
	const largest = 1 << 30 // of a stack
	switch {
	case addr-u.bottom < largest:
		return StackEnd
	case u.regs.v[u.m.SP]-u.bottom >= largest: // as behind a signal whose handler has a stack of its own
		return StackSwitch
	}
	return BadMemory
}
