package funcname

import "strings"

// Event is a readable name for an event on a function, which the kernel takes: letters, digits and '_'. It may be too long. Constructors,
// destructors and operators have words, parameters stand behind if the name has them: "ns_Cart_add_int", "Cart_dtor", "Cart_operator_plus".
func (n *Name) Event() string {
	var b wordWriter
	for i, part := range n.Path {
		switch {
		case i > 0 && part == Bare(n.Path[i-1]):
			b.words("ctor")
		case strings.HasPrefix(part, "~"):
			if i == 0 {
				b.words(part)
			}
			b.words("dtor")
		case strings.HasPrefix(part, operatorWord) && operator(part, 0) > 0:
			b.operator(part)
		default:
			b.words(part)
		}
	}
	for _, p := range n.Params {
		b.words(strings.ReplaceAll(strings.TrimPrefix(p, "std::"), " const", ""))
	}
	return b.String()
}

// wordWriter joins words by one '_'.
type wordWriter struct {
	strings.Builder
	pending bool
}

// words writes the letters and digits of s, and one '_' for what is between them.
func (b *wordWriter) words(s string) {
	b.pending = b.Len() > 0
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c == '$' || !isIdent(c) {
			b.pending = b.Len() > 0
			continue
		} else if c == '_' && b.pending {
			continue
		}
		if b.pending {
			b.WriteByte('_')
			b.pending = false
		}
		b.WriteByte(s[i])
	}
}

func (b *wordWriter) operator(part string) {
	n := operator(part, 0)
	b.words(operatorWord)
	if word := operatorNames(part[len(operatorWord):n]); word != "" {
		b.words(word)
	} else {
		b.words(part[len(operatorWord):n])
	}
	b.words(part[n:])
}

// operatorNames gives an operator's sign in words, those of the mangling where they can be read.
func operatorNames(sign string) string {
	const names = " <=> compare <<= shl_assign >>= shr_assign ->* arrow_star () call [] index -> arrow << shl >> shr <= le >= ge == eq != ne && and || or" +
		" ++ inc -- dec += plus_assign -= minus_assign *= mul_assign /= div_assign %= mod_assign ^= xor_assign &= and_assign |= or_assign" +
		" + plus - minus * mul / div % mod ^ xor & bitand | bitor ~ compl ! not = assign < lt > gt , comma "
	if i := strings.Index(names, " "+sign+" "); i >= 0 {
		rest := names[i+len(sign)+2:]
		return rest[:strings.IndexByte(rest, ' ')]
	}
	return ""
}
