package unwind

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/go-delve/delve/pkg/dwarf/op"
)

// TestExpressionsLikeDelve runs made-up expressions here and with delve's interpreter.
func TestExpressionsLikeDelve(t *testing.T) {
	u, err := NewUnwinder(x86)
	if err != nil {
		t.Fatal(err)
	}
	u.regs.set(rsp, sp)
	u.bottom = sp
	for i := range uint64(64) {
		u.stack = binary.LittleEndian.AppendUint64(u.stack, i*0x0123456789abcdef)
	}
	u.expr.space = &process{}
	memory := func(dst []byte, addr uint64) (int, error) { return copy(dst, u.stack[addr-sp:]), nil }
	random := rand.New(rand.NewPCG(1, 2))
	number := func() []byte {
		switch random.IntN(6) {
		case 0:
			return []byte{0x30 + byte(random.IntN(32))}
		case 1:
			return []byte{0x08, byte(random.Int())}
		case 2:
			return []byte{0x09, byte(random.Int())}
		case 3:
			return binary.LittleEndian.AppendUint32([]byte{0x0d}, random.Uint32())
		case 4:
			return append(binary.AppendUvarint([]byte{0x77}, uint64(random.IntN(40))), 0x06) // what is at rsp+n
		}
		return binary.AppendUvarint([]byte{0x10}, random.Uint64())
	}
	two := []byte{0x1a, 0x21, 0x27, 0x22, 0x1c, 0x1e, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x16, 0x14} // all that take two and delve knows
	one := []byte{0x12, 0x19, 0x1f, 0x20, 0x96}
	ran := 0
	for range 20_000 {
		expr := append(number(), number()...)
		for range 1 + random.IntN(8) {
			expr = append(append(append(expr, number()...), one[random.IntN(len(one))]), two[random.IntN(len(two))])
		}
		regs := op.NewDwarfRegisters(0, make([]*op.DwarfRegister, 17), binary.LittleEndian, rip, rsp, rbp, 0)
		regs.AddReg(rsp, op.DwarfRegisterFromUint64(sp))
		want, _, err := op.ExecuteStackProgram(*regs, expr, 8, memory)
		got, ok := u.expr.run(expr)
		if err != nil {
			continue
		}
		if ran++; !ok || got != uint64(want) {
			t.Fatalf("%x: %#x %v, delve %#x", expr, got, ok, uint64(want))
		}
	}
	if ran < 10_000 {
		t.Errorf("delve ran %d", ran)
	}
}
