package dwarfvars

import "github.com/gperf-dev/gperf/internal/dwarfunit"

// maxParts bounds into how many parts a structure is taken: more than an event can have.
const maxParts = 256

// Parts returns what the value of e at p consists of, if that is a structure or union: an expression for each member, with the
// members of structures within it in their place. For anything else it is nil. Errors are those of Value.
func (i *Info) Parts(p Place, e *Expr) ([]*Expr, error) {
	s, err := i.reach(&p, e)
	if err != nil {
		return nil, i.public(&p, e, err)
	}
	if !i.isStructure(s.t) {
		return nil, nil
	}
	base, err := i.strip(s.t, true)
	if err != nil {
		return nil, i.public(&p, e, err)
	}
	l := partList{i: i}
	err = l.add(e, base, 0)
	return l.out, i.public(&p, e, err)
}

// isStructure tells structures and unions from what is one in the debug information only: strings and slices.
func (i *Info) isStructure(t typ) bool {
	kind := i.describe(t, 0).Kind
	return kind == TypeStruct || kind == TypeUnion
}

type partList struct {
	i   *Info
	out []*Expr
}

// add lists the members of a structure that e is.
func (l *partList) add(e *Expr, base typ, depth int) error {
	base, err := l.i.complete(base)
	if err != nil || depth > maxNested {
		return err
	}
	var inner error
	err = base.e.EachChild(func(kid *dwarfunit.Entry) bool {
		switch {
		case kid.Tag != dwarfunit.TagMember && kid.Tag != dwarfunit.TagInheritance, kid.Flag(dwarfunit.AttrExternal):
			return true
		case len(l.out) >= maxParts:
			return false
		}
		inner = l.member(e, kid, depth)
		return inner == nil
	})
	if inner != nil {
		return inner
	}
	return err
}

func (l *partList) member(e *Expr, kid *dwarfunit.Entry, depth int) error {
	t, err := l.i.typeOf(kid)
	if err != nil {
		return err
	}
	base, err := l.i.strip(t, true)
	if err != nil {
		return err
	}
	structure := l.i.isStructure(t)
	name := kid.String(dwarfunit.AttrName)
	switch {
	case kid.Tag == dwarfunit.TagInheritance || name == "":
		if structure {
			return l.add(e, base, depth+1)
		}
		return nil
	case !isExprName(name): // a compiler's own
		return nil
	}
	part := &Expr{Text: e.Text + "." + name, Root: e.Root, Steps: append(e.Steps[:len(e.Steps):len(e.Steps)], Step{Kind: Dot, Name: name})}
	if structure {
		return l.add(part, base, depth+1)
	}
	l.out = append(l.out, part)
	return nil
}

// isExprName tells whether an expression can name a member.
func isExprName(name string) bool {
	for k := range len(name) {
		if !isNameByte(name[k], k > 0) {
			return false
		}
	}
	return name != ""
}
