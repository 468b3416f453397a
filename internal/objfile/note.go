package objfile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
)

const (
	noteGNUBuildID = 3
	// maxBuildID is more than any linker writes (20, or 32 by --build-id=0x…).
	maxBuildID = 64
)

// BuildID is the file's NT_GNU_BUILD_ID, nil if it has none. It comes from the sections that perf looks at (.note.gnu.build-id, .notes of
// a vmlinux, .note of a vdso), else from the PT_NOTE segments, which survive when section headers are stripped. See elf_read_build_id in
// tools/perf/util/symbol-elf.c.
func (f *File) BuildID() []byte {
	for _, name := range [...]string{".note.gnu.build-id", ".notes", ".note"} {
		s, ok := f.SectionHeader(name)
		if !ok {
			continue
		}
		if id := buildIDNote(f.fileBytes(&s), f.order); id != nil {
			return id
		}
	}
	for i := range f.sections {
		if s := &f.sections[i]; s.Type == elf.SHT_NOTE {
			if id := buildIDNote(f.fileBytes(s), f.order); id != nil {
				return id
			}
		}
	}
	return f.buildIDFromSegments()
}

func (f *File) buildIDFromSegments() []byte {
	var found []byte
	f.notes(func(b []byte) bool {
		found = buildIDNote(b, f.order)
		return found == nil
	})
	return found
}

// notes calls yield with each PT_NOTE segment's bytes.
func (f *File) notes(yield func([]byte) bool) {
	o, d := f.order, f.data
	var off uint64
	var entsize, num uint16
	if f.Is64() {
		off, entsize, num = o.Uint64(d[32:]), o.Uint16(d[54:]), o.Uint16(d[56:])
	} else {
		off, entsize, num = uint64(o.Uint32(d[28:])), o.Uint16(d[42:]), o.Uint16(d[44:])
	}
	if entsize < phdrSize32 || f.Is64() && entsize < phdrSize64 {
		return
	}
	for t := f.table(off, uint64(entsize), uint64(num)); len(t) >= int(entsize); t = t[entsize:] {
		if elf.ProgType(o.Uint32(t)) != elf.PT_NOTE {
			continue
		}
		s := f.segment(t)
		if n := uint64(len(d)); s.Offset < n && !yield(d[s.Offset:s.Offset+min(s.FileSize, n-s.Offset)]) {
			return
		}
	}
}

// ParseBuildIDNotes finds NT_GNU_BUILD_ID in a sequence of ELF notes in this machine's byte order, such as /sys/kernel/notes or
// /sys/module/NAME/notes/.note.gnu.build-id. It returns nil if there is none.
func ParseBuildIDNotes(notes []byte) []byte {
	return buildIDNote(notes, binary.NativeEndian)
}

func buildIDNote(b []byte, order binary.ByteOrder) []byte {
	for len(b) >= 12 {
		namesz, descsz, typ := uint64(order.Uint32(b)), uint64(order.Uint32(b[4:])), order.Uint32(b[8:])
		b = b[12:]
		nameEnd, descEnd := (namesz+3)&^3, (descsz+3)&^3
		if nameEnd+descsz > uint64(len(b)) {
			return nil
		}
		if typ == noteGNUBuildID && namesz == 4 && string(b[:4]) == "GNU\x00" && descsz > 0 && descsz <= maxBuildID {
			return bytes.Clone(b[nameEnd : nameEnd+descsz])
		}
		b = b[min(nameEnd+descEnd, uint64(len(b))):]
	}
	return nil
}

// DebugLink is the content of .gnu_debuglink: the base name of the separate debug file and the CRC-32 of its bytes.
func (f *File) DebugLink() (name string, crc uint32, ok bool) {
	b, err := f.Section(".gnu_debuglink")
	if err != nil {
		return "", 0, false
	}
	end := bytes.IndexByte(b, 0)
	if end <= 0 {
		return "", 0, false
	}
	at := (end + 4) &^ 3
	if at+4 > len(b) {
		return "", 0, false
	}
	return string(b[:end]), f.order.Uint32(b[at:]), true
}

// AltLink is the content of .gnu_debugaltlink, or of DWARF 5's .debug_sup, which dwz writes: the path of the file with the shared debug
// info and its build-id or checksum.
func (f *File) AltLink() (path string, buildID []byte, ok bool) {
	b, err := f.Section(".gnu_debugaltlink")
	if err != nil {
		name, sum, is := f.supplement()
		return name, sum, !is && name != ""
	}
	end := bytes.IndexByte(b, 0)
	if end <= 0 {
		return "", nil, false
	}
	return string(b[:end]), bytes.Clone(b[end+1:]), true
}

// SupplementID is the checksum of a supplementary file by its own .debug_sup, nil for any other.
func (f *File) SupplementID() []byte {
	_, sum, is := f.supplement()
	if !is {
		return nil
	}
	return sum
}

// supplement reads .debug_sup (DWARF 5, 7.3.6): a version, whether the file itself is supplementary, the name of the other file, and a checksum
// that both have.
func (f *File) supplement() (name string, sum []byte, is bool) {
	const fixed = 3 // bytes before the name
	b, err := f.Section(".debug_sup")
	if err != nil || len(b) < fixed || f.order.Uint16(b) != 5 {
		return "", nil, false
	}
	is, b = b[2] == 1, b[fixed:]
	end := bytes.IndexByte(b, 0)
	if end < 0 {
		return "", nil, false
	}
	name, b = string(b[:end]), b[end+1:]
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) || n > maxBuildID {
		return "", nil, false
	}
	return name, bytes.Clone(b[size : size+int(n)]), is
}
