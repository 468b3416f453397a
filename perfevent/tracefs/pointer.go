package tracefs

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// pointerMod returns the letters behind %p that belong to the conversion.
func pointerMod(s string) string {
	if s == "" {
		return ""
	}
	n := 1
	more := func(set string) bool {
		if n < len(s) && strings.IndexByte(set, s[n]) >= 0 {
			n++
			return true
		}
		return false
	}
	switch s[0] {
	case 'F', 'f', 'S', 's':
	case 'M', 'm':
		more("F")
		more("R")
	case 'U':
		more("lLbB")
	case 'h':
		more("CDN")
	case 'I', 'i':
		switch {
		case more("4"):
			more("hnlb")
		case more("6"):
			if s[0] == 'I' {
				more("c")
			}
		case more("S"):
			for more("pfschnlb") {
			}
		default:
			return ""
		}
	default:
		return ""
	}
	return s[:n]
}

// appendPointer prints a %p conversion.
func (e *env) appendPointer(dst []byte, n *node, s *spec) []byte {
	if s.mod == "" {
		return e.appendPlainPointer(dst, n)
	}
	switch s.mod[0] {
	case 'F', 'f', 'S', 's':
		return e.appendFunction(dst, e.num(n), s.mod[0])
	}
	b, ok := e.place(n)
	if !ok {
		dst = append(dst, "ARG TYPE NOT FIELD BUT "...)
		return strconv.AppendUint(dst, n.kind.teNumber(), 10)
	}
	switch s.mod[0] {
	case 'M', 'm':
		return appendMAC(dst, b, s.mod)
	case 'U':
		return appendUUID(dst, b, s.mod)
	case 'h':
		return appendRawBuffer(dst, b, s)
	}
	return appendIP(dst, b, s.mod, e.big)
}

func (e *env) appendPlainPointer(dst []byte, n *node) []byte {
	if n.kind == nText {
		return append(dst, n.text...)
	}
	v := typeUlong.convert(e.num(n), e.word)
	if v == 0 {
		return append(dst, "(nil)"...)
	}
	dst = append(dst, "0x"...)
	return strconv.AppendUint(dst, v, 16)
}

// appendFunction prints a kernel address as a symbol; how tells whether with
// the offset ('F', 'S') or without.
func (e *env) appendFunction(dst []byte, addr uint64, how byte) []byte {
	addr = typeUlong.convert(addr, e.word)
	if e.c.Symbol != nil {
		if name, off, ok := e.c.Symbol(addr); ok {
			dst = append(dst, name...)
			if how == 'F' || how == 'S' {
				dst = append(dst, "+0x"...)
				dst = strconv.AppendUint(dst, off, 16)
			}
			return dst
		}
	}
	dst = append(dst, "0x"...)
	return strconv.AppendUint(dst, addr, 16)
}

func appendMAC(dst, b []byte, mod string) []byte {
	if len(b) != 6 {
		return append(dst, "INVALIDMAC"...)
	}
	sep := byte(':')
	if mod[0] == 'm' {
		sep = 0
	} else if strings.HasPrefix(mod, "MF") {
		sep = '-'
	}
	reverse := strings.HasSuffix(mod, "R")
	for i := range b {
		c := b[i]
		if reverse {
			c = b[5-i]
		}
		if i > 0 && sep != 0 {
			dst = append(dst, sep)
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

func appendUUID(dst, b []byte, mod string) []byte {
	if len(b) != 16 {
		return append(dst, "INVALIDUUID"...)
	}
	guid := strings.HasSuffix(mod, "l") || strings.HasSuffix(mod, "L")
	start := len(dst)
	for i := range b {
		j := i
		if guid {
			j = guidIndex(i)
		}
		dst = append(dst, hexDigits[b[j]>>4], hexDigits[b[j]&15])
		if i == 3 || i == 5 || i == 7 || i == 9 {
			dst = append(dst, '-')
		}
	}
	if strings.HasSuffix(mod, "L") || strings.HasSuffix(mod, "B") {
		upper(dst[start:])
	}
	return dst
}

// guidIndex swaps a GUID's first three parts, which are little endian.
func guidIndex(i int) int {
	switch {
	case i < 4:
		return 3 - i
	case i < 8:
		return i ^ 1
	}
	return i
}

// appendRawBuffer prints %*ph: the width says how many bytes.
func appendRawBuffer(dst, b []byte, s *spec) []byte {
	sep := byte(' ')
	switch s.mod {
	case "hC":
		sep = ':'
	case "hD":
		sep = '-'
	case "hN":
		sep = 0
	}
	n := s.width
	if s.minus { // a negative length
		n = 0
	}
	for i, c := range b[:min(n, len(b))] {
		if i > 0 && sep != 0 {
			dst = append(dst, sep)
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// Address families as sockaddrs carry them, in the kernel's byte order.
const (
	afInet  = 2
	afInet6 = 10
)

func appendIP(dst, b []byte, mod string, big bool) []byte {
	flags := mod[2:]
	padded := mod[0] == 'i'
	compact := strings.Contains(flags, "c")
	reverse := strings.Contains(flags, "l") || strings.Contains(flags, "h") && !big
	switch mod[1] {
	case '4':
		if len(b) != 4 {
			return append(dst, "INVALIDIPv4"...)
		}
		return appendIP4(dst, b, padded, reverse)
	case '6':
		if len(b) != 16 {
			return append(dst, "INVALIDIPv6"...)
		}
		return appendIP6(dst, b, padded, compact)
	}
	port := strings.Contains(flags, "p")
	if len(b) < 2 {
		return dst
	}
	family := binary.LittleEndian.Uint16(b)
	if big {
		family = binary.BigEndian.Uint16(b)
	}
	switch family {
	case afInet:
		if len(b) < 8 {
			return append(dst, "INVALIDIPv4"...)
		}
		dst = appendIP4(dst, b[4:8], padded, reverse)
		if port {
			dst = append(dst, ':')
			dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint16(b[2:])), 10)
		}
	case afInet6:
		if len(b) < 24 {
			return append(dst, "INVALIDIPv6"...)
		}
		if port {
			dst = append(dst, '[')
		}
		dst = appendIP6(dst, b[8:24], padded, compact)
		if port {
			dst = append(dst, "]:"...)
			dst = strconv.AppendUint(dst, uint64(binary.BigEndian.Uint16(b[2:])), 10)
		}
	}
	return dst
}

func appendIP4(dst, b []byte, padded, reverse bool) []byte {
	for i := range 4 {
		c := b[i]
		if reverse {
			c = b[3-i]
		}
		if i > 0 {
			dst = append(dst, '.')
		}
		if padded {
			dst = appendRepeat(dst, '0', 2-len10(c))
		}
		dst = strconv.AppendUint(dst, uint64(c), 10)
	}
	return dst
}

// len10 is how many digits c has beyond the first.
func len10(c byte) int {
	switch {
	case c >= 100:
		return 2
	case c >= 10:
		return 1
	}
	return 0
}

// appendIP6 prints an IPv6 address: all 32 digits, with colons if not padded
// ("%pi6" has none), or in the short form.
func appendIP6(dst, b []byte, padded, compact bool) []byte {
	if compact {
		return appendIP6Compact(dst, b)
	}
	for i, c := range b {
		if i > 0 && i%2 == 0 && !padded {
			dst = append(dst, ':')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// appendIP6Compact is RFC 5952's form, with the last four bytes as IPv4 where
// the kernel does so: for mapped and ISATAP addresses.
func appendIP6Compact(dst, b []byte) []byte {
	word := func(i int) uint16 { return binary.BigEndian.Uint16(b[2*i:]) }
	n := 8
	if tailIsIP4(b) {
		n = 6
	}
	at, longest := -1, 1
	for i := 0; i < n; i++ {
		j := i
		for j < n && word(j) == 0 {
			j++
		}
		if j-i > longest {
			at, longest = i, j-i
		}
	}
	colon := false
	for i := 0; i < n; i++ {
		if i == at {
			if colon || i == 0 {
				dst = append(dst, ':')
			}
			dst = append(dst, ':')
			colon = false
			i += longest - 1
			continue
		}
		if colon {
			dst = append(dst, ':')
		}
		dst = strconv.AppendUint(dst, uint64(word(i)), 16)
		colon = true
	}
	if n == 6 {
		if colon {
			dst = append(dst, ':')
		}
		dst = appendIP4(dst, b[12:], false, false)
	}
	return dst
}

func tailIsIP4(b []byte) bool {
	if binary.BigEndian.Uint32(b[8:])|0x02000000 == 0x02005efe {
		return true
	}
	return binary.BigEndian.Uint64(b) == 0 && binary.BigEndian.Uint32(b[8:]) == 0xffff
}
