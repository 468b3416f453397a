package probe

import (
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/internal/funcname"
)

// Parse takes a probe definition apart:
//
//	DEF   = POINT [ARG]...
//	POINT = [[GROUP:]EVENT=] FUNC [@SRC] [+OFF | %return | :RLN | ;PATTERN]
//	      | [[GROUP:]EVENT=] SRC:ALN
//	      | [[GROUP:]EVENT=] SRC;PATTERN
//	      | [[GROUP:]EVENT=] 0xADDR
//	      | %[PROVIDER:]NAME[@FILE] | sdt_PROVIDER:NAME
//	ARG   = [NAME=] VALUE [:TYPE] [@user]
//
// A backslash takes the meaning from one of = @ + : ; %. Where perf misreads names, the longer reading wins: "::", a dot
// and what stands in brackets belong to a name, and so do blanks within balanced brackets of the point. All errors are
// of type *DefinitionError.
func Parse(text string) (*Definition, error) {
	words := splitWords(text)
	if len(words) == 0 {
		return nil, &DefinitionError{Text: text, Column: 1, Width: 1, Msg: "There is no probe point.",
			Next: "a definition begins with a function: 'FUNC [ARG]...'"}
	}
	p := parser{text: text, def: &Definition{Text: text}}
	if err := p.point(words[0]); err != nil {
		return nil, err
	}
	if n := len(words) - 1; n > MaxArgs {
		return nil, p.fail(words[MaxArgs+1], fmt.Sprintf("Too many probe arguments (%d).", n),
			fmt.Sprintf("the kernel takes %d arguments for one event", MaxArgs))
	}
	for _, w := range words[1:] {
		if err := p.argument(w); err != nil {
			return nil, err
		}
	}
	return p.def, nil
}

// word is a piece of the definition and where it begins, in bytes from 0.
type word struct {
	text string
	at   int
}

// cut returns the part from i to j.
func (w word) cut(i, j int) word { return word{w.text[i:j], w.at + i} }

type parser struct {
	text string
	def  *Definition
}

func (p *parser) fail(w word, msg, next string) error {
	return &DefinitionError{Text: p.text, Column: w.at + 1, Width: len(w.text), Msg: msg, Next: next}
}

const blanks = " \t\n\v\f\r"

// splitWords splits at blanks. Only in the first word, and only if they are balanced there, brackets hold blanks together:
// a C++ name such as f(int, char) is one word, and so is Rust's <T as Trait>::f.
func splitWords(text string) []word {
	var words []word
	for i := 0; i < len(text); {
		if strings.IndexByte(blanks, text[i]) >= 0 {
			i++
			continue
		}
		n := 0
		if len(words) == 0 {
			n = firstWord(text[i:])
		} else {
			n = plainWord(text[i:])
		}
		words = append(words, word{text[i : i+n], i})
		i += n
	}
	return words
}

func plainWord(s string) int {
	if n := strings.IndexAny(s, blanks); n >= 0 {
		return n
	}
	return len(s)
}

// firstWord returns the length of the point. Blanks in brackets belong to it, and those in "operator bool" and "f(int) const".
func firstWord(s string) int {
	for i := 0; i < len(s); {
		switch {
		case s[i] == '\\':
			i += 2
			continue
		case strings.IndexByte(blanks, s[i]) >= 0:
			n := 0
			if i > 0 && s[i-1] == ')' {
				n = funcname.Qualifiers(s[i:])
			}
			if n == 0 || i+n < len(s) && strings.IndexByte(blanks+"+:@%;", s[i+n]) < 0 {
				return i
			}
			i += n
			continue
		}
		i = funcname.Next(s, i)
	}
	return len(s)
}

// isName reports whether s follows the rules of C identifiers, as the kernel asks for events, groups and arguments.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// maxName is the longest name of an event, group or argument (MAX_EVENT_NAME_LEN 64 with its NUL in trace_probe.h).
const maxName = 63
