package tracefs

import (
	"bytes"
	"encoding/binary"
)

// data is the raw data of one event with what is needed to read numbers.
type data struct {
	raw  []byte
	big  bool
	word int // size of a kernel's long
}

func newData(raw []byte, c *Context) data {
	d := data{raw: raw, word: 8, big: nativeBig()}
	if c == nil {
		return d
	}
	if c.PointerSize == 4 {
		d.word = 4
	}
	switch c.Order {
	case binary.BigEndian:
		d.big = true
	case binary.LittleEndian:
		d.big = false
	}
	return d
}

func nativeBig() bool {
	var b [2]byte
	binary.NativeEndian.PutUint16(b[:], 1)
	return b[1] == 1
}

// number reads size bytes at off; outside of the data, and for sizes that are
// no number's, it is 0.
func (d *data) number(off, size int) uint64 {
	if off < 0 || size <= 0 || off > len(d.raw)-size {
		return 0
	}
	b := d.raw[off : off+size]
	switch size {
	case 1:
		return uint64(b[0])
	case 2:
		if d.big {
			return uint64(binary.BigEndian.Uint16(b))
		}
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		if d.big {
			return uint64(binary.BigEndian.Uint32(b))
		}
		return uint64(binary.LittleEndian.Uint32(b))
	case 8:
		if d.big {
			return binary.BigEndian.Uint64(b)
		}
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// slice is raw[off:off+n], as much of it as there is.
func (d *data) slice(off, n int) []byte {
	if off < 0 || n <= 0 || off >= len(d.raw) {
		return nil
	}
	return d.raw[off:min(off+n, len(d.raw))]
}

// dynamic reports whether the field holds the location of its data.
func (f *Field) dynamic() bool { return f.IsDynamic || f.IsRelDynamic }

// location reads the i-th location of a dynamic field: where its data starts
// and how many bytes it has.
func (f *Field) location(d *data, i int) (off, n int) {
	size := 4
	if i == 0 && f.Size == 8 {
		size = 8 // user events of old kernels
	}
	at := f.Offset + 4*i
	loc := d.number(at, size)
	off, n = int(loc&0xffff), int(loc>>16&0xffff)
	if f.IsRelDynamic {
		off += at + size
	}
	return off, n
}

// content is the field's bytes: a dynamic field's data, else the field itself.
func (f *Field) content(d *data, i int) []byte {
	if f.dynamic() {
		off, n := f.location(d, i)
		return d.slice(off, n)
	}
	n := f.Size
	if n == 0 { // the rest of the data
		n = len(d.raw) - f.Offset
	}
	return d.slice(f.Offset, n)
}

// ctype is the type of the field's value.
func (f *Field) ctype() ctype {
	t := ctype{size: uint8(min(f.Size, 8)), signed: f.Signed, pointer: f.IsPointer}
	if f.IsArray || f.IsPointer {
		t.elem = uint8(min(f.ElemSize, 8))
		t.signed = false
	}
	return t
}

// value is the field as a number, extended to 64 bits by its sign.
func (f *Field) value(d *data) uint64 {
	v := d.number(f.Offset, f.Size)
	if f.Signed {
		return ctype{size: uint8(min(f.Size, 8)), signed: true}.convert(v, d.word)
	}
	return v
}

// Uint reads the field as a number, without extending a sign. ok is false if
// it is no number, or raw is too short.
func (f *Field) Uint(raw []byte, c *Context) (v uint64, ok bool) {
	if !f.isNumber(raw) {
		return 0, false
	}
	d := newData(raw, c)
	return d.number(f.Offset, f.Size), true
}

// Int reads the field as a number, extended by its sign if it is signed.
func (f *Field) Int(raw []byte, c *Context) (v int64, ok bool) {
	if !f.isNumber(raw) {
		return 0, false
	}
	d := newData(raw, c)
	return int64(f.value(&d)), true
}

func (f *Field) isNumber(raw []byte) bool {
	switch f.Size {
	case 1, 2, 4, 8:
		return !f.dynamic() && f.Offset <= len(raw)-f.Size
	}
	return false
}

// Elem reads element i of an array of numbers, extended by its sign if the
// field is signed.
func (f *Field) Elem(raw []byte, i int, c *Context) (v uint64, ok bool) {
	d := newData(raw, c)
	b := f.content(&d, 0)
	if !f.IsArray || i < 0 || f.ElemSize <= 0 || i >= len(b)/f.ElemSize {
		return 0, false
	}
	e := data{raw: b, big: d.big, word: d.word}
	t := ctype{size: uint8(min(f.ElemSize, 8)), signed: f.Signed}
	return t.convert(e.number(i*f.ElemSize, f.ElemSize), d.word), true
}

// Bytes returns the field's bytes: the data of a dynamic field, else the field
// as it stands. They alias raw. ok is false if raw is too short.
func (f *Field) Bytes(raw []byte, c *Context) (b []byte, ok bool) {
	d := newData(raw, c)
	n := f.Size
	if f.dynamic() {
		if f.Offset > len(raw)-4 {
			return nil, false
		}
		_, n = f.location(&d, 0)
	}
	b = f.content(&d, 0)
	return b, len(b) >= n
}

// Str returns the field's bytes up to the first NUL. They alias raw.
func (f *Field) Str(raw []byte, c *Context) (s []byte, ok bool) {
	b, ok := f.Bytes(raw, c)
	return cstring(b), ok
}

func cstring(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}
