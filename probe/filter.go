package probe

import (
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/internal/funcname"
	"github.com/gperf-dev/gperf/internal/glob"
)

// Filter is a condition on names: globs joined by ! & | and brackets, blanks ignored, as perf's options take it.
type Filter struct{ match func(string) bool }

// FilterError is text that is no filter.
type FilterError struct {
	Text   string
	Offset int // where it stops being one, from 0
}

func (e *FilterError) Error() string { return fmt.Sprintf("Filter parse error at %d.", e.Offset+1) }

// Caret returns the text and, under it, a mark where it stops being a filter.
func (e *FilterError) Caret() string {
	return "Source: \"" + e.Text + "\"\n         " + strings.Repeat(" ", e.Offset) + "^"
}

// Hint tells what a filter looks like.
func (e *FilterError) Hint() string {
	return "a filter is a glob (* ? [set]), or several joined by & | ! and brackets"
}

// ParseFilter parses a filter. The error is a *FilterError.
func ParseFilter(text string) (*Filter, error) {
	p := filterParser{text: text}
	m := p.or(0)
	if p.skip(); !p.bad && p.pos < len(text) {
		p.bad = true
	}
	if p.bad {
		return nil, &FilterError{Text: text, Offset: p.pos}
	}
	return &Filter{m}, nil
}

// Match reports whether the filter holds for one of the names.
func (f *Filter) Match(names ...string) bool {
	for _, n := range names {
		if f.match(n) {
			return true
		}
	}
	return false
}

type filterParser struct {
	text string
	pos  int
	bad  bool
}

// maxFilterDepth bounds brackets and negations within each other.
const maxFilterDepth = 100

func (p *filterParser) skip() {
	for p.pos < len(p.text) && strings.IndexByte(blanks, p.text[p.pos]) >= 0 {
		p.pos++
	}
}

func (p *filterParser) take(c byte) bool {
	p.skip()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *filterParser) or(depth int) func(string) bool {
	m := p.and(depth)
	for !p.bad && p.take('|') {
		a, b := m, p.and(depth)
		m = func(s string) bool { return a(s) || b(s) }
	}
	return m
}

func (p *filterParser) and(depth int) func(string) bool {
	m := p.unary(depth)
	for !p.bad && p.take('&') {
		a, b := m, p.unary(depth)
		m = func(s string) bool { return a(s) && b(s) }
	}
	return m
}

func (p *filterParser) unary(depth int) func(string) bool {
	switch {
	case depth > maxFilterDepth:
		p.bad = true
		return nil
	case p.take('!'):
		a := p.unary(depth + 1)
		return func(s string) bool { return !a(s) }
	case p.take('('):
		m := p.or(depth + 1)
		if !p.bad && !p.take(')') {
			p.bad = true
		}
		return m
	}
	return p.glob()
}

func (p *filterParser) glob() func(string) bool {
	p.skip()
	start, set := p.pos, false
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		if c == '\\' {
			p.pos = min(p.pos+2, len(p.text))
			continue
		}
		if set = (set || c == '[') && c != ']'; !set && strings.IndexByte(blanks+"!&|()", c) >= 0 {
			break
		}
		p.pos++
	}
	pattern := p.text[start:p.pos]
	if pattern == "" {
		p.bad = true
		return nil
	}
	return func(s string) bool { return glob.Match(pattern, s) }
}

// isGlob tells patterns of functions. The '*' of a type, of a receiver or of an operator is none; that of f<*> and f(*) is.
func isGlob(s string) bool {
	for i := 0; i < len(s); {
		next := funcname.Next(s, i)
		if s[i] == '*' || s[i] == '?' || next == i+3 && (s[i+1] == '*') {
			return true
		}
		i = next
	}
	return false
}
