package symtab

import (
	"cmp"
	"debug/elf"
	"slices"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// pltSizes are the sizes of .plt's header and of its slots. As in perf 6.1, machines that are not listed have sh_entsize for both.
func pltSizes(m elf.Machine, entsize uint64) (header, slot uint64) {
	if entsize == 0 && (m == elf.EM_X86_64 || m == elf.EM_386) {
		entsize = 16 // lld leaves it out; perf 6.1 then finds no slots
	}
	switch m {
	case elf.EM_ARM:
		return 20, 12
	case elf.EM_AARCH64:
		return 32, 16
	case elf.EM_SPARC:
		return 48, 12
	case elf.EM_SPARCV9:
		return 128, 32
	}
	return entsize, entsize
}

// readPLT names the slots of .plt: slot i belongs to relocation i of .rela.plt. See dso__synthesize_plt_symbols of perf 6.1, which knows
// neither .plt.sec nor .plt.got.
func (t *elfTable) readPLT(f *objfile.File) error {
	plt, ok := f.SectionHeader(".plt")
	if !ok {
		return nil
	}
	name := ".rela.plt"
	rel, ok := f.SectionHeader(name)
	if !ok {
		name = ".rel.plt"
		rel, ok = f.SectionHeader(name)
	}
	dynsym, _ := f.SectionHeader(".dynsym")
	if !ok || int(rel.Link) != dynsym.Index {
		return nil
	}
	relocs, err := f.Section(name)
	if err != nil {
		return err
	}
	syms, strs, err := symbolSection(f, ".dynsym")
	if err != nil {
		return err
	}
	t.strings[1] = strs
	t.addPLT(f, plt, rel.Type, relocs, syms)
	return nil
}

// relocInfo is where r_info's symbol index is, by class and kind.
func relocInfo(f *objfile.File, kind elf.SectionType) (size int, index func([]byte) uint64) {
	o := f.Order()
	if f.Is64() {
		size = 16
		index = func(b []byte) uint64 { return o.Uint64(b[8:]) >> 32 }
	} else {
		size = 8
		index = func(b []byte) uint64 { return uint64(o.Uint32(b[4:]) >> 8) }
	}
	if kind == elf.SHT_RELA {
		size += size / 2
	}
	return size, index
}

func (t *elfTable) addPLT(f *objfile.File, plt objfile.Section, kind elf.SectionType, relocs, syms []byte) {
	header, slot := pltSizes(f.Machine(), plt.EntSize)
	if slot == 0 {
		return
	}
	size, index := relocInfo(f, kind)
	symsize := symSize(f)
	count := min(uint64(len(relocs)/size), plt.Size/slot)
	at := plt.Addr + header
	for i := range count {
		sym := index(relocs[i*uint64(size):])
		if sym < uint64(len(syms)/symsize) {
			s := rawSym(f, syms[sym*uint64(symsize):])
			t.entries = append(t.entries, elfEntry{
				addr: at, end: at + slot, name: s.Name, section: uint16(plt.Index),
				info: uint8(elf.STB_GLOBAL)<<4 | uint8(elf.STT_FUNC), flags: inDynstr | isPLT,
			})
		}
		at += slot
	}
	slices.SortStableFunc(t.entries, func(a, b elfEntry) int { return cmp.Compare(a.addr, b.addr) })
}
