package tracefs

import (
	"encoding/binary"
	"reflect"
)

// Format is an event's format as the kernel describes it: the fields of its
// raw data and the text that prints them. It is immutable after ParseFormat
// and safe for concurrent use.
type Format struct {
	System string // the event's group, as given by who parsed it; may be ""
	Name   string
	ID     int // value for perf_event_attr.config of a tracepoint event

	Common []Field // fields of every event: common_type, common_pid, ...
	Fields []Field // the event's own fields, in the kernel's order

	PrintFmt string // the print format as the kernel wrote it

	prog *program // compiled PrintFmt
	err  error    // why PrintFmt could not be compiled
}

// Field is one field of an event's raw data.
type Field struct {
	Name   string // without array brackets
	Type   string // as the kernel writes it, without "__data_loc": "char[]", "unsigned long"
	Decl   string // the whole declaration: "__data_loc char[] name"
	Offset int    // bytes from the start of the raw data
	Size   int    // bytes in the raw data; 4 for a dynamic array's location
	Signed bool

	IsArray      bool // fixed-size, dynamic or relative array
	IsDynamic    bool // __data_loc: 16 bits length, 16 bits offset of the data
	IsRelDynamic bool // __rel_loc: as IsDynamic, the offset counts from behind the field
	IsString     bool // array of char
	IsPointer    bool
	IsLong       bool // long, unsigned long, or a pointer: as wide as a word of the kernel
	ElemSize     int  // bytes of an array's element; Size if it is no array
	Count        int  // elements of a fixed array; 0 for dynamic ones, 1 if it is no array
}

// Context is what printing needs to know beside the format and the data. A
// Context holds scratch memory: one goroutine at a time may use it.
type Context struct {
	// PointerSize is the size in bytes of a kernel's long: 4 or 8. 0 means 8.
	PointerSize int
	// Order is the byte order of the raw data. nil means this machine's.
	Order binary.ByteOrder
	// Symbol resolves kernel addresses for %pS, %ps and %pF. off is addr's
	// distance from the symbol's start. nil: addresses print as numbers.
	Symbol func(addr uint64) (name string, off uint64, ok bool)
	// Printk gives the string at an address of the kernel, from
	// printk_formats. nil: none is known.
	Printk func(addr uint64) (string, bool)
	// GoType names a type of the Go program of a path and build-id by the address of its descriptor, as the file is linked. nil:
	// types that an event does not bring along print as numbers.
	GoType func(path, buildID string, addr uint64) (GoType, bool)

	scratch scratch
}

// GoType is a type of a Go program that a Context knows.
type GoType struct {
	Name string
	Kind reflect.Kind
	Text bool // a string, or a structure that begins with one, or a pointer to such
}

// ParseFormat parses the text of a format file. The caller sets System.
// A print format that cannot be compiled is no error: see Format.PrintErr.
func ParseFormat(text []byte) (*Format, error) { return parseFormat(text) }

// PrintErr tells why the print format could not be compiled; nil if it was.
// AppendText then prints the fields one by one, as perf does.
func (f *Format) PrintErr() error { return f.err }

// Field returns the field called name, of the event's own or the common ones,
// or nil.
func (f *Format) Field(name string) *Field {
	for _, s := range [2][]Field{f.Fields, f.Common} {
		for i := range s {
			if s[i].Name == name {
				return &s[i]
			}
		}
	}
	return nil
}

// AppendText appends what the event's print format makes of raw, the event's
// data beginning with the common fields. It neither parses nor allocates
// (beyond growing dst), and never fails: what raw is too short for prints as
// zeros.
func (f *Format) AppendText(dst, raw []byte, c *Context) []byte { return f.appendText(dst, raw, c) }
