package dwarfvars

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// SourceOptions say which lines of the source are to be shown.
type SourceOptions struct {
	Function   string // by name or linkage name; "" for lines of File
	File       string // how the path of the source ends
	Start, End int    // counted from the function's own line with Function, else from 1; a negative End is the end
}

// SourceLines are the lines of one source file that have code.
type SourceLines struct {
	Path  string // as the compiler had it
	Dir   string // that the compiler ran in
	First int    // line that the function is declared at; 0 for lines of a file
	Start int    // line of the file that was asked for first
	End   int    // and last; math.MaxInt32 if no end was
	Lines []int  // lines of the file that a probe can be at, in order
}

// SourceLines returns which lines of a function or file have code, as perf probe --line marks them. Of a file that
// several units have code of, those of the first one count. Errors: *LineError, *UnknownFunctionError.
func (i *Info) SourceLines(o SourceOptions) (*SourceLines, error) {
	q := rangeQuery{i: i, o: o}
	var err error
	if o.Function != "" {
		err = q.function()
	} else {
		err = q.file()
	}
	if err != nil {
		return nil, i.wrap(err)
	}
	if len(q.out.Lines) == 0 {
		e := &LineError{What: fmt.Sprintf("%s:%d", cmp.Or(o.Function, o.File), o.Start), Path: q.out.Path}
		e.Before, e.After = nearest(q.near, q.out.Start)
		if o.Function != "" {
			e.Before, e.After = max(0, e.Before-q.out.First), max(0, e.After-q.out.First)
		}
		return nil, e
	}
	return &q.out, nil
}

type rangeQuery struct {
	i    *Info
	o    SourceOptions
	out  SourceLines
	near []int
}

func (q *rangeQuery) bounds(first int) {
	q.out.First, q.out.Start, q.out.End = first, first+q.o.Start, math.MaxInt32
	if q.o.End >= 0 {
		q.out.End = min(first+q.o.End, math.MaxInt32)
	}
}

func (q *rangeQuery) function() error {
	return q.i.eachNamed(q.o.Function, q.o.File, func(f *dwarfunit.Func, file string, line int) (bool, error) {
		q.out = SourceLines{Path: file}
		q.bounds(line)
		err := q.instances(f)
		return len(q.out.Lines) == 0, err
	})
}

// instances adds the lines of all code of a function.
func (q *rangeQuery) instances(f *dwarfunit.Func) error {
	return q.i.eachScope(f, func(w *unitWalk, s *scope) error {
		q.out.Dir = w.rows.Dir()
		w.within(s, func(at lineSpot) { q.add(w, at) })
		return nil
	})
}

// file finds lines of a file. Most files have code in the unit that was compiled from them: that is looked at before all units' lists
// of files.
func (q *rangeQuery) file() error {
	named := func(path string) bool { return fileMatches(path, q.o.File) }
	if err := q.in(q.i.data.UnitsNamed(named, q.i.workers)); err != nil || len(q.out.Lines) > 0 {
		return err
	}
	base := q.o.File[strings.LastIndexByte(q.o.File, '/')+1:]
	return q.in(q.i.data.UnitsWithFile(base, q.i.workers))
}

// in looks for the lines in units, until one has some.
func (q *rangeQuery) in(units []int) error {
	for _, unit := range units {
		c, err := q.i.data.Context(unit)
		if err != nil {
			return err
		}
		t := q.i.files(c)
		path := pathLike(t, q.o.File)
		if path == "" {
			continue
		}
		q.out = SourceLines{Path: path}
		q.bounds(0)
		w, err := q.i.walkUnit(c)
		if err != nil {
			return err
		}
		q.out.Dir = w.rows.Dir()
		w.all(func(at lineSpot) { q.add(w, at) })
		if len(q.out.Lines) > 0 {
			return nil
		}
	}
	return nil
}

func (q *rangeQuery) add(w *unitWalk, at lineSpot) {
	if at.file != q.out.Path {
		return
	}
	q.near = append(q.near, at.line)
	if at.line < q.out.Start || at.line > q.out.End || !w.isAt(at) {
		return
	}
	if n, ok := slices.BinarySearch(q.out.Lines, at.line); !ok {
		q.out.Lines = slices.Insert(q.out.Lines, n, at.line)
	}
}

// pathLike returns the first path in a table that is the one that a user means.
func pathLike(t *dwarfunit.LineTable, file string) string {
	for n := range t.NumFiles() {
		if path := t.Path(uint64(n)); fileMatches(path, file) {
			return path
		}
	}
	return ""
}
