package funcname

import "strings"

// Name is a function's name, taken apart and in one spelling.
type Name struct {
	Path   []string // "ns", "Cart<int>", "add"
	Params []string // "int", "std::string const&"
	Typed  bool     // the parameters are given, and be there none of them
	Suffix string   // "const", "const&", … behind the parameters
}

// Parse reads a name: with or without parameters, a return type before it and what compilers put behind it ("[clone .cold]").
func Parse(text string) Name {
	var n Name
	if len(text) > maxName {
		return Name{Path: []string{text}}
	}
	s := strings.TrimPrefix(strings.TrimSpace(text), "::")
	if i := strings.Index(s, " [clone "); i > 0 {
		s = s[:i]
	}
	from := 0
	for i := 0; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "::"):
			if i == from || !isTurbofish(s[i:]) {
				n.add(s[from:i])
				from = i + 2
			}
			i += 2
			continue
		case strings.HasPrefix(s[i:], " <") && strings.HasPrefix(s[from:], operatorWord):
		case s[i] == ' ' && i > from && !strings.HasPrefix(s[i:], " as "):
			n.Path, from = nil, i+1 // what was before is the return type
		case s[i] == '(' && i > from && partner(s, i) > 0:
			end := partner(s, i)
			suffix := qualifiers(s[end:])
			if strings.HasPrefix(s[end+suffix:], "::") { // in a function
				n.add(s[from:i])
				from, i = end+suffix+2, end+suffix+2
				continue
			}
			n.add(s[from:i])
			n.Typed, n.Params = true, params(s[i+1:end-1])
			n.Suffix = tight(s[end : end+suffix])
			return n
		}
		i = Next(s, i)
	}
	n.add(s[from:])
	return n
}

// maxName bounds the length of names that are taken apart; the time is that of its square.
const maxName = 4096

// isTurbofish tells the "::<" before arguments in Rust, "sum::<i32>", from that before what has no name of its own.
func isTurbofish(s string) bool {
	return strings.HasPrefix(s, "::<") && !strings.Contains(s, " as ") && !strings.HasPrefix(s, "::<impl ") && !strings.HasPrefix(s, "::<lambda")
}

// qualifiers returns how long what may stand behind parameters is.
func qualifiers(s string) int {
	n := 0
	for n < len(s) {
		i := n + len(s[n:]) - len(strings.TrimLeft(s[n:], " "))
		word := ""
		for _, w := range []string{"const", "volatile", "noexcept", "&&", "&"} {
			if strings.HasPrefix(s[i:], w) {
				word = w
				break
			}
		}
		if word == "" || isIdent(word[0]) && i+len(word) < len(s) && isIdent(s[i+len(word)]) {
			break
		}
		n = i + len(word)
	}
	return n
}

// Qualifiers returns how much of s, what follows a list of parameters, belongs to the function: " const", " &&" and the like.
func Qualifiers(s string) int { return qualifiers(s) }

func (n *Name) add(part string) {
	part = strings.TrimSpace(part)
	if strings.HasPrefix(part, "<") && !strings.HasPrefix(part, "<lambda") && find(part[1:], " as ") < 0 && partner(part, 0) == len(part) { // Rust's <T>::f
		n.Path = append(n.Path, Parse(part[1:len(part)-1]).Path...)
		return
	}
	p := component(part)
	if k := len(n.Path); k > 0 && n.Path[k-1] == "std" {
		p = strings.TrimPrefix(abbreviate("std::"+p), "std::")
	}
	if p != "" && !isInline(p) {
		n.Path = append(n.Path, p)
	}
}

// isInline tells namespaces that no author writes.
func isInline(part string) bool { return part == "__cxx11" || part == "__1" }

func params(s string) []string {
	s = strings.TrimSpace(s)
	if s == "" || s == "void" {
		return nil
	}
	var out []string
	for _, p := range split(s, ",") {
		t := canonType(p)
		if rest, ok := strings.CutSuffix(t, " const"); ok { // of the parameter itself: not a part of the function's type
			t = rest
		}
		out = append(out, t)
	}
	return out
}

// Last returns the last part of the path.
func (n Name) Last() string {
	if len(n.Path) == 0 {
		return ""
	}
	return n.Path[len(n.Path)-1]
}

// Plain returns the path alone, which all overloads share.
func (n Name) Plain() string { return strings.Join(n.Path, "::") }

// family is what overloads of a function, and instances of a template, share: the path without arguments.
func (n Name) family() string {
	parts := make([]string, len(n.Path))
	for i, p := range n.Path {
		parts[i] = Bare(p)
	}
	return strings.Join(parts, "::")
}

// String spells the name with its parameters, if they are known.
func (n Name) String() string {
	s := n.Plain()
	if n.Typed {
		s += "(" + strings.Join(n.Params, ", ") + ")"
		if n.Suffix != "" {
			s += " " + n.Suffix
		}
	}
	return s
}

// Bare returns a part of a path without its arguments: "scale" of "scale<int>".
func Bare(part string) string {
	if i := find(part, "<"); i > 0 && strings.HasSuffix(part, ">") && !strings.HasPrefix(part, operatorWord) {
		return part[:i]
	}
	if strings.HasPrefix(part, operatorWord) {
		if n := operator(part, 0); n > 0 && n < len(part) && part[n] == '<' {
			return part[:n]
		}
	}
	return part
}
