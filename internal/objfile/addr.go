package objfile

import (
	"debug/elf"
	"slices"
	"strings"
)

// FileOffset says where in the file the byte at virtual address vaddr is. It is false for addresses outside all PT_LOAD segments and for
// zero-filled memory behind a segment's file part. A uprobe is placed by this offset.
func (f *File) FileOffset(vaddr uint64) (uint64, bool) {
	for i := range f.segments {
		s := &f.segments[i]
		if vaddr >= s.VAddr && vaddr-s.VAddr < s.FileSize {
			return s.Offset + (vaddr - s.VAddr), true
		}
	}
	return 0, false
}

// VAddr is the virtual address at which the file's byte at off stands in memory, before any load bias. Segments that may be executed are
// preferred, since linkers let the pages at a segment's border appear in two of them.
func (f *File) VAddr(off uint64) (uint64, bool) {
	found, ok := uint64(0), false
	for i := range f.segments {
		s := &f.segments[i]
		if off < s.Offset || off-s.Offset >= s.FileSize {
			continue
		}
		if !ok || s.Flags&elf.PF_X != 0 {
			found, ok = s.VAddr+(off-s.Offset), true
		}
		if s.Flags&elf.PF_X != 0 {
			break
		}
	}
	return found, ok
}

// VAddrInPage is VAddr for an offset seen through a mapping of whole pages: the kernel maps the pages around a segment's file part too, so
// an offset just outside of a segment may still be reached through it.
func (f *File) VAddrInPage(off uint64) (uint64, bool) {
	if v, ok := f.VAddr(off); ok {
		return v, true
	}
	const page = 4096
	for i := range f.segments {
		s := &f.segments[i]
		start := s.Offset &^ (page - 1)
		end := (s.Offset + s.FileSize + page - 1) &^ uint64(page-1)
		if s.FileSize > 0 && end > start && off >= start && off < end {
			return s.VAddr + (off - s.Offset), true
		}
	}
	return 0, false
}

// SectionOf returns the allocated section that holds virtual address vaddr.
func (f *File) SectionOf(vaddr uint64) (Section, bool) {
	for i := range f.sections {
		s := &f.sections[i]
		if s.Flags&elf.SHF_ALLOC != 0 && s.Flags&elf.SHF_TLS == 0 && vaddr >= s.Addr && vaddr-s.Addr < s.Size {
			return *s, true
		}
	}
	return Section{}, false
}

// TextBias is vaddr minus file offset in .text: what perf calls the text section's address offset. A uprobe given as an address or
// `+0xOFF` is brought to a file offset by subtracting it. False without a .text that has an address.
func (f *File) TextBias() (uint64, bool) {
	s, ok := f.SectionHeader(".text")
	if !ok || s.Type == elf.SHT_NOBITS {
		return 0, false
	}
	return s.Addr - s.Offset, true
}

// InText reports whether vaddr lies in a section that may be executed.
func (f *File) InText(vaddr uint64) bool {
	s, ok := f.SectionOf(vaddr)
	return ok && s.Flags&elf.SHF_EXECINSTR != 0
}

// kernelSections are in every Linux kernel image and in nothing else.
var kernelSections = [...]string{"__ksymtab", "__ksymtab_strings"}

// IsKernelImage reports whether the file is a vmlinux, as opposed to a program, a library or a kernel module.
func (f *File) IsKernelImage() bool {
	if f.typ == elf.ET_REL || f.HasSection(".interp") {
		return false
	}
	return slices.ContainsFunc(kernelSections[:], func(n string) bool { _, ok := f.byName[n]; return ok }) &&
		len(f.sections) > 0
}

// IsKernelModule reports whether the file is a .ko.
func (f *File) IsKernelModule() bool {
	_, modinfo := f.byName[".modinfo"]
	_, this := f.byName[".gnu.linkonce.this_module"]
	return f.typ == elf.ET_REL && (modinfo || this)
}

// IsRelocatable tells files that are not linked: .o, and kernel modules.
func (f *File) IsRelocatable() bool { return f.typ == elf.ET_REL }

// IsSharedObject reports whether the name or the file looks like a library: it has no program interpreter and is position independent.
func (f *File) IsSharedObject() bool {
	return f.typ == elf.ET_DYN && (!f.HasSection(".interp") || strings.Contains(f.path, ".so"))
}
