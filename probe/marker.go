package probe

import (
	"bytes"
	"cmp"
	"debug/elf"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/sdtnote"
)

// Marker is a static marker (USDT) of a program or library.
type Marker struct {
	Provider, Name string
	Places         int      // at how many places it stands
	Args           []string // operands as the compiler wrote them at the first: "-4@%edi"
	Semaphore      bool     // the program works its arguments out only while somebody traces
}

// String returns the name by which the marker is probed and recorded: sdt_PROVIDER:NAME.
func (m *Marker) String() string { return sdtnote.GroupPrefix + m.Provider + ":" + m.Name }

// Markers returns the static markers of the program that the filter lets through by NAME, PROVIDER:NAME or sdt_PROVIDER:NAME,
// sorted by name. A nil filter lets all through.
func (r *Resolver) Markers(f *Filter) ([]Marker, error) {
	places, err := r.markerPlaces()
	if err != nil {
		return nil, err
	}
	index := make(map[string]int)
	var all []Marker
	for i := range places {
		p := &places[i]
		m := Marker{Provider: p.Provider, Name: p.Name, Places: 1, Args: sdtnote.SplitArgs(p.Args), Semaphore: p.Semaphore != 0}
		full := m.String()
		if f != nil && !f.Match(full, strings.TrimPrefix(full, sdtnote.GroupPrefix), m.Name) {
			continue
		}
		if at, ok := index[full]; ok {
			all[at].Places++
			continue
		}
		index[full] = len(all)
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b Marker) int { return strings.Compare(a.String(), b.String()) })
	return all, nil
}

// MarkerNames returns the names of Markers, as definitions take them: %sdt_PROVIDER:NAME.
func (r *Resolver) MarkerNames(f *Filter) ([]string, error) {
	all, err := r.Markers(f)
	names := make([]string, len(all))
	for i := range all {
		names[i] = "%" + all[i].String()
	}
	return names, err
}

// markerPlaces reads the notes of the program. It is a *NoMarkersError if it has none.
func (r *Resolver) markerPlaces() ([]sdtnote.Marker, error) {
	if !r.user() {
		return nil, &NoMarkersError{}
	}
	all, err := sdtnote.Read(r.image.file)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, &NoMarkersError{Path: r.target.Exec}
	}
	return all, nil
}

// resolveMarkers makes the events of a definition of static markers, whose names may be globs.
func (r *Resolver) resolveMarkers(d *Definition) ([]*Event, error) {
	all, err := r.markerPlaces()
	if err != nil {
		return nil, err
	}
	provider := strings.TrimPrefix(d.Point.Provider, sdtnote.GroupPrefix)
	of := make(map[string][]sdtnote.Marker)
	var names []string
	for _, m := range all {
		if isMarker(&m, provider, d.Point.Function) {
			names = appendNew(names, m.Provider+":"+m.Name)
			of[m.Provider+":"+m.Name] = append(of[m.Provider+":"+m.Name], m)
		}
	}
	if len(names) == 0 {
		return nil, &NoMarkerError{Name: d.Point.String(), Path: r.target.Exec, Nearest: nearestMarkers(all, d.Point.Function)}
	}
	slices.Sort(names)
	var events []*Event
	var notes []string
	var first error
	for _, name := range names {
		more, err := r.markerEvents(d, of[name])
		if err != nil {
			first = cmp.Or(first, err)
			notes = append(notes, fmt.Sprintf("%s%s is left out: %v", sdtnote.GroupPrefix, name, err))
			continue
		}
		events = append(events, more...)
	}
	if len(events) == 0 {
		return nil, first
	}
	events[0].Notes = append(notes, events[0].Notes...)
	return events, nil
}

// markerEvents makes the event of one marker. Where its places have other types of arguments it is several events, since the
// kernel has one format for an event: NAME, NAME_1, …
func (r *Resolver) markerEvents(d *Definition, places []sdtnote.Marker) ([]*Event, error) {
	one := *d
	one.Point.Provider, one.Point.Function = sdtnote.GroupPrefix+places[0].Provider, places[0].Name
	q := markerQuery{r: r, d: &one, left: make(map[int]string)}
	if len(places) > r.options.MaxPlaces {
		return nil, &dwarfvars.TooManyError{Function: one.Point.String(), Max: r.options.MaxPlaces}
	}
	var events []*Event
	for i := range places {
		p, err := q.place(&places[i])
		if err != nil {
			return nil, err
		}
		q.places = append(q.places, p)
	}
	q.drop()
	for _, p := range q.places {
		at := slices.IndexFunc(events, func(e *Event) bool { return sameShape(e.Places[0].Args, p.Args) })
		if at < 0 {
			at = len(events)
			events = append(events, r.markerEvent(&one, at))
		}
		events[at].Places = append(events[at].Places, p)
	}
	for _, e := range events {
		e.Fields = q.fields
		if err := e.check(); err != nil {
			return nil, err
		}
	}
	if len(events) > 1 {
		q.notes = append(q.notes, fmt.Sprintf("%s is %d events, since its arguments have other types at other places: %s to %s",
			one.Point.String(), len(events), events[0].Name, events[len(events)-1].Name))
	}
	events[0].Notes = append(q.notes, events[0].Notes...)
	return events, nil
}

// markerEvent is the n-th event of a marker, without its places.
func (r *Resolver) markerEvent(d *Definition, n int) *Event {
	e := r.newEvent(d, d.Point.Function)
	if d.Group == "" {
		e.Group = eventName(d.Point.Provider, false)
	}
	if n > 0 {
		suffix := fmt.Sprintf("_%d", n)
		e.Name = e.Name[:min(len(e.Name), maxName-len(suffix))] + suffix
	}
	return e
}

// markerVars lists the arguments of markers in the form of variables.
func (r *Resolver) markerVars(d *Definition, f *Filter) ([]PlaceVars, error) {
	events, err := r.resolveMarkers(d)
	if err != nil {
		return nil, err
	}
	var all []PlaceVars
	for _, e := range events {
		for _, p := range e.Places {
			v := PlaceVars{Place: p}
			for _, a := range p.Args {
				if f == nil || f.Match(a.Name) {
					v.Vars = append(v.Vars, Variable{Name: a.Name, Type: a.Type, Here: true})
				}
			}
			all = append(all, v)
		}
	}
	return all, nil
}

// sameShape reports whether two places can belong to one event.
func sameShape(a, b []Arg) bool {
	return slices.EqualFunc(a, b, func(x, y Arg) bool { return x.Name == y.Name && x.Type == y.Type })
}

// at writes where the marker is, with its semaphore behind it: PATH:OFFSET(SEMAPHORE), both offsets in the file. The kernel
// raises the semaphore while the probe is enabled (Linux 4.20).
func (q *markerQuery) at(m *sdtnote.Marker) (string, error) {
	f := q.r.image.file
	offset, ok := f.FileOffset(m.PC)
	if !ok {
		return "", q.corrupt(m, "no byte of the file is loaded at its address")
	}
	if err := q.r.checkOffset(offset); err != nil {
		return "", q.corrupt(m, err.Error())
	}
	if !isNop(f.Machine(), f.Bytes()[offset:]) {
		return "", q.corrupt(m, "there is no nop at its address")
	}
	at := q.r.target.Exec + ":" + hexText(offset)
	if m.Semaphore == 0 {
		return at, nil
	}
	counter, ok := f.FileOffset(m.Semaphore)
	if !ok {
		return "", q.corrupt(m, "no byte of the file is loaded at the address of its semaphore")
	}
	return at + "(" + hexText(counter) + ")", nil
}

func (q *markerQuery) corrupt(m *sdtnote.Marker, why string) error {
	return &TargetError{Path: q.r.target.Exec, Err: fmt.Errorf("marker %s%s:%s at %#x: %s", sdtnote.GroupPrefix, m.Provider, m.Name, m.PC, why)}
}

// isNop reports whether the code begins with what the macros of sys/sdt.h leave. A note that points elsewhere, perhaps into an
// instruction, would kill the program.
func isNop(machine elf.Machine, code []byte) bool {
	var nops [][]byte
	switch machine {
	case elf.EM_X86_64, elf.EM_386:
		nops = [][]byte{{0x90}, {0x66, 0x90}, {0x0f, 0x1f}, {0x66, 0x0f, 0x1f}}
	case elf.EM_AARCH64:
		nops = [][]byte{{0x1f, 0x20, 0x03, 0xd5}}
	}
	return slices.ContainsFunc(nops, func(n []byte) bool { return bytes.HasPrefix(code, n) })
}
