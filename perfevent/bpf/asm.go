package bpf

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"golang.org/x/sys/unix"
)

// What programs are made of, by the names of RFC 9669 (BPF Instruction Set Architecture). All of it is in Linux since 4.14.

// register is R0 to R10. A call has its arguments in R1 to R5 and its result in R0; it keeps R6 to R10. R10 is the end of a stack of
// 512 bytes.
type register uint8

const (
	r0 register = iota
	r1
	r2
	r3
	r4
	r5
	r6
	r7
	r8
	r9
	r10
)

// size is of a value in memory.
type size uint8

const (
	u8  size = unix.BPF_B
	u16 size = unix.BPF_H
	u32 size = unix.BPF_W
	u64 size = unix.BPF_DW
)

// aluOp is arithmetic of 64 bits. An immediate value is sign-extended.
type aluOp uint8

const (
	add aluOp = unix.BPF_ADD
	sub aluOp = unix.BPF_SUB
	or  aluOp = unix.BPF_OR
	and aluOp = unix.BPF_AND
	lsh aluOp = unix.BPF_LSH
	rsh aluOp = unix.BPF_RSH
	mov aluOp = unix.BPF_MOV
)

// jumpOp compares 64 bits, unsigned.
type jumpOp uint8

const (
	jeq jumpOp = unix.BPF_JEQ
	jgt jumpOp = unix.BPF_JGT
	jge jumpOp = unix.BPF_JGE
	jne jumpOp = unix.BPF_JNE
	jle jumpOp = unix.BPF_JLE
)

// helper is a function of the kernel that programs call: __BPF_FUNC_MAPPER in include/uapi/linux/bpf.h.
type helper int32

const (
	mapLookupElem     helper = 1
	mapUpdateElem     helper = 2
	getCurrentPidTgid helper = 14
	perfEventOutput   helper = 25
	probeReadUser     helper = 112 // Linux 5.5
)

// instruction is one before it is encoded.
type instruction struct {
	op       uint8
	dst, src register
	off      int16
	imm      int64  // 32 bits but where 64 are loaded
	target   string // the label that it jumps to
}

// reg is dst = dst op src.
func (op aluOp) reg(dst, src register) instruction {
	return instruction{op: unix.BPF_ALU64 | unix.BPF_X | uint8(op), dst: dst, src: src}
}

// imm is dst = dst op value.
func (op aluOp) imm(dst register, value int32) instruction {
	return instruction{op: unix.BPF_ALU64 | unix.BPF_K | uint8(op), dst: dst, imm: int64(value)}
}

// reg jumps if dst op src.
func (op jumpOp) reg(dst, src register, target string) instruction {
	return instruction{op: unix.BPF_JMP | unix.BPF_X | uint8(op), dst: dst, src: src, target: target}
}

// imm jumps if dst op value, which is sign-extended.
func (op jumpOp) imm(dst register, value int32, target string) instruction {
	return instruction{op: unix.BPF_JMP | unix.BPF_K | uint8(op), dst: dst, imm: int64(value), target: target}
}

// ja jumps always.
func ja(target string) instruction {
	return instruction{op: unix.BPF_JMP | unix.BPF_JA, target: target}
}

func (h helper) call() instruction {
	return instruction{op: unix.BPF_JMP | unix.BPF_CALL, imm: int64(h)}
}

// exit ends the program, whose result is in R0.
func exit() instruction { return instruction{op: unix.BPF_JMP | unix.BPF_EXIT} }

// ldx is dst = *(s *)(src + off). Less than 64 bits are zero-extended.
func ldx(s size, dst, src register, off int16) instruction {
	return instruction{op: unix.BPF_LDX | unix.BPF_MEM | uint8(s), dst: dst, src: src, off: off}
}

// stx is *(s *)(dst + off) = src.
func stx(s size, dst register, off int16, src register) instruction {
	return instruction{op: unix.BPF_STX | unix.BPF_MEM | uint8(s), dst: dst, src: src, off: off}
}

// st is *(s *)(dst + off) = value.
func st(s size, dst register, off int16, value int32) instruction {
	return instruction{op: unix.BPF_ST | unix.BPF_MEM | uint8(s), dst: dst, off: off, imm: int64(value)}
}

// slotSize is of an instruction, in bytes; the load of 64 bits has two such places.
const slotSize = 8

const opLoad64 = unix.BPF_LD | unix.BPF_IMM | unix.BPF_DW

// ld64 is dst = value, all 64 bits of it. It takes the place of two instructions.
func ld64(dst register, value int64) instruction {
	return instruction{op: opLoad64, dst: dst, imm: value}
}

// ldMap loads the address of a map, which the kernel finds by its file descriptor.
func ldMap(dst register, fd int) instruction {
	return instruction{op: opLoad64, dst: dst, src: unix.BPF_PSEUDO_MAP_FD, imm: int64(uint32(fd))}
}

// slots is how many of a program's places an instruction takes.
func (i *instruction) slots() int {
	if i.op == opLoad64 {
		return 2
	}
	return 1
}

// assembler collects instructions and the labels of places among them.
type assembler struct {
	code   []instruction
	labels []label
	made   int // labels by newLabel
}

// label is the name of the place ahead of code[at].
type label struct {
	name string
	at   int
}

func (a *assembler) emit(code ...instruction) { a.code = append(a.code, code...) }

// newLabel makes a name that no other place has.
func (a *assembler) newLabel() string {
	a.made++
	return "l" + strconv.Itoa(a.made)
}

// here gives the place of the next instruction a name; it may have several.
func (a *assembler) here(name string) { a.labels = append(a.labels, label{name, len(a.code)}) }

// assemble encodes the program for this machine.
func (a *assembler) assemble() ([]byte, error) { return a.encode(binary.NativeEndian) }

func (a *assembler) encode(order binary.AppendByteOrder) ([]byte, error) {
	slot := make([]int, len(a.code)) // of each instruction
	n := 0
	for i := range a.code {
		slot[i] = n
		n += a.code[i].slots()
	}
	places := make(map[string]int, len(a.labels))
	for _, l := range a.labels {
		if _, known := places[l.name]; known {
			return nil, fmt.Errorf("BPF program: two places have the label %q", l.name)
		}
		if l.at == len(a.code) {
			return nil, fmt.Errorf("BPF program: no instruction is behind the label %q", l.name)
		}
		places[l.name] = slot[l.at]
	}
	out := make([]byte, 0, slotSize*n)
	for i := range a.code {
		in := a.code[i]
		if in.target != "" {
			to, known := places[in.target]
			if !known {
				return nil, fmt.Errorf("BPF program: no place has the label %q, to which instruction %d jumps", in.target, i)
			}
			over := to - (slot[i] + 1)
			if over < math.MinInt16 || over > math.MaxInt16 {
				return nil, fmt.Errorf("BPF program: the jump to %q goes over %d instructions, more than 16 bits tell; fewer values make a shorter program", in.target, over)
			}
			in.off = int16(over)
		}
		out = in.appendTo(out, order)
	}
	return out, nil
}

// appendTo encodes one instruction as struct bpf_insn of include/uapi/linux/bpf.h, whose registers are bit-fields: the first is in the
// low half of the byte where the low byte of a number comes first.
func (i *instruction) appendTo(out []byte, order binary.AppendByteOrder) []byte {
	regs := uint8(i.dst | i.src<<4)
	if order.AppendUint16(nil, 1)[0] == 0 {
		regs = regs<<4 | regs>>4
	}
	out = append(out, i.op, regs)
	out = order.AppendUint16(out, uint16(i.off))
	out = order.AppendUint32(out, uint32(i.imm))
	if i.op == opLoad64 {
		out = append(out, 0, 0, 0, 0)
		out = order.AppendUint32(out, uint32(i.imm>>32))
	}
	return out
}
