package probe

import (
	"fmt"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// ofSource reports whether the point is named by lines of the source.
func (p *Point) ofSource() bool { return p.Kind == SourcePoint || p.Line != 0 || p.Pattern != "" }

// lineSpots finds the places of source lines.
func (r *Resolver) lineSpots(d *Definition, function string) ([]spot, []string, error) {
	info, err := r.debug()
	if err != nil {
		return nil, nil, err
	}
	p := &d.Point
	o := dwarfvars.LineOptions{Function: function, File: p.Source, Line: p.Line, NoInlines: r.options.NoInlines, Max: r.options.MaxPlaces}
	if p.Pattern != "" {
		o.Match = r.patternLines(p.Pattern)
	}
	places, shared, err := info.LinePlaces(o)
	if isUnknownFunction(err) {
		if linked, ok := r.otherName(info, function); ok {
			o.Function = linked
			places, shared, err = info.LinePlaces(o)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	var notes []string
	if shared && p.Pattern == "" {
		if src, ok := info.PlaceOf(places[0].Addr); ok {
			notes = append(notes, fmt.Sprintf("%s begins with the same instruction as line %d of %s.", p.String(), src.Line, src.File))
		}
	}
	spots := r.spotsOf(places)
	return spots, notes, nil
}

// otherName returns what the debug information calls a function of the symbol table: glibc's malloc is __libc_malloc.
func (r *Resolver) otherName(info *dwarfvars.Info, function string) (string, bool) {
	symbols, live, err := r.named(function)
	if err != nil || live || len(symbols) == 0 {
		return "", false
	}
	src, ok := info.PlaceOf(symbols[0].Addr)
	return src.Symbol, ok && src.Symbol != "" && src.Symbol != function
}

// resolveSource resolves a definition by lines of a file: one event for each function that they are in.
func (r *Resolver) resolveSource(d *Definition) ([]*Event, error) {
	spots, notes, err := r.lineSpots(d, "")
	if err != nil {
		return nil, err
	}
	spots = r.goPlaces(spots, 0)
	var names []string
	of := make(map[string][]spot)
	for _, s := range spots {
		name := s.dwarf.Function
		if name == "" {
			name = s.symbol
		}
		names = appendNew(names, name)
		of[name] = append(of[name], s)
	}
	var events []*Event
	for _, name := range names {
		e, err := r.complete(d, name, of[name], notes)
		if err != nil {
			return nil, err
		}
		events, notes = append(events, e), nil
	}
	return events, nil
}
