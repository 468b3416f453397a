// Package sdtnote reads the static markers (USDT) of programs and libraries: the notes that the macros of <sys/sdt.h> leave in
// .note.stapsdt, each with a place, a semaphore, and the operands in which the compiler holds the arguments.
//
// The layout is SystemTap's: https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation
package sdtnote

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// GroupPrefix is what perf puts before a marker's provider in the names of its events.
const GroupPrefix = "sdt_"

// Section is where the notes are.
const Section = ".note.stapsdt"

const (
	noteType = 3 // NT_STAPSDT
	owner    = "stapsdt\x00"
)

// Marker is one place of a static marker; a name may stand at several.
type Marker struct {
	Provider  string
	Name      string
	PC        uint64 // virtual address as the file is linked; of a nop
	Semaphore uint64 // virtual address of a 16-bit counter that is not 0 while somebody traces; 0 without one
	Args      string // operands as the compiler wrote them: "8@%rdi -4@$5"
}

// CorruptError is a note that cannot be read.
type CorruptError struct {
	Path   string
	Offset int // in the section
	Msg    string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("%s of %s: offset %#x: %s", Section, e.Path, e.Offset, e.Msg)
}

// Hint returns the next step.
func (e *CorruptError) Hint() string {
	return "the file is damaged, or was changed after it was linked; readelf -n shows its notes"
}

// Read returns the markers of a file in the order of their notes. None and no error: it has none. A damaged note ends the
// list: what was read before it comes with a *CorruptError.
func Read(f *objfile.File) ([]Marker, error) {
	var all []Marker
	base, moved := baseOf(f)
	for _, s := range f.Sections() {
		if s.Name != Section || s.Type != elf.SHT_NOTE {
			continue
		}
		b, err := f.Data(s.Index)
		if err != nil {
			return all, err
		}
		markers, at, msg := parse(b, f.Order(), f.PointerSize(), base, moved)
		all = append(all, markers...)
		if msg != "" {
			return all, &CorruptError{Path: f.Path(), Offset: at, Msg: msg}
		}
	}
	return all, nil
}

// baseOf returns the address of .stapsdt.base. Each note tells where it was when the note was written: prelink moves sections
// but does not know of the notes, so all their addresses are off by the difference.
func baseOf(f *objfile.File) (uint64, bool) {
	s, ok := f.SectionHeader(".stapsdt.base")
	return s.Addr, ok
}

// parse walks over the notes of a section. A message tells what is wrong at an offset.
func parse(b []byte, order binary.ByteOrder, pointer int, base uint64, moved bool) (all []Marker, at int, msg string) {
	const header = 12
	size := len(b)
	for at = 0; size-at >= header; {
		nameSize, descSize := uint64(order.Uint32(b[at:])), uint64(order.Uint32(b[at+4:]))
		kind := order.Uint32(b[at+8:])
		desc := uint64(at) + header + (nameSize+3)&^3
		end := desc + descSize
		if end > uint64(size) {
			return all, at, fmt.Sprintf("a note of %d bytes ends behind the section", nameSize+descSize)
		}
		if kind == noteType && nameSize == uint64(len(owner)) && string(b[at+header:at+header+len(owner)]) == owner {
			m, why := marker(b[desc:end], order, pointer, base, moved)
			if why != "" {
				return all, at, why
			}
			all = append(all, m)
		}
		at = int(min((end+3)&^3, uint64(size)))
	}
	return all, 0, ""
}

// marker reads a note's description: three addresses and three strings.
func marker(d []byte, order binary.ByteOrder, pointer int, base uint64, moved bool) (Marker, string) {
	if len(d) < 3*pointer {
		return Marker{}, "the note is too short for its addresses"
	}
	address := func(i int) uint64 {
		if pointer == 4 {
			return uint64(order.Uint32(d[i*4:]))
		}
		return order.Uint64(d[i*8:])
	}
	m := Marker{PC: address(0), Semaphore: address(2)}
	if moved {
		shift := base - address(1)
		m.PC += shift
		if m.Semaphore != 0 {
			m.Semaphore += shift
		}
	}
	rest := d[3*pointer:]
	for _, s := range []*string{&m.Provider, &m.Name, &m.Args} {
		n := bytes.IndexByte(rest, 0)
		if n < 0 {
			return Marker{}, "a string of the note has no end"
		}
		*s, rest = string(rest[:n]), rest[n+1:]
	}
	if m.Provider == "" || m.Name == "" {
		return Marker{}, "the note has no name"
	}
	return m, ""
}
