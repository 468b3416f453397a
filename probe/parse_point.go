package probe

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/funcname"
	"github.com/gperf-dev/gperf/internal/sdtnote"
)

// point parses the first word.
func (p *parser) point(w word) error {
	if strings.HasPrefix(w.text, "%") {
		return p.marker(w.cut(1, len(w.text)))
	}
	if strings.HasPrefix(w.text, sdtnote.GroupPrefix) && !strings.Contains(w.text, "=") && hasSingleColon(w.text) {
		return p.marker(w)
	}
	if i := nameSeparator(w.text); i >= 0 {
		if err := p.eventName(w.cut(0, i)); err != nil {
			return err
		}
		w = w.cut(i+1, len(w.text))
		if strings.HasPrefix(w.text, "%") {
			return p.marker(w.cut(1, len(w.text)))
		}
	}
	p.def.Point.Column = w.at + 1
	if strings.HasPrefix(w.text, "0x") || strings.HasPrefix(w.text, "0X") {
		return p.address(w)
	}
	return p.place(w)
}

func hasSingleColon(s string) bool {
	i := strings.IndexByte(s, ':')
	return i >= 0 && !strings.HasPrefix(s[i:], "::")
}

// nameSeparator finds the '=' behind [GROUP:]EVENT, or -1. The one in operator== is none.
func nameSeparator(s string) int {
	for i := 0; i < len(s); i = funcname.Next(s, i) {
		switch s[i] {
		case '\\':
			i++
		case '(', '<', '[', '{', ';':
			return -1
		case '=':
			return i
		}
		if i >= len(s) {
			break
		}
	}
	return -1
}

// eventName parses [GROUP:]EVENT.
func (p *parser) eventName(w word) error {
	event := w
	if group, _, ok := strings.Cut(w.text, ":"); ok {
		g := w.cut(0, len(group))
		if err := p.legal(g, "group"); err != nil {
			return err
		}
		p.def.Group = g.text
		event = w.cut(len(group)+1, len(w.text))
	}
	p.def.Event = event.text
	return p.legal(event, "event")
}

func (p *parser) legal(w word, what string) error {
	if !isName(w.text) {
		return p.fail(w, fmt.Sprintf("%s is bad for %s name -it must follow C symbol-naming rule.", w.text, what),
			"letters, digits and '_', no digit first; escape an '=' that belongs to the function's name: \\=")
	}
	if len(w.text) > maxName {
		return p.fail(w, fmt.Sprintf("%s is too long for %s name.", w.text, what),
			fmt.Sprintf("the kernel takes at most %d characters", maxName))
	}
	return nil
}

func (p *parser) address(w word) error {
	v, err := strconv.ParseUint(w.text[2:], 16, 64)
	if err != nil || v == 0 {
		return p.fail(w, "Invalid absolute address.", "an address is 0x and hexadecimal digits")
	}
	p.def.Point.Kind, p.def.Point.Address = AddressPoint, v
	return nil
}

const markerForms = "static markers are %sdt_PROVIDER:NAME, events that --cache has kept %GROUP:EVENT"

// marker parses [PROVIDER:]NAME[@FILE], what follows the '%' of a static marker or a kept event.
func (p *parser) marker(w word) error {
	pt := &p.def.Point
	pt.Kind, pt.Column = SDTPoint, w.at+1
	if i := indexSpecial(w.text, "@"); i >= 0 {
		pt.Source = unescape(w.text[i+1:])
		w = w.cut(0, i)
	}
	name := w
	if i := strings.IndexByte(w.text, ':'); i >= 0 {
		pt.Provider = w.text[:i]
		name = w.cut(i+1, len(w.text))
		if !isMarkerGlob(pt.Provider) {
			return p.fail(w.cut(0, i), fmt.Sprintf("%s must be an SDT name.", w.text), markerForms)
		}
	}
	pt.Function = name.text
	if !isMarkerGlob(name.text) {
		return p.fail(w, fmt.Sprintf("%s must be an SDT name.", w.text), markerForms)
	}
	return nil
}

func isMarkerGlob(s string) bool {
	return s != "" && isName("_"+strings.NewReplacer("*", "", "?", "", "[", "", "]", "", "-", "", "!", "").Replace(s))
}

// place parses FUNC or SRC and what follows it.
func (p *parser) place(w word) error {
	pt := &p.def.Point
	i := indexSpecial(w.text, ";:+@%")
	head := w
	if i >= 0 {
		head = w.cut(0, i)
	}
	if i >= 0 && (w.text[i] == ':' || w.text[i] == ';') && indexSpecial(w.text, "+@%") < 0 && isSourceName(head.text) {
		pt.Kind, pt.Source = SourcePoint, unescape(head.text)
	} else {
		pt.Function = unescape(head.text)
	}
	if head.text == "" {
		return p.fail(w, "Offset requires an entry function.", "a probe point begins with a function or a file")
	}
	for i >= 0 {
		var err error
		if i, err = p.suffix(w, i); err != nil {
			return err
		}
	}
	return p.exclusive(w)
}

// suffix parses one part behind the name, which begins with the character at i, and returns where the next begins.
func (p *parser) suffix(w word, i int) (next int, err error) {
	pt := &p.def.Point
	end := len(w.text)
	if w.text[i] != ';' {
		if n := indexSpecial(w.text[i+1:], ";:+@%"); n >= 0 {
			end = i + 1 + n
		}
	}
	part := w.cut(i+1, end)
	switch w.text[i] {
	case ';':
		if pt.Pattern = unescape(part.text); pt.Pattern == "" {
			return 0, p.fail(w.cut(i, end), "There is no pattern.", "FUNC;PATTERN or SRC;PATTERN")
		}
	case ':':
		n, err := strconv.ParseUint(part.text, 0, 31)
		if err != nil {
			return 0, p.fail(part, "There is non-digit char in line number.", "a line is FUNC:LINE, counted from the function, or FILE:LINE")
		}
		pt.Line = int(n)
		if n == 0 && pt.Kind == SourcePoint {
			return 0, p.fail(part, "File always requires line number or lazy pattern.", "lines of a file are counted from 1")
		}
	case '+':
		n, err := strconv.ParseUint(part.text, 0, 63)
		if err != nil {
			return 0, p.fail(part, "There is non-digit character in offset.", "an offset is FUNC+NUMBER, in bytes")
		}
		pt.Offset = n
	case '@':
		if pt.Source != "" {
			return 0, p.fail(part, "SRC@SRC is not allowed.", "")
		}
		if pt.Source = unescape(part.text); pt.Source == "" {
			return 0, p.fail(w.cut(i, end), "There is no file name behind '@'.", "FUNC@FILE; escape an '@' that belongs to the name: \\@")
		}
	case '%':
		if part.text != "return" {
			return 0, p.fail(w.cut(i, end), fmt.Sprintf("%%%s is not supported.", part.text), "only %return is known")
		}
		pt.Return = true
	}
	if end == len(w.text) {
		return -1, nil
	}
	return end, nil
}

// exclusive checks what cannot stand together.
func (p *parser) exclusive(w word) error {
	pt := &p.def.Point
	msg := ""
	switch {
	case pt.Line != 0 && pt.Pattern != "":
		msg = "Lazy pattern can't be used with line number."
	case pt.Offset != 0 && pt.Pattern != "":
		msg = "Lazy pattern can't be used with offset."
	case pt.Line != 0 && pt.Offset != 0:
		msg = "Offset can't be used with line number."
	case pt.Kind == SourcePoint && pt.Line == 0 && pt.Pattern == "":
		msg = "File always requires line number or lazy pattern."
	case pt.Return && (pt.Offset != 0 || pt.Line != 0 || pt.Pattern != ""):
		msg = "Offset/Line/Lazy pattern can't be used with return probe."
	default:
		return nil
	}
	return p.fail(w, msg, "")
}

// sourceSuffixes are the endings of file names that make the text before a ':' a file; everything else with a dot is
// taken for a function, since Go, Rust and C++ have dots in their names.
const sourceSuffixes = " c h cc hh cpp hpp cxx hxx c++ h++ ipp tcc inl inc def ii i s asm go rs y l yy ll ypp lpp lex rl m mm f for f77 f90 f95 f03 f08 d di zig swift kt hs ml mli nim cr v vala pas adb ads java py pyx re cu cuh "

func isSourceName(escaped string) bool {
	ext := path.Ext(unescape(escaped))
	return len(ext) > 1 && !strings.ContainsAny(escaped, "(<*") && strings.Contains(sourceSuffixes, " "+strings.ToLower(ext[1:])+" ")
}

// indexSpecial finds the first of the characters in set that has a meaning: not escaped, not half of "::", not within
// brackets or an operator's name, not the '%' of an encoded character in a Go name (yaml%2ev3).
func indexSpecial(s, set string) int {
	for i := 0; i < len(s); {
		c, next := s[i], funcname.Next(s, i)
		switch {
		case c == '\\':
			next = i + 2
		case next > i+1: // more than a character
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
		case strings.IndexByte(set, c) >= 0:
			return i
		}
		i = next
	}
	return -1
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

// unescape removes the backslashes before characters that have a meaning.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
