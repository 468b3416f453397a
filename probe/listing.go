package probe

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// LineRange is a part of a source that is to be shown: FUNC[@SRC][:RLN[+NUMBER|-RLN2]] or SRC[:ALN[+NUMBER|-ALN2]].
type LineRange struct {
	Function, File string
	Start, End     int // End is -1 for no end
}

// ParseLineRange parses the text of --line. All errors are of type *DefinitionError.
func ParseLineRange(text string) (*LineRange, error) {
	p := parser{text: text}
	w := word{text, 0}
	l := &LineRange{End: -1}
	if i := indexSpecial(text, ":"); i >= 0 {
		if err := p.lineNumbers(l, w.cut(i+1, len(text))); err != nil {
			return nil, err
		}
		w = w.cut(0, i)
	}
	name := w
	if i := indexSpecial(w.text, "@"); i >= 0 {
		name = w.cut(0, i)
		if l.File = unescape(w.text[i+1:]); l.File == "" {
			return nil, p.fail(w.cut(i, len(w.text)), "There is no file name behind '@'.", "FUNC@FILE")
		}
	} else if isSourceName(w.text) || strings.Contains(w.text, "/") && path.Ext(w.text) == "" {
		l.File = unescape(w.text)
		return l, nil
	}
	l.Function = unescape(name.text)
	if l.Function == "" || strings.ContainsAny(l.Function, blanks+";+%") && isName(l.Function[:1]) && !strings.ContainsAny(l.Function, "<(:") {
		return nil, p.fail(w, fmt.Sprintf("'%s' is not a valid function name.", name.text), "--line takes FUNC, FUNC:LINE-LINE, FILE or FILE:LINE-LINE")
	}
	return l, nil
}

// lineNumbers parses START[+NUMBER|-END].
func (p *parser) lineNumbers(l *LineRange, w word) error {
	const next = "lines are START, START-END or START+NUMBER"
	digits := len(w.text) - len(strings.TrimLeft(w.text, "0123456789"))
	start, err := strconv.ParseUint(w.text[:digits], 10, 31)
	if err != nil {
		return p.fail(w, "'start line' is not a valid number.", next)
	}
	l.Start = int(start)
	if digits == len(w.text) {
		return nil
	}
	sign, rest := w.text[digits], w.text[digits+1:]
	if sign != '+' && sign != '-' {
		return p.fail(w.cut(digits, len(w.text)), fmt.Sprintf("Tailing with invalid str '%s'.", w.text[digits:]), next)
	}
	end, err := strconv.ParseUint(rest, 10, 31)
	if err != nil {
		return p.fail(w.cut(digits+1, len(w.text)), "'end line' is not a valid number.", next)
	}
	l.End = int(end)
	if sign == '+' {
		l.End = min(l.Start+int(end)-1, math.MaxInt32)
	}
	if l.Start > l.End {
		return p.fail(w, "Start line must be smaller than end line.", next)
	}
	return nil
}

// Listing is a part of a source, with the lines that a probe can be at.
type Listing struct {
	Function string // "" for a part of a file
	Path     string // of the source file; as the compiler had it if the file was not found
	Start    int    // as asked for: counted from the function's own line, or in the file
	Lines    []ListingLine
	// Missing tells why there is no text, nil if there is: then only lines that can be probed are listed.
	Missing error
}

// ListingLine is one line of a source.
type ListingLine struct {
	Number int // counted as Listing.Start
	Mark   bool
	Text   string // without its end
}

// linesBehind is how many lines behind the last one that can be probed are shown, as in perf.
const linesBehind = 2

// Lines returns the lines of a function or a file, those marked that a probe can be at.
func (r *Resolver) Lines(l *LineRange) (*Listing, error) {
	info, err := r.debug()
	if err != nil {
		return nil, err
	}
	function, err := r.goInstance(r.goName(l.Function))
	if err != nil {
		return nil, err
	}
	o := dwarfvars.SourceOptions{Function: function, File: l.File, Start: l.Start, End: l.End}
	src, err := info.SourceLines(o)
	if isUnknownFunction(err) {
		if linked, ok := r.otherName(info, l.Function); ok {
			o.Function = linked
			src, err = info.SourceLines(o)
		}
	}
	if err != nil {
		return nil, err
	}
	out := &Listing{Function: l.Function, Path: src.Path, Start: src.Start - src.First}
	name, text, err := r.readSource(src.Path, src.Dir)
	var missing *SourceError
	if errors.As(err, &missing) {
		out.Missing = err
		for _, n := range src.Lines {
			out.Lines = append(out.Lines, ListingLine{Number: n - src.First, Mark: true})
		}
		return out, nil
	}
	out.Path = name
	out.take(src, text)
	return out, nil
}

// take makes the listing of a source's text.
func (l *Listing) take(src *dwarfvars.SourceLines, text []byte) {
	marks := make(map[int]bool, len(src.Lines))
	for _, n := range src.Lines {
		marks[n] = true
	}
	end := src.End
	if end == math.MaxInt32 {
		end = src.Lines[len(src.Lines)-1] + 1 + linesBehind
	}
	n := 0
	for line := range bytes.Lines(text) {
		n++
		if n > end {
			break
		}
		if n >= max(src.Start, 1) {
			l.Lines = append(l.Lines, ListingLine{n - src.First, marks[n], string(bytes.TrimSuffix(line, []byte("\n")))})
		}
	}
}
