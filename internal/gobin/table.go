package gobin

import (
	"encoding/binary"
	"fmt"
	"iter"
	"sort"
	"sync"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// Func is a function of the table.
type Func struct {
	Name  string // as the linker has it, main.(*Store).Put
	Entry uint64 // virtual address as the file is linked
	End   uint64 // of the code, with what fills up to the next function
	Asm   bool   // written in assembly; known from Go 1.18 on
}

// Table is .gopclntab: the functions of a program of Go, which strip leaves in place. It is safe for concurrent use.
type Table struct {
	version tableVersion
	order   binary.ByteOrder
	pointer int
	count   int
	text    uint64 // address that entries count from, from Go 1.18 on
	names   []byte
	funcs   []byte // the functions' own data
	pctab   []byte // tables of values by program counter
	quantum byte   // bytes of code that a program counter's unit is
	index   []byte // entry and offset in funcs, count times, and the end
	width   int    // bytes of a number in index
	offsets bool   // entries are offsets from text; the layouts since Go 1.18
	trees   []byte // what functions' data of other kinds counts from (go:func.*), trees of inlined functions among it; nil if not known

	once   sync.Once
	byName map[string][]int32
}

// tableVersion is the layout, named after the first version of Go that has it.
type tableVersion uint32

const (
	version12  tableVersion = 0xfffffffb
	version116 tableVersion = 0xfffffffa
	version118 tableVersion = 0xfffffff0
	version120 tableVersion = 0xfffffff1
)

// FormatError is a table that cannot be read.
type FormatError struct {
	Offset int // in the section
	Msg    string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf(".gopclntab at offset %d: %s", e.Offset, e.Msg)
}

// readTable finds the table in the file.
func readTable(f *objfile.File) (*Table, error) {
	for _, name := range []string{".gopclntab", ".data.rel.ro.gopclntab"} {
		h, ok := f.SectionHeader(name)
		if !ok {
			continue
		}
		b, err := f.Data(h.Index)
		if err != nil {
			return nil, err
		}
		t, err := parseTable(b)
		if err != nil {
			return nil, err
		}
		if t.offsets {
			t.text = textStart(f, h.Addr, t)
		}
		return t, nil
	}
	return nil, &FormatError{Msg: "there is no such section"}
}

// parseTable reads the head of a table. Addresses in it count from 0 in the layouts that have offsets only, until text is set.
func parseTable(b []byte) (*Table, error) {
	if len(b) < 16 {
		return nil, &FormatError{Msg: fmt.Sprintf("%d bytes are no table", len(b))}
	}
	t := &Table{order: binary.LittleEndian, pointer: int(b[7])}
	if b[0] == 0xff {
		t.order = binary.BigEndian
	}
	t.version = tableVersion(t.order.Uint32(b))
	if t.pointer != 4 && t.pointer != 8 {
		return nil, &FormatError{Offset: 7, Msg: fmt.Sprintf("pointers of %d bytes", t.pointer)}
	}
	head, err := t.head(b)
	if err != nil {
		return nil, err
	}
	t.count = int(head.count)
	if max(head.funcs, head.names, head.index, head.pctab) > uint64(len(b)) {
		return nil, &FormatError{Offset: 8, Msg: "a part begins behind the end"}
	}
	t.names, t.funcs, t.pctab, t.quantum = b[head.names:], b[head.funcs:], b[head.pctab:], b[6]
	rest := b[head.index:]
	size := uint64(2*t.width)*head.count + uint64(t.width)
	if head.count > 1<<28 || size > uint64(len(rest)) {
		return nil, &FormatError{Offset: int(head.index), Msg: fmt.Sprintf("%d functions do not fit in %d bytes", head.count, len(rest))}
	}
	t.index = rest[:size]
	return t, nil
}

// tableHead says where the parts of a table are.
type tableHead struct{ count, names, pctab, funcs, index uint64 }

func (t *Table) head(b []byte) (tableHead, error) {
	word := func(n int) uint64 { return t.number(b, 8+n*t.pointer, t.pointer) }
	t.width = t.pointer
	switch t.version {
	case version12: // names and functions are counted from the begin of the section
		return tableHead{count: word(0), index: 8 + uint64(t.pointer)}, nil
	case version116:
		return tableHead{count: word(0), names: word(2), pctab: word(5), funcs: word(6), index: word(6)}, nil
	case version118, version120:
		t.width, t.offsets = 4, true
		t.text = word(2)
		return tableHead{count: word(0), names: word(3), pctab: word(6), funcs: word(7), index: word(7)}, nil
	}
	return tableHead{}, &FormatError{Msg: fmt.Sprintf("layout %#x is not known: those of Go 1.2 to 1.26 are", uint32(t.version))}
}

// number reads size bytes; 0 behind the end.
func (t *Table) number(b []byte, at, size int) uint64 {
	if at < 0 || at+size > len(b) {
		return 0
	}
	if size == 4 {
		return uint64(t.order.Uint32(b[at:]))
	}
	return t.order.Uint64(b[at:])
}

// Len is how many functions there are.
func (t *Table) Len() int { return t.count }

// entry is the address of function i; of the end of all for i == Len.
func (t *Table) entry(i int) uint64 {
	v := t.number(t.index, 2*i*t.width, t.width)
	if t.offsets {
		v += t.text
	}
	return v
}

// At returns function i, in the order of addresses.
func (t *Table) At(i int) Func {
	f := Func{Entry: t.entry(i), End: t.entry(i + 1)}
	data := t.data(i)
	if data == nil {
		return f
	}
	begin := t.pointer // of what follows the entry
	if t.offsets {
		begin = 4
	}
	f.Name = t.name(t.number(data, begin, 4))
	if t.offsets {
		const asm = 4
		flags, _ := t.flags(data)
		f.Asm = flags&asm != 0
	}
	return f
}

// maxName bounds a name; instances of generic functions have long ones.
const maxName = 1 << 14

func (t *Table) name(at uint64) string {
	if at >= uint64(len(t.names)) {
		return ""
	}
	b := t.names[at:min(uint64(len(t.names)), at+maxName)]
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return ""
}

// All yields the functions in the order of addresses.
func (t *Table) All() iter.Seq[Func] {
	return func(yield func(Func) bool) {
		for i := range t.count {
			if !yield(t.At(i)) {
				return
			}
		}
	}
}

// Find returns the function that an address lies in.
func (t *Table) Find(addr uint64) (Func, bool) {
	i, ok := t.find(addr)
	if !ok {
		return Func{}, false
	}
	return t.At(i), true
}

// find returns the number of the function that an address lies in.
func (t *Table) find(addr uint64) (int, bool) {
	i := sort.Search(t.count, func(i int) bool { return t.entry(i) > addr }) - 1
	return i, i >= 0 && addr < t.entry(i+1)
}

// Named returns the functions of a name: several, if one of Go has a wrapper for assembly, or the other way round.
func (t *Table) Named(name string) []Func {
	t.once.Do(func() {
		t.byName = make(map[string][]int32, t.count)
		for i := range t.count {
			n := t.At(i).Name
			t.byName[n] = append(t.byName[n], int32(i))
		}
	})
	var out []Func
	for _, i := range t.byName[name] {
		out = append(out, t.At(int(i)))
	}
	return out
}
