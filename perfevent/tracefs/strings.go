package tracefs

import "strconv"

// appendString prints n for a %s conversion. As in libtraceevent, width and
// precision apply to each part of what __print_flags makes.
func (e *env) appendString(dst []byte, n *node, s *spec) []byte {
	switch n.kind {
	case nText, nNumber:
		return appendSpec(dst, n.text, s)
	case nField:
		return e.appendFieldString(dst, n.field, s)
	case nCast:
		return e.appendString(dst, n.a, s)
	case nCond:
		if e.num(n.a) != 0 {
			return e.appendString(dst, n.b, s)
		}
		return e.appendString(dst, n.c, s)
	case nString, nDynArray:
		return appendSpec(dst, cstring(n.field.content(&e.data, n.index)), s)
	case nFlags:
		return e.appendFlags(dst, n, s)
	case nSymbol:
		return e.appendSymbol(dst, n, s)
	case nHex, nHexStr:
		return e.appendHex(dst, n)
	case nArray:
		return e.appendArray(dst, n)
	case nBitmask:
		e.c.scratch.str = appendBitmask(e.c.scratch.str[:0], n.field.content(&e.data, 0), e.big)
		return appendSpec(dst, e.c.scratch.str, s)
	}
	return dst
}

// appendFieldString prints a field: text as it stands; a pointer as the string
// of the kernel that it points at, if that is known, else as an address.
func (e *env) appendFieldString(dst []byte, f *Field, s *spec) []byte {
	if f.IsArray || f.Size != e.word {
		return appendSpec(dst, cstring(f.content(&e.data, 0)), s)
	}
	v := e.number(f.Offset, f.Size)
	if e.c.Printk != nil {
		if str, ok := e.c.Printk(v); ok {
			return append(dst, str...)
		}
	}
	return strconv.AppendUint(dst, v, 16)
}

func (e *env) appendFlags(dst []byte, n *node, s *spec) []byte {
	v := n.a.typ.mask(e.num(n.a), e.word)
	some := false
	for i := range n.list {
		sym := &n.list[i]
		if !sym.known || sym.val == 0 || v&sym.val != sym.val {
			continue
		}
		if some {
			dst = append(dst, n.text...)
		}
		dst = appendSpec(dst, sym.name, s)
		some = true
		v &^= sym.val
	}
	if v == 0 {
		return dst
	}
	if some {
		dst = append(dst, n.text...)
	}
	dst = append(dst, "0x"...)
	return strconv.AppendUint(dst, v, 16)
}

func (e *env) appendSymbol(dst []byte, n *node, s *spec) []byte {
	v := e.num(n.a)
	for i := range n.list {
		if n.list[i].known && n.list[i].val == v {
			return appendSpec(dst, n.list[i].name, s)
		}
	}
	dst = append(dst, "0x"...)
	return strconv.AppendUint(dst, n.a.typ.mask(v, e.word), 16)
}

const hexDigits = "0123456789abcdef"

// appendHex prints the first bytes of an array, with blanks between them for
// __print_hex.
func (e *env) appendHex(dst []byte, n *node) []byte {
	b, _ := e.place(n.a)
	if l := e.num(n.b); l < uint64(len(b)) {
		b = b[:l]
	}
	for i, c := range b {
		if i > 0 && n.kind == nHex {
			dst = append(dst, ' ')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// appendArray prints the numbers of an array, with blanks between them.
func (e *env) appendArray(dst []byte, n *node) []byte {
	b, _ := e.place(n.a)
	size := int(min(e.num(n.c), 9))
	if size != 1 && size != 2 && size != 4 && size != 8 {
		size = 1
	}
	count := min(e.num(n.b), uint64(len(b)/size))
	el := data{raw: b, big: e.big}
	for i := range int(count) {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = strconv.AppendUint(dst, el.number(i*size, size), 10)
	}
	return dst
}

// place finds the bytes that an argument points at.
func (e *env) place(n *node) ([]byte, bool) {
	switch n.kind {
	case nCast:
		return e.place(n.a)
	case nField, nDynArray, nString, nBitmask:
		return n.field.content(&e.data, n.index), true
	case nCond:
		if e.num(n.a) != 0 {
			return e.place(n.b)
		}
		return e.place(n.c)
	}
	return nil, false
}

// appendBitmask prints a mask as the kernel does: from the highest bit, with
// a comma every 32 bits.
func appendBitmask(dst, mask []byte, big bool) []byte {
	for i := len(mask) - 1; i >= 0; i-- {
		c := mask[i]
		if big {
			c = mask[len(mask)-1-i]
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
		if i > 0 && i%4 == 0 {
			dst = append(dst, ',')
		}
	}
	return dst
}
