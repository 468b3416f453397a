package probe

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/perfevent/argtype"
)

// whole translates one argument, a structure to one for each of its members, and notes what they mean.
func (v *values) whole(a *Argument, s *spot) ([]Arg, error) {
	parts, err := v.parts(a, s)
	if err != nil || len(parts) == 0 { // one tells more of an error
		args, field, err := v.one(a, s)
		if err == nil && hasMeaning(&field) {
			v.fields = append(v.fields, field)
		}
		return args, err
	}
	v.isSet = true
	var all []Arg
	var left []string
	var first error
	for _, e := range parts {
		member := strings.TrimPrefix(e.Text, a.Expr.Text+".")
		one := Argument{Text: a.Text, Name: partName(countedName(a), member), Value: e.Text, User: a.User, Expr: e}
		args, field, err := v.one(&one, s)
		if err != nil {
			first = cmp.Or(first, err)
			left = append(left, member)
			continue
		}
		all = append(all, args...)
		if hasMeaning(&field) {
			v.fields = append(v.fields, field)
		}
	}
	if len(all) == 0 {
		return nil, first
	}
	if len(left) > 0 {
		v.e.Notes = appendNew(v.e.Notes, fmt.Sprintf("%s is read without %s: %v", a.Text, strings.Join(left, ", "), first))
	}
	return all, nil
}

// parts returns the members of a structure that is asked for as a whole; none for all else.
func (v *values) parts(a *Argument, s *spot) ([]*dwarfvars.Expr, error) {
	if a.Expr == nil || a.Type != "" || a.Count > 0 || s.dwarf == nil {
		return nil, nil
	}
	info, err := v.r.debug()
	if err != nil {
		return nil, err
	}
	return info.Parts(*s.dwarf, a.Expr)
}

// partName is what a member of a structure is called: VALUE_MEMBER. Of a long name the end is kept, which tells members apart.
func partName(value, member string) string {
	name := value + "_" + clipPath(member)
	if n := len(name) - (maxArgName - 1); n > 0 {
		name = "_" + strings.TrimLeft(name[n+1:], "_0123456789")
	}
	return name
}

// clipPath makes a part of a name of the way to a member.
func clipPath(path string) string {
	b := []byte(path)
	for i := range b {
		if !isName("_" + string(b[i])) {
			b[i] = '_'
		}
	}
	return string(b)
}

// hasMeaning tells whether a field is more than the kernel's types tell.
func hasMeaning(f *argtype.Field) bool { return f.Type.Kind != argtype.Unknown || len(f.Via) > 0 }
