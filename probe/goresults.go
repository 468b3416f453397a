package probe

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
)

// results adds the results that $retval stands for to a place. Those that cannot be read, as floating point numbers, are left out, and the
// user is told; if none can be read the place is not kept.
func (v *values) results(a *Argument, p *Place, s *spot) (kept bool, err error) {
	all, err := v.goResults(a, s)
	if err != nil {
		return false, err
	}
	var first error
	var left []string
	for i := range all {
		args, err := v.whole(&all[i].Argument, s)
		switch {
		case err == nil:
			p.Args = append(p.Args, args...)
		case !onlyHere(err):
			return false, err
		default:
			first = cmp.Or(first, err)
			left = append(left, fmt.Sprintf("%s (%s)", all[i].Name, all[i].kind))
		}
	}
	if len(left) == len(all) {
		v.leaveOut(a, s, first)
		return false, nil
	}
	if len(left) > 0 {
		v.e.Notes = appendNew(v.e.Notes, fmt.Sprintf("$retval of %s is read without %s, which the kernel's probes cannot read", v.fullName(s), strings.Join(left, ", ")))
	}
	return true, nil
}

// result is one of a function's results and the name of its type.
type result struct {
	Argument
	kind string
}

// goResults lists what $retval stands for where the debug information knows the function: all of its results.
func (v *values) goResults(a *Argument, s *spot) ([]result, error) {
	info, err := v.r.debug()
	if err != nil {
		return nil, err
	}
	signature, err := info.GoSignature(*s.dwarf)
	if err != nil {
		return nil, err
	}
	var out []result
	for _, r := range signature {
		if !r.Result {
			continue
		}
		name := clipArg(strings.TrimLeft(r.Name, "~"))
		if a.Name != "" {
			name = clipArg(a.Name + "_" + name)
		}
		out = append(out, result{Argument{Text: r.Name, Name: name, Value: r.Name, Expr: &dwarfvars.Expr{Text: r.Name, Root: r.Name}}, r.Type})
	}
	switch {
	case len(out) == 0:
		return nil, &ArgumentError{Arg: a.Text, Msg: s.symbol + " has no result"}
	case len(out) == 1 && a.Name != "":
		out[0].Name = a.Name
	}
	return out, nil
}

// isResults tells a $retval that stands for all results.
func (v *values) isResults(a *Argument, s *spot) bool {
	return a.Value == "$retval" && a.Type == "" && s.code != nil && s.dwarf != nil && s.code.state == dwarfvars.GoReturn
}
