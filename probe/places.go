package probe

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// spot is a place that was found, before it is written in the kernel's terms.
type spot struct {
	addr    uint64 // as the file is linked
	symbol  string // function that it lies in
	offset  uint64 // in symbol
	entry   uint64 // where the code of the function, or of the inlined instance, begins
	inlined bool
	module  string           // kernel module, without brackets
	live    bool             // addr is an address of the running kernel, from kallsyms
	dwarf   *dwarfvars.Place // nil if it was found in the symbol table
	code    *goCode          // nil outside of Go's functions

	atReturn bool // at a RET instruction of C++ or Rust
}

// find returns the places of a function, without a look at the arguments.
func (r *Resolver) find(d *Definition, function string) ([]spot, []string, error) {
	if b := r.golang(); b != nil {
		return r.findGo(b, d, function)
	}
	spots, notes, err := r.findAny(d, function)
	if r.user() && r.image.isGo() {
		notes = append(notes, fmt.Sprintf("%v: probes are on first instructions, where calls count twice when stacks grow.", r.image.goErr))
	}
	return spots, notes, err
}

// findAny is find, whatever the language.
func (r *Resolver) findAny(d *Definition, function string) ([]spot, []string, error) {
	if d.Point.Return {
		spots, err := r.returnSpots(d, function)
		if err != nil {
			return nil, nil, err
		}
		notes := r.ifuncNotes(function, spots)
		spots, more, err := r.nativeReturns(function, spots)
		return spots, append(notes, more...), err
	}
	if d.Point.ofSource() {
		return r.lineSpots(d, function)
	}
	spots, err := r.debugSpots(d, function)
	if err == nil || d.NeedsDebugInfo() && !isUnknownFunction(err) {
		return spots, skippedPrologue(spots), err
	}
	if tooBad(err) {
		return nil, nil, err
	}
	debugErr := err
	if spots, err = r.symbolSpots(d, function); err != nil {
		return nil, nil, unknownToBoth(err, debugErr)
	}
	if d.NeedsDebugInfo() {
		if r.isIFunc(function) {
			return nil, nil, &IFuncError{Function: function, Choices: r.implementations(function)}
		}
		spots, err = r.aliasSpots(d, spots)
		return spots, skippedPrologue(spots), err
	}
	notes := r.ifuncNotes(function, spots)
	return spots, notes, nil
}

// tooBad tells errors of the debug information for which the symbol table is no way out.
func tooBad(err error) bool {
	var many *dwarfvars.TooManyError
	var offset *dwarfvars.OffsetError
	var ambiguous *dwarfvars.AmbiguousError
	return errors.As(err, &many) || errors.As(err, &offset) || errors.As(err, &ambiguous)
}

func isUnknownFunction(err error) bool {
	var unknown *dwarfvars.UnknownFunctionError
	var none *dwarfvars.NoInstanceError
	return errors.As(err, &unknown) || errors.As(err, &none)
}

// unknownToBoth is the error for a function that the symbol table does not have, for what the debug information said of it.
func unknownToBoth(err, debugErr error) error {
	var unknown *NoFunctionError
	if !errors.As(err, &unknown) {
		return err
	}
	var none *dwarfvars.NoInstanceError
	if errors.As(debugErr, &none) {
		return none
	}
	unknown.Debug = isUnknownFunction(debugErr) && len(unknown.Modules) == 0
	return err
}

// debugSpots asks the debug information.
func (r *Resolver) debugSpots(d *Definition, function string) ([]spot, error) {
	info, err := r.debug()
	if err != nil {
		return nil, err
	}
	places, err := info.Places(function, dwarfvars.PlaceOptions{
		Offset: d.Point.Offset, File: d.Point.Source, NoInlines: r.options.NoInlines,
		SkipPrologue: d.Point.Offset == 0 && d.hasVariables(), Max: r.options.MaxPlaces,
	})
	if err != nil {
		return nil, err
	}
	return r.spotsOf(places), nil
}

// spotsOf gives places the names that the symbol table has for them.
func (r *Resolver) spotsOf(places []dwarfvars.Place) []spot {
	addrs := make([]uint64, len(places))
	for i := range places {
		addrs[i] = places[i].Addr - places[i].Offset
	}
	r.image.learn(addrs)
	spots := make([]spot, len(places))
	for i := range places {
		spots[i] = r.spotOf(&places[i])
	}
	return spots
}

func (r *Resolver) spotOf(p *dwarfvars.Place) spot {
	s := spot{addr: p.Addr, symbol: p.Symbol, offset: p.Offset, entry: p.Entry, inlined: p.Inlined, dwarf: p, module: r.target.Module}
	names := []string{strings.TrimPrefix(p.Symbol, "__GI_"), p.Symbol} // glibc's names for calls within itself
	if !p.Inlined {
		names = append([]string{strings.TrimPrefix(p.Function, "__GI_")}, names...)
	}
	if name, ok := r.image.isNamed(p.Addr-p.Offset, names...); ok {
		s.symbol = name
		return s
	}
	if name, offset, ok := r.image.symbolAt(p.Addr); ok {
		s.symbol, s.offset = name, offset
	}
	return s
}

func (d *Definition) hasVariables() bool {
	return slices.ContainsFunc(d.Args, func(a Argument) bool { return a.Expr != nil || a.isSet() })
}

// skippedPrologue is perf's note about code that was compiled without optimisation.
func skippedPrologue(spots []spot) []string {
	for _, s := range spots {
		if s.dwarf != nil && s.dwarf.Skipped {
			return []string{fmt.Sprintf("Target program is compiled without optimization. Skipping prologue.\n"+
				"Probe on address 0x%x to force probing at the function entry.\n", s.entry)}
		}
	}
	return nil
}

// symbolSpots asks the symbol table.
func (r *Resolver) symbolSpots(d *Definition, function string) ([]spot, error) {
	symbols, live, err := r.named(function)
	if err != nil {
		return nil, err
	}
	var spots []spot
	for _, s := range symbols {
		if d.Point.Offset >= max(s.Size, 1) && s.Size > 0 {
			return nil, &dwarfvars.OffsetError{Function: function, Offset: d.Point.Offset, Size: s.Size}
		}
		addr := s.Addr + d.Point.Offset
		if slices.ContainsFunc(spots, func(o spot) bool { return o.addr == addr }) {
			continue
		}
		spots = append(spots, spot{addr: addr, symbol: s.Name, offset: d.Point.Offset, entry: s.Addr,
			module: r.target.Module, live: live})
	}
	if len(spots) > r.options.MaxPlaces {
		return nil, &dwarfvars.TooManyError{Function: function, Max: r.options.MaxPlaces}
	}
	return spots, nil
}

// returnSpots finds the entries of a function whose returns are to be probed: by its symbol only, since what the
// compiler merged into callers does not return (and since gcc's debug information is wrong there, gcc bug 98776).
func (r *Resolver) returnSpots(d *Definition, function string) ([]spot, error) {
	if r.user() && r.golang() == nil && r.image.isGo() {
		return nil, &GoReturnError{Function: function, Why: r.image.goErr.Error()}
	}
	spots, err := r.symbolSpots(d, function)
	var unknown *NoFunctionError
	if !errors.As(err, &unknown) {
		return spots, err
	}
	if info, infoErr := r.debug(); infoErr == nil {
		places, placesErr := info.Places(function, dwarfvars.PlaceOptions{})
		if placesErr == nil && !slices.ContainsFunc(places, func(p dwarfvars.Place) bool { return !p.Inlined }) {
			return nil, &InlinedReturnError{Function: function, Callers: callers(places)}
		}
		if none := new(dwarfvars.NoInstanceError); errors.As(placesErr, &none) {
			return nil, none
		}
		if placesErr == nil {
			return outOfLine(r, places), nil
		}
	}
	return nil, err
}

func outOfLine(r *Resolver, places []dwarfvars.Place) []spot {
	var spots []spot
	for i := range places {
		if !places[i].Inlined {
			spots = append(spots, r.spotOf(&places[i]))
		}
	}
	return spots
}

func callers(places []dwarfvars.Place) []string {
	var names []string
	for _, p := range places {
		if !slices.Contains(names, p.Symbol) {
			names = append(names, p.Symbol)
		}
	}
	return names
}

// aliasSpots goes from a symbol that the debug information does not know (glibc's malloc is __libc_malloc there) by its
// address to the function's entry in the debug information.
func (r *Resolver) aliasSpots(d *Definition, symbols []spot) ([]spot, error) {
	info, err := r.debug()
	if err != nil {
		return nil, err
	}
	var spots []spot
	for _, s := range symbols {
		if s.live {
			continue
		}
		src, ok := info.PlaceOf(s.entry)
		if !ok || src.Symbol == "" {
			continue
		}
		places, err := info.Places(src.Symbol, dwarfvars.PlaceOptions{Entry: s.entry, Offset: d.Point.Offset, File: d.Point.Source, NoInlines: true,
			SkipPrologue: d.Point.Offset == 0 && d.hasVariables()})
		if err != nil && d.Point.Source != "" {
			return nil, &NoFunctionError{Name: d.Point.String(), Where: r.where(), Debug: true, Declared: src.DeclFile}
		}
		if err != nil {
			return nil, err
		}
		for i := range places {
			spots = append(spots, r.spotOf(&places[i]))
		}
	}
	if len(spots) == 0 {
		return nil, &dwarfvars.UnknownFunctionError{Name: d.Point.Function, Nearest: info.Nearest(d.Point.Function), Missing: info.Missing()}
	}
	return spots, nil
}

// ifuncNotes warns of functions whose symbol is only what chooses the implementation at load time.
func (r *Resolver) ifuncNotes(function string, spots []spot) []string {
	if len(spots) == 0 || !r.user() || !r.isIFunc(function) {
		return nil
	}
	note := fmt.Sprintf("Warning: The probe function (%s) is a GNU indirect function.\n"+
		"Consider identifying the final function used at run time and set the probe directly on that.", function)
	if names := r.implementations(function); len(names) > 0 {
		note += "\nIt chooses one of these when the program starts: " + strings.Join(names, ", ") + "."
	}
	return []string{note}
}

// isIFunc tells whether a function's symbol is only what chooses the implementation.
func (r *Resolver) isIFunc(function string) bool {
	symbols, _, err := r.named(function)
	return err == nil && slices.ContainsFunc(symbols, func(s symtab.Symbol) bool { return s.IsIFunc() })
}

// implementations returns functions that are named as glibc names those that an indirect function chooses from: strlen is
// __strlen_avx2, __strlen_sse2 or another.
func (r *Resolver) implementations(function string) []string {
	t, err := r.table()
	if err != nil {
		return nil
	}
	var names []string
	for s := range t.All() {
		if s.IsFunc() && !s.IsIFunc() && strings.HasPrefix(s.Name, "__"+function+"_") && !strings.Contains(s.Name, ".") &&
			!strings.HasPrefix(s.Name, "__"+function+"_chk_") && !strings.HasSuffix(s.Name, "_ifunc") {
			names = appendNew(names, s.Name)
		}
	}
	slices.Sort(names)
	return names
}
