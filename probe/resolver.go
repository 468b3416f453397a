package probe

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Target says what is probed. The zero value is the running kernel.
type Target struct {
	Exec string // a program or shared library
	// Root is the root directory that Exec is looked for in: that of a process with other mounts, /proc/PID/root. "" is
	// our own.
	Root    string
	Module  string // a kernel module: the name of one that is loaded, or the path of its file
	Vmlinux string // the kernel's image with debug information; "" to look for the running kernel's
	// Offline takes Vmlinux, or a module's file, as it is: it need not be the running kernel's, and places are written as
	// symbol+offset.
	Offline bool
}

// Options say how to resolve. The zero value is perf's behaviour.
type Options struct {
	NoInlines bool   // leave instances of inlined functions out
	MaxPlaces int    // how many places one definition may have; 0: DefaultMaxPlaces
	Root      string // directory in which debug files are looked for instead of /
	Cache     string // directory with indexes of large files; "" for none. SaveIndex adds to it
	Source    string // directory that sources are in: leading directories of their paths are dropped until they are found
	// Definitions is perf's build-id cache, ~/.debug, in which %GROUP:EVENT is looked up; "" for none.
	Definitions string
	System      fs.FS // the machine's root directory, for proc/kallsyms and sys/kernel; nil if there is none

	Fetch func(buildID []byte) (path string, err error) // gets debug information that this machine has not; nil: none
}

// DefaultMaxPlaces is how many places one definition may have unless told otherwise, as in perf.
const DefaultMaxPlaces = 128

// Resolver finds places and values in one target. It may be used by one goroutine at a time.
type Resolver struct {
	target  Target
	options Options
	image   *image // the program, or vmlinux; nil for a kernel of which no image was found
	kernel  *kernel
}

// NewResolver maps the target's file. The caller closes the Resolver.
func NewResolver(ctx context.Context, t Target, o Options) (*Resolver, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if root, rest, ok := processRoot(t.Exec); ok && t.Root == "" {
		t.Root, t.Exec = root, rest
	}
	if o.Root == "" {
		o.Root = t.Root
	}
	if o.MaxPlaces <= 0 {
		o.MaxPlaces = DefaultMaxPlaces
	}
	r := &Resolver{target: t, options: o}
	if t.Exec == "" {
		return r, r.openKernel()
	}
	path, err := r.execPath()
	if err != nil {
		return nil, &TargetError{Path: t.Exec, Err: err}
	}
	r.target.Exec = path
	if strings.ContainsAny(path, blanks+"#") {
		return nil, &TargetError{Path: path, Err: errors.New("the kernel takes no path with a blank or a '#'")}
	}
	if r.image, err = openImage(path, o); err != nil {
		return nil, err
	}
	if r.image.file.Packed() {
		err := &TargetError{Path: path, Err: errors.New("it is compressed, and the kernel takes files as they are")}
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// execPath is the program's path without links.
func (r *Resolver) execPath() (string, error) {
	if r.target.Root != "" {
		path, err := inRoot(r.target.Root, r.target.Exec)
		return r.target.Root + path, err
	}
	path, err := filepath.Abs(r.target.Exec)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(path); err != nil {
		return "", err // with its errno, which EvalSymlinks loses for links that go round
	}
	return filepath.EvalSymlinks(path)
}

// Close unmaps the files. Events that were resolved stay valid.
func (r *Resolver) Close() error {
	if r.image == nil {
		return nil
	}
	return r.image.close()
}

// SaveIndex writes an index of the target's debug information, if that was read and has none yet, for the next Resolver to start
// with; see [dwarfvars.Info.SaveIndex].
func (r *Resolver) SaveIndex() error {
	if r.image == nil || r.image.info == nil {
		return nil
	}
	return r.image.info.SaveIndex()
}

func (r *Resolver) user() bool { return r.target.Exec != "" }

// debug returns the debug information of the target.
func (r *Resolver) debug() (*dwarfvars.Info, error) {
	if r.image == nil {
		return nil, r.kernel.missing
	}
	info, err := r.image.debug()
	var none *dwarfvars.NoDebugInfoError
	if r.target.Module != "" && errors.As(err, &none) {
		return nil, &ModuleDebugError{Module: r.target.Module, Release: r.kernel.release, Cause: err}
	}
	if !r.user() && errors.As(err, &none) {
		return nil, &KernelDebugError{Release: r.kernel.release, Tried: append([]string{r.image.path}, none.Tried...)}
	}
	if r.golang() != nil && errors.As(err, &none) {
		return nil, &GoDebugError{none}
	}
	return info, err
}

// Resolve finds the places of a definition and translates its arguments. The function may not be a glob, and the point
// may be neither lines of a file nor a static marker, see ResolveAll.
func (r *Resolver) Resolve(d *Definition) (*Event, error) {
	d, note, err := r.goNamed(d)
	if err != nil {
		return nil, err
	}
	e, err := r.resolveOne(d)
	if err == nil && note != "" {
		e.Notes = append(e.Notes, note)
	}
	return e, err
}

func (r *Resolver) resolveOne(d *Definition) (*Event, error) {
	if err := r.checkReturn(d); err != nil {
		return nil, err
	}
	switch d.Point.Kind {
	case AddressPoint:
		return r.absolute(d)
	case SDTPoint:
		return nil, &UnsupportedPointError{What: "one marker alone", Instead: "ResolveAll resolves markers, of which there may be several"}
	}
	return r.resolve(d, d.Point.Function)
}

// ResolveAll resolves a definition whose function or marker may be a glob, or whose lines may be in several functions: one event
// for each of them. Functions
// that cannot be probed are left out, if any can, and the first event's notes say so.
func (r *Resolver) ResolveAll(d *Definition) ([]*Event, error) {
	d, note, err := r.goNamed(d)
	if err != nil {
		return nil, err
	}
	events, err := r.resolveAll(d)
	if err == nil && note != "" {
		events[0].Notes = append(events[0].Notes, note)
	}
	return events, err
}

func (r *Resolver) resolveAll(d *Definition) ([]*Event, error) {
	if err := r.checkReturn(d); err != nil {
		return nil, err
	}
	switch d.Point.Kind {
	case SourcePoint:
		return r.resolveSource(d)
	case SDTPoint:
		return r.resolveMarker(d)
	}
	if !r.isPattern(d) {
		e, err := r.resolveOne(d)
		if err != nil {
			return nil, err
		}
		return []*Event{e}, nil
	}
	names, err := r.matching(d)
	if err != nil {
		return nil, err
	}
	return r.resolveEach(d, names)
}

func (r *Resolver) resolveEach(d *Definition, names []string) ([]*Event, error) {
	var events []*Event
	var notes []string
	var first error
	places := 0
	for _, name := range names {
		one := *d
		one.Point.Function = name
		e, err := r.resolve(&one, name)
		if err != nil {
			if first == nil {
				first = err
			}
			notes = append(notes, fmt.Sprintf("%s is left out: %v", name, err))
			continue
		}
		if places += len(e.Places); places > r.options.MaxPlaces {
			return nil, &dwarfvars.TooManyError{Function: d.Point.Function, Max: r.options.MaxPlaces}
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil, first
	}
	events[0].Notes = append(notes, events[0].Notes...)
	return events, nil
}

// resolve is Resolve for one function.
func (r *Resolver) resolve(d *Definition, function string) (*Event, error) {
	spots, notes, err := r.find(d, function)
	if err != nil {
		return nil, err
	}
	return r.complete(d, function, spots, notes)
}

// complete makes the event of places that were found.
func (r *Resolver) complete(d *Definition, function string, spots []spot, notes []string) (*Event, error) {
	e := r.newEvent(d, function)
	e.Notes = notes
	if !r.user() && r.kernel.unloaded && !r.target.Offline {
		e.Notes = append(e.Notes, "kernel module "+r.target.Module+" is not loaded: the probe begins when it is")
	}
	if e.Return && spots[0].code != nil {
		e.Return = false // probes at its RET instructions
	} else if e.Return && spots[0].atReturn {
		e.Return = false
		if err := d.checkReturn(); err != nil {
			return nil, err
		}
	} else if err := d.checkReturn(); err != nil {
		return nil, err
	}
	spots, err := r.probeable(e, function, spots)
	if err != nil {
		return nil, err
	}
	if err := r.fill(e, spots); err != nil {
		return nil, err
	}
	return e, e.check()
}

// newEvent gives the event its names and says whose it is.
func (r *Resolver) newEvent(d *Definition, function string) *Event {
	e := &Event{Definition: d, file: r.fileOf(), Kind: tracefs.KProbe, Group: d.Group, Name: d.Event, Return: d.Point.Return, Target: r.target.Module}
	if r.user() {
		e.Kind, e.Target, e.moves = tracefs.UProbe, r.target.Exec, r.image.loadedElsewhere()
		if id := r.image.file.BuildID(); len(id) > 0 {
			e.BuildID = fmt.Sprintf("%x", id)
		}
	}
	if e.Group == "" {
		e.Group = r.defaultGroup()
	}
	if e.Name == "" {
		e.Name = eventName(function, r.user() && r.image.isGo())
		if d.Point.Kind == FunctionPoint && d.Point.Line != 0 {
			suffix := "_L" + strconv.Itoa(d.Point.Line)
			e.Name = e.Name[:min(len(e.Name), maxName-len(suffix))] + suffix
		}
	}
	if e.Return && !strings.HasSuffix(e.Name, returnSuffix) {
		if d.Event == "" && len(e.Name)+len(returnSuffix) > maxName {
			e.Name = clipTo(e.Name, function, len(returnSuffix))
		}
		e.Name += returnSuffix
	}
	return e
}

// probeable drops and refuses places where no probe can be.
func (r *Resolver) probeable(e *Event, function string, spots []spot) ([]spot, error) {
	var kept []spot
	for i := range spots {
		s := &spots[i]
		if err := r.checkBoundary(s, function, e.Definition.Point.Offset); err != nil {
			return nil, err
		}
		if why := r.forbidden(s); why != "" {
			e.Notes = append(e.Notes, s.symbol+" is "+why+", skip it.")
			continue
		}
		kept = append(kept, *s)
	}
	if len(kept) == 0 {
		return nil, &ForbiddenError{Function: function, Notes: e.Notes}
	}
	return kept, nil
}

// forbidden says why the kernel takes no probe at a place, or "".
func (r *Resolver) forbidden(s *spot) string {
	if r.user() {
		return ""
	}
	return r.kernel.forbids(r, s)
}

// fill translates the arguments at each place.
func (r *Resolver) fill(e *Event, spots []spot) error {
	v := values{r: r, e: e}
	for i := range spots {
		at, err := r.at(&spots[i])
		if err != nil {
			return err
		}
		s := &spots[i]
		p := Place{At: at, Function: s.symbol, Offset: s.offset, Address: s.addr, Inlined: s.inlined}
		if err := v.place(p, s); err != nil {
			return err
		}
	}
	return v.finish()
}
