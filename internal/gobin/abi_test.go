package gobin

import (
	"debug/elf"
	"slices"
	"testing"

	"github.com/gperf-dev/gperf/internal/arch"
)

// TestAssign takes the example of cmd/compile/abi-internal.md and what it leaves open.
func TestAssign(t *testing.T) {
	m, err := arch.ForMachine(elf.EM_X86_64)
	if err != nil {
		t.Fatal(err)
	}
	integer := func(size int64) Shape { return Shape{Size: size, Align: size, Words: []Word{{Size: size}}} }
	text := Shape{Size: 16, Align: 8, Words: []Word{{Size: 8}, {Offset: 8, Size: 8}}}
	float := Shape{Size: 8, Align: 8, Words: []Word{{Size: 8, Float: true}}}
	array := Shape{Size: 16, Align: 8, InMemory: true}
	eight := Shape{Size: 64, Align: 8, Words: slices.Repeat([]Word{{Size: 8}}, 8)}
	for _, tt := range []struct {
		name            string
		params, results []Shape
		in, out         []Slot
	}{
		{"f(a1 uint8, a2 [2]uintptr, a3 uint8) (r1 struct{x, y uintptr}, r2 string)", []Shape{integer(1), array, integer(1)}, []Shape{text, text},
			[]Slot{{Regs: []int{0}}, {Stack: 8}, {Regs: []int{3}}}, []Slot{{Regs: []int{0, 3}}, {Regs: []int{2, 5}}}},
		{"floats and integers apart", []Shape{float, integer(8), float}, nil,
			[]Slot{{Regs: []int{17}}, {Regs: []int{0}}, {Regs: []int{18}}}, []Slot{}},
		{"what does not fit goes to the stack, what follows may fit", []Shape{eight, text, integer(4)}, []Shape{eight, text},
			[]Slot{{Regs: []int{0, 3, 2, 5, 4, 8, 9, 10}}, {Stack: 8}, {Regs: []int{11}}},
			[]Slot{{Regs: []int{0, 3, 2, 5, 4, 8, 9, 10}}, {Stack: 24}}},
		{"alignment", []Shape{{Size: 1, Align: 1, InMemory: true}, {Size: 8, Align: 4, InMemory: true}, array}, []Shape{array},
			[]Slot{{Stack: 8}, {Stack: 12}, {Stack: 24}}, []Slot{{Stack: 40}}},
		{"nothing", []Shape{{Align: 1}, integer(8)}, nil, []Slot{{Stack: 8}, {Regs: []int{0}}}, []Slot{}},
	} {
		in, out := Assign(m, tt.params, tt.results)
		same := func(a, b Slot) bool { return slices.Equal(a.Regs, b.Regs) && a.Stack == b.Stack }
		if !slices.EqualFunc(in, tt.in, same) || !slices.EqualFunc(out, tt.out, same) {
			t.Errorf("%s: %v %v, want %v %v", tt.name, in, out, tt.in, tt.out)
		}
	}
	if regs, ok := Positions(m.Go.IntArgs, 8, 2); !ok || !slices.Equal(regs, []int{10, 11}) {
		t.Errorf("positions 8 and 9: %v %v", regs, ok)
	}
	if regs, ok := Positions(m.Go.IntArgs, 9, 2); ok {
		t.Errorf("positions 9 and 10: %v", regs)
	}
}
