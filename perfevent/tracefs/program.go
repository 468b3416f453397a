package tracefs

import "strings"

// program is a compiled print format: pieces in the order they print.
type program struct {
	pieces []piece
	values []valueRange // of a probe's fields; nil for other events
	head   int          // pieces before a probe's first value
}

type pieceKind uint8

const (
	pieceText pieceKind = iota
	pieceNumber
	pieceString
	piecePointer
	pieceProbeString // a probe's string between quotes, which a fault replaces
)

// piece is a stretch of text or one conversion with its arguments.
type piece struct {
	kind  pieceKind
	text  string // pieceText
	spec  spec
	arg   *node
	width *node // %*d
	prec  *node // %.*s
}

// spec is a printf conversion.
type spec struct {
	minus, plus, space, alt, zero bool

	width int
	prec  int   // -1: none
	size  uint8 // bytes of a number; wordSize
	conv  byte
	mod   string // what stands behind %p: "S", "I6c", "Ub"
}

// compile makes a program of the format's print format.
func compile(f *Format) (*program, error) {
	p := &exprParser{f: f, toks: lex(f.PrintFmt)}
	first := p.next()
	if first.kind != tokString {
		return nil, &PrintFormatError{Err: errNoFormat}
	}
	var args []*node
	for p.accept(",") {
		n, err := p.expr()
		if err != nil {
			return nil, err
		}
		args = append(args, n)
	}
	if p.peek().kind != tokEOF {
		return nil, p.unexpected("a comma")
	}
	c := &compiler{format: first.text, args: args}
	if err := c.run(); err != nil {
		return nil, &PrintFormatError{Column: c.pos, Err: err}
	}
	prog := &program{pieces: c.pieces}
	if f.isProbe() {
		prog.splitValues(f)
		prog.markProbeStrings()
	}
	return prog, nil
}

// compiler cuts a format string into pieces.
type compiler struct {
	format string
	pos    int
	text   []byte
	pieces []piece
	args   []*node
	used   int
}

func (c *compiler) run() error {
	for c.pos < len(c.format) {
		ch := c.format[c.pos]
		switch {
		case ch == '\\' && c.pos+1 < len(c.format):
			c.text = append(c.text, unescape(c.format[c.pos+1]))
			c.pos += 2
		case ch == '%' && strings.HasPrefix(c.format[c.pos:], "%%"):
			c.text = append(c.text, '%')
			c.pos += 2
		case ch == '%':
			if err := c.conversion(); err != nil {
				return err
			}
		default:
			c.text = append(c.text, ch)
			c.pos++
		}
	}
	c.flush()
	return nil
}

func (c *compiler) flush() {
	if len(c.text) > 0 {
		c.pieces = append(c.pieces, piece{kind: pieceText, text: string(c.text)})
		c.text = nil
	}
}

func (c *compiler) arg() (*node, error) {
	if c.used >= len(c.args) {
		return nil, errNoArgument
	}
	c.used++
	return c.args[c.used-1], nil
}

// conversion parses "%...c" at pos.
func (c *compiler) conversion() error {
	p := piece{spec: spec{prec: -1, size: 4}}
	c.pos++
	c.flags(&p.spec)
	var err error
	if p.spec.width, p.width, err = c.count(); err != nil {
		return err
	}
	if c.pos < len(c.format) && c.format[c.pos] == '.' {
		c.pos++
		if p.spec.prec, p.prec, err = c.count(); err != nil {
			return err
		}
	}
	c.length(&p.spec)
	if c.pos >= len(c.format) {
		return errNoArgument
	}
	p.spec.conv = c.format[c.pos]
	c.pos++
	switch p.spec.conv {
	case 'd', 'i', 'u', 'x', 'X', 'o', 'c':
		p.kind = pieceNumber
	case 's':
		p.kind = pieceString
	case 'p':
		p.kind = piecePointer
		p.spec.mod = pointerMod(c.format[c.pos:])
		c.pos += len(p.spec.mod)
		if strings.HasPrefix(p.spec.mod, "h") && p.spec.width == 0 && p.width == nil {
			p.spec.width = 1
		}
	default:
		// The kernel has no others; perf marks them like this.
		c.text = append(c.text, '>', p.spec.conv, '<')
		return nil
	}
	if p.arg, err = c.arg(); err != nil {
		return err
	}
	c.flush()
	c.pieces = append(c.pieces, p)
	return nil
}

func (c *compiler) flags(s *spec) {
	for ; c.pos < len(c.format); c.pos++ {
		switch c.format[c.pos] {
		case '-':
			s.minus = true
		case '+':
			s.plus = true
		case ' ':
			s.space = true
		case '#':
			s.alt = true
		case '0':
			s.zero = true
		default:
			return
		}
	}
}

// maxWidth bounds what a format may ask to pad.
const maxWidth = 4096

// count parses a width or precision: digits, or * for an argument.
func (c *compiler) count() (int, *node, error) {
	if c.pos < len(c.format) && c.format[c.pos] == '*' {
		c.pos++
		n, err := c.arg()
		return 0, n, err
	}
	n := 0
	for ; c.pos < len(c.format) && c.format[c.pos] >= '0' && c.format[c.pos] <= '9'; c.pos++ {
		n = min(n*10+int(c.format[c.pos]-'0'), maxWidth)
	}
	return n, nil, nil
}

func (c *compiler) length(s *spec) {
	for ; c.pos < len(c.format); c.pos++ {
		switch c.format[c.pos] {
		case 'h':
			s.size = max(s.size/2, 1)
		case 'l':
			if s.size == wordSize {
				s.size = 8
			} else if s.size != 8 {
				s.size = wordSize
			}
		case 'z', 'Z':
			s.size = wordSize
		case 'L':
			s.size = 8
		default:
			return
		}
	}
}

// unescape is the character that a backslash and c stand for.
func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	}
	return c
}

// unescapeText resolves the escapes of a string argument.
func unescapeText(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			b = append(b, unescape(s[i]))
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}
