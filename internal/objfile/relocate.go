package objfile

import (
	"debug/elf"
	"fmt"
	"slices"
	"sort"
)

// firstAddr is where the first section of a relocatable file is laid; not 0, by which linkers mark code that they dropped.
const firstAddr = 0x1000

// layOut gives the sections of a relocatable file addresses, in their order. It depends on what stripping and splitting off debug information
// leave as they are, so that a module and its debug file agree.
func (f *File) layOut() {
	next := uint64(firstAddr)
	for i := range f.sections {
		s := &f.sections[i]
		if s.Flags&elf.SHF_ALLOC == 0 || s.Addr != 0 {
			continue
		}
		if a := s.AddrAlign; a > 1 && a <= 1<<20 && a&(a-1) == 0 {
			next = (next + a - 1) &^ (a - 1)
		}
		s.Addr = next
		if s.Size > 1<<40 || s.Flags&elf.SHF_TLS != 0 {
			continue
		}
		next += s.Size
	}
}

// relocations are those of one section, by offset.
type relocations struct {
	f     *File
	addr  uint64   // of the section
	raw   []byte   // Elf64_Rela
	order []uint32 // of the entries by offset; nil if they are in order
	syms  []byte
	shndx []byte // section numbers that do not fit into a symbol
}

const relaSize = 24

// Relocate does to dst, which is a copy of the bytes from off on of the section with that index, what a linker would: in a relocatable file
// (.o, .ko) references into other sections wait for that. It costs as much as dst has relocations. An item that reaches over dst's
// end is left as it is. Sections stand where Addr says.
func (f *File) Relocate(section int, dst []byte, off int) {
	r := f.relocationsOf(section)
	if r == nil {
		return
	}
	n := r.len()
	first := sort.Search(n, func(i int) bool { return r.offset(i) >= uint64(off) })
	for i := first; i < n; i++ {
		at := r.offset(i) - uint64(off)
		if at >= uint64(len(dst)) {
			return
		}
		r.apply(i, dst[at:], r.offset(i))
	}
}

// RelocationError is a file with relocations of a kind that is not known.
type RelocationError struct {
	Path    string
	Machine elf.Machine
}

func (e *RelocationError) Error() string {
	return fmt.Sprintf("%s: relocatable file for %v, whose relocations are not known", e.Path, e.Machine)
}

// Hint says what works.
func (e *RelocationError) Hint() string { return "name a linked program or library" }

// CanRelocate is nil if Relocate knows the file's kind.
func (f *File) CanRelocate() error {
	if f.Is64() && (f.machine == elf.EM_X86_64 || f.machine == elf.EM_AARCH64) {
		return nil
	}
	return &RelocationError{Path: f.path, Machine: f.machine}
}

// relocationsOf finds the section's relocations once.
func (f *File) relocationsOf(section int) *relocations {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, known := f.relocs[section]
	if known {
		return r
	}
	if f.relocs == nil {
		f.relocs = map[int]*relocations{}
	}
	r = f.findRelocations(section)
	f.relocs[section] = r
	return r
}

func (f *File) findRelocations(section int) *relocations {
	if section <= 0 || section >= len(f.sections) || f.CanRelocate() != nil {
		return nil
	}
	for i := range f.sections {
		s := &f.sections[i]
		if s.Type != elf.SHT_RELA || s.Info != uint32(section) || s.Link >= uint32(len(f.sections)) {
			continue
		}
		r := &relocations{f: f, addr: f.sections[section].Addr, raw: f.fileBytes(s), syms: f.fileBytes(&f.sections[s.Link])}
		for k := range f.sections {
			if x := &f.sections[k]; x.Type == elf.SHT_SYMTAB_SHNDX && x.Link == s.Link {
				r.shndx = f.fileBytes(x)
			}
		}
		r.sort()
		return r
	}
	return nil
}

func (r *relocations) len() int { return len(r.raw) / relaSize }

// sort makes an order where the file's is another; assemblers and linkers write them by offset.
func (r *relocations) sort() {
	n := r.len()
	sorted := true
	last := uint64(0)
	for i := range n {
		off := r.offset(i)
		sorted = sorted && off >= last
		last = off
	}
	if sorted {
		return
	}
	order := make([]uint32, n)
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortStableFunc(order, func(a, b uint32) int {
		x, y := r.f.order.Uint64(r.raw[int(a)*relaSize:]), r.f.order.Uint64(r.raw[int(b)*relaSize:])
		if x < y {
			return -1
		}
		if x > y {
			return 1
		}
		return 0
	})
	r.order = order
}

func (r *relocations) entry(i int) []byte {
	if r.order != nil {
		i = int(r.order[i])
	}
	return r.raw[i*relaSize : (i+1)*relaSize]
}

func (r *relocations) offset(i int) uint64 { return r.f.order.Uint64(r.entry(i)) }

// apply writes one relocated number to the beginning of dst, which is at offset place of the section.
func (r *relocations) apply(i int, dst []byte, place uint64) {
	e := r.entry(i)
	info, addend := r.f.order.Uint64(e[8:]), r.f.order.Uint64(e[16:])
	size, relative := relocationKind(r.f.machine, uint32(info))
	if size == 0 || len(dst) < size {
		return
	}
	v := r.symbol(info>>32) + addend
	if relative {
		v -= r.addr + place
	}
	if size == 8 {
		r.f.order.PutUint64(dst, v)
	} else {
		r.f.order.PutUint32(dst, uint32(v))
	}
}

// symbol is a symbol's address; 0 of what is elsewhere.
func (r *relocations) symbol(n uint64) uint64 {
	at := n * elf.Sym64Size
	if at+elf.Sym64Size > uint64(len(r.syms)) || n > 1<<32 {
		return 0
	}
	s := r.syms[at:]
	section, value := uint32(r.f.order.Uint16(s[6:])), r.f.order.Uint64(s[8:])
	if elf.SectionIndex(section) == elf.SHN_XINDEX && 4*n+4 <= uint64(len(r.shndx)) {
		section = r.f.order.Uint32(r.shndx[4*n:])
	} else if elf.SectionIndex(section) >= elf.SHN_LORESERVE {
		return value
	}
	if section == 0 || section >= uint32(len(r.f.sections)) {
		return 0
	}
	return value + r.f.sections[section].Addr
}

// relocationKind tells how many bytes a relocation writes, 0 if it does not matter here, and whether the place is subtracted.
func relocationKind(m elf.Machine, kind uint32) (size int, relative bool) {
	if m == elf.EM_AARCH64 {
		switch elf.R_AARCH64(kind) {
		case elf.R_AARCH64_ABS64:
			return 8, false
		case elf.R_AARCH64_ABS32:
			return 4, false
		case elf.R_AARCH64_PREL64:
			return 8, true
		case elf.R_AARCH64_PREL32:
			return 4, true
		}
		return 0, false
	}
	switch elf.R_X86_64(kind) {
	case elf.R_X86_64_64, elf.R_X86_64_DTPOFF64:
		return 8, false
	case elf.R_X86_64_32, elf.R_X86_64_32S, elf.R_X86_64_DTPOFF32:
		return 4, false
	case elf.R_X86_64_PC64:
		return 8, true
	case elf.R_X86_64_PC32:
		return 4, true
	}
	return 0, false
}
