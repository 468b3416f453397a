package objfile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
)

// Sizes of the headers, by class.
const (
	ehdrSize32, ehdrSize64 = 52, 64
	phdrSize32, phdrSize64 = 32, 56
	shdrSize32, shdrSize64 = 40, 64
)

// parse reads the ELF header, the program headers and the section headers. A file whose section headers are cut off is still usable by its
// segments.
func (f *File) parse() error {
	d := f.data
	if len(d) < elf.EI_NIDENT || string(d[:4]) != elf.ELFMAG {
		return ErrNotELF
	}
	f.class = elf.Class(d[elf.EI_CLASS])
	switch elf.Data(d[elf.EI_DATA]) {
	case elf.ELFDATA2LSB:
		f.order = binary.LittleEndian
	case elf.ELFDATA2MSB:
		f.order = binary.BigEndian
	default:
		return fmt.Errorf("%w: byte order %d is unknown", ErrNotELF, d[elf.EI_DATA])
	}
	switch f.class {
	case elf.ELFCLASS32:
		if len(d) < ehdrSize32 {
			return fmt.Errorf("%w: the header is cut short", ErrNotELF)
		}
		f.parse32()
	case elf.ELFCLASS64:
		if len(d) < ehdrSize64 {
			return fmt.Errorf("%w: the header is cut short", ErrNotELF)
		}
		f.parse64()
	default:
		return fmt.Errorf("%w: class %d is unknown", ErrNotELF, d[elf.EI_CLASS])
	}
	return nil
}

func (f *File) parse32() {
	o, d := f.order, f.data
	f.typ, f.machine = elf.Type(o.Uint16(d[16:])), elf.Machine(o.Uint16(d[18:]))
	f.entry = uint64(o.Uint32(d[24:]))
	f.readSections(uint64(o.Uint32(d[32:])), o.Uint16(d[46:]), o.Uint16(d[48:]), o.Uint16(d[50:]))
	f.readSegments(uint64(o.Uint32(d[28:])), o.Uint16(d[42:]), o.Uint16(d[44:]))
}

func (f *File) parse64() {
	o, d := f.order, f.data
	f.typ, f.machine = elf.Type(o.Uint16(d[16:])), elf.Machine(o.Uint16(d[18:]))
	f.entry = o.Uint64(d[24:])
	f.readSections(o.Uint64(d[40:]), o.Uint16(d[58:]), o.Uint16(d[60:]), o.Uint16(d[62:]))
	f.readSegments(o.Uint64(d[32:]), o.Uint16(d[54:]), o.Uint16(d[56:]))
}

// table returns count entries of size bytes at off, as many of them as the file has whole.
func (f *File) table(off uint64, size, count uint64) []byte {
	n := uint64(len(f.data))
	if off >= n || size == 0 {
		return nil
	}
	count = min(count, (n-off)/size)
	return f.data[off : off+count*size]
}

func (f *File) readSegments(off uint64, entsize, num uint16) {
	want := phdrSize64
	if !f.Is64() {
		want = phdrSize32
	}
	if int(entsize) < want {
		return
	}
	count := uint64(num)
	if num == 0xffff && len(f.sections) > 0 { // PN_XNUM: the count is in section 0's info
		count = uint64(f.sections[0].Info)
	}
	t := f.table(off, uint64(entsize), count)
	for ; len(t) >= int(entsize); t = t[entsize:] {
		if elf.ProgType(f.order.Uint32(t)) == elf.PT_LOAD {
			f.segments = append(f.segments, f.segment(t))
		}
	}
}

func (f *File) segment(b []byte) Segment {
	o := f.order
	if !f.Is64() {
		return Segment{
			Flags: elf.ProgFlag(o.Uint32(b[24:])), Offset: uint64(o.Uint32(b[4:])), VAddr: uint64(o.Uint32(b[8:])),
			FileSize: uint64(o.Uint32(b[16:])), MemSize: uint64(o.Uint32(b[20:])), Align: uint64(o.Uint32(b[28:])),
		}
	}
	return Segment{
		Flags: elf.ProgFlag(o.Uint32(b[4:])), Offset: o.Uint64(b[8:]), VAddr: o.Uint64(b[16:]),
		FileSize: o.Uint64(b[32:]), MemSize: o.Uint64(b[40:]), Align: o.Uint64(b[48:]),
	}
}

func (f *File) readSections(off uint64, entsize, num, strndx uint16) {
	want := shdrSize64
	if !f.Is64() {
		want = shdrSize32
	}
	if off == 0 || int(entsize) < want {
		return
	}
	count, names := uint64(num), uint32(strndx)
	if first := f.table(off, uint64(entsize), 1); len(first) > 0 {
		s0, _ := f.section(0, first)
		if num == 0 { // more than 0xff00 sections: the count is in section 0's size
			count = s0.Size
		}
		if elf.SectionIndex(strndx) == elf.SHN_XINDEX {
			names = s0.Link
		}
	}
	t := f.table(off, uint64(entsize), count)
	n := len(t) / int(entsize)
	f.sections = make([]Section, n)
	nameOff := make([]uint32, n)
	for i := range f.sections {
		f.sections[i], nameOff[i] = f.section(i, t[i*int(entsize):])
	}
	f.nameSections(names, nameOff)
}

func (f *File) section(i int, b []byte) (Section, uint32) {
	o := f.order
	s := Section{Index: i, Type: elf.SectionType(o.Uint32(b[4:]))}
	if f.Is64() {
		s.Flags, s.Addr, s.Offset = elf.SectionFlag(o.Uint64(b[8:])), o.Uint64(b[16:]), o.Uint64(b[24:])
		s.Size, s.Link, s.Info = o.Uint64(b[32:]), o.Uint32(b[40:]), o.Uint32(b[44:])
		s.AddrAlign, s.EntSize = o.Uint64(b[48:]), o.Uint64(b[56:])
	} else {
		s.Flags, s.Addr, s.Offset = elf.SectionFlag(o.Uint32(b[8:])), uint64(o.Uint32(b[12:])), uint64(o.Uint32(b[16:]))
		s.Size, s.Link, s.Info = uint64(o.Uint32(b[20:])), o.Uint32(b[24:]), o.Uint32(b[28:])
		s.AddrAlign, s.EntSize = uint64(o.Uint32(b[32:])), uint64(o.Uint32(b[36:]))
	}
	return s, o.Uint32(b)
}

// maxSectionName bounds what a name may take; longer ones are no names.
const maxSectionName = 4096

func (f *File) nameSections(strndx uint32, nameOff []uint32) {
	f.byName = make(map[string]int, len(f.sections))
	if int64(strndx) >= int64(len(f.sections)) {
		return
	}
	tab := f.fileBytes(&f.sections[strndx])
	for i, off := range nameOff {
		if uint64(off) >= uint64(len(tab)) {
			continue
		}
		name := tab[off:]
		name = name[:min(len(name), maxSectionName)]
		end := bytes.IndexByte(name, 0)
		if end <= 0 {
			continue
		}
		s := string(name[:end])
		f.sections[i].Name = s
		if _, dup := f.byName[s]; !dup {
			f.byName[s] = i
		}
	}
}

// fileBytes is the part of a section that the file really has.
func (f *File) fileBytes(s *Section) []byte {
	n := uint64(len(f.data))
	if s.Type == elf.SHT_NOBITS || s.Offset >= n {
		return nil
	}
	return f.data[s.Offset : s.Offset+min(s.Size, n-s.Offset)]
}
