package gobin

import (
	"debug/elf"
	"encoding/binary"
	"reflect"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// HeldType is a type whose values a program converts to an interface, as its descriptor tells, which stripping leaves.
type HeldType struct {
	Addr uint64 // of the descriptor, as the file is linked
	Name string // with the package's name, not its path: *fs.PathError
	// Text tells that an interface with a value of the type points to a string, or to a structure that begins with one.
	Text bool
	Kind reflect.Kind
}

// The layout of abi.Type, in 64-bit programs: since Go 1.17 a name has its length as a varint.
const (
	tflagField, kindField, nameField = 20, 23, 40 // of every type
	typeSize                         = 48
	elemField                        = typeSize      // of a pointer
	fieldsField                      = typeSize + 8  // of a structure: a slice of fields
	structFieldType                  = 8             // of a field: its type, behind its name
	kindMask, kindPointer            = 1<<5 - 1, 22  // GOOS wide
	kindString, kindStruct           = 24, 25        //
	extraStar                        = 1 << 1        // of tflag: the name has a star too many
	maxHeld, maxTypeName             = 100_000, 1024 // bounds of damaged files
)

// Held returns the types that the program converts to the interface of a name ("error"): the linker lists a table for each pair. There are none
// where the tables cannot be read.
func Held(f *objfile.File, iface string) []HeldType {
	t := typeReader{find: sections(f)}
	if !t.open(f) {
		return nil
	}
	return t.held(iface)
}

// sections finds the section of a file that has an address.
func sections(f *objfile.File) func(addr uint64) section {
	return func(addr uint64) section {
		h, ok := f.SectionOf(addr)
		if !ok || h.Type == elf.SHT_NOBITS {
			return section{}
		}
		data, err := f.Data(h.Index)
		if err != nil {
			return section{}
		}
		return section{h.Addr, data}
	}
}

// typeReader reads descriptors of types as the program has them once it is loaded where it was linked.
type typeReader struct {
	find  func(addr uint64) section
	last  section           // the one that was read last
	links uint64            // where the addresses of the tables are
	count int               // how many
	base  uint64            // of names
	relas map[uint64]uint64 // of a position independent program
}

type section struct {
	addr uint64
	data []byte
}

func (t *typeReader) held(iface string) []HeldType {
	var out []HeldType
	for i := range min(t.count, maxHeld) {
		table := t.pointer(t.links + uint64(8*i))
		if t.name(t.pointer(table)) != iface {
			continue
		}
		addr := t.pointer(table + 8)
		if name := t.name(addr); name != "" {
			out = append(out, HeldType{Addr: addr, Name: name, Text: t.text(addr), Kind: reflect.Kind(t.kind(addr))})
		}
	}
	return out
}

// open finds the tables. Names are counted from where the types begin: the section's begin.
func (t *typeReader) open(f *objfile.File) bool {
	if m := f.Machine(); m != elf.EM_X86_64 && m != elf.EM_AARCH64 {
		return false
	}
	for _, s := range [...][2]string{{".itablink", ".rodata"}, {".data.rel.ro.itablink", ".data.rel.ro"}} {
		links, ok := f.SectionHeader(s[0])
		types, found := f.SectionHeader(s[1])
		if ok && found {
			t.links, t.count, t.base = links.Addr, int(links.Size/8), types.Addr
			t.relocate(f)
			return true
		}
	}
	return false
}

func (t *typeReader) relocate(f *objfile.File) {
	h, ok := f.SectionHeader(".rela.dyn")
	if !ok {
		return
	}
	data, err := f.Data(h.Index)
	if err != nil {
		return // the file's own bytes are all there is
	}
	m := memory{f: f, t: &Table{order: binary.LittleEndian, pointer: 8}, relas: data}
	t.relas = make(map[uint64]uint64, len(data)/relaSize)
	for i := 0; i+relaSize <= len(data); i += relaSize {
		if at, value, ok := m.rela(i); ok {
			t.relas[at] = value
		}
	}
}

// bytes returns up to n bytes at an address.
func (t *typeReader) bytes(addr uint64, n int) []byte {
	if addr-t.last.addr >= uint64(len(t.last.data)) {
		s := t.find(addr)
		if addr-s.addr >= uint64(len(s.data)) {
			return nil
		}
		t.last = s
	}
	b := t.last.data[addr-t.last.addr:]
	return b[:min(n, len(b))]
}

func (t *typeReader) pointer(addr uint64) uint64 {
	if value, ok := t.relas[addr]; ok {
		return value
	}
	if b := t.bytes(addr, 8); len(b) == 8 {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// name is that of the type at an address; "" if there is none.
func (t *typeReader) name(addr uint64) string {
	d := t.bytes(addr, typeSize)
	if len(d) < typeSize {
		return ""
	}
	star := d[tflagField]&extraStar != 0
	b := t.bytes(t.base+uint64(binary.LittleEndian.Uint32(d[nameField:])), 1+binary.MaxVarintLen32+maxTypeName)
	if len(b) < 2 {
		return ""
	}
	n, used := binary.Uvarint(b[1:])
	if used <= 0 || n == 0 || n > maxTypeName || uint64(len(b)-1-used) < n {
		return ""
	}
	name := string(b[1+used:][:n])
	for i := range len(name) {
		if name[i] < ' ' || name[i] == 0x7f {
			return ""
		}
	}
	if star && name[0] == '*' {
		name = name[1:]
	}
	return name
}

func (t *typeReader) kind(addr uint64) byte {
	if d := t.bytes(addr, typeSize); len(d) == typeSize {
		return d[kindField] & kindMask
	}
	return 0
}

// text tells whether what an interface points to begins with a string.
func (t *typeReader) text(addr uint64) bool {
	if t.kind(addr) == kindPointer {
		if addr = t.pointer(addr + elemField); t.kind(addr) != kindStruct {
			return false
		}
	}
	for range 4 { // structures whose first member is a structure
		if t.kind(addr) != kindStruct {
			break
		}
		if count := t.pointer(addr + fieldsField + 8); count == 0 {
			return false
		}
		addr = t.pointer(t.pointer(addr+fieldsField) + structFieldType)
	}
	return t.kind(addr) == kindString
}
