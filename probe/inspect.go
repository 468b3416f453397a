package probe

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/internal/funcname"
	"github.com/gperf-dev/gperf/internal/glob"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// Default filters of variables and functions, those of perf.
const (
	DefaultVarsFilter  = "!__k???tab_* & !__crc_*"
	DefaultFuncsFilter = "!_* & !*@plt"
)

// PlaceVars is a place with the variables that can be seen there.
type PlaceVars struct {
	Place
	Vars []Variable
}

// Variable is a variable at a place.
type Variable struct {
	Name, Type string
	Extern     bool
	Here       bool        // it has a value at the place
	Ranges     [][2]uint64 // offsets in the place's function where it has one, end exclusive
}

// VarsOptions say which variables are meant.
type VarsOptions struct {
	Externs bool    // also global ones
	Ranges  bool    // also those that have a value elsewhere in the function
	Filter  *Filter // on names; nil for all
}

// Variables returns the variables at each place of a definition, which has no arguments.
func (r *Resolver) Variables(d *Definition, o VarsOptions) ([]PlaceVars, error) {
	if d.Point.Kind == SDTPoint {
		return r.markerVars(d, o.Filter)
	}
	d, _, err := r.goNamed(d)
	if err != nil {
		return nil, err
	}
	info, err := r.debug()
	if err != nil {
		return nil, err
	}
	at := *d
	at.Point.Return = false // variables live at the entry
	var spots []spot
	if d.Point.ofSource() {
		spots, _, err = r.lineSpots(&at, d.Point.Function)
	} else {
		spots, err = r.debugSpots(&at, d.Point.Function)
	}
	if isUnknownFunction(err) && !d.Point.ofSource() {
		named, symErr := r.symbolSpots(&at, d.Point.Function)
		if symErr != nil {
			return nil, unknownToBoth(symErr, err)
		}
		spots, err = r.aliasSpots(&at, named)
	}
	if err != nil {
		return nil, err
	}
	var all []PlaceVars
	for i := range spots {
		s := &spots[i]
		vars, err := info.Vars(*s.dwarf, dwarfvars.VarsOptions{Externs: o.Externs, Missing: o.Ranges, AsPerf: true})
		if err != nil {
			return nil, err
		}
		p := PlaceVars{Place: Place{Function: symtab.Demangle(s.symbol), Offset: s.offset, Address: s.addr, Inlined: s.inlined}}
		if !o.Ranges {
			vars = dwarfvars.SortVariables(vars)
		}
		for _, v := range vars {
			if (v.Here || o.Ranges) && (o.Filter == nil || o.Filter.Match(v.Name)) {
				p.Vars = append(p.Vars, variableOf(&v, s))
			}
		}
		if o.Ranges { // perf sorts what it prints, which begins with the state
			slices.SortStableFunc(p.Vars, func(a, b Variable) int { return strings.Compare(a.WithRanges(""), b.WithRanges("")) })
			p.Vars = slices.CompactFunc(p.Vars, func(a, b Variable) bool { return a.WithRanges("") == b.WithRanges("") })
		}
		all = append(all, p)
	}
	return all, nil
}

func variableOf(v *dwarfvars.Variable, s *spot) Variable {
	out := Variable{Name: v.Name, Type: v.Type, Extern: v.Extern, Here: v.Here}
	begin := s.addr - s.offset
	for _, r := range v.Ranges {
		out.Ranges = append(out.Ranges, [2]uint64{r[0] - begin, r[1] - begin})
	}
	return out
}

// table returns the symbols of the target: those of the running kernel, or of the file.
func (r *Resolver) table() (*symtab.Table, error) {
	switch {
	case !r.byImage():
		return r.kernel.table, nil
	case r.image == nil:
		return nil, r.kernel.missing
	}
	t, err := r.image.symbols()
	if err == nil && t.Len() == 0 {
		return nil, &NoFunctionError{Where: r.image.path, Stripped: true}
	}
	return t, err
}

// fewNames are found by a search of the units each before an index of them pays.
const fewNames = 4

// matching returns the functions that a glob stands for, those of the debug information if there is any, without the
// compiler's clones.
func (r *Resolver) matching(d *Definition) ([]string, error) {
	pattern := d.Point.Function
	names := r.goMatching(d)
	if len(names) > 0 {
		return names, nil
	}
	if info, err := r.debug(); err == nil && !d.Point.Return {
		functions, err := info.Functions(pattern)
		if err != nil {
			return nil, err
		}
		for _, f := range functions {
			names = appendNew(names, f.Name)
		}
		if len(names) > fewNames {
			_ = info.IndexInMemory() // without it each name takes its time
		}
	}
	if len(names) == 0 {
		t, err := r.table()
		if err != nil {
			return nil, err
		}
		for s := range t.All() {
			if s.IsFunc() && !s.PLT && (r.byImage() || moduleName(s.Module) == r.target.Module) && !strings.HasSuffix(s.Name, ".cold") {
				if name, ok := globbed(pattern, s.Name); ok {
					names = appendNew(names, name)
				}
			}
		}
	}
	if len(names) == 0 {
		return nil, &NoFunctionError{Name: pattern, Where: r.where(), Kernel: !r.user()}
	}
	return names, nil
}

// globbed compares a pattern with a symbol, and with its demangled name, which is then what the function is called.
func globbed(pattern, symbol string) (string, bool) {
	if typed, ok := symtab.DemangleTyped(symbol); ok {
		n := funcname.Parse(typed)
		if plain := n.Plain(); glob.Match(pattern, plain) || glob.Match(pattern, n.Last()) || glob.Match(pattern, n.String()) {
			return plain, true
		}
	}
	return symbol, glob.Match(pattern, symbol)
}

// where names the target in messages.
func (r *Resolver) where() string {
	switch {
	case r.user():
		return r.target.Exec
	case r.target.Module != "":
		return "kernel module " + r.target.Module
	}
	return "the kernel"
}

// WithRanges returns the variable as perf probe --vars --range shows it: [VAL] if it has a value at the place, [INV] if
// not, [EXT] for a global one, then type, name, and where in the function it has a value.
func (v *Variable) WithRanges(function string) string {
	state := "INV"
	switch {
	case v.Extern:
		state = "EXT"
	case v.Here:
		state = "VAL"
	}
	s := "[" + state + "]\t" + v.Type + "\t" + v.Name
	if len(v.Ranges) == 0 {
		return s
	}
	var parts []string
	for _, r := range v.Ranges {
		parts = append(parts, strconv.FormatUint(r[0], 10)+"-"+strconv.FormatUint(r[1], 10))
	}
	return s + "\t@<" + function + "+[" + strings.Join(parts, ",") + "]>"
}
