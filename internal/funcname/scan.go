package funcname

import "strings"

// Next returns where the next piece of a name begins behind the one at i. A bracket with all up to its partner is one piece, and so are
// "->", "::" and an operator's name ("operator()", "operator<<", "operator bool"). A bracket without a partner is a character like others.
func Next(s string, i int) int {
	switch c := s[i]; {
	case c == 'o':
		if n := operator(s, i); n > 0 {
			return n
		}
	case isOpen(c):
		if n := partner(s, i); n > 0 {
			return n
		}
	case c == '-' && i+1 < len(s) && s[i+1] == '>', c == ':' && i+1 < len(s) && s[i+1] == ':':
		return i + 2
	}
	return i + 1
}

func isOpen(c byte) bool { return c == '(' || c == '<' || c == '[' || c == '{' }

// partner returns the index behind the bracket that closes the one at open; 0 if there is none. A '<' that is not closed within other
// brackets is a comparison.
func partner(s string, open int) int {
	var stack []byte
	for i := open; i < len(s); {
		c := s[i]
		switch {
		case c == 'o' && operator(s, i) > 0:
			i = operator(s, i)
			continue
		case c == '-' && i+1 < len(s) && s[i+1] == '>':
			i += 2
			continue
		case isOpen(c):
			stack = append(stack, c)
		case c == '>' && stack[len(stack)-1] == '<':
			stack = stack[:len(stack)-1]
		case c == ')' || c == ']' || c == '}':
			want := map[byte]byte{')': '(', ']': '[', '}': '{'}[c]
			for len(stack) > 0 && stack[len(stack)-1] == '<' && want != '<' {
				stack = stack[:len(stack)-1]
			}
			if len(stack) == 0 || stack[len(stack)-1] != want {
				return 0
			}
			stack = stack[:len(stack)-1]
		}
		if i++; len(stack) == 0 {
			return i
		}
	}
	return 0
}

// symbols are the operators of C++, longer ones before those that they begin with.
const symbols = "<=> <<= >>= ->* () [] -> << >> <= >= == != && || ++ -- += -= *= /= %= ^= &= |= + - * / % ^ & | ~ ! = < > ,"

const operatorWord = "operator"

// operator returns the end of the operator's name that begins at i; 0 if there is none.
func operator(s string, i int) int {
	if !strings.HasPrefix(s[i:], operatorWord) || i > 0 && isIdent(s[i-1]) {
		return 0
	}
	at := i + len(operatorWord)
	rest := s[at:]
	if after, ok := strings.CutPrefix(rest, `""`); ok { // of a literal
		n := strings.IndexFunc(strings.TrimLeft(after, " "), func(r rune) bool { return r < 0x80 && !isIdent(byte(r)) })
		if n < 0 {
			return len(s)
		}
		return at + 2 + len(after) - len(strings.TrimLeft(after, " ")) + n
	}
	for sym := range strings.SplitSeq(symbols, " ") {
		// "operator++4" is operator+ and an offset, "operator%return" no operator.
		if strings.HasPrefix(rest, sym) && (len(rest) == len(sym) || !isIdent(rest[len(sym)])) {
			return at + len(sym)
		}
	}
	if strings.HasPrefix(rest, " ") {
		return conversion(s, at+1)
	}
	return 0
}

// conversion returns the end of the type, or of new and delete, in "operator TYPE"; 0 if there is none.
func conversion(s string, i int) int {
	for {
		end := wordEnd(s, i)
		if end == i {
			return 0
		}
		word := s[i:end]
		switch i = end; word {
		case "const", "volatile", "unsigned", "signed", "long", "short":
			if i+1 < len(s) && s[i] == ' ' && isBuiltin(s[i+1:wordEnd(s, i+1)]) {
				i++
				continue
			}
		case "new", "delete":
			if strings.HasPrefix(s[i:], "[]") {
				i += 2
			}
			return i
		}
		break
	}
	for i < len(s) && (s[i] == '*' || s[i] == '&' || strings.HasPrefix(s[i:], " const")) {
		if s[i] == ' ' {
			i += len(" const")
			continue
		}
		i++
	}
	return i
}

// wordEnd returns the end of the path of identifiers with their arguments that begins at i.
func wordEnd(s string, i int) int {
	for i < len(s) {
		switch {
		case isIdent(s[i]):
			i++
		case strings.HasPrefix(s[i:], "::"):
			i += 2
		case s[i] == '<' && partner(s, i) > 0:
			i = partner(s, i)
		default:
			return i
		}
	}
	return i
}

func isBuiltin(word string) bool {
	switch word {
	case "unsigned", "signed", "long", "short", "int", "char", "double", "float", "bool", "__int128", "const", "volatile":
		return true
	}
	return false
}

func isIdent(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// split cuts s at a separator outside of brackets.
func split(s, sep string) []string {
	var out []string
	from := 0
	for i := 0; i < len(s); {
		if strings.HasPrefix(s[i:], sep) {
			out = append(out, s[from:i])
			i += len(sep)
			from = i
			continue
		}
		i = Next(s, i)
	}
	return append(out, s[from:])
}

// find returns where sep is outside of brackets; -1 if nowhere.
func find(s, sep string) int {
	for i := 0; i < len(s); i = Next(s, i) {
		if strings.HasPrefix(s[i:], sep) {
			return i
		}
	}
	return -1
}
