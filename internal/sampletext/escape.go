package sampletext

import "unicode/utf8"

// Traced programs choose their names, paths and strings, and a terminal obeys what it reads. So control characters are
// shown as \n, \t, \xNN; everything else, a backslash too, stays as it is. perf prints all bytes as they are.

// kept are control characters that stay, because the event's own print format contains them.
type kept uint8

const (
	keepNewline kept = 1 << iota
	keepTab
)

// AppendEscaped appends s with control characters shown.
func AppendEscaped(dst []byte, s string) []byte {
	at := len(dst)
	return escapeFrom(append(dst, s...), at, 0)
}

// escapeFrom escapes what stands in dst from at on.
func escapeFrom(dst []byte, at int, keep kept) []byte {
	i := at
	for i < len(dst) && dst[i]-0x20 < 0x5f {
		i++
	}
	if i == len(dst) {
		return dst
	}
	return escapeSlow(dst, i, keep)
}

func escapeSlow(dst []byte, at int, keep kept) []byte {
	src := string(dst[at:])
	dst = dst[:at]
	for len(src) > 0 {
		r, n := utf8.DecodeRuneInString(src)
		c := src[0]
		switch {
		case c == '\n' && keep&keepNewline != 0, c == '\t' && keep&keepTab != 0:
			dst = append(dst, c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			for _, b := range []byte(src[:n]) {
				dst = appendByte(dst, b)
			}
		case r == utf8.RuneError && n == 1 && c < 0xa0: // a control character of an eight-bit terminal
			dst = appendByte(dst, c)
		default:
			dst = append(dst, src[:n]...)
		}
		src = src[n:]
	}
	return dst
}

func appendByte(dst []byte, b byte) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'x', hex[b>>4], hex[b&15])
}
