// Package insn finds where machine instructions begin. It knows x86-64, by golang.org/x/arch with two instructions that
// it lacks, and arm64, where all have four bytes.
package insn

import (
	"debug/elf"
	"errors"

	"golang.org/x/arch/x86/x86asm"
)

// ErrUnknown tells that bytes are no instruction that this package can measure.
var ErrUnknown = errors.New("unknown instruction")

// Length returns the size in bytes of the instruction that code begins with. The error is ErrUnknown, also for
// instructions that are cut short and for machines without a table.
func Length(m elf.Machine, code []byte) (int, error) {
	switch m {
	case elf.EM_X86_64:
		return amd64Length(code)
	case elf.EM_AARCH64:
		if len(code) < 4 {
			return 0, ErrUnknown
		}
		return 4, nil
	}
	return 0, ErrUnknown
}

// amd64Length measures one x86-64 instruction. x/arch v0.32 takes endbr64, rdpkru and their like for one byte with the
// invalid Op 0; these are known here by their bytes.
func amd64Length(code []byte) (int, error) {
	if n := special(code); n > 0 {
		return n, nil
	}
	in, err := x86asm.Decode(code, 64)
	if err != nil || in.Op == 0 || in.Len <= 0 || in.Len > len(code) {
		return 0, ErrUnknown
	}
	return in.Len, nil
}

func special(code []byte) int {
	has := func(b ...byte) bool {
		if len(code) < len(b) {
			return false
		}
		for i := range b {
			if code[i] != b[i] {
				return false
			}
		}
		return true
	}
	switch {
	case has(0xf3, 0x0f, 0x1e, 0xfa), has(0xf3, 0x0f, 0x1e, 0xfb): // endbr64, endbr32
		return 4
	case has(0x0f, 0x01, 0xee), has(0x0f, 0x01, 0xef): // rdpkru, wrpkru
		return 3
	}
	return 0
}

// Around returns the beginnings of the instruction that holds the byte at offset, and of the next. Decoding goes from the
// beginning of code, so code must begin with an instruction. known is false if decoding lost its way before offset, or
// code ends before it. If before equals offset, an instruction begins there.
func Around(m elf.Machine, code []byte, offset int) (before, after int, known bool) {
	if offset < 0 || offset > len(code) {
		return 0, 0, false
	}
	for at := 0; at < offset; {
		n, err := Length(m, code[at:])
		if err != nil {
			return 0, 0, false
		}
		if at+n > offset {
			return at, at + n, true
		}
		at += n
	}
	return offset, offset, true
}
