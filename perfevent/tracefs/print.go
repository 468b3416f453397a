package tracefs

import "strconv"

// scratch is memory that printing reuses.
type scratch struct {
	num [24]byte // digits of a number
	str []byte   // a string before it is padded
}

func (f *Format) appendText(dst, raw []byte, c *Context) []byte {
	if c == nil {
		c = &Context{}
	}
	e := env{data: newData(raw, c), c: c}
	if f.prog == nil {
		return e.appendFields(dst, f)
	}
	return e.appendPieces(dst, f.prog.pieces)
}

func (e *env) appendPieces(dst []byte, pieces []piece) []byte {
	for i := range pieces {
		p := &pieces[i]
		switch p.kind {
		case pieceText:
			dst = append(dst, p.text...)
		case pieceNumber:
			s := e.resolve(p)
			dst = e.appendNumber(dst, e.num(p.arg), &s)
		case pieceString:
			s := e.resolve(p)
			dst = e.appendString(dst, p.arg, &s)
		case piecePointer:
			s := e.resolve(p)
			dst = e.appendPointer(dst, p.arg, &s)
		case pieceProbeString:
			dst = e.appendProbeString(dst, p)
		}
	}
	return dst
}

// resolve fills a conversion's width and precision from its arguments.
func (e *env) resolve(p *piece) spec {
	s := p.spec
	if p.width != nil {
		w := int(int32(e.num(p.width)))
		if w < 0 {
			s.minus, w = true, -max(w, -maxWidth)
		}
		s.width = min(w, maxWidth)
	}
	if p.prec != nil {
		s.prec = int(int32(e.num(p.prec)))
		if s.prec < 0 {
			s.prec = -1
		}
	}
	return s
}

// appendNumber formats v as C's printf does.
func (e *env) appendNumber(dst []byte, v uint64, s *spec) []byte {
	if s.conv == 'c' {
		return appendPadded(dst, []byte{byte(v)}, s.width, s.minus)
	}
	signed := s.conv == 'd' || s.conv == 'i'
	v = ctype{size: s.size, signed: signed}.convert(v, e.word)
	sign := byte(0)
	if signed {
		switch {
		case int64(v) < 0:
			sign, v = '-', -v
		case s.plus:
			sign = '+'
		case s.space:
			sign = ' '
		}
	}
	digits := e.digits(v, s)
	return appendDigits(dst, digits, sign, v, s)
}

// digits writes v in the conversion's base into scratch memory.
func (e *env) digits(v uint64, s *spec) []byte {
	buf := e.c.scratch.num[:0]
	if v == 0 && s.prec == 0 {
		return buf
	}
	switch s.conv {
	case 'x', 'X':
		buf = strconv.AppendUint(buf, v, 16)
		if s.conv == 'X' {
			upper(buf)
		}
	case 'o':
		buf = strconv.AppendUint(buf, v, 8)
	default:
		buf = strconv.AppendUint(buf, v, 10)
	}
	return buf
}

func upper(b []byte) {
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
}

// appendDigits adds sign, prefix and padding to the digits of v.
func appendDigits(dst, digits []byte, sign byte, v uint64, s *spec) []byte {
	prefix := ""
	if s.alt {
		switch {
		case s.conv == 'x' && v != 0:
			prefix = "0x"
		case s.conv == 'X' && v != 0:
			prefix = "0X"
		case s.conv == 'o' && v != 0 && s.prec <= len(digits):
			prefix = "0"
		}
	}
	zeros := max(s.prec-len(digits), 0)
	n := len(prefix) + zeros + len(digits)
	if sign != 0 {
		n++
	}
	pad := max(s.width-n, 0)
	if s.zero && !s.minus && s.prec < 0 {
		zeros, pad = zeros+pad, 0
	}
	if !s.minus {
		dst = appendRepeat(dst, ' ', pad)
	}
	if sign != 0 {
		dst = append(dst, sign)
	}
	dst = append(dst, prefix...)
	dst = appendRepeat(dst, '0', zeros)
	dst = append(dst, digits...)
	if s.minus {
		dst = appendRepeat(dst, ' ', pad)
	}
	return dst
}

func appendRepeat(dst []byte, c byte, n int) []byte {
	for ; n > 0; n-- {
		dst = append(dst, c)
	}
	return dst
}

// appendPadded appends s, padded with blanks to width.
func appendPadded[T []byte | string](dst []byte, s T, width int, left bool) []byte {
	pad := width - len(s)
	if !left {
		dst = appendRepeat(dst, ' ', pad)
	}
	dst = append(dst, s...)
	if left {
		dst = appendRepeat(dst, ' ', pad)
	}
	return dst
}

// appendSpec appends s by the width and precision of a %s conversion.
func appendSpec[T []byte | string](dst []byte, s T, sp *spec) []byte {
	if sp.prec >= 0 && sp.prec < len(s) {
		s = s[:sp.prec]
	}
	return appendPadded(dst, s, sp.width, sp.minus)
}
