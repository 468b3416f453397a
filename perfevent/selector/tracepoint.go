package selector

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

func isGlob(s string) bool { return strings.ContainsAny(s, "*?[") }

// trace is the tracefs to look in.
func (r *Resolver) trace() (*tracefs.FS, error) {
	if r.Trace != nil {
		return r.Trace, nil
	}
	return tracefs.Find()
}

// tracepoints looks SYSTEM:EVENT up.
func (l *look) tracepoints(ctx context.Context) ([]Spec, error) {
	t, err := l.r.trace()
	if err != nil {
		return nil, l.unknownTracepoint(nil, err)
	}
	if isGlob(l.e.System) || isGlob(l.e.Name) {
		specs, err := l.globbed(t)
		if isMissing(err) && !isGlob(l.e.System) && l.r.Define != nil {
			return l.define(ctx, t)
		}
		l.found(ctx, specs)
		return specs, err
	}
	f, err := t.Format(l.e.System, l.e.Name)
	if errors.Is(err, fs.ErrNotExist) && l.r.Define != nil {
		return l.define(ctx, t)
	}
	if err != nil {
		return nil, l.unknownTracepoint(t, err)
	}
	s, err := l.tracepoint(f)
	l.found(ctx, []Spec{s})
	return []Spec{s}, err
}

// found tells of tracepoints that are there.
func (l *look) found(ctx context.Context, specs []Spec) {
	if l.r.Found == nil {
		return
	}
	names := make([]string, len(specs))
	for i := range specs {
		names[i] = specs[i].Name
	}
	l.r.Found(ctx, names)
}

// define asks for events that are not there yet.
func (l *look) define(ctx context.Context, t *tracefs.FS) ([]Spec, error) {
	names, err := l.r.Define(ctx, l.e.System+":"+l.e.Name)
	if err != nil {
		return nil, l.unknownTracepoint(t, err)
	}
	var specs []Spec
	for _, name := range names {
		system, event, _ := strings.Cut(name, ":")
		f, err := t.Format(system, event)
		if err != nil {
			return nil, l.unknownTracepoint(t, err)
		}
		s, err := l.tracepoint(f)
		if err != nil {
			return nil, err
		}
		s.Name = name
		specs = append(specs, s)
	}
	return specs, nil
}

func (l *look) tracepoint(f *tracefs.Format) (Spec, error) {
	s := newSpec(perfevent.TypeTracepoint, uint64(f.ID))
	s.Name = f.System + ":" + f.Name
	if f.System == "" {
		s.Name = l.e.System + ":" + f.Name
	}
	s.Attr.SampleType, s.Attr.Period = tracepointSample, 1
	s.Format = f
	for _, t := range l.e.Terms {
		if t.Name != "call-graph" && t.Name != "stack-size" {
			return s, &SyntaxError{Text: l.text, Column: t.Column, Message: "a tracepoint does not take the term '" + t.Name + "'",
				hint: "valid terms: " + tracepointTerms}
		}
		if _, bad := s.applyCommon(t); bad != "" {
			return s, l.syntax(t.Column, bad)
		}
	}
	return s, nil
}

// globbed finds all tracepoints that the globs match, in the order in which
// the kernel lists them: perf records them so.
func (l *look) globbed(t *tracefs.FS) ([]Spec, error) {
	systems := []string{l.e.System}
	if isGlob(l.e.System) {
		names, err := t.Systems()
		if err != nil {
			return nil, l.unknownTracepoint(t, err)
		}
		if systems, err = l.match(l.e.System, names); err != nil {
			return nil, err
		}
	}
	var specs []Spec
	for _, system := range systems {
		more, err := l.globbedIn(t, system)
		if err != nil {
			return nil, err
		}
		specs = append(specs, more...)
	}
	if len(specs) == 0 {
		return nil, l.unknownTracepoint(t, fs.ErrNotExist)
	}
	return specs, nil
}

func (l *look) globbedIn(t *tracefs.FS, system string) ([]Spec, error) {
	names, err := t.Events(system)
	if err != nil {
		if isGlob(l.e.System) && notThere(err) {
			return nil, nil // it went away
		}
		return nil, l.unknownTracepoint(t, err)
	}
	if names, err = l.match(l.e.Name, names); err != nil {
		return nil, err
	}
	var specs []Spec
	for _, name := range names {
		f, err := t.Format(system, name)
		if err != nil {
			if notThere(err) {
				continue // it went away
			}
			return nil, l.unknownTracepoint(t, err)
		}
		s, err := l.tracepoint(f)
		if err != nil {
			return nil, err
		}
		s.Name = system + ":" + name
		specs = append(specs, s)
	}
	return specs, nil
}

func (l *look) match(glob string, names []string) ([]string, error) {
	var matched []string
	for _, name := range names {
		ok, err := path.Match(glob, name)
		if err != nil {
			return nil, l.syntax(l.e.Column, "'"+glob+"' is no glob: a bracket is not closed")
		}
		if ok {
			matched = append(matched, name)
		}
	}
	return matched, nil
}

// notThere tells the errors of looking for an event under what is none, or
// under one of the files beside the events.
func notThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR)
}

// isMissing tells that a glob was looked up, and nothing matches it.
func isMissing(err error) bool {
	var u *UnknownEventError
	return errors.As(err, &u) && u.missing
}

func (l *look) unknownTracepoint(t *tracefs.FS, err error) error {
	name := l.e.System + ":" + l.e.Name
	u := &UnknownEventError{Text: l.text, Column: l.e.Column, Name: name, Message: "unknown tracepoint"}
	if err != nil && !notThere(err) {
		u.Message, u.Err = "cannot look up tracepoint "+name, err
	}
	if _, ok := findSymbol(l.e.System); ok {
		if bad := badModifiers(l.e.Name); bad != "" {
			return &SyntaxError{Text: l.text, Column: l.e.Column + len(l.e.System) + 1, Message: bad}
		}
	}
	switch {
	case u.Err != nil:
		return u
	case isGlob(name):
		u.Message, u.missing = "no tracepoint matches", true
	default:
		u.Nearest = l.r.nearTracepoints(t, l.e.System, l.e.Name)
	}
	u.hint = "'" + l.e.System + "' has no such event; a probe must be defined first (gperf probe), other events may need a kernel module"
	return u
}
