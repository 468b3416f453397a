package probe

import (
	"github.com/gperf-dev/gperf/internal/insn"
)

// checkBoundary refuses a place inside an instruction: a uprobe there would kill the program. So it does where that cannot be
// told, because the function's code cannot be decoded to its end. The kernel decodes its own functions itself before it takes a probe.
func (r *Resolver) checkBoundary(s *spot, function string, offset uint64) error {
	if offset == 0 || s.live || s.addr <= s.entry {
		return nil
	}
	end, sure := r.image.endOf(s)
	code := r.image.codeUntil(s.entry, end)
	before, after, known := insn.Around(r.image.machine.ELF, code, int(s.addr-s.entry))
	known = known && (!sure || insn.Decodes(r.image.machine.ELF, code))
	if known && uint64(before) == s.addr-s.entry || !known && !r.user() {
		return nil
	}
	shift := int64(offset) - int64(s.addr-s.entry)
	return &BoundaryError{Function: function, Offset: offset, Unknown: !known,
		Before: uint64(int64(before) + shift), After: uint64(int64(after) + shift)}
}

// longest is how many bytes the longest x86 instruction has.
const longest = 15

// endOf is the address behind the function of a place. Where no symbol tells it, it is not sure, and behind what may be an
// instruction at the place.
func (m *image) endOf(s *spot) (end uint64, sure bool) {
	if t, err := m.symbols(); err == nil {
		if f, ok := t.Lookup(s.entry); ok && s.addr < f.Addr+f.Size {
			return f.Addr + f.Size, true
		}
	}
	return s.addr + longest, false
}

// codeUntil returns the bytes from address to address, or up to the end of their section.
func (m *image) codeUntil(from, to uint64) []byte {
	if s, ok := m.file.SectionOf(from); ok {
		to = min(to, s.Addr+s.Size)
	}
	return m.code(from, to)
}

// instructionAt returns the address of the instruction that begins at or next behind an address of the code that begins at begin, 0 if
// that cannot be told.
func (r *Resolver) instructionAt(begin, addr uint64) uint64 {
	if addr <= begin {
		return begin
	}
	before, after, known := insn.Around(r.image.machine.ELF, r.image.codeUntil(begin, addr+longest), int(addr-begin))
	switch {
	case !known:
		return 0
	case uint64(before) == addr-begin:
		return addr
	}
	return begin + uint64(after)
}
