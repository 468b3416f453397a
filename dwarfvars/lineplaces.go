package dwarfvars

import (
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// LineOptions say which lines of the source are meant.
type LineOptions struct {
	Function string // by name or linkage name; "" for lines of File
	File     string // how the path of the source ends; with Function, where that must be declared
	Line     int    // counted from the function's own with Function, else from 1
	// Match, if not nil, picks lines instead: it is called once for each path of a source, with the directory
	// that relative paths are below.
	Match     func(path, dir string) (func(line int) bool, error)
	NoInlines bool // leave inlined instances out
	Max       int  // stop with *TooManyError above this number; 0: no bound
}

// LinePlaces returns the places of a line: of one line there may be many, in the order of the debug information.
// Shared is true if all of them are where another line begins, too, and a tool that goes back from address to line names that.
// Errors: *LineError, *UnknownFunctionError, *TooManyError.
func (i *Info) LinePlaces(o LineOptions) (places []Place, shared bool, err error) {
	q := lineQuery{i: i, o: o, seen: map[uint64]bool{}, matchers: map[string]func(int) bool{}}
	if o.Function != "" {
		err = q.function()
	} else {
		err = q.file()
	}
	if err != nil {
		return nil, false, i.wrap(err)
	}
	if len(q.own) > 0 {
		return q.own, false, nil
	}
	if len(q.shared) > 0 {
		return q.shared, true, nil
	}
	return nil, false, q.missing()
}

// lineQuery collects the places of lines.
type lineQuery struct {
	i           *Info
	o           LineOptions
	own, shared []Place
	seen        map[uint64]bool
	matchers    map[string]func(int) bool

	path  string // of a source that fits, "" if there is none
	first int    // line that the function is declared at
	near  []int  // lines that have code
}

// function finds lines of a function, in each unit that has code of it.
func (q *lineQuery) function() error {
	return q.i.eachNamed(q.o.Function, q.o.File, func(f *dwarfunit.Func, file string, line int) (bool, error) {
		q.path, q.first = file, line
		var last *unitWalk
		return true, q.i.eachScope(f, func(w *unitWalk, _ *scope) error {
			if w == last { // the whole function was looked at: lines of an inlined one may lie beside its instance
				return nil
			}
			last = w
			return q.lines(w, file, line, func(f func(lineSpot)) { w.below(w.funcs[0], f) })
		})
	})
}

// eachNamed calls f with each function of a name that has code and is declared in a source that fits file, where "" fits
// all, until f returns false. Without any it is an *UnknownFunctionError.
func (i *Info) eachNamed(name, file string, f func(fn *dwarfunit.Func, path string, line int) (more bool, err error)) error {
	found, err := i.called(name)
	if err != nil {
		return err
	}
	known := false
	for k := range found {
		fn := &found[k]
		if fn.Decl && len(fn.Instances) == 0 {
			continue
		}
		e, err := i.definition(fn)
		if err != nil || e == nil {
			return err
		}
		path, line := i.decl(e)
		if file != "" && !fileMatches(path, file) {
			continue
		}
		known = true
		if more, err := f(fn, path, line); err != nil || !more {
			return err
		}
	}
	if !known {
		return &UnknownFunctionError{Name: name, Nearest: i.Nearest(name)}
	}
	return nil
}

// file finds lines of a source, in each unit that names it.
func (q *lineQuery) file() error {
	base := q.o.File[strings.LastIndexByte(q.o.File, '/')+1:]
	for _, unit := range q.i.data.UnitsWithFile(base, q.i.workers) {
		c, err := q.i.data.Context(unit)
		if err != nil {
			return err
		}
		if path := pathLike(q.i.files(c), q.o.File); path != "" {
			q.path = path
			if err := q.unit(unit); err != nil {
				return err
			}
		}
	}
	return nil
}

// unit looks at one unit's lines.
func (q *lineQuery) unit(unit int) error {
	c, err := q.i.data.Context(unit)
	if err != nil {
		return err
	}
	w, err := q.i.walkUnit(c)
	if err != nil {
		return err
	}
	return q.lines(w, "", 0, w.all)
}

// lines looks at the lines that walk gives. file and first are where the function is declared, if one is meant.
func (q *lineQuery) lines(w *unitWalk, file string, first int, walk func(func(lineSpot))) error {
	var failed error
	walk(func(at lineSpot) {
		if failed != nil || file != "" && at.file != file || file == "" && !fileMatches(at.file, q.o.File) {
			return
		}
		if at.line >= first {
			q.near = append(q.near, at.line)
		}
		var ok bool
		if ok, failed = q.wants(at, first, w.rows.Dir()); ok {
			failed = q.add(w, at)
		}
	})
	return failed
}

// wants tells whether a line is meant.
func (q *lineQuery) wants(at lineSpot, first int, dir string) (bool, error) {
	if q.o.Match == nil {
		return at.line == first+q.o.Line, nil
	}
	m, ok := q.matchers[at.file]
	if !ok {
		var err error
		if m, err = q.o.Match(at.file, dir); err != nil {
			return false, err
		}
		q.matchers[at.file] = m
	}
	return m(at.line), nil
}

// add makes a place of an address.
func (q *lineQuery) add(w *unitWalk, at lineSpot) error {
	if q.seen[at.addr] {
		return nil
	}
	s := q.pick(w, at)
	if s == nil || q.o.NoInlines && s.depth > 0 {
		return nil
	}
	q.seen[at.addr] = true
	p := Place{Addr: at.addr, Entry: s.entry, Function: q.i.name(s.e), Symbol: q.i.linkage(s.real), Inlined: s.depth > 0,
		die: s.e.Off, real: s.real.Off}
	if begin, ok := s.real.EntryPC(); ok {
		p.Offset = p.Addr - begin
	}
	if q.o.Match != nil || w.isAt(at) {
		q.own = append(q.own, p)
	} else {
		q.shared = append(q.shared, p)
	}
	if q.o.Max > 0 && max(len(q.own), len(q.shared)) > q.o.Max {
		return &TooManyError{Function: q.what(), Max: q.o.Max}
	}
	return nil
}

// pick returns the function that a line belongs to: the one meant, or of those at the address that are declared in the
// line's file the one that begins next above it, else the one out of line. perf picks so (find_best_scope in
// tools/perf/util/probe-finder.c).
func (q *lineQuery) pick(w *unitWalk, at lineSpot) *scope {
	chain := w.at(at.addr)
	if q.o.Function != "" {
		for _, s := range chain {
			if s.file == at.file && (q.i.isNamed(s.e, q.o.Function) || q.i.linkage(s.e) == q.o.Function) {
				if q.o.Match != nil && !w.own(s, at) && at.addr != s.entry {
					continue
				}
				return s
			}
		}
		return q.beside(chain, at)
	}
	var best *scope
	for _, s := range chain {
		if s.file == at.file && s.line < at.line && (best == nil || s.line > best.line) {
			best = s
		}
	}
	if best == nil && len(chain) > 0 {
		best = chain[0]
	}
	return best
}

// beside returns the function that holds a line of an inlined one, at an instruction that is in no instance of that. A line
// behind the beginning of another function is that one's.
func (q *lineQuery) beside(chain []*scope, at lineSpot) *scope {
	if len(chain) == 0 || q.o.Match != nil && at.line != q.first || at.line < q.first {
		return nil
	}
	for _, s := range chain {
		if s.file == at.file && s.line > q.first && s.line <= at.line {
			return nil
		}
	}
	return chain[0]
}

// what names what was asked for.
func (q *lineQuery) what() string {
	name := q.o.Function
	if name == "" {
		name = q.o.File
	}
	if q.o.Match != nil {
		return name
	}
	return fmt.Sprintf("%s:%d", name, q.o.Line)
}

func (q *lineQuery) missing() error {
	e := &LineError{What: q.what(), Path: q.path, Pattern: q.o.Match != nil}
	if q.o.Match == nil {
		e.Before, e.After = nearest(q.near, q.first+q.o.Line)
		if q.o.Function != "" {
			e.Before, e.After = max(e.Before-q.first, 0), max(e.After-q.first, 0)
		}
	}
	return e
}

// nearest returns the lines next to one, 0 where there is none.
func nearest(lines []int, to int) (before, after int) {
	for _, l := range lines {
		if l < to {
			before = max(before, l)
		}
		if l > to && (after == 0 || l < after) {
			after = l
		}
	}
	return before, after
}

// LineError is a line of which no instruction was made.
type LineError struct {
	What          string // FUNCTION:LINE or FILE:LINE
	Path          string // of the source, "" if no unit names it
	Pattern       bool   // a pattern picked lines
	Before, After int    // next lines that have code, counted as in What; 0 for none
}

func (e *LineError) Error() string {
	switch {
	case e.Path == "":
		return fmt.Sprintf("debug information names no source file %s", strings.SplitN(e.What, ":", 2)[0])
	case e.Pattern:
		return fmt.Sprintf("no line of %s with code matches the pattern", e.What)
	}
	return fmt.Sprintf("line %s has no code", e.What)
}

// Hint names the nearest lines.
func (e *LineError) Hint() string {
	switch {
	case e.Path == "":
		return "a file is named by the end of its path, as in mm/slab.c"
	case e.Before > 0 && e.After > 0:
		return fmt.Sprintf("the nearest lines with code are %d and %d; --line shows all", e.Before, e.After)
	case e.Before+e.After > 0:
		return fmt.Sprintf("the nearest line with code is %d; --line shows all", e.Before+e.After)
	}
	return "--line shows the lines that have code"
}
