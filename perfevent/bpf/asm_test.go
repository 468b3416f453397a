package bpf

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/cilium/ebpf/asm"
)

// order is a byte order for both assemblers.
type order interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func orders() []order { return []order{binary.LittleEndian, binary.BigEndian} }

// sameBytes wants what cilium/ebpf makes of the same program.
func sameBytes(t *testing.T, name string, a *assembler, want asm.Instructions) {
	t.Helper()
	for _, o := range orders() {
		got, err := a.encode(o)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		var b bytes.Buffer
		if err := want.Marshal(&b, o); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(got, b.Bytes()) {
			t.Errorf("%s, %v:\n got %x\nwant %x, which is\n%v", name, o, got, b.Bytes(), want)
		}
	}
}

// TestInstructions compares each instruction with that of the same meaning.
func TestInstructions(t *testing.T) {
	type pair struct {
		own  instruction
		want asm.Instruction
	}
	tests := []pair{
		{ldx(u64, r3, r10, -8), asm.LoadMem(asm.R3, asm.R10, -8, asm.DWord)},
		{ldx(u8, r0, r1, math.MaxInt16), asm.LoadMem(asm.R0, asm.R1, math.MaxInt16, asm.Byte)},
		{stx(u32, r7, 4, r1), asm.StoreMem(asm.R7, 4, asm.R1, asm.Word)},
		{stx(u16, r7, math.MinInt16, r9), asm.StoreMem(asm.R7, math.MinInt16, asm.R9, asm.Half)},
		{st(u32, r10, -24, -1), asm.StoreImm(asm.R10, -24, -1, asm.Word)},
		{ld64(r3, 0xffffffff), asm.LoadImm(asm.R3, 0xffffffff, asm.DWord)},
		{ld64(r3, math.MinInt64+1), asm.LoadImm(asm.R3, math.MinInt64+1, asm.DWord)},
		{ldMap(r2, 77), asm.LoadMapPtr(asm.R2, 77)},
		{mapLookupElem.call(), asm.FnMapLookupElem.Call()}, {mapUpdateElem.call(), asm.FnMapUpdateElem.Call()},
		{getCurrentPidTgid.call(), asm.FnGetCurrentPidTgid.Call()}, {perfEventOutput.call(), asm.FnPerfEventOutput.Call()},
		{probeReadUser.call(), asm.FnProbeReadUser.Call()},
		{exit(), asm.Return()},
	}
	for own, want := range map[aluOp]asm.ALUOp{add: asm.Add, sub: asm.Sub, or: asm.Or, and: asm.And, lsh: asm.LSh, rsh: asm.RSh, mov: asm.Mov} {
		tests = append(tests, pair{own.reg(r1, r10), want.Reg(asm.R1, asm.R10)}, pair{own.imm(r8, -5), want.Imm(asm.R8, -5)})
	}
	for _, test := range tests {
		a := &assembler{}
		a.emit(test.own)
		sameBytes(t, fmt.Sprint(test.want), a, asm.Instructions{test.want})
	}
}

// TestJumps goes forward and back, over an instruction of two places too.
func TestJumps(t *testing.T) {
	for own, want := range map[jumpOp]asm.JumpOp{jeq: asm.JEq, jne: asm.JNE, jgt: asm.JGT, jge: asm.JGE, jle: asm.JLE} {
		a := &assembler{}
		a.here("top")
		a.emit(own.imm(r1, -7, "end"), ld64(r1, 1), own.reg(r1, r2, "top"), ja("end"), ja("next"))
		a.here("next")
		a.here("end")
		a.emit(exit())
		sameBytes(t, want.String(), a, asm.Instructions{
			want.Imm(asm.R1, -7, "end").WithSymbol("top"), asm.LoadImm(asm.R1, 1, asm.DWord), want.Reg(asm.R1, asm.R2, "top"),
			asm.Ja.Label("end"), asm.Ja.Label("end"), asm.Return().WithSymbol("end")})
	}
}

// TestGeneratedPrograms assembles whole programs twice.
func TestGeneratedPrograms(t *testing.T) {
	for _, p := range madeProbes() {
		for _, tasks := range []int{-1, 9} {
			g := &generator{regs: registers("amd64")}
			if err := g.probe(p.laidOut(t), p.lines, 7, tasks, 11); err != nil {
				t.Fatalf("%s: %v", p.name, err)
			}
			sameBytes(t, p.name, &g.assembler, inCilium(&g.assembler))
		}
	}
}

// inCilium is a program for the other assembler, which resolves the jumps by itself.
func inCilium(a *assembler) asm.Instructions {
	at := map[string]string{} // a name for each place that has any
	symbols := map[int]string{}
	for _, l := range a.labels {
		symbols[l.at] = fmt.Sprintf("at%d", l.at)
		at[l.name] = symbols[l.at]
	}
	var out asm.Instructions
	for i, in := range a.code {
		ins := asm.Instruction{OpCode: asm.OpCode(in.op), Dst: asm.Register(in.dst), Src: asm.Register(in.src), Offset: in.off, Constant: in.imm}
		if in.target != "" {
			ins.Offset = -1
			ins = ins.WithReference(at[in.target])
		}
		if s := symbols[i]; s != "" {
			ins = ins.WithSymbol(s)
		}
		out = append(out, ins)
	}
	return out
}

func TestAssembleErrors(t *testing.T) {
	far := func(n int) *assembler {
		a := &assembler{}
		a.here("top")
		a.emit(ja("end"))
		for range n {
			a.emit(mov.imm(r0, 0))
		}
		a.here("end")
		a.emit(exit())
		return a
	}
	back := far(0)
	for range math.MaxInt16 {
		back.emit(mov.imm(r0, 0))
	}
	back.emit(ja("top"))
	for _, test := range []struct {
		name string
		a    *assembler
		want string
	}{
		{"unknown", &assembler{code: []instruction{exit(), ja("nowhere")}}, `label "nowhere", to which instruction 1 jumps`},
		{"twice", &assembler{code: []instruction{exit()}, labels: []label{{"here", 0}, {"here", 0}}}, `two places have the label "here"`},
		{"at the end", &assembler{code: []instruction{exit()}, labels: []label{{"end", 1}}}, `behind the label "end"`},
		{"the farthest", far(math.MaxInt16), ""},
		{"too far", far(math.MaxInt16 + 1), `to "end" goes over 32768 instructions`},
		{"too far back", back, `to "top" goes over -32770 instructions`},
	} {
		_, err := test.a.assemble()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}
