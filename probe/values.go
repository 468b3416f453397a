package probe

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/perfevent/argtype"
)

// values collects an event's arguments, place by place. All places of an event must have the same arguments with the same
// types, since the kernel has one format for them.
type values struct {
	r      *Resolver
	e      *Event
	first  error             // why the first place that was left out was left out
	left   []string          // places that were left out, in words
	fields []argtype.Field   // at the place that was looked at last
	names  []string          // of the places' functions
	spots  []*spot           // of the places
	all    [][]argtype.Field // what the arguments mean, place by place
	isSet  bool              // some arguments need not be at all places: those of $vars, $params, and members of structures
}

// place translates the arguments at one place and keeps the place if all have a value there.
func (v *values) place(p Place, s *spot) error {
	v.fields = nil
	for i := range v.e.Definition.Args {
		a := &v.e.Definition.Args[i]
		if a.isSet() {
			if err := v.set(a, &p, s); err != nil {
				return err
			}
			continue
		}
		kept, err := v.single(a, &p, s)
		if !kept {
			return err
		}
	}
	v.e.Places = append(v.e.Places, p)
	v.names = append(v.names, v.fullName(s))
	v.all = append(v.all, v.fields)
	v.spots = append(v.spots, s)
	return nil
}

// single adds a value to the place, or all results that $retval stands for. Without it the place is not kept.
func (v *values) single(a *Argument, p *Place, s *spot) (kept bool, err error) {
	if v.isResults(a, s) {
		return v.results(a, p, s)
	}
	typed, at, err := v.returned(a, s)
	if onlyHere(err) {
		v.leaveOut(a, s, err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	a, s = typed, at
	args, err := v.whole(a, s)
	if err == nil {
		p.Args = append(p.Args, args...)
		return true, nil
	}
	if !onlyHere(err) {
		return false, err
	}
	v.leaveOut(a, s, err)
	return false, nil
}

// onlyHere tells errors that may not occur at another instance of the function.
func onlyHere(err error) bool {
	var nowhere *dwarfvars.NotHereError
	var unsupported *dwarfvars.UnsupportedError
	var unknown *dwarfvars.UnknownVariableError
	var register *ArgumentError
	return errors.As(err, &nowhere) || errors.As(err, &unsupported) || errors.As(err, &unknown) ||
		errors.As(err, &register) && register.local
}

func (v *values) leaveOut(a *Argument, s *spot, err error) {
	if v.first == nil {
		v.first = err
	}
	v.left = append(v.left, fmt.Sprintf("%s+%d (%s)", v.fullName(s), s.offset, a.Text))
}

// fullName is what the author of the program would call the function of a place.
func (v *values) fullName(s *spot) string {
	if s.dwarf != nil && !s.inlined {
		if info, err := v.r.debug(); err == nil {
			return info.FullName(*s.dwarf)
		}
	}
	return readable(s.symbol)
}

// one translates one argument that is no set.
func (v *values) one(a *Argument, s *spot) ([]Arg, argtype.Field, error) {
	if err := v.checkRaw(a); err != nil {
		return nil, argtype.Field{}, err
	}
	if args, field, ok, err := v.goValue(a, s); ok {
		return args, field, err
	}
	if a.Expr == nil {
		arg, err := v.raw(a, s)
		return []Arg{arg}, argtype.Field{}, err
	}
	if s.dwarf == nil {
		_, err := v.r.debug()
		if err == nil {
			err = &dwarfvars.UnknownFunctionError{Name: s.symbol}
		}
		return nil, argtype.Field{}, err
	}
	info, err := v.r.debug()
	if err != nil {
		return nil, argtype.Field{}, err
	}
	t := translator{r: v.r, arg: a, event: v.e, at: s.dwarf}
	loc, err := info.Value(*s.dwarf, a.Expr)
	var cannot *dwarfvars.UnsupportedError
	switch {
	case !errors.As(err, &cannot) || cannot.ThreadLocal || cannot.Elsewhere != "":
	case a.Expr.Root == dwarfvars.Result:
		cannot.Elsewhere = v.r.resultRegisters()
	default:
		cannot.Elsewhere = t.elsewhere()
	}
	if err != nil {
		return nil, argtype.Field{}, err
	}
	t.loc = &loc
	return t.translate()
}

// raw is an argument that the kernel fetches by itself; only names of a program's data are turned into their place in the
// file, since uprobes know no symbols.
func (v *values) raw(a *Argument, s *spot) (Arg, error) {
	fetch := a.Value
	if s.atReturn {
		fetch = v.r.returned(fetch)
	}
	if !strings.HasPrefix(fetch, `\`) {
		var err error
		if s.code != nil {
			fetch, err = v.goPositional(a, fetch, s)
		} else {
			fetch, err = v.positional(a, fetch, s)
		}
		if err != nil {
			return Arg{}, err
		}
	}
	if i := strings.IndexByte(fetch, '@'); i >= 0 && v.r.user() && i+1 < len(fetch) && isVariable(fetch[i+1:]) && !strings.HasPrefix(fetch, `\`) {
		var err error
		if fetch, err = v.r.dataPlace(a, fetch, i); err != nil {
			return Arg{}, err
		}
	}
	return Arg{Name: a.Name, Fetch: fetch, Type: a.Type}, nil
}

// set expands $vars or $params to the variables that have a value at all places.
func (v *values) set(a *Argument, p *Place, s *spot) error {
	info, err := v.r.debug()
	if err != nil {
		return err
	}
	if s.dwarf == nil {
		return &dwarfvars.UnknownFunctionError{Name: s.symbol, Nearest: info.Nearest(s.symbol)}
	}
	vars, err := info.Vars(*s.dwarf, dwarfvars.VarsOptions{Params: a.Value == "$params"})
	if err != nil {
		return err
	}
	var names []string
	for _, variable := range vars {
		name := variable.Name
		if slices.Contains(names, name) {
			continue // shadowed: the innermost comes first
		}
		one := Argument{Text: name, Name: clipArg(name), Value: name, Type: a.Type, User: a.User, Expr: &dwarfvars.Expr{Text: name, Root: name}}
		args, err := v.whole(&one, s)
		if err != nil {
			continue
		}
		names = append(names, name)
		p.Args = append(p.Args, args...)
	}
	v.isSet = true
	if len(names) == 0 {
		v.e.Notes = appendNew(v.e.Notes, fmt.Sprintf("%s adds nothing: no such variable can be read at %s+%d", a.Value, s.symbol, s.offset))
	}
	return nil
}

// finish makes the places alike and says what was left out.
func (v *values) finish() error {
	e := v.e
	if len(e.Places) == 0 {
		return v.first
	}
	why := "is missing there"
	if !v.isSet && v.keepMost() {
		why = "is missing there or has another type"
	}
	e.Fields = v.all[0]
	if len(v.left) > 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("%d of %d places of %s are left out, since a value %s: %s",
			len(v.left), len(v.left)+len(e.Places), e.Definition.Point.Function, why, strings.Join(v.left, ", ")))
	}
	if len(e.Places) > 1 {
		v.intersect()
	}
	return v.sameShapes()
}

// sameShapes refuses places whose values have different types: the kernel has one format for an event.
func (v *values) sameShapes() error {
	e := v.e
	for i := 1; i < len(e.Places); i++ {
		first, other := e.Places[0].Args, e.Places[i].Args
		for k := range first {
			if k < len(other) && first[k].Name == other[k].Name && first[k].Type == other[k].Type {
				continue
			}
			err := &ShapeError{Arg: first[k].Name, Types: [2]string{first[k].Type, ""}, Functions: [2]string{v.names[0], v.names[i]}}
			if k < len(other) && first[k].Name == other[k].Name {
				err.Types[1] = other[k].Type
			}
			return err
		}
		if n := len(first); len(other) > n {
			return &ShapeError{Arg: other[n].Name, Types: [2]string{other[n].Type, ""}, Functions: [2]string{v.names[i], v.names[0]}}
		}
	}
	return nil
}

// intersect drops arguments from $vars and $params that not all places have with the same type.
func (v *values) intersect() {
	e := v.e
	type shape struct{ name, kind string }
	count := make(map[shape]int)
	for i := range e.Places {
		for _, a := range e.Places[i].Args {
			count[shape{a.Name, a.Type}]++
		}
	}
	var dropped []string
	for i := range e.Places {
		for _, a := range e.Places[i].Args {
			if a.Name != "" && v.isSet && count[shape{a.Name, a.Type}] < len(e.Places) {
				dropped = appendNew(dropped, a.Name)
			}
		}
	}
	gone := slices.Clone(dropped)
	e.Fields = slices.DeleteFunc(e.Fields, func(f argtype.Field) bool {
		names := f.Names()
		if !slices.ContainsFunc(names, func(n string) bool { return slices.Contains(dropped, n) }) {
			return false
		}
		gone = append(gone, names...) // a value without one of its parts is none
		return true
	})
	for i := range e.Places {
		p := &e.Places[i]
		p.Args = slices.DeleteFunc(p.Args, func(a Arg) bool { return slices.Contains(gone, a.Name) })
	}
	if len(dropped) > 0 {
		e.Notes = append(e.Notes, "not all places have a value for: "+strings.Join(dropped, ", "))
	}
	if v.isSet {
		order := e.Places[0].Args
		for i := range e.Places[1:] {
			sortLike(e.Places[i+1].Args, order)
		}
	}
}

// sortLike brings args into the order of names that order has.
func sortLike(args, order []Arg) {
	rank := func(a Arg) int { return slices.IndexFunc(order, func(o Arg) bool { return o.Name == a.Name }) }
	slices.SortStableFunc(args, func(a, b Arg) int {
		if a.Name == "" || b.Name == "" {
			return 0
		}
		return rank(a) - rank(b)
	})
}
