package argtype

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Bound is an event's meaning tied to its format: it reads values from raw
// data. It is immutable and safe for concurrent use.
type Bound struct {
	format *tracefs.Format
	values []boundField
}

// boundField is one value as shown.
type boundField struct {
	*Field
	raw    *tracefs.Field
	index  int            // of raw in the format's fields
	length *tracefs.Field // of a GoString
}

// Bind looks up the raw fields of e in f. Fields of f that e does not name
// are shown by the kernel's format, in their place. A field that f lacks is an
// error: the types belong to another event then.
func Bind(e *Event, f *tracefs.Format) (*Bound, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	b := &Bound{format: f}
	meant := make(map[string]*Field)
	hidden := make(map[string]bool) // lengths, which show in their strings
	for i := range e.Fields {
		fl := &e.Fields[i]
		for j, name := range fl.Raw {
			if f.Field(name) == nil {
				return nil, fmt.Errorf("%s:%s has no field %q that the types name", e.Group, e.Name, name)
			}
			if j == 0 {
				meant[name] = fl
			} else {
				hidden[name] = true
			}
		}
	}
	for i := range f.Fields {
		raw := &f.Fields[i]
		switch fl := meant[raw.Name]; {
		case strings.HasPrefix(raw.Name, "__probe_"): // in the head
		case fl != nil:
			v := boundField{Field: fl, raw: raw, index: i}
			if fl.Type.Kind == GoString {
				v.length = f.Field(fl.Raw[1])
			}
			b.values = append(b.values, v)
		case !hidden[raw.Name]:
			b.values = append(b.values, boundField{Field: &Field{Name: raw.Name, Raw: []string{raw.Name}}, raw: raw, index: i})
		}
	}
	return b, nil
}

// Len is the number of values.
func (b *Bound) Len() int { return len(b.values) }

// Field describes value i. Its kind is Unknown if the kernel's format says all
// there is to say.
func (b *Bound) Field(i int) *Field { return b.values[i].Field }

// AppendText appends the values as the kernel's print format of a probe does:
// "(5581a2) a=1 s="text"".
func (b *Bound) AppendText(dst, raw []byte, c *tracefs.Context) []byte {
	dst = b.format.AppendHead(dst, raw, c)
	for i := range b.values {
		dst = append(dst, ' ')
		dst = append(dst, b.values[i].Name...)
		dst = append(dst, '=')
		dst = b.AppendValue(dst, i, raw, c)
	}
	return dst
}

// AppendValue appends value i of an event's raw data.
func (b *Bound) AppendValue(dst []byte, i int, raw []byte, c *tracefs.Context) []byte {
	f := &b.values[i]
	switch f.Type.Kind {
	case Unknown:
		return b.format.AppendValue(dst, raw, f.index, c)
	case String:
		s, _ := f.raw.Str(raw, c)
		return appendQuoted(dst, s)
	case GoString:
		return f.appendGoString(dst, raw, c)
	}
	if f.raw.IsArray {
		return f.appendArray(dst, raw, c)
	}
	v, _ := f.raw.Uint(raw, c)
	return f.appendNumber(dst, v, f.raw.Size)
}

// appendArray appends the elements of an array as the kernel does: {1,2}.
func (f *boundField) appendArray(dst, raw []byte, c *tracefs.Context) []byte {
	dst = append(dst, '{')
	for i := 0; ; i++ {
		v, ok := f.raw.Elem(raw, i, c)
		if !ok {
			return append(dst, '}')
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = f.appendNumber(dst, v, f.raw.ElemSize)
	}
}

// width is how many bits of a number of rawSize bytes are the value.
func (t *Type) width(rawSize int) int {
	size := t.Size
	if size <= 0 || size > rawSize {
		size = rawSize
	}
	bits := 8 * min(max(size, 1), 8)
	if t.Bits > 0 && t.Bits < bits {
		return t.Bits
	}
	return bits
}

// appendNumber appends v, which has rawSize bytes in the raw data, cut to the
// size that the value has in the traced program.
func (f *boundField) appendNumber(dst []byte, v uint64, rawSize int) []byte {
	shift := uint(64 - f.Type.width(rawSize))
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
