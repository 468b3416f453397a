package gobin

import (
	"debug/elf"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// textStart finds runtime.text, from which the table counts entries. Until Go 1.25 the table tells, but for position independent programs
// that an external linker made: there a relocation tells. From Go 1.26 on only runtime.firstmoduledata does, which is where the trees of
// inlined functions are found too.
func textStart(f *objfile.File, table uint64, t *Table) uint64 {
	m := memory{f: f, t: t}
	if module, text, ok := m.module(table); ok {
		t.trees = m.trees(module, text)
		return text
	}
	if t.text != 0 {
		return t.text
	}
	if text, ok := f.SectionHeader(".text"); ok {
		return text.Addr // true unless C code was linked ahead
	}
	return 0
}

// memory reads pointers of the program as they are when it is loaded where it was linked.
type memory struct {
	f     *objfile.File
	t     *Table
	relas []byte // of a position independent program: relocations, which hold what the file has zeros for
}

// Fields of runtime.moduledata, in pointers, since Go 1.16: pcHeader, six slices, findfunctab, minpc, maxpc, text.
const (
	minpcField = 1 + 6*3 + 1
	maxpcField = minpcField + 1
	textField  = maxpcField + 1
)

// module looks for the moduledata that begins with the table's address, and takes from it where the text begins.
func (m *memory) module(table uint64) (at, text uint64, ok bool) {
	if h, ok := m.f.SectionHeader(".rela.dyn"); ok && m.t.pointer == 8 {
		m.relas, _ = m.f.Data(h.Index) // without them the file's own bytes are taken
	}
	for i := 0; i+relaSize <= len(m.relas); i += relaSize {
		if at, value, ok := m.rela(i); ok && value == table {
			if text, ok := m.textOf(at); ok {
				return at, text, true
			}
		}
	}
	for _, name := range []string{".go.module", ".noptrdata", ".data", ".data.rel.ro"} {
		h, ok := m.f.SectionHeader(name)
		if !ok {
			continue
		}
		b, err := m.f.Data(h.Index)
		if err != nil {
			continue
		}
		for i := 0; i+m.t.pointer <= len(b); i += m.t.pointer {
			if m.t.number(b, i, m.t.pointer) != table {
				continue
			}
			if text, ok := m.textOf(h.Addr + uint64(i)); ok {
				return h.Addr + uint64(i), text, true
			}
		}
	}
	return 0, 0, false
}

// textOf takes the text's address from a moduledata, if it fits the table.
func (m *memory) textOf(at uint64) (uint64, bool) {
	field := func(n int) uint64 { return m.pointerAt(at + uint64(n*m.t.pointer)) }
	text := field(textField)
	first := m.t.number(m.t.index, 0, m.t.width)
	last := m.t.number(m.t.index, 2*m.t.count*m.t.width, m.t.width)
	return text, text != 0 && field(minpcField) == text+first && field(maxpcField) == text+last
}

func (m *memory) pointerAt(addr uint64) uint64 {
	for i := 0; i+relaSize <= len(m.relas); i += relaSize {
		if at, value, ok := m.rela(i); ok && at == addr {
			return value
		}
	}
	h, ok := m.f.SectionOf(addr)
	if !ok || h.Type == elf.SHT_NOBITS {
		return 0
	}
	b, err := m.f.Data(h.Index)
	if err != nil || addr-h.Addr >= uint64(len(b)) {
		return 0
	}
	return m.t.number(b, int(addr-h.Addr), m.t.pointer)
}

// relaSize is the size of an Elf64_Rela.
const relaSize = 24

// rela reads a relocation that adds the program's load address.
func (m *memory) rela(i int) (at, value uint64, ok bool) {
	relative := uint64(elf.R_X86_64_RELATIVE)
	if m.f.Machine() == elf.EM_AARCH64 {
		relative = uint64(elf.R_AARCH64_RELATIVE)
	}
	word := func(n int) uint64 { return m.t.number(m.relas, i+8*n, 8) }
	return word(0), word(2), word(1)&0xffffffff == relative
}
