package tracefs

import "strings"

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokWord
	tokString
	tokChar
	tokOp
)

type token struct {
	kind tokenKind
	text string
	pos  int
}

func (t token) is(op string) bool { return t.kind == tokOp && t.text == op }

// operators of two and three characters, longest first.
var operators = [...]string{"<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||"}

// lex cuts a print format into tokens. Adjacent strings become one. It never
// fails: an unclosed quote ends with the text.
func lex(s string) []token {
	var toks []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case isWord(c):
			j := i + 1
			for j < len(s) && isWord(s[j]) {
				j++
			}
			toks = append(toks, token{tokWord, s[i:j], i})
			i = j
			continue
		case c == '"' || c == '\'':
			text, n := quoted(s[i:])
			if k := len(toks) - 1; c == '"' && k >= 0 && toks[k].kind == tokString {
				toks[k].text += text
			} else if c == '"' {
				toks = append(toks, token{tokString, text, i})
			} else {
				toks = append(toks, token{tokChar, text, i})
			}
			i += n
			continue
		}
		op := s[i : i+1]
		for _, o := range operators {
			if strings.HasPrefix(s[i:], o) {
				op = o
				break
			}
		}
		toks = append(toks, token{tokOp, op, i})
		i += len(op)
	}
	return toks
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quoted returns what stands between s's first byte, a quote, and the next
// unescaped one, and how many bytes that took.
func quoted(s string) (string, int) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case s[0]:
			return s[1:i], i + 1
		}
	}
	return s[1:], len(s)
}
