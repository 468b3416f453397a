package funcname

import "strings"

// component is a part of a path in one spelling.
func component(s string) string {
	if i := strings.Index(s, "[abi:"); i > 0 {
		s = s[:i]
	}
	switch {
	case s == "{anonymous}" || s == "_GLOBAL__N_1" || s == "<unnamed>" || s == "`anonymous namespace'":
		return "(anonymous namespace)"
	case strings.HasPrefix(s, operatorWord):
		return operatorPart(s)
	case strings.HasPrefix(s, "<lambda(") && strings.HasSuffix(s, ")>"): // as gcc's debug information has it
		return "<lambda(" + strings.Join(params(s[len("<lambda("):len(s)-2]), ", ") + ")>"
	case strings.HasPrefix(s, "<"):
		if i := find(s[1:], " as "); i > 0 && partner(s, 0) == len(s) {
			return "<" + canonType(s[1:1+i]) + " as " + canonType(s[1+i+4:len(s)-1]) + ">"
		}
	case strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "{lambda("):
		return s
	case strings.HasPrefix(s, "{lambda("):
		if end := partner(s, len("{lambda")); end > 0 {
			return "{lambda(" + strings.Join(params(s[len("{lambda("):end-1]), ", ") + ")" + s[end:]
		}
	}
	return canonType(s)
}

func operatorPart(s string) string {
	n := operator(s, 0)
	if n == 0 {
		return canonType(s)
	}
	name, args := s[:n], strings.TrimSpace(s[n:])
	if kind, ok := strings.CutPrefix(name, operatorWord+" "); ok {
		name = operatorWord + " " + canonType(kind)
	}
	if strings.HasPrefix(args, "<") && partner(args, 0) == len(args) {
		args = arguments(name, args)
	}
	return name + args
}

// canonType is a type in one spelling: blanks only between words, const behind what it qualifies, "unsigned long" for "long unsigned int",
// arguments that are the default left out, "std::string" for what it stands for.
func canonType(s string) string {
	tokens := tokenize(s)
	lead := ""
	for len(tokens) > 0 && (isElaborate(tokens[0]) || tokens[0] == "const" && len(tokens) > 1) {
		if tokens[0] == "const" {
			lead = "const"
		}
		tokens = tokens[1:]
	}
	base := 0
	for base < len(tokens) && (isIdent(tokens[base][0]) && tokens[base] != "const" || tokens[base] == "::" || tokens[base][0] == '<' && base > 0) {
		base++
	}
	out := path(tokens[:base])
	if lead != "" {
		out = append(out, lead)
	}
	return abbreviate(join(append(out, tokens[base:]...)))
}

// isElaborate tells words that say what kind of type follows.
func isElaborate(word string) bool {
	return word == "struct" || word == "class" || word == "enum" || word == "union" || word == "typename"
}

// tokenize takes a type apart: words, signs, and brackets, whose contents are in one spelling already.
func tokenize(s string) []string {
	var out []string
	for i := 0; i < len(s); {
		c, from := s[i], i
		i = Next(s, i)
		switch {
		case c == ' ' || c == '\t':
			continue
		case isIdent(c):
			for i < len(s) && isIdent(s[i]) {
				i++
			}
		case isOpen(c) && i-from > 1:
			prev := ""
			if len(out) > 0 {
				prev = out[len(out)-1]
			}
			if c == '<' && prev == "::" { // Rust's f::<T>
				out = out[:len(out)-1]
			}
			out = append(out, bracket(prev, s[from:i]))
			continue
		}
		if tok := s[from:i]; !isInline(tok) {
			out = append(out, tok)
		} else if len(out) > 0 && out[len(out)-1] == "::" {
			out = out[:len(out)-1]
		}
	}
	return out
}

func bracket(before, s string) string {
	inner := s[1 : len(s)-1]
	switch s[0] {
	case '<':
		return arguments(before, s)
	case '(':
		if inner == "anonymous namespace" {
			return s
		}
		return "(" + strings.Join(params(inner), ",") + ")"
	case '[':
		return "[" + canonType(inner) + "]"
	}
	return s
}

// isDefault tells arguments that the standard library's templates have when none is given.
func isDefault(arg string) bool {
	name, _, ok := strings.Cut(arg, "<")
	if !ok {
		return arg == "alloc::alloc::Global" || arg == "std::hash::random::RandomState" || arg == "Global"
	}
	switch name {
	case "std::allocator", "std::char_traits", "std::less", "std::hash", "std::equal_to", "std::default_delete":
		return true
	}
	return false
}

// arguments is a list of template arguments in one spelling.
func arguments(of, s string) string {
	args := split(s[1:len(s)-1], ",")
	for i := range args {
		args[i] = canonType(args[i])
	}
	for len(args) > 1 && isDefault(args[len(args)-1]) {
		args = args[:len(args)-1]
	}
	return "<" + strings.Join(args, ", ") + ">"
}

// path joins the words of a base type: numbers' types get one order.
func path(words []string) []string {
	long, signed, kind := 0, "", ""
	for _, w := range words {
		switch w {
		case "long":
			long++
		case "unsigned", "signed":
			signed = w
		case "short", "int", "char", "double", "__int128":
			if kind == "" || kind == "int" {
				kind = w
			}
		default:
			return append([]string(nil), words...)
		}
	}
	var out []string
	if len(words) == 0 {
		return nil
	}
	if signed == "unsigned" || kind == "char" && signed != "" {
		out = append(out, signed)
	}
	for range long {
		out = append(out, "long")
	}
	if long == 0 || kind == "double" {
		if kind == "" {
			kind = "int"
		}
		out = append(out, kind)
	}
	return out
}

// join puts a blank between words only.
func join(tokens []string) string {
	var b strings.Builder
	last, arrow := byte(0), false // arrow: the last was "->"
	for _, t := range tokens {
		if t == "::" && b.Len() == 0 {
			continue
		}
		if wide := t == "as" || t == "+"; last != 0 && (isIdent(t[0]) && (isIdent(last) || last == '>' && !arrow || last == ')' || last == ']' || last == '*' && t == "const") || wide) {
			b.WriteByte(' ')
		}
		b.WriteString(t)
		last, arrow = t[len(t)-1], t == "->"
		if t == "+" {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func tight(s string) string { return join(tokenize(s)) }

// abbreviate puts the names that authors write for a template with char.
func abbreviate(s string) string {
	if !strings.Contains(s, "basic_") {
		return s
	}
	for _, name := range []string{"string", "string_view", "ostream", "istream", "iostream"} {
		s = strings.ReplaceAll(s, "std::basic_"+name+"<char>", "std::"+name)
	}
	return s
}
