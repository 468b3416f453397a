package argtype

import (
	"math"
	"strconv"
	"time"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// AppendValue appends value i of an event's raw data.
func (b *Bound) AppendValue(dst []byte, i int, raw []byte, c *tracefs.Context) []byte {
	f := &b.values[i]
	for _, p := range f.via {
		if v, _ := p.Uint(raw, c); isNoAddress(v) {
			return append(dst, fault...)
		}
	}
	switch f.Type.Kind {
	case Unknown:
		return b.format.AppendValue(dst, raw, f.index, c)
	case String:
		s, _ := f.raw.Str(raw, c)
		return appendQuoted(dst, s)
	}
	return f.appendTyped(dst, raw, c)
}

// appendTyped appends a value that is more than the kernel's field.
func (f *boundField) appendTyped(dst, raw []byte, c *tracefs.Context) []byte {
	switch f.Type.Kind {
	case Text:
		return f.appendText(dst, raw, c)
	case Slice:
		return f.appendSlice(dst, raw, c)
	case Map, Chan:
		return f.appendCount(dst, raw, c)
	case Interface:
		return f.appendInterface(dst, raw, c)
	}
	if f.raw.IsArray {
		return f.appendArray(dst, raw, c)
	}
	v, _ := f.raw.Uint(raw, c)
	return f.Type.appendNumber(dst, v, f.raw.Size)
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
		dst = f.Type.appendNumber(dst, v, f.raw.ElemSize)
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
func (t *Type) appendNumber(dst []byte, v uint64, rawSize int) []byte {
	shift := uint(64 - t.width(rawSize))
	unsigned := v << shift >> shift
	signed := int64(v<<shift) >> shift
	switch t.Kind {
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
		return t.appendEnum(dst, signed, unsigned)
	case Goroutine:
		if signed == NoGoroutine {
			return append(dst, '-')
		}
		return strconv.AppendInt(dst, signed, 10)
	case Duration:
		return append(dst, time.Duration(signed).String()...)
	case Float32:
		return strconv.AppendFloat(dst, float64(math.Float32frombits(uint32(v))), 'g', -1, 32)
	case Float64:
		return strconv.AppendFloat(dst, math.Float64frombits(v), 'g', -1, 64)
	}
	return strconv.AppendUint(dst, unsigned, 10)
}

// appendEnum appends the name of a value, or the number if it has none.
func (t *Type) appendEnum(dst []byte, signed int64, unsigned uint64) []byte {
	for i := range t.Values {
		if v := t.Values[i].Value; v == signed || uint64(v) == unsigned {
			return append(dst, t.Values[i].Name...)
		}
	}
	if t.Other != "" {
		return append(dst, t.Other...)
	}
	return strconv.AppendInt(dst, signed, 10)
}

func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
