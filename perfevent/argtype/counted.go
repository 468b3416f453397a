package argtype

import (
	"strconv"
	"unicode/utf8"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Values with their length beside them. What the kernel copied is more than the value: an array has a fixed size, so it ends with
// what lies behind the string, and it is zeros where memory could not be read. Only the value's own bytes are shown, and no zeros
// that may be none.

const (
	fault     = "(fault)"          // memory that cannot be read
	zeros     = "(zeros or fault)" // zeros in memory, or memory that could not be read: the kernel's arrays do not tell
	page      = 4096               // memory can be read or not by pages of this size or more
	maxLength = 1<<47 - 1          // no program has more bytes
	lastUser  = uint64(1)<<56 - 1  // addresses of programs end here at the latest
)

// count is the number of bytes or elements; ok is false for a number that no program can have.
func (f *boundField) count(raw []byte, c *tracefs.Context) (n uint64, ok bool) {
	if f.len != nil {
		n, _ = f.len.Uint(raw, c)
		return n, n <= maxLength
	}
	begin, end := f.pointer(raw, c), uint64(0)
	if f.end != nil {
		end, _ = f.end.Uint(raw, c)
	}
	n = end - begin
	if f.Type.Kind == Slice && f.Type.Elem.Size > 1 {
		n /= uint64(f.Type.Elem.Size)
	}
	return n, end >= begin && n <= maxLength
}

// pointer is the address of the bytes or elements, 0 if it is not known.
func (f *boundField) pointer(raw []byte, c *tracefs.Context) uint64 {
	if f.ptr == nil {
		return 0
	}
	v, _ := f.ptr.Uint(raw, c)
	return v
}

// isNoAddress tells what cannot be an address in a program.
func isNoAddress(p uint64) bool { return p < page || p > lastUser }

// appendBadCount appends a length that cannot be true.
func appendBadCount(dst []byte, n uint64) []byte {
	dst = append(dst, "(bad length "...)
	return append(strconv.AppendInt(dst, int64(n), 10), ')')
}

// read returns the first n bytes of what was copied, less those of which it is not known that they were read; or in word
// why there are none.
func (f *boundField) read(raw []byte, n uint64, c *tracefs.Context) (b []byte, word string) {
	b, _ = f.raw.Bytes(raw, c)
	ptr := f.pointer(raw, c)
	switch {
	case f.Exact:
		if len(b) == 0 {
			return nil, fault
		}
	case f.raw.IsString:
		b, _ = f.raw.Str(raw, c)
		if n != 0 && len(b) == 0 || string(b) == fault && n != uint64(len(fault)) {
			return nil, fault
		}
	case f.ptr != nil && isNoAddress(ptr):
		return nil, fault
	case f.ptr != nil:
		b = known(b, ptr, int(min(n, uint64(len(b)))))
		if len(b) == 0 {
			return nil, zeros
		}
	}
	return b[:min(n, uint64(len(b)))], ""
}

// known returns the part of b, copied from ptr in pieces of 8 bytes, that was surely read: up to a page of which only zeros came.
// Of what lies behind the first n bytes nothing is wanted.
func known(b []byte, ptr uint64, n int) []byte {
	for at := 0; at < n; {
		next := min(at+int(page-(ptr+uint64(at))%page), len(b))
		if isZero(b[at:next]) {
			if piece := at &^ 7; isZero(b[piece:at]) {
				at = piece // which may have been lost as a whole
			}
			return b[:at]
		}
		at = next
	}
	return b
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

func (f *boundField) appendText(dst, raw []byte, c *tracefs.Context) []byte {
	n, ok := f.count(raw, c)
	if !ok {
		return appendBadCount(dst, n)
	}
	if n == 0 {
		return append(dst, `""`...)
	}
	b, word := f.read(raw, n, c)
	if word != "" {
		return appendLength(append(dst, word...), n)
	}
	dst = appendGoQuoted(dst, b)
	if n > uint64(len(b)) {
		dst = appendLength(append(dst, "..."...), n)
	}
	return dst
}

// appendLength appends the length of a value that is not shown whole.
func appendLength(dst []byte, n uint64) []byte {
	dst = append(dst, "(len "...)
	return append(strconv.AppendUint(dst, n, 10), ')')
}

// appendGoQuoted appends text as strconv.Quote does.
func appendGoQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	for len(s) > 0 {
		if c := s[0]; c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' && c != 0x7f {
			dst = append(dst, c)
			s = s[1:]
			continue
		}
		r, n := utf8.DecodeRune(s)
		if r == utf8.RuneError && n == 1 {
			const hex = "0123456789abcdef"
			dst = append(dst, '\\', 'x', hex[s[0]>>4], hex[s[0]&15])
		} else {
			dst = appendRune(dst, r)
		}
		s = s[n:]
	}
	return append(dst, '"')
}

// appendRune appends a character as it stands within double quotes.
func appendRune(dst []byte, r rune) []byte {
	switch {
	case r == '"':
		return append(dst, '\\', '"')
	case r == '\'':
		return append(dst, '\'')
	}
	at := len(dst)
	dst = strconv.AppendQuoteRune(dst, r) // between quotes of one character each
	copy(dst[at:], dst[at+1:])
	return dst[:len(dst)-2]
}

// appendSlice appends a slice's length and room as Go's println does, then its first elements: [2/4]{1,2}.
func (f *boundField) appendSlice(dst, raw []byte, c *tracefs.Context) []byte {
	n, ok := f.count(raw, c)
	if !ok {
		return appendBadCount(dst, n)
	}
	room := n
	if f.cap != nil {
		room, _ = f.cap.Uint(raw, c)
		if room == 0 && n == 0 && f.pointer(raw, c) == 0 {
			return append(dst, "nil"...)
		}
	}
	dst = strconv.AppendUint(append(dst, '['), n, 10)
	if f.cap != nil {
		dst = strconv.AppendUint(append(dst, '/'), room, 10)
	}
	dst = append(dst, ']')
	switch {
	case len(f.elems) > 0:
		return f.appendElems(dst, n, raw, c)
	case f.raw == nil:
		return dst
	case f.Type.Elem.Kind == Text:
		return f.appendBytes(dst, n, raw, c)
	}
	return f.appendNumbers(dst, n, raw, c)
}

// appendBytes appends elements that are bytes as text.
func (f *boundField) appendBytes(dst []byte, n uint64, raw []byte, c *tracefs.Context) []byte {
	if n == 0 {
		return append(dst, `""`...)
	}
	b, word := f.read(raw, n, c)
	if word != "" {
		return append(dst, word...)
	}
	dst = appendGoQuoted(dst, b)
	if n > uint64(len(b)) {
		dst = append(dst, "..."...)
	}
	return dst
}

// appendElems appends elements that are read one by one.
func (f *boundField) appendElems(dst []byte, n uint64, raw []byte, c *tracefs.Context) []byte {
	dst = append(dst, '{')
	for i := range f.elems[:min(n, uint64(len(f.elems)))] {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = f.elems[i].appendTyped(dst, raw, c)
	}
	return appendEnd(dst, n, len(f.elems))
}

// appendEnd closes a row of which have elements were read.
func appendEnd(dst []byte, n uint64, have int) []byte {
	if n > uint64(have) {
		if have > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, "..."...)
	}
	return append(dst, '}')
}

// appendNumbers appends elements that are numbers.
func (f *boundField) appendNumbers(dst []byte, n uint64, raw []byte, c *tracefs.Context) []byte {
	size := max(f.raw.ElemSize, 1)
	have := 0
	if n > 0 {
		b, word := f.read(raw, min(n, maxLength/uint64(size))*uint64(size), c)
		if word != "" {
			return append(dst, word...)
		}
		have = len(b) / size
	}
	dst = append(dst, '{')
	for i := range have {
		if i > 0 {
			dst = append(dst, ',')
		}
		v, _ := f.raw.Elem(raw, i, c)
		dst = f.Type.Elem.appendNumber(dst, v, size)
	}
	return appendEnd(dst, n, have)
}

// appendCount appends how much is in a map or channel, and how much can be in a channel.
func (f *boundField) appendCount(dst, raw []byte, c *tracefs.Context) []byte {
	ptr, _ := f.raw.Uint(raw, c)
	if ptr == 0 {
		return append(dst, "nil"...)
	}
	if isNoAddress(ptr) {
		return append(dst, fault...)
	}
	n, _ := f.count(raw, c)
	dst = strconv.AppendUint(append(dst, '['), n, 10)
	if f.cap != nil {
		room, _ := f.cap.Uint(raw, c)
		dst = strconv.AppendUint(append(dst, '/'), room, 10)
	}
	return append(dst, ']')
}
