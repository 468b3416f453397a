package dwarfvars

import (
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/funcname"
)

// scoped finds a variable of a namespace or a class, by its name in full or by an end of it. Of several that fit the one wins whose
// namespace the function is in, then one of the function's unit; if there are others still, it is an *AmbiguousError.
func (i *Info) scoped(fn *dwarfunit.Entry, name string) (*dwarfunit.Entry, error) {
	want := funcname.Parse(name)
	offs, err := i.data.Declared(dwarfunit.Search{Name: want.Last(), Workers: i.workers}, dwarfunit.TagVariable, dwarfunit.TagMember)
	if err != nil || len(offs) == 0 {
		return nil, err
	}
	here, err := i.scopeOf(i.source(fn))
	if err != nil {
		return nil, err
	}
	var best *dwarfunit.Entry
	var names []string
	score := -1
	for _, off := range offs {
		e, full, err := i.fittingVariable(off, &want)
		if err != nil {
			return nil, err
		}
		if e == nil {
			continue
		}
		n := i.nearness(e, full, here, fn, len(want.Path) > 1)
		switch {
		case n > score:
			best, score, names = e, n, []string{full}
		case n == score && !slices.Contains(names, full):
			names = append(names, full)
		}
	}
	if len(names) > 1 {
		slices.Sort(names)
		return nil, &AmbiguousError{Name: name, Candidates: names}
	}
	return best, nil
}

// fittingVariable returns the definition of a variable that a name can mean, and its name in full; nil if it is another, is in a
// function, or is defined nowhere.
func (i *Info) fittingVariable(off int, want *funcname.Name) (*dwarfunit.Entry, string, error) {
	decl, err := i.data.Entry(off)
	if err != nil || decl == nil || decl.Tag == dwarfunit.TagMember && !decl.Flag(dwarfunit.AttrExternal) {
		return nil, "", err
	}
	parents, err := decl.Unit.Parents(off)
	if err != nil || slices.ContainsFunc(parents, func(p *dwarfunit.Entry) bool { return p.Tag == dwarfunit.TagSubprogram }) {
		return nil, "", err
	}
	scope, err := i.scopeOf(decl)
	if err != nil {
		return nil, "", err
	}
	have := funcname.Parse(strings.Join(append(scope, i.name(decl)), "::"))
	if want.Match(&have) == funcname.No {
		return nil, "", nil
	}
	def, err := i.definedAt(decl)
	return def, have.Plain(), err
}

// definedAt returns the entry that has the place of a variable that is declared in a namespace or a class; nil if there is none in its unit.
// The value in a declaration is a constant's: of a variable (static inline) it is what clang begins with, and the definition has the place.
func (i *Info) definedAt(decl *dwarfunit.Entry) (*dwarfunit.Entry, error) {
	if hasPlace(decl) && !decl.Flag(dwarfunit.AttrDeclaration) {
		return decl, nil
	}
	root, err := decl.Unit.Root()
	if err != nil {
		return nil, err
	}
	def, err := i.definitionIn(root, decl.Off, 0)
	if def == nil && err == nil && hasPlace(decl) && i.isConstant(decl) {
		def = decl
	}
	return def, err
}

// isConstant tells whether what is declared has a const type.
func (i *Info) isConstant(e *dwarfunit.Entry) bool {
	off, ok := e.Ref(dwarfunit.AttrType)
	if !ok {
		return false
	}
	t, err := i.data.Entry(off)
	return err == nil && t != nil && t.Tag == dwarfunit.TagConstType
}

// definitionIn looks among a unit's variables, and those in its namespaces, where clang has them.
func (i *Info) definitionIn(e *dwarfunit.Entry, decl, depth int) (def *dwarfunit.Entry, err error) {
	if depth > maxNested {
		return nil, nil
	}
	var inner error
	err = e.EachChild(func(kid *dwarfunit.Entry) bool {
		switch kid.Tag {
		case dwarfunit.TagVariable:
			if off, ok := kid.Ref(dwarfunit.AttrSpecification); ok && off == decl && hasPlace(kid) {
				def = kid
			}
		case dwarfunit.TagNamespace:
			def, inner = i.definitionIn(kid, decl, depth+1)
		}
		return def == nil && inner == nil
	})
	if inner != nil {
		err = inner
	}
	return def, err
}

// nearness says how near a variable is to a function: the length of the namespaces that both are in, doubled, and one more in its unit.
// A variable of a namespace that the function is not in is not seen there, unless the name tells which.
func (i *Info) nearness(e *dwarfunit.Entry, full string, here []string, fn *dwarfunit.Entry, qualified bool) int {
	scope := funcname.Parse(full).Path
	scope = scope[:len(scope)-1]
	own := 0
	if e.Unit.U == fn.Unit.U {
		own = 1
	}
	for k := range scope {
		if k >= len(here) || here[k] != scope[k] {
			if scope[k] == "(anonymous namespace)" && k+1 == len(scope) && own == 1 {
				return 2*len(scope) + own
			}
			if qualified {
				return own
			}
			return -1
		}
	}
	return 2*(len(scope)+1) + own
}

// staticMember finds where a static member of a class is defined.
func (i *Info) staticMember(decl *dwarfunit.Entry) (*dwarfunit.Entry, error) {
	if def, err := i.definedAt(decl); def != nil || err != nil {
		return def, err
	}
	scope, err := i.scopeOf(decl)
	if err != nil {
		return nil, err
	}
	want := funcname.Parse(strings.Join(append(scope, i.name(decl)), "::"))
	offs, err := i.data.Declared(dwarfunit.Search{Name: want.Last(), Workers: i.workers}, dwarfunit.TagVariable, dwarfunit.TagMember)
	if err != nil {
		return nil, err
	}
	for _, off := range offs {
		if def, _, err := i.fittingVariable(off, &want); def != nil || err != nil {
			return def, err
		}
	}
	return nil, nil
}
