package metric

import "strings"

type tokenKind int

const (
	tokEnd tokenKind = iota
	tokNumber
	tokName
	tokOperator
)

type token struct {
	kind   tokenKind
	text   string
	column int
}

// advance reads the next token.
func (p *parser) advance() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.pos]) >= 0 {
		p.pos++
	}
	p.tok = token{kind: tokEnd, column: p.pos}
	if p.err != nil || p.pos == len(p.text) {
		return
	}
	c := p.text[p.pos]
	switch {
	case isDigit(c) || c == '.':
		p.number()
	case isNameStart(c):
		p.lexName()
	case strings.IndexByte("+-*/%()<>,|&^", c) >= 0:
		p.tok.kind, p.tok.text = tokOperator, p.text[p.pos:p.pos+1]
		p.pos++
	default:
		p.fail("no character that an expression may have")
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func isNameStart(c byte) bool { return isLetter(c) || c == '#' || c == '\\' }

// number takes digits with a point and an exponent.
func (p *parser) number() {
	from := p.pos
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		exponent := (c == 'e' || c == 'E') && p.pos+1 < len(p.text) && (isDigit(p.text[p.pos+1]) || p.text[p.pos+1] == '-' || p.text[p.pos+1] == '+')
		if !isDigit(c) && c != '.' && !exponent {
			break
		}
		if p.pos++; exponent {
			p.pos++
		}
	}
	p.tok.kind, p.tok.text = tokNumber, p.text[from:p.pos]
}

// lexName takes the name of an event, a function or a fact.
func (p *parser) lexName() {
	var name strings.Builder
	inUnit := false // between at-signs
	for ; p.pos < len(p.text); p.pos++ {
		c := p.text[p.pos]
		switch {
		case c == '\\':
			if p.pos++; p.pos == len(p.text) {
				p.fail("a character must follow the backslash")
				return
			}
			name.WriteByte(p.text[p.pos])
			continue
		case c == '@': // perf writes / of a unit's event so: a division would be the same
			inUnit = !inUnit
			c = '/'
		case inUnit:
		case isLetter(c) || isDigit(c) || c == '.' || c == ':' || c == '#' && name.Len() == 0:
		case c == '-' && p.pos+1 < len(p.text) && isLetter(p.text[p.pos+1]) && name.Len() > 0:
		default:
			p.tok.kind, p.tok.text = tokName, name.String()
			return
		}
		name.WriteByte(c)
	}
	if inUnit {
		p.fail("a second @ must end the unit's event")
		return
	}
	p.tok.kind, p.tok.text = tokName, name.String()
}
