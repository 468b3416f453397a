package insn

import "golang.org/x/arch/x86/x86asm"

// amd64Length measures one x86-64 instruction. x/arch v0.32 decodes most; what it takes for one byte with the invalid Op 0
// (endbr64), measures wrong (vzeroupper, by one byte) or does not know (stac, adcx, AVX of AMD) is measured here by its
// encoding: Intel's SDM, volume 2, chapter 2 and appendix A; AMD's manual, volume 6, for XOP.
func amd64Length(code []byte) (int, error) {
	n := vectorLength(code)
	if n == 0 {
		in, err := x86asm.Decode(code, 64)
		if err == nil && in.Op != 0 {
			n = in.Len
		} else {
			n = escapedLength(code)
		}
	}
	if n <= 0 || n > len(code) {
		return 0, ErrUnknown
	}
	return n, nil
}

// vectorLength measures instructions with a VEX, EVEX or XOP prefix, 0 for others and for those that are cut short.
func vectorLength(code []byte) int {
	at := 0
	for at < len(code) && isSegmentOrSize(code[at]) {
		at++
	}
	if len(code) < at+3 {
		return 0
	}
	prefix, opcodes := 0, byte(1) // size of the prefix, and the map that the opcode is of
	switch b := code[at+1]; code[at] {
	case 0xc5:
		prefix = 2
	case 0xc4:
		prefix, opcodes = 3, b&0x1f
	case 0x62:
		prefix, opcodes = 4, b&7
	case 0x8f:
		if b&0x1f < 8 { // pop
			return 0
		}
		prefix, opcodes = 3, b&0x1f
	default:
		return 0
	}
	if len(code) <= at+prefix {
		return 0
	}
	opcode := code[at+prefix]
	at += prefix + 1
	if opcodes == 1 && opcode == 0x77 { // vzeroupper, vzeroall
		return at
	}
	operand := modRM(code[at:])
	if operand == 0 {
		return 0
	}
	return at + operand + vectorImmediate(opcodes, opcode)
}

// vectorImmediate is how many bytes follow the operand.
func vectorImmediate(opcodes, opcode byte) int {
	switch opcodes {
	case 1:
		switch opcode {
		case 0x70, 0x71, 0x72, 0x73, 0xc2, 0xc4, 0xc5, 0xc6:
			return 1
		}
	case 3, 8:
		return 1
	case 0xa:
		return 4
	}
	return 0
}

// escapedLength measures the instructions behind 0f 01, 0f 1e, 0f ae, 0f c7, 0f 38 and 0f 3a, all of which have an operand byte.
func escapedLength(code []byte) int {
	at := 0
	for at < len(code) && isPrefix(code[at]) {
		at++
	}
	if at < len(code) && code[at]&0xf0 == 0x40 { // REX
		at++
	}
	if len(code) < at+3 || code[at] != 0x0f {
		return 0
	}
	immediate := 0
	switch code[at+1] {
	case 0x01, 0x1e, 0xae, 0xc7:
		at += 2
	case 0x38:
		at += 3
	case 0x3a:
		at, immediate = at+3, 1
	default:
		return 0
	}
	operand := modRM(code[at:])
	if operand == 0 {
		return 0
	}
	return at + operand + immediate
}

func isPrefix(b byte) bool {
	return isSegmentOrSize(b) || b == 0x66 || b == 0xf2 || b == 0xf3 || b == 0xf0
}

func isSegmentOrSize(b byte) bool {
	return b == 0x26 || b == 0x2e || b == 0x36 || b == 0x3e || b == 0x64 || b == 0x65 || b == 0x67
}

// modRM is the size of an operand's bytes (ModRM, SIB and displacement), 0 if there are none.
func modRM(code []byte) int {
	if len(code) == 0 {
		return 0
	}
	mod, rm, n := code[0]>>6, code[0]&7, 1
	if mod == 3 {
		return n
	}
	base := rm
	if rm == 4 {
		if len(code) < 2 {
			return 0
		}
		base = code[1] & 7
		n++
	}
	switch {
	case mod == 1:
		n++
	case mod == 2, base == 5: // without a base register or behind the instruction pointer
		n += 4
	}
	return n
}
