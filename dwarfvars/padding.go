package dwarfvars

import (
	"bytes"
	"debug/elf"
)

// maxPadding is more than any compiler puts at a function's entry for tracing and branch protection.
const maxPadding = 64

// onlyPadding tells whether the code from lo to hi does nothing but what is put at a function's entry
// for tracing and branch protection: nops, landing pads, a call of __fentry__.
func (i *Info) onlyPadding(lo, hi uint64) bool {
	s, ok := i.file.SectionOf(lo)
	if !ok || hi <= lo || hi-lo > maxPadding || hi > s.Addr+s.Size || s.Type == elf.SHT_NOBITS {
		return false
	}
	data, err := i.file.Data(s.Index)
	if err != nil || hi-s.Addr > uint64(len(data)) {
		return false
	}
	code := data[lo-s.Addr : hi-s.Addr]
	for len(code) > 0 {
		n := 0
		for _, pad := range paddings(i.machine.ELF) {
			if bytes.HasPrefix(code, pad.bytes) && len(code) >= pad.size {
				n = pad.size
				break
			}
		}
		if n == 0 {
			return false
		}
		code = code[n:]
	}
	return true
}

// padding is an instruction that begins with bytes and has a size.
type padding struct {
	bytes []byte
	size  int
}

func paddings(m elf.Machine) []padding {
	if m == elf.EM_AARCH64 {
		return []padding{
			{[]byte{0x1f, 0x20, 0x03, 0xd5}, 4}, // nop
			{[]byte{0x5f, 0x24, 0x03, 0xd5}, 4}, // bti c
			{[]byte{0xdf, 0x24, 0x03, 0xd5}, 4}, // bti jc
			{[]byte{0x3f, 0x23, 0x03, 0xd5}, 4}, // paciasp
			{[]byte{0xe9, 0x03, 0x1e, 0xaa}, 4}, // mov x9, x30: before the call of ftrace's entry
		}
	}
	return []padding{
		{[]byte{0xf3, 0x0f, 0x1e, 0xfa}, 4},             // endbr64
		{[]byte{0xe8}, 5},                               // call __fentry__
		{[]byte{0x0f, 0x1f, 0x44, 0x00, 0x00}, 5},       // nop
		{[]byte{0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00}, 6}, // nop
		{[]byte{0x0f, 0x1f, 0x40, 0x00}, 4},             // nop
		{[]byte{0x0f, 0x1f, 0x00}, 3},                   // nop
		{[]byte{0x66, 0x90}, 2},                         // nop
		{[]byte{0x90}, 1},                               // nop
	}
}
