package selector

import (
	"fmt"
	"strings"
)

// maxShown bounds how much of a selection an error repeats, in characters.
const maxShown = 72

// SyntaxError is a selection of events that breaks the grammar, or asks for
// what an event cannot do.
type SyntaxError struct {
	Text    string // the whole selection
	Column  int    // byte offset in Text at which it went wrong
	Message string
	hint    string
}

// Error has perf's three lines: the text, and under it a pointer to the place.
func (e *SyntaxError) Error() string { return pointAt(e.Text, e.Column, e.Message) }

// Hint is the next step in words.
func (e *SyntaxError) Hint() string {
	if e.hint != "" {
		return e.hint
	}
	return "an event is NAME, SYSTEM:EVENT, rHEX, PMU/TERM=VALUE,.../ or mem:ADDRESS, with :MODIFIERS; {A,B} makes a group"
}

// ExitStatus is perf's for a selection that it cannot parse.
func (e *SyntaxError) ExitStatus() int { return 129 }

// UnknownEventError is a name that this machine has no event for.
type UnknownEventError struct {
	Text    string // the whole selection
	Column  int    // byte offset of Name in Text
	Name    string
	Message string   // why it was looked for in vain
	Nearest []string // names that exist and are near, the nearest first
	Err     error    // what stood in the way of looking, may be nil
	hint    string
	missing bool // no event matches a glob
}

// Error has perf's three lines: the text, and under it a pointer to the place.
func (e *UnknownEventError) Error() string {
	msg := e.Message
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return pointAt(e.Text, e.Column, msg)
}

// Unwrap gives what stood in the way of looking the name up.
func (e *UnknownEventError) Unwrap() error { return e.Err }

// Hint is the next step in words.
func (e *UnknownEventError) Hint() string {
	if len(e.Nearest) > 0 {
		return "did you mean " + orList(e.Nearest) + "?"
	}
	if e.hint != "" {
		return e.hint
	}
	if h, ok := e.Err.(interface{ Hint() string }); ok {
		return h.Hint()
	}
	return "tracepoints and probes are the directories under events/ in tracefs"
}

// ExitStatus is perf's for a selection that it cannot parse.
func (e *UnknownEventError) ExitStatus() int { return 129 }

func orList(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// pointAt shows the part of text around a column, and a message under it.
func pointAt(text string, column int, message string) string {
	column = min(max(column, 0), len(text))
	shown := text
	if len(shown) > maxShown {
		if column > maxShown/2 {
			cut := column - maxShown/2
			shown, column = ".."+shown[cut:], column-cut+2
		}
		if len(shown) > maxShown {
			shown = shown[:maxShown] + ".."
		}
	}
	const head = "event syntax error: '"
	return fmt.Sprintf("%s%s'\n%s\\___ %s", head, shown, strings.Repeat(" ", len(head)+column), message)
}
