package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Manager adds, lists and removes probes in a tracefs, and keeps what their values mean.
type Manager struct {
	trace *tracefs.FS
	types *argtype.Store
}

// AddOptions say how to add.
type AddOptions struct {
	Force  bool // put _1, _2, … behind names that exist, instead of refusing
	DryRun bool // find names, write nothing
}

// NewManager returns a Manager for a tracefs. The store may be nil: then the meaning of values is not kept.
func NewManager(t *tracefs.FS, types *argtype.Store) *Manager { return &Manager{t, types} }

// ExistsError is an event whose name is taken.
type ExistsError struct{ Group, Event string }

func (e *ExistsError) Error() string { return fmt.Sprintf("Error: event %q already exists.", e.Event) }

// Hint returns the next steps.
func (e *ExistsError) Hint() string {
	return fmt.Sprintf("remove it with 'probe -d %s:%s', or add this one beside it with -f", e.Group, e.Event)
}

// UnavailableError is a kernel without a kind of probes.
type UnavailableError struct {
	Kind tracefs.ProbeKind
	File string // the file that is not there
}

func (e *UnavailableError) Error() string {
	what, option := "kernel probes", "CONFIG_KPROBE_EVENTS"
	if e.Kind == tracefs.UProbe {
		what, option = "probes in programs", "CONFIG_UPROBE_EVENTS"
	}
	return fmt.Sprintf("%s does not exist.\nThis kernel has no %s: it was built without %s=y.", e.File, what, option)
}

// Hint returns the next step.
func (e *UnavailableError) Hint() string {
	if e.Kind == tracefs.KProbe {
		return "boot a kernel that has them (distributions' kernels do); tracepoints and, with -x, probes in programs may work on this one"
	}
	return "boot a kernel that has them (distributions' kernels do)"
}

// WriteError is an event that the kernel refused. Nothing of what was to be added with it is left.
type WriteError struct {
	Event *Event
	Err   error // a *tracefs.DefineError
}

func (e *WriteError) Error() string {
	var d *tracefs.DefineError
	if errors.As(e.Err, &d) && d.Message != "" {
		return fmt.Sprintf("Failed to write event: the kernel says: %s (%v)", d.Message, d.Err)
	}
	return "Failed to write event: " + e.Err.Error()
}

// Unwrap returns what the kernel said.
func (e *WriteError) Unwrap() error { return e.Err }

// Hint returns the next step.
func (e *WriteError) Hint() string {
	var h interface{ Hint() string }
	if errors.As(e.Err, &h) {
		return h.Hint()
	}
	return ""
}

// Caret returns the line that was written and, under it, a mark where the kernel points; "" if it points nowhere.
func (e *WriteError) Caret() string {
	var d *tracefs.DefineError
	if !errors.As(e.Err, &d) || d.Column < 0 || d.Column > len(d.Line) {
		return ""
	}
	width := strings.IndexByte(d.Line[d.Column:]+" ", ' ')
	return caret(d.Line, d.Column+1, width)
}

// Add defines all of the events or none. It sets their final names.
func (m *Manager) Add(o AddOptions, events ...*Event) error {
	taken := make(map[string]bool)
	for _, kind := range kindsOf(events) {
		lines, err := m.probes(kind)
		if err != nil {
			return err
		}
		for _, l := range lines {
			taken[l.Group+":"+l.Event] = true
		}
	}
	if err := AssignNames(events, taken, o.Force); err != nil {
		return err
	}
	if o.DryRun {
		return nil
	}
	for i, e := range events {
		if err := m.define(e); err != nil {
			return errors.Join(append([]error{err}, m.rollback(events[:i])...)...)
		}
	}
	if err := m.keepTypes(events); err != nil {
		return errors.Join(append([]error{err}, m.rollback(events)...)...)
	}
	return nil
}

func kindsOf(events []*Event) []tracefs.ProbeKind {
	var kinds []tracefs.ProbeKind
	for _, e := range events {
		if !slices.Contains(kinds, e.Kind) {
			kinds = append(kinds, e.Kind)
		}
	}
	return kinds
}

// AssignNames gives each event a name that is not in taken, which holds GROUP:EVENT, and adds it there. Without force
// a name that is taken is an *ExistsError; with it, _1 to _1023 are tried behind it.
func AssignNames(events []*Event, taken map[string]bool, force bool) error {
	const highest = 1023 // perf's MAX_EVENT_INDEX
	for _, e := range events {
		name := e.Name
		for n := 1; taken[e.Group+":"+name]; n++ {
			if !force || n > highest {
				return &ExistsError{Group: e.Group, Event: e.Name}
			}
			suffix := "_" + strconv.Itoa(n)
			name = e.Name[:min(len(e.Name), maxName-len(suffix))] + suffix
		}
		e.Name = name
		taken[e.Group+":"+name] = true
	}
	return nil
}

// define writes the lines of one event, or leaves nothing of it.
func (m *Manager) define(e *Event) error {
	for i, line := range e.KernelLines() {
		err := m.trace.Define(e.Kind, line)
		if err == nil {
			continue
		}
		err = &WriteError{Event: e, Err: err}
		if i > 0 {
			err = errors.Join(append([]error{err}, m.rollback([]*Event{e})...)...)
		}
		return err
	}
	return nil
}

// keepTypes notes what the events' values mean, with the definitions as the kernel lists them.
func (m *Manager) keepTypes(events []*Event) error {
	events = slices.DeleteFunc(slices.Clone(events), func(e *Event) bool { return len(e.Fields) == 0 })
	if m.types == nil {
		return nil
	}
	for _, kind := range kindsOf(events) {
		lines, err := m.probes(kind)
		if err != nil {
			return err
		}
		definitions := tracefs.Definitions(lines)
		for _, e := range events {
			if e.Kind != kind {
				continue
			}
			definition, ok := definitions[e.Group+":"+e.Name]
			if !ok {
				return fmt.Errorf("the kernel does not list %s:%s, which was just added", e.Group, e.Name)
			}
			if err := m.types.Save(e.meaning(definition)); err != nil {
				return fmt.Errorf("note the types of %s:%s: %w", e.Group, e.Name, err)
			}
		}
	}
	return nil
}

// Undo takes events away that Add has defined.
func (m *Manager) Undo(events ...*Event) error { return errors.Join(m.rollback(events)...) }

// rollback takes away what was defined.
func (m *Manager) rollback(events []*Event) []error {
	var errs []error
	for _, e := range events {
		if err := m.remove(e.Kind, e.Group, e.Name); err != nil {
			errs = append(errs, fmt.Errorf("take %s:%s back: %w", e.Group, e.Name, err))
		}
	}
	return errs
}

func (m *Manager) remove(kind tracefs.ProbeKind, group, event string) error {
	if err := m.trace.Remove(kind, group, event); err != nil {
		return err
	}
	if m.types == nil {
		return nil
	}
	if err := m.types.Remove(group, event); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// probes lists the kernel's definitions of a kind.
func (m *Manager) probes(kind tracefs.ProbeKind) ([]tracefs.ProbeLine, error) {
	lines, err := m.trace.Probes(kind)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &UnavailableError{Kind: kind, File: m.trace.Path(kind.File())}
	}
	return lines, err
}

// List returns the probes that the filter lets through by EVENT or GROUP:EVENT, those in the kernel first, each kind
// sorted by the kernel's text. A nil filter lets all through.
func (m *Manager) List(f *Filter) ([]tracefs.ProbeLine, error) {
	var all []tracefs.ProbeLine
	missing := 0
	for _, kind := range []tracefs.ProbeKind{tracefs.KProbe, tracefs.UProbe} {
		lines, err := m.probes(kind)
		var unavailable *UnavailableError
		if errors.As(err, &unavailable) {
			if missing++; missing == 2 {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		slices.SortFunc(lines, func(a, b tracefs.ProbeLine) int { return strings.Compare(a.Text, b.Text) })
		for _, l := range lines {
			if f == nil || f.Match(l.Event, l.Group+":"+l.Event) {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

// Remove removes the probes that the filter lets through and returns their names as GROUP:EVENT, sorted. It goes on
// after a probe that cannot be removed, and returns all such errors.
func (m *Manager) Remove(f *Filter) ([]string, error) {
	lines, err := m.List(f)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(lines, func(a, b tracefs.ProbeLine) int {
		return strings.Compare(a.Group+":"+a.Event, b.Group+":"+b.Event)
	})
	var removed []string
	var errs []error
	seen := make(map[string]bool)
	for _, l := range lines {
		name := l.Group + ":" + l.Event
		if seen[name] {
			continue
		}
		seen[name] = true
		if err := m.remove(l.Kind, l.Group, l.Event); err != nil {
			errs = append(errs, fmt.Errorf("remove %s: %w", name, err))
			continue
		}
		removed = append(removed, name)
	}
	return removed, errors.Join(errs...)
}

// Names returns the names, as GROUP:EVENT, of the probes that the filter lets through, sorted.
func (m *Manager) Names(f *Filter) ([]string, error) {
	lines, err := m.List(f)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, l := range lines {
		names = appendNew(names, l.Group+":"+l.Event)
	}
	slices.Sort(names)
	return names, nil
}
