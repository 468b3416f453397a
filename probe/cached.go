package probe

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gperf-dev/gperf/internal/glob"
	"github.com/gperf-dev/gperf/internal/sdtnote"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// resolveMarker resolves %[GROUP:]EVENT: static markers of a program, and events that --cache has kept for the target.
func (r *Resolver) resolveMarker(d *Definition) ([]*Event, error) {
	if !d.MayBeCached() {
		return r.resolveMarkers(d)
	}
	path := kernelPath
	if r.image != nil && (r.user() || r.target.Module != "") {
		path = r.image.path
	}
	events, err := (&Cache{Dir: r.options.Definitions}).resolve(d, path)
	var none *NotCachedError
	if errors.As(err, &none) && d.Point.Provider == "" && r.user() {
		return r.resolveMarkers(d)
	}
	return events, err
}

// MayBeCached tells whether a definition may mean an event that --cache has kept: those of groups sdt_… are static markers.
func (d *Definition) MayBeCached() bool {
	return d.Point.Kind == SDTPoint && !strings.HasPrefix(d.Point.Provider, sdtnote.GroupPrefix)
}

// Resolve finds what %[GROUP:]EVENT[@FILE|@BUILDID] means among the events that were kept for all files. The error is a
// *NotCachedError if it means none of them.
func (c *Cache) Resolve(d *Definition) ([]*Event, error) { return c.resolve(d, "") }

func (c *Cache) resolve(d *Definition, path string) ([]*Event, error) {
	none := &NotCachedError{Event: strings.TrimPrefix(d.Point.Provider+":"+d.Point.Function, ":")}
	if c.Dir == "" {
		return nil, none
	}
	files, err := c.List(nil)
	if err != nil {
		return nil, err
	}
	var events []*Event
	for i := range files {
		if !isMeant(d, path, &files[i]) {
			continue
		}
		for k := range files[i].Events {
			kept := &files[i].Events[k]
			group, name := kept.name()
			if !glob.Match(d.Point.Function, name) || d.Point.Provider != "" && !glob.Match(d.Point.Provider, group) {
				continue
			}
			e, err := kept.event(d, &files[i])
			if err != nil {
				return nil, err
			}
			events = append(events, e)
		}
	}
	if len(events) == 0 {
		return nil, none
	}
	if len(d.Args) > 0 {
		return nil, &ArgumentError{Arg: d.Args[0].Text, Msg: "an event that was kept has its own arguments", Next: "leave the arguments out"}
	}
	return events, nil
}

// isMeant tells whether a definition asks for a file's events: by what stands behind '@', or by the target's path.
func isMeant(d *Definition, path string, f *CachedFile) bool {
	src := d.Point.Source
	if src == "" {
		return path == "" || f.Path == path
	}
	const least = 4 // digits of a build-id
	if len(src) >= least && strings.HasPrefix(f.BuildID, src) {
		return true
	}
	abs, err := filepath.Abs(src)
	if real, linkErr := filepath.EvalSymlinks(abs); linkErr == nil {
		abs = real
	}
	return err == nil && abs == f.Path
}

// event makes an event of what was kept.
func (c *CachedEvent) event(d *Definition, f *CachedFile) (*Event, error) {
	kind := tracefs.UProbe
	if f.Path == kernelPath || strings.Contains(filepath.Base(f.Path), ".ko") {
		kind = tracefs.KProbe
	}
	own, err := Parse(c.Text)
	if err != nil {
		return nil, err
	}
	e := &Event{Definition: own, Kind: kind, file: *f}
	e.Group, e.Name = c.name()
	if d.Group != "" {
		e.Group = d.Group
	}
	if d.Event != "" {
		e.Name = d.Event
	}
	for _, text := range c.Lines {
		l, err := tracefs.ParseProbeLine(kind, text)
		if err != nil {
			return nil, err
		}
		e.Return = l.Type == 'r'
		p := Place{At: l.Place}
		target, _, isTarget := cutLast(l.Place, ":")
		if kind == tracefs.UProbe && (!isTarget || target != f.Path) {
			return nil, &CacheError{f.Path, "has a definition for another file: " + target, "remove it: gperf probe --cache --del"}
		}
		if isTarget {
			e.Target = target
		}
		for _, a := range l.Args {
			p.Args = append(p.Args, Arg{Name: a.Name, Fetch: a.Expr, Type: a.Type})
		}
		e.Places = append(e.Places, p)
	}
	if kind == tracefs.UProbe {
		e.BuildID = f.BuildID
	}
	return e, e.check()
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// NotCachedError is an event that the cache does not have.
type NotCachedError struct{ Event string }

func (e *NotCachedError) Error() string {
	return fmt.Sprintf("event %s is in no cache of definitions for a file that is there", e.Event)
}

// Hint returns the next step.
func (e *NotCachedError) Hint() string {
	return "--cache --add keeps a definition, --cache --list shows what is kept"
}

// fileOf names what the events of a Resolver are for, as the cache does.
func (r *Resolver) fileOf() CachedFile {
	f := CachedFile{Path: kernelPath}
	if r.user() || r.target.Module != "" {
		f.Path = ""
	}
	switch {
	case f.Path == "" && r.image != nil:
		f.Path, f.BuildID = r.image.path, fmt.Sprintf("%x", r.image.file.BuildID())
	case f.Path != "" && !r.target.Offline:
		f.BuildID = fmt.Sprintf("%x", runningBuildID(r))
	}
	return f
}
