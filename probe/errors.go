package probe

import "strings"

// DefinitionError is a definition that cannot be read.
type DefinitionError struct {
	Text   string // the definition as typed
	Column int    // of the offending part, from 1
	Width  int    // its length, at least 1
	Msg    string // what is wrong with it
	Next   string // what to do instead; may be empty
}

// Error names what is wrong; the first words are perf's, since tools look for them.
func (e *DefinitionError) Error() string { return "Semantic error :" + e.Msg }

// Hint returns the next step.
func (e *DefinitionError) Hint() string { return e.Next }

// Caret returns the definition and, under it, a mark at the offending part.
func (e *DefinitionError) Caret() string { return caret(e.Text, e.Column, e.Width) }

func caret(text string, column, width int) string {
	column = max(1, min(column, len(text)+1))
	pad := make([]byte, 0, column)
	for _, c := range []byte(text[:column-1]) {
		switch {
		case c == '\t':
			pad = append(pad, '\t')
		case c&0xc0 != 0x80: // one blank for one rune
			pad = append(pad, ' ')
		}
	}
	return "  " + text + "\n  " + string(pad) + "^" + strings.Repeat("~", max(0, min(width, len(text)-column+1)-1))
}
