package insn

import (
	"debug/elf"
	"encoding/binary"
	"math"

	"golang.org/x/arch/x86/x86asm"
)

// Check is a Go function's stack check: at its entry it compares the stack pointer with a limit and, if the stack is too small, has it
// grown and begins again.
type Check struct {
	Len int  // bytes up to the first instruction behind it; 0 without a check
	G   bool // the limit was read by the register that holds g in ABIInternal; false in ABI0, which reads g from thread-local storage
}

// StackCheck finds the check that a Go function begins with. What does not look like one is none. The instructions of the check are
// executed again when the stack has grown, those behind it once in a call.
func StackCheck(m elf.Machine, code []byte) Check {
	switch m {
	case elf.EM_X86_64:
		return amd64Check(code)
	case elf.EM_AARCH64:
		return arm64Check(code)
	}
	return Check{}
}

// maxCheck is how many instructions a check has at most (cmd/internal/obj, stacksplit).
const maxCheck = 10

// amd64Check takes [MOVQ (TLS), CX] [LEAQ or MOVQ SP, R12; SUBQ; JCS] CMPQ limit; JLS.
func amd64Check(code []byte) Check {
	g := x86asm.R14
	at := 0
	for range maxCheck {
		in, err := x86asm.Decode(code[at:], 64)
		if err != nil || in.Len <= 0 {
			return Check{}
		}
		at += in.Len
		switch in.Op {
		case x86asm.MOV:
			if mem, ok := in.Args[1].(x86asm.Mem); ok && mem.Segment == x86asm.FS {
				g, _ = in.Args[0].(x86asm.Reg)
			} else if in.Args[1] != x86asm.Arg(x86asm.RSP) && !(ok && mem.Base == g) {
				return Check{}
			}
		case x86asm.LEA:
			if mem, ok := in.Args[1].(x86asm.Mem); !ok || mem.Base != x86asm.RSP {
				return Check{}
			}
		case x86asm.SUB, x86asm.JB:
		case x86asm.CMP:
			if !isLimit(in.Args[0], g) && !isLimit(in.Args[1], g) {
				return Check{}
			}
			next, err := x86asm.Decode(code[at:], 64)
			if err != nil || next.Op != x86asm.JBE {
				return Check{}
			}
			return Check{Len: at + next.Len, G: g == x86asm.R14}
		default:
			return Check{}
		}
	}
	return Check{}
}

// isLimit tells g's stackguard0 and stackguard1.
func isLimit(a x86asm.Arg, g x86asm.Reg) bool {
	mem, ok := a.(x86asm.Mem)
	return ok && mem.Base == g && (mem.Disp == 16 || mem.Disp == 24)
}

// arm64Check takes MOVD stackguard(g), R16; [MOVD or SUB or SUBS; BLO] CMP R16, RSP or R17; BLS.
func arm64Check(code []byte) Check {
	if len(code) < 4 {
		return Check{}
	}
	// LDR X16, [X28, #16 or #24]; X1 before Go 1.18.
	if load := binary.LittleEndian.Uint32(code) &^ 0x1f; load != 0xf9400b80 && load != 0xf9400f80 {
		return Check{}
	}
	for at := 4; at+4 <= len(code) && at < 4*maxCheck; at += 4 {
		switch w := binary.LittleEndian.Uint32(code[at:]); {
		case w&0xff00001f == 0x54000009: // B.LS
			return Check{Len: at + 4, G: true}
		case w&0xff00001f == 0x54000003: // B.LO
		case w&0xff000000 == 0xeb000000, w&0xff200000 == 0xcb200000, // CMP, SUB of registers
			w&0x1f000000 == 0x11000000, // ADD, SUB and with S of a number
			w&0x1f800000 == 0x12800000: // MOVN, MOVZ, MOVK
		default:
			return Check{}
		}
	}
	return Check{}
}

// Exits are the ways out of a function that are part of its code.
type Exits struct {
	Returns []int // offsets of its return instructions
	Jumps   int   // jumps to fixed places outside of it: what they jump on to returns in its stead
}

// FindExits looks through a function's code, to its end. The error is ErrUnknown if an instruction cannot be measured: what follows it would be
// guessed.
func FindExits(m elf.Machine, code []byte) (Exits, error) {
	var e Exits
	for at := 0; at < len(code); {
		n, err := length(m, code[at:])
		if err != nil {
			if padding(m, code[at:]) {
				break
			}
			return e, err
		}
		isReturn, target := exit(m, code[at:at+n])
		switch {
		case isReturn:
			e.Returns = append(e.Returns, at)
		case target != math.MinInt && (at+target < 0 || at+target >= len(code)):
			e.Jumps++
		}
		at += n
	}
	return e, nil
}

// padding tells what linkers fill up with.
func padding(m elf.Machine, code []byte) bool {
	for _, b := range code {
		if b != 0 && (b != 0xcc || m != elf.EM_X86_64) {
			return false
		}
	}
	return true
}

// exit tells a return, and to where from its own place an unconditional jump goes: math.MinInt if it is none, or its target is not fixed.
func exit(m elf.Machine, in []byte) (isReturn bool, target int) {
	if m == elf.EM_AARCH64 {
		w := binary.LittleEndian.Uint32(in)
		if w&0xfc000000 == 0x14000000 {
			return false, int(int32(w<<6)>>6) * 4
		}
		return w&0xfffffc1f == 0xd65f0000, math.MinInt
	}
	x, err := x86asm.Decode(in, 64)
	if err != nil {
		return false, math.MinInt
	}
	switch x.Op {
	case x86asm.RET:
		return true, math.MinInt
	case x86asm.JMP:
		if rel, ok := x.Args[0].(x86asm.Rel); ok {
			return false, x.Len + int(rel)
		}
	}
	return false, math.MinInt
}

// Targets returns where the direct calls and the jumps to fixed places in a function's code go, as offsets from its begin. It ends where an instruction cannot be measured.
func Targets(m elf.Machine, code []byte) []int {
	var to []int
	for at := 0; at < len(code); {
		n, err := length(m, code[at:])
		if err != nil {
			break
		}
		if m == elf.EM_AARCH64 {
			if w := binary.LittleEndian.Uint32(code[at:]); w&0x7c000000 == 0x14000000 { // B, BL
				to = append(to, at+int(int32(w<<6)>>6)*4)
			}
		} else if n == 5 && (code[at] == 0xe8 || code[at] == 0xe9) { // CALL, JMP
			to = append(to, at+n+int(int32(binary.LittleEndian.Uint32(code[at+1:]))))
		}
		at += n
	}
	return to
}
