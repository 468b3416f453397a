package selector

import (
	"strconv"
	"strings"
)

// maxSelection bounds the text of a selection, in bytes.
const maxSelection = 1 << 20

// Group is one element of a selection: a group of events in braces, or a
// single event.
type Group struct {
	Text   string // the whole selection that it stands in
	Name   string // NAME{...}
	Braces bool
	Events []Event

	Modifiers string // behind the brace
	modColumn int
}

// Kind is the form in which an event is named.
type Kind int

// The kinds.
const (
	KindName       Kind = iota // a word: a generic event or a PMU's
	KindTracepoint             // System:Name, both with globs
	KindRaw                    // rHEX
	KindPMU                    // Name/terms/
	KindBreakpoint             // mem:ADDR[/LEN][:ACCESS]
)

// Event is an event's name, taken apart.
type Event struct {
	Text   string // as written, without blanks around it
	Column int    // byte offset in the selection

	Kind   Kind
	System string // of a tracepoint
	Name   string // generic name, tracepoint, PMU; the hex digits of a raw event
	Terms  []Term

	Address, Length uint64 // of a breakpoint; Length 0: not given
	Access          string // of a breakpoint: letters of r, w, x

	Modifiers string // letters, checked
	modColumn int
	given     bool // a colon was there, with or without letters
}

// Term is a NAME[=VALUE] between slashes.
type Term struct {
	Name, Value string
	HasValue    bool
	Column      int
}

// Parse takes the text of one option -e apart: events with commas between
// them, groups of events in braces. It looks nothing up, so names may be
// unknown. The error is a [*SyntaxError].
func Parse(text string) ([]Group, error) {
	p := &parser{text: text}
	if len(text) > maxSelection {
		return nil, p.fail(0, "the selection is too long")
	}
	var groups []Group
	for {
		g, err := p.group()
		if err != nil {
			return nil, err
		}
		groups = append(groups, g)
		p.blanks()
		if p.pos == len(text) {
			return groups, nil
		}
		if text[p.pos] != ',' {
			return nil, p.fail(p.pos, "a comma must stand between events")
		}
		p.pos++
	}
}

type parser struct {
	text string
	pos  int
}

func (p *parser) fail(column int, message string) *SyntaxError {
	return &SyntaxError{Text: p.text, Column: column, Message: message}
}

func (p *parser) blanks() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// group parses NAME{a,b}:mods, or one event.
func (p *parser) group() (Group, error) {
	p.blanks()
	g := Group{Text: p.text}
	brace := p.pos
	for brace < len(p.text) && isWord(p.text[brace]) {
		brace++
	}
	if brace == len(p.text) || p.text[brace] != '{' {
		e, err := p.event(false)
		g.Events = []Event{e}
		return g, err
	}
	g.Name, g.Braces = p.text[p.pos:brace], true
	p.pos = brace + 1
	for {
		p.blanks()
		e, err := p.event(true)
		if err != nil {
			return g, err
		}
		g.Events = append(g.Events, e)
		p.blanks()
		if p.pos == len(p.text) {
			return g, p.fail(brace, "the brace is not closed")
		}
		p.pos++ // p.event stops at a comma or a brace
		if p.text[p.pos-1] == '}' {
			break
		}
	}
	return g, p.groupModifiers(&g)
}

func (p *parser) groupModifiers(g *Group) error {
	if p.pos == len(p.text) || p.text[p.pos] != ':' {
		return nil
	}
	p.pos++
	start := p.pos
	for p.pos < len(p.text) && isWord(p.text[p.pos]) {
		p.pos++
	}
	g.Modifiers, g.modColumn = p.text[start:p.pos], start
	if bad := badModifiers(g.Modifiers); bad != "" {
		return p.fail(start, bad)
	}
	return nil
}

// event takes the text up to the next comma, or brace in a group, that stands
// outside of slashes, and takes it apart.
func (p *parser) event(inGroup bool) (Event, error) {
	start, end := p.pos, p.pos
	slashes := false
	for ; end < len(p.text); end++ {
		c := p.text[end]
		if c == '/' {
			slashes = !slashes && p.slashesOpen(start, end)
		}
		if !slashes && (c == ',' || c == '}' && inGroup) {
			break
		}
	}
	text := strings.TrimRight(p.text[start:end], " \t\n\r")
	p.pos = end
	if slashes {
		return Event{}, p.fail(start+strings.IndexByte(text, '/'), "the slash is not closed")
	}
	if text == "" {
		return Event{}, p.fail(start, "the name of an event is missing")
	}
	return p.takeApart(text, start)
}

// slashesOpen tells whether the slash at i begins terms. That of a breakpoint
// only stands before its length.
func (p *parser) slashesOpen(start, i int) bool {
	return !strings.HasPrefix(p.text[start:i], "mem:")
}

// isWord tells the bytes of names. Globs, dots and dashes are among them.
func isWord(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c >= 0x80:
		return true
	}
	return strings.IndexByte("_-.*?[]!%^@$+", c) >= 0
}

// breakpoint parses ADDR[/LEN][:ACCESS][:mods] behind mem:.
func (p *parser) breakpoint(e *Event, text string, column int) error {
	e.Kind, e.Name = KindBreakpoint, "mem"
	parts := strings.Split(text, ":")
	address, length, hasLength := strings.Cut(parts[0], "/")
	var err error
	if e.Address, err = strconv.ParseUint(address, 0, 64); err != nil {
		return p.fail(column, "'"+address+"' is no address")
	}
	if hasLength {
		if e.Length, err = strconv.ParseUint(length, 0, 16); err != nil || e.Length == 0 {
			return p.fail(column+len(address)+1, "'"+length+"' is no length of a breakpoint")
		}
	}
	at := column + len(parts[0]) + 1
	rest := parts[1:]
	if len(rest) > 0 && rest[0] != "" && strings.Trim(rest[0], "rwx") == "" {
		e.Access = rest[0]
		at += len(rest[0]) + 1
		rest = rest[1:]
	}
	switch len(rest) {
	case 0:
		return nil
	case 1:
		e.given = true
		return p.modifiers(e, rest[0], at)
	}
	return p.fail(at, "a colon too many")
}

// takeApart decides of which kind an event is.
func (p *parser) takeApart(text string, column int) (Event, error) {
	e := Event{Text: text, Column: column}
	if rest, ok := strings.CutPrefix(text, "mem:"); ok && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		return e, p.breakpoint(&e, rest, column+len("mem:"))
	}
	if i := strings.IndexByte(text, '/'); i >= 0 {
		return e, p.slashed(&e, i)
	}
	return e, p.plain(&e, text, true)
}

// slashed parses NAME/terms/mods.
func (p *parser) slashed(e *Event, open int) error {
	length := strings.IndexByte(e.Text[open+1:], '/')
	if length < 0 {
		return p.fail(e.Column+open, "the slash is not closed")
	}
	if open == 0 {
		return p.fail(e.Column, "a name must stand before the slash")
	}
	if err := p.terms(e, e.Text[open+1:open+1+length], e.Column+open+1); err != nil {
		return err
	}
	if err := p.plain(e, e.Text[:open], false); err != nil {
		return err
	}
	if e.Kind == KindName {
		if _, ok := findSymbol(e.Name); !ok {
			e.Kind = KindPMU
		}
	}
	rest := e.Text[open+length+2:]
	at := e.Column + open + length + 2
	if strings.HasPrefix(rest, ":") {
		rest, at = rest[1:], at+1
		e.given = true
	}
	return p.modifiers(e, rest, at)
}

// plain parses what has no slashes. Which of NAME:MODIFIERS and SYSTEM:EVENT
// it is, NAME decides: perf's lexer takes group:up for modifiers, so probes of
// such names cannot be recorded with it.
func (p *parser) plain(e *Event, text string, mods bool) error {
	for i := range len(text) {
		if c := text[i]; !isWord(c) && c != ':' {
			return p.fail(e.Column+i, "no event has this character in its name")
		}
	}
	parts := strings.Split(text, ":")
	first := parts[0]
	if first == "" {
		return p.fail(e.Column, "a name must stand before the colon")
	}
	e.Kind, e.Name = KindName, first
	_, generic := findSymbol(first)
	raw := isRaw(first)
	switch {
	case len(parts) == 1:
		if raw && !generic {
			e.Kind, e.Name = KindRaw, first[1:]
		}
		return nil
	case len(parts) == 2 && (generic || raw) && mods && badModifiers(parts[1]) == "":
		if raw && !generic {
			e.Kind, e.Name = KindRaw, first[1:]
		}
		e.given = true
		return p.modifiers(e, parts[1], e.Column+len(first)+1)
	case parts[1] == "":
		return p.fail(e.Column+len(first)+1, "the name of a tracepoint is missing")
	}
	e.Kind, e.System, e.Name = KindTracepoint, strings.TrimPrefix(first, "%"), parts[1]
	at := e.Column + len(first) + 1 + len(parts[1]) + 1
	switch {
	case len(parts) == 2:
		return nil
	case len(parts) > 3 || !mods:
		return p.fail(at, "a colon too many")
	}
	e.given = true
	return p.modifiers(e, parts[2], at)
}

func isRaw(s string) bool {
	if len(s) < 2 || len(s) > 17 || s[0] != 'r' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if strings.IndexByte("0123456789abcdefABCDEF", c) < 0 {
			return false
		}
	}
	return true
}

func (p *parser) modifiers(e *Event, text string, column int) error {
	if bad := badModifiers(text); bad != "" {
		return p.fail(column, bad)
	}
	e.Modifiers, e.modColumn = text, column
	return nil
}
