// Package insn finds where machine instructions begin. It knows x86-64, by golang.org/x/arch and what
// that lacks, and arm64, where all have four bytes.
package insn

import (
	"debug/elf"
	"errors"
)

// ErrUnknown tells that bytes are no instruction that this package can measure.
var ErrUnknown = errors.New("unknown instruction")

// length returns the size in bytes of the instruction that code begins with. The error is ErrUnknown, also for
// instructions that are cut short and for machines without a table.
func length(m elf.Machine, code []byte) (int, error) {
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

// Around returns the beginnings of the instruction that holds the byte at offset, and of the next. Decoding goes from the
// beginning of code, so code must begin with an instruction. known is false if decoding lost its way before offset, or
// code ends before it. If before equals offset, an instruction begins there.
func Around(m elf.Machine, code []byte, offset int) (before, after int, known bool) {
	if offset < 0 || offset > len(code) {
		return 0, 0, false
	}
	for at := 0; at < offset; {
		n, err := length(m, code[at:])
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

// Decodes reports whether code is instructions from its beginning to its end.
func Decodes(m elf.Machine, code []byte) bool {
	for at := 0; at < len(code); {
		n, err := length(m, code[at:])
		if err != nil {
			return false
		}
		at += n
	}
	return len(code) > 0
}
