package symtab

import (
	"strconv"
	"strings"
	"unicode"
)

// rustLegacy demangles the older form of Rust names, `_ZN4core3fmt5write17h0123456789abcdefE`, leaving the hash out. ok is false if the
// name is not of that form; then it is a C++ name.
func rustLegacy(name string) (out string, ok bool) {
	s, ok := strings.CutPrefix(name, "_ZN")
	if !ok {
		return "", false
	}
	if e := strings.LastIndex(s, "E."); e >= 0 {
		s = s[:e+1]
	}
	s, ok = strings.CutSuffix(s, "E")
	if !ok || len(s) <= 19 || !isRustHash(s[len(s)-19:]) {
		return "", false
	}
	s = s[:len(s)-19]
	var b strings.Builder
	for s != "" {
		n := 0
		for n < len(s) && n < 5 && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		size, err := strconv.Atoi(s[:n])
		if err != nil || size == 0 || size > len(s)-n {
			return "", false
		}
		if b.Len() > 0 {
			b.WriteString("::")
		}
		rustLegacyPart(&b, s[n:n+size])
		s = s[n+size:]
	}
	return b.String(), b.Len() > 0
}

// isRustHash tests for "17h" and 16 hexadecimal digits, of which at least five differ (else it may be a C++ name).
func isRustHash(s string) bool {
	if s[:3] != "17h" {
		return false
	}
	seen := 0
	for _, c := range []byte(s[3:]) {
		d := hexDigit(c)
		if d < 0 || c >= 'A' && c <= 'F' {
			return false
		}
		seen |= 1 << d
	}
	n := 0
	for ; seen != 0; seen &= seen - 1 {
		n++
	}
	return n >= 5
}

// rustEscapes are the punctuation marks that stand between dollars.
var rustEscapes = [...]struct{ code, text string }{
	{"C", ","}, {"SP", "@"}, {"BP", "*"}, {"RF", "&"}, {"LT", "<"}, {"GT", ">"}, {"LP", "("}, {"RP", ")"},
}

func rustLegacyPart(b *strings.Builder, s string) {
	if strings.HasPrefix(s, "_$") {
		s = s[1:]
	}
	for s != "" {
		switch {
		case strings.HasPrefix(s, ".."):
			b.WriteString("::")
			s = s[2:]
		case s[0] == '.':
			b.WriteByte('.')
			s = s[1:]
		case s[0] == '$':
			code, rest, ok := strings.Cut(s[1:], "$")
			text := rustEscape(code)
			if !ok || text == "" {
				b.WriteString(s)
				return
			}
			b.WriteString(text)
			s = rest
		default:
			n := strings.IndexAny(s, ".$")
			if n < 0 {
				n = len(s)
			}
			b.WriteString(s[:n])
			s = s[n:]
		}
	}
}

func rustEscape(code string) string {
	for _, e := range rustEscapes {
		if e.code == code {
			return e.text
		}
	}
	if len(code) < 2 || code[0] != 'u' {
		return ""
	}
	n, err := strconv.ParseUint(code[1:], 16, 32)
	if err != nil || n > unicode.MaxRune || !unicode.IsPrint(rune(n)) {
		return ""
	}
	return string(rune(n))
}
