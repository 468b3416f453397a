package tracefs

import (
	"bytes"
	"strconv"
	"strings"
)

// appendFields prints the fields one by one, for formats whose print format
// cannot be used.
func (e *env) appendFields(dst []byte, f *Format) []byte {
	dst = append(dst, "[FAILED TO PARSE]"...)
	for i := range f.Fields {
		fl := &f.Fields[i]
		dst = append(dst, ' ')
		dst = append(dst, fl.Name...)
		dst = append(dst, '=')
		dst = e.appendField(dst, fl)
	}
	return dst
}

// appendField prints a field without a print format: text, an array's bytes,
// or a number, in hexadecimal where it is a long, which often is an address.
func (e *env) appendField(dst []byte, f *Field) []byte {
	if f.IsArray {
		return e.appendArrayField(dst, f)
	}
	v := f.value(&e.data)
	long := strings.Contains(f.Type, "long") // not ulong, not size_t
	switch {
	case f.IsPointer || long && !f.Signed:
		dst = append(dst, "0x"...)
		return strconv.AppendUint(dst, v, 16)
	case !f.Signed:
		return strconv.AppendUint(dst, v, 10)
	case f.Size == 4 && long:
		dst = append(dst, "0x"...)
		return strconv.AppendUint(dst, uint64(uint32(v)), 16)
	case f.Size == 2:
		return e.appendNumber(dst, v, &spec{conv: 'd', size: 2, width: 2, prec: -1})
	}
	return strconv.AppendInt(dst, int64(v), 10)
}

func (e *env) appendArrayField(dst []byte, f *Field) []byte {
	b := f.content(&e.data, 0)
	if f.ElemSize == 1 && printable(b) {
		return append(dst, cstring(b)...)
	}
	dst = append(dst, "ARRAY["...)
	for i, c := range b {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return append(dst, ']')
}

// printable tells whether b up to its first NUL is ASCII text.
func printable(b []byte) bool {
	b = cstring(b)
	return bytes.IndexFunc(b, func(r rune) bool {
		return r >= 0x7f || r < ' ' && (r < '\t' || r > '\r')
	}) < 0
}
