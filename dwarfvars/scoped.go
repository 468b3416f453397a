package dwarfvars

import (
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/funcname"
)

// scopedVariable is a variable of a namespace or a class that a name can mean.
type scopedVariable struct {
	decl *dwarfunit.Entry
	def  *dwarfunit.Entry // has the place; nil if it is defined nowhere
	full string           // its name in full
}

// scoped finds a variable of a namespace or a class, by its name in full or by an end of it. Of several that fit the one wins whose
// namespace the function is in, then one of the function's unit; if there are others still, it is an *AmbiguousError. If none has a place,
// decl is what declares one.
func (i *Info) scoped(fn *dwarfunit.Entry, name string) (def, decl *dwarfunit.Entry, err error) {
	want := funcname.Parse(name)
	fitting, err := i.fittingVariables(&want)
	if err != nil || len(fitting) == 0 {
		return nil, nil, err
	}
	source := i.source(fn)
	here, err := i.scopeOf(source)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	score := -1
	for _, v := range fitting {
		n := i.nearness(&v, here, source, len(want.Path) > 1)
		switch {
		case v.def == nil:
			if n >= 0 && (decl == nil || decl.Flag(dwarfunit.AttrDeclaration)) {
				decl = v.decl
			}
		case n > score:
			def, score, names = v.def, n, []string{v.full}
		case n == score && !slices.Contains(names, v.full):
			names = append(names, v.full)
		}
	}
	if len(names) > 1 {
		slices.Sort(names)
		return nil, nil, &AmbiguousError{Name: name, Candidates: names}
	}
	return def, decl, nil
}

// fittingVariables returns the variables of namespaces and classes that a name can mean.
func (i *Info) fittingVariables(want *funcname.Name) ([]scopedVariable, error) {
	offs, err := i.data.Declared(dwarfunit.Search{Name: want.Last(), Workers: i.workers}, dwarfunit.TagVariable, dwarfunit.TagMember)
	if err != nil {
		return nil, err
	}
	var out []scopedVariable
	var open []*dwarfunit.Entry
	for _, off := range offs {
		v, err := i.fittingVariable(off, want)
		if err != nil {
			return nil, err
		}
		if v.decl == nil {
			continue
		}
		if out = append(out, v); v.def == nil {
			open = append(open, v.decl)
		}
	}
	elsewhere, err := i.completed(open)
	for k := range out {
		if out[k].def == nil {
			out[k].def = elsewhere[out[k].decl.Off]
		}
	}
	return out, err
}

// fittingVariable takes a variable that a name can mean; its decl is nil if it is another, or is in a function.
func (i *Info) fittingVariable(off int, want *funcname.Name) (v scopedVariable, err error) {
	decl, err := i.data.Entry(off)
	if err != nil || decl == nil || decl.Tag == dwarfunit.TagMember && !decl.Flag(dwarfunit.AttrExternal) {
		return v, err
	}
	parents, err := decl.Unit.Parents(off)
	if err != nil || slices.ContainsFunc(parents, func(p *dwarfunit.Entry) bool { return p.Tag == dwarfunit.TagSubprogram }) {
		return v, err
	}
	scope, err := i.scopeOf(decl)
	if err != nil {
		return v, err
	}
	have := funcname.Parse(strings.Join(append(scope, i.name(decl)), "::"))
	if want.Match(&have) == funcname.No {
		if fit, err := i.throughInline(want, &have, decl); err != nil || fit == funcname.No {
			return v, err
		}
	}
	def, err := i.definedAt(decl)
	return scopedVariable{decl: decl, def: def, full: have.Plain()}, err
}

// completed returns the entries, by the offsets of the declarations, that have the places of variables that link time optimisation put into
// another unit. An entry without a place may stand between.
func (i *Info) completed(decls []*dwarfunit.Entry) (map[int]*dwarfunit.Entry, error) {
	out, of := map[int]*dwarfunit.Entry{}, map[int]int{}
	var offs []int
	for _, decl := range decls {
		of[decl.Off] = decl.Off
		offs = append(offs, decl.Off)
	}
	for range 4 {
		refs, err := i.data.Completing(offs, i.workers)
		if err != nil || len(refs) == 0 {
			return out, err
		}
		offs = offs[:0]
		for _, r := range refs {
			e, err := i.data.Entry(r.From)
			if err != nil || e == nil {
				continue // what can be used is used
			}
			decl := of[r.To]
			if _, seen := of[r.From]; !seen && !hasPlace(e) {
				of[r.From] = decl
				offs = append(offs, r.From)
			} else if !seen && out[decl] == nil {
				out[decl] = e
			}
		}
	}
	return out, nil
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
func (i *Info) nearness(v *scopedVariable, here []string, fn *dwarfunit.Entry, qualified bool) int {
	scope := funcname.Parse(v.full).Path
	scope = scope[:len(scope)-1]
	own := 0
	if v.decl.Unit.U == fn.Unit.U && (v.def == nil || i.source(v.def).Unit.U == fn.Unit.U) {
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
	fitting, err := i.fittingVariables(&want)
	for _, v := range fitting {
		if v.def != nil {
			return v.def, nil
		}
	}
	return nil, err
}
