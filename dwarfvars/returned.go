package dwarfvars

import "github.com/gperf-dev/gperf/internal/dwarfunit"

// Returned tells the type of what the function whose code begins at an address returns; ok is false if the debug information does not
// know the function.
func (i *Info) Returned(addr uint64) (t Type, ok bool) {
	src, ok := i.PlaceOf(addr)
	if !ok {
		return Type{}, false
	}
	places, err := i.Places(src.Function, PlaceOptions{NoInlines: true})
	if err != nil {
		return Type{}, false
	}
	for k := range places {
		if places[k].Entry != addr {
			continue
		}
		var e *dwarfunit.Entry
		if e, err = i.data.Entry(places[k].real); err != nil || e == nil {
			return Type{}, false
		}
		out, err := i.typeOf(e)
		return i.describe(out, 1), err == nil
	}
	return Type{}, false
}
