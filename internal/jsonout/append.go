package jsonout

import (
	"strconv"
	"unicode/utf8"
)

// AppendString appends s as a JSON string. As in encoding/json, bytes that are no UTF-8 become U+FFFD.
func AppendString[S ~string | ~[]byte](dst []byte, s S) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20 || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			dst = utf8.AppendRune(dst, r) // RuneError if it is no UTF-8
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}

// AppendHex appends v as a JSON string in hexadecimal, "0x1f".
func AppendHex(dst []byte, v uint64) []byte {
	dst = append(dst, `"0x`...)
	return append(strconv.AppendUint(dst, v, 16), '"')
}
