package gobin

import (
	"github.com/gperf-dev/gperf/internal/arch"
)

// Shape is a type as Go's calling convention sees it (cmd/compile/abi-internal.md).
type Shape struct {
	Size, Align int64
	Words       []Word // the numbers and pointers that it consists of, in the order of the type
	InMemory    bool   // it never goes in registers: an array of two or more elements is part of it
}

// Word is one number or pointer of a type.
type Word struct {
	Offset, Size int64 // in the value
	Float        bool
}

// Slot is where a parameter is at a function's entry, or a result at its RET.
type Slot struct {
	Regs  []int // DWARF numbers, one for each of the Shape's Words; nil if the value is on the stack
	Stack int64 // offset from the stack pointer, at the entry and at RET alike, if Regs is nil
}

// Assign says where ABIInternal puts the parameters, the receiver first, and the results of a function: in registers one after the other
// as long as a value fits as a whole, the others on the stack.
func Assign(m *arch.Machine, params, results []Shape) (in, out []Slot) {
	// The return address is there, pushed by CALL or, on arm64, stored by the callee.
	a := assigner{m: m, stack: int64(m.PointerSize)}
	in = a.all(params, m.Go.IntArgs, m.Go.FloatArgs)
	a.stack = align(a.stack, int64(m.PointerSize))
	return in, a.all(results, m.Go.IntResults, m.Go.FloatResults)
}

// Positions returns the registers of n integer words from position first on, counted from 1, of a function's parameters or results. It is
// false if there are not so many: what has no register is on the stack, at a place that only types tell.
func Positions(regs []int, first, n int) ([]int, bool) {
	if first < 1 || n < 0 || first-1+n > len(regs) {
		return nil, false
	}
	return regs[first-1 : first-1+n], true
}

type assigner struct {
	m     *arch.Machine
	stack int64
}

func (a *assigner) all(shapes []Shape, ints, floats []int) []Slot {
	slots := make([]Slot, len(shapes))
	for i := range shapes {
		s := &shapes[i]
		regs, restInts, restFloats, ok := take(s, ints, floats)
		if ok && s.Size > 0 {
			slots[i].Regs, ints, floats = regs, restInts, restFloats
			continue
		}
		a.stack = align(a.stack, s.Align)
		slots[i].Stack = a.stack
		a.stack += s.Size
	}
	return slots
}

// take gives a value registers; it is false if there are not enough for all of it.
func take(s *Shape, ints, floats []int) (regs, restInts, restFloats []int, ok bool) {
	if s.InMemory {
		return nil, ints, floats, false
	}
	for _, w := range s.Words {
		from := &ints
		if w.Float {
			from = &floats
		}
		if len(*from) == 0 {
			return nil, nil, nil, false
		}
		regs, *from = append(regs, (*from)[0]), (*from)[1:]
	}
	return regs, ints, floats, true
}

func align(n, to int64) int64 {
	if to <= 1 {
		return n
	}
	return (n + to - 1) / to * to
}
