package argtype

import (
	"fmt"
	"math"
	"strconv"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Bound is an event's meaning tied to its format: it reads values from raw
// data. It is immutable and safe for concurrent use.
type Bound struct {
	fields []boundField
	ip     []*tracefs.Field // __probe_ip, or __probe_func and __probe_ret_ip
}

type boundField struct {
	*Field
	raw    *tracefs.Field
	length *tracefs.Field // of a GoString
}

// Bind looks up the raw fields of e in f. A field that f lacks is an error:
// the types belong to another event then.
func Bind(e *Event, f *tracefs.Format) (*Bound, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	b := &Bound{}
	for _, name := range [...]string{"__probe_func", "__probe_ret_ip", "__probe_ip"} {
		if fl := f.Field(name); fl != nil {
			b.ip = append(b.ip, fl)
		}
	}
	for i := range e.Fields {
		bf := boundField{Field: &e.Fields[i]}
		for j, name := range bf.Raw {
			fl := f.Field(name)
			if fl == nil {
				return nil, fmt.Errorf("%s:%s has no field %q that the types name", e.Group, e.Name, name)
			}
			if j == 0 {
				bf.raw = fl
			} else {
				bf.length = fl
			}
		}
		b.fields = append(b.fields, bf)
	}
	return b, nil
}

// Len is the number of values.
func (b *Bound) Len() int { return len(b.fields) }

// Field describes value i.
func (b *Bound) Field(i int) *Field { return b.fields[i].Field }

// AppendText appends the values as the kernel's print format of a probe does:
// "(5581a2) a=1 s="text"".
func (b *Bound) AppendText(dst, raw []byte, c *tracefs.Context) []byte {
	dst = b.appendIP(dst, raw, c)
	for i := range b.fields {
		dst = append(dst, ' ')
		dst = append(dst, b.fields[i].Name...)
		dst = append(dst, '=')
		dst = b.AppendValue(dst, i, raw, c)
	}
	return dst
}

func (b *Bound) appendIP(dst, raw []byte, c *tracefs.Context) []byte {
	dst = append(dst, '(')
	for i, f := range b.ip {
		if i > 0 {
			dst = append(dst, " <- "...)
		}
		v, _ := f.Uint(raw, c)
		dst = strconv.AppendUint(dst, v, 16)
	}
	return append(dst, ')')
}

// AppendValue appends value i of an event's raw data.
func (b *Bound) AppendValue(dst []byte, i int, raw []byte, c *tracefs.Context) []byte {
	f := &b.fields[i]
	if f.raw == nil {
		return append(dst, '?')
	}
	switch f.Type.Kind {
	case String:
		s, _ := f.raw.Str(raw, c)
		return appendQuoted(dst, s)
	case GoString:
		return f.appendGoString(dst, raw, c)
	}
	v, _ := f.raw.Uint(raw, c)
	return f.appendNumber(dst, v)
}

// appendNumber appends v, cut to the size that the value has in the traced
// program.
func (f *boundField) appendNumber(dst []byte, v uint64) []byte {
	size := f.Type.Size
	if size <= 0 || size > f.raw.Size {
		size = f.raw.Size
	}
	shift := uint(64 - 8*min(max(size, 1), 8))
	unsigned := v << shift >> shift
	signed := int64(v<<shift) >> shift
	switch f.Type.Kind {
	case Int:
		return strconv.AppendInt(dst, signed, 10)
	case Hex:
		dst = append(dst, "0x"...)
		return strconv.AppendUint(dst, unsigned, 16)
	case Bool:
		return strconv.AppendBool(dst, unsigned != 0)
	case Char:
		return strconv.AppendQuoteRune(dst, rune(byte(unsigned)))
	case Enum:
		return f.appendEnum(dst, signed, unsigned)
	case Float32:
		return strconv.AppendFloat(dst, float64(math.Float32frombits(uint32(v))), 'g', -1, 32)
	case Float64:
		return strconv.AppendFloat(dst, math.Float64frombits(v), 'g', -1, 64)
	}
	return strconv.AppendUint(dst, unsigned, 10)
}

// appendEnum appends the name of a value, or the number if it has none.
func (f *boundField) appendEnum(dst []byte, signed int64, unsigned uint64) []byte {
	for i := range f.Type.Values {
		if v := f.Type.Values[i].Value; v == signed || uint64(v) == unsigned {
			return append(dst, f.Type.Values[i].Name...)
		}
	}
	return strconv.AppendInt(dst, signed, 10)
}

// fault is what a kernel since 6.1 stores for a string that it cannot read.
const fault = "(fault)"

func (f *boundField) appendGoString(dst, raw []byte, c *tracefs.Context) []byte {
	b, _ := f.raw.Bytes(raw, c)
	n, _ := f.length.Uint(raw, c)
	if f.raw.IsString {
		b, _ = f.raw.Str(raw, c)
		if n != 0 && len(b) == 0 || string(b) == fault && n != uint64(len(fault)) {
			return append(dst, fault...)
		}
	}
	if n < uint64(len(b)) {
		b = b[:n]
	}
	dst = appendQuoted(dst, b)
	if n > uint64(len(b)) {
		dst = append(dst, "..."...)
	}
	return dst
}

func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
