package dwarfvars

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/funcname"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// AmbiguousError is a name by which several functions can be meant.
type AmbiguousError struct {
	Name       string
	Candidates []string // whole names, each of one function or of its overloads
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s is the name of %d functions", e.Name, len(e.Candidates))
}

// Hint names the functions.
func (e *AmbiguousError) Hint() string {
	const most = 8
	names := e.Candidates[:min(most, len(e.Candidates))]
	hint := "name one of them: " + strings.Join(names, ", ")
	if more := len(e.Candidates) - len(names); more > 0 {
		hint += fmt.Sprintf(" and %d more; '*::%s' is all of them", more, e.Name)
	}
	return hint
}

// candidate is a function with its names: as its linkage name says, and as its place in the source says.
type candidate struct {
	f     dwarfunit.Func
	names []funcname.Name
	fit   funcname.Fit
}

// shown is the name that says most.
func (c *candidate) shown() *funcname.Name { return &c.names[len(c.names)-1] }

// called returns the functions of a name as it is in the debug information, as the symbol table has it, or as the author of C++ or Rust
// writes it. Functions without code in the file are left out, if there are others; if there are none, the error is a *NoInstanceError.
func (i *Info) called(fn string) ([]dwarfunit.Func, error) {
	found, err := i.data.Find(dwarfunit.Search{Name: fn, Workers: i.workers})
	if err != nil || i.isExact(found, fn) {
		return found, err
	}
	want := funcname.Parse(fn)
	last := want.Last()
	if last == "" {
		return found, nil
	}
	if last != fn {
		if found, err = i.data.Find(dwarfunit.Search{Name: last, Workers: i.workers}); err != nil {
			return nil, err
		}
	}
	fitting, gone, err := i.fitting(&want, found)
	if err != nil {
		return nil, err
	}
	if len(fitting) == 0 && (last != fn || len(found) == 0) {
		if fitting, err = i.spelledAlike(&want, last); err != nil {
			return nil, err
		}
	}
	if len(fitting) > 0 && !want.Typed && funcname.Bare(last) == last {
		if fitting, err = i.withInstances(&want, fitting); err != nil {
			return nil, err
		}
	}
	if len(fitting) == 0 && gone {
		return nil, &NoInstanceError{Name: fn}
	}
	return choose(fn, fitting)
}

// isExact tells functions that have no other names: those of C and Go, and what was asked for by linkage name.
func (i *Info) isExact(found []dwarfunit.Func, fn string) bool {
	for k := range found {
		e, err := i.data.Entry(found[k].Off)
		if err != nil || e == nil {
			continue
		}
		if !e.Unit.Flat() && i.isNamed(e, fn) {
			return false
		}
	}
	return len(found) > 0
}

// fitting returns the functions that a name can mean, and whether it can mean one that is defined but has no code.
func (i *Info) fitting(want *funcname.Name, found []dwarfunit.Func) (out []candidate, gone bool, err error) {
	for k := range found {
		f := &found[k]
		bare := !f.Code && len(f.Instances) == 0
		if bare && (gone || f.Decl && len(f.Between) == 0) {
			continue
		}
		c := candidate{f: *f}
		if c.names, err = i.namesOf(f); err != nil {
			return nil, false, err
		}
		for n := range c.names {
			c.fit = max(c.fit, want.Match(&c.names[n]))
		}
		if c.fit == funcname.No {
			if c.fit, err = i.inlineFit(want, &c); err != nil {
				return nil, false, err
			}
		}
		switch {
		case c.fit == funcname.No:
		case bare:
			gone = true
		default:
			out = append(out, c)
		}
	}
	return out, gone, nil
}

// spelledAlike looks through all names: template arguments may be spelled otherwise or be left out.
func (i *Info) spelledAlike(want *funcname.Name, last string) ([]candidate, error) {
	all, err := i.functions()
	if err != nil {
		return nil, err
	}
	var out []candidate
	seen := map[string]bool{last: true}
	one := funcname.Name{Path: []string{last}}
	for _, f := range all {
		if seen[f.Name] || f.flat {
			continue
		}
		seen[f.Name] = true
		if have := funcname.Parse(f.Name); one.Match(&have) == funcname.No {
			continue
		}
		found, err := i.data.Find(dwarfunit.Search{Name: f.Name, Workers: i.workers})
		if err != nil {
			return nil, err
		}
		more, _, err := i.fitting(want, found)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	slices.SortFunc(out, func(a, b candidate) int { return a.f.Off - b.f.Off })
	return out, nil
}

// manyNames is from how many on names are compared with those of functions before each is looked for.
const manyNames = 4

// withInstances adds the instances of C++'s templates that have the function's name: they are overloads of it. Rust has no overloads.
func (i *Info) withInstances(want *funcname.Name, found []candidate) ([]candidate, error) {
	if e, err := i.data.Entry(found[0].f.Off); err != nil || e == nil || isRust(e.Unit.Language) {
		return found, err
	}
	names := i.data.InstancesNamed(want.Last())
	if len(names) > manyNames {
		all, err := i.functions()
		if err != nil {
			return nil, err
		}
		known := make(map[string]bool, len(all))
		for k := range all {
			known[all[k].Name] = true
		}
		names = slices.DeleteFunc(names, func(name string) bool { return !known[name] })
	}
	for _, name := range names {
		instances, err := i.data.Find(dwarfunit.Search{Name: name, Workers: i.workers})
		if err != nil {
			return nil, err
		}
		more, _, err := i.fitting(want, instances)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	slices.SortFunc(found, func(a, b candidate) int { return a.f.Off - b.f.Off })
	return found, nil
}

// choose returns the functions that fit best. They may be overloads and instances of one function, but not different ones.
func choose(fn string, all []candidate) ([]dwarfunit.Func, error) {
	var c funcname.Chooser
	for k := range all {
		c.Add(k, *all[k].shown(), all[k].fit)
	}
	if families := c.Families(); len(families) > 1 {
		return nil, &AmbiguousError{Name: fn, Candidates: families}
	}
	var out []dwarfunit.Func
	for _, k := range c.Kept {
		out = append(out, all[k].f)
	}
	return out, nil
}

// namesOf returns a function's names in full. There is one at least, and the last says most.
func (i *Info) namesOf(f *dwarfunit.Func) ([]funcname.Name, error) {
	e, err := i.data.Entry(f.Off)
	if err != nil || e == nil {
		return nil, err
	}
	var names []funcname.Name
	linkage := i.linkage(e)
	for k := 0; k < len(f.Instances) && !isMangled(linkage); k++ { // constructors are declared without one
		if inst, err := i.data.Entry(f.Instances[k].Off); err == nil && inst != nil {
			linkage = i.linkage(inst)
		}
	}
	typed, mangled := symtab.DemangleTyped(linkage)
	if mangled {
		names = append(names, funcname.Parse(typed))
	}
	if mangled && !isRust(e.Unit.Language) {
		return names, nil
	}
	scope, err := i.scopeOf(e)
	if err != nil {
		return nil, err
	}
	name := i.name(e)
	switch {
	case !slices.ContainsFunc(scope, isImpl):
		names = append(names, funcname.Parse(strings.Join(append(scope, name), "::")))
	case mangled && len(names[0].Path) > 0: // the symbol's name tells the type, this one the arguments
		path := slices.Clone(names[0].Path)
		path[len(path)-1] = funcname.Parse(name).Last()
		names = append(names, funcname.Name{Path: path})
	default:
		names = append(names, funcname.Parse(strings.Join(append(slices.DeleteFunc(scope, isImpl), name), "::")))
	}
	return names, nil
}

// source is the entry that a function is written as, at the end of its instance's origins.
func (i *Info) source(e *dwarfunit.Entry) *dwarfunit.Entry {
	for range maxChain {
		o := i.origin(e)
		if o == nil {
			break
		}
		e = o
	}
	return e
}

// FullName returns the name of a place's function as its author would write it, with its namespaces, its parameters in C++, and its
// arguments if it is an instance of a generic one.
func (i *Info) FullName(p Place) string {
	e, err := i.data.Entry(p.die)
	if err != nil || e == nil {
		return p.Function
	}
	source := i.source(e)
	if source.Unit.Flat() {
		return i.name(source)
	}
	names, err := i.namesOf(&dwarfunit.Func{Off: source.Off, Instances: []dwarfunit.Instance{{Off: e.Off}}})
	if err != nil || len(names) == 0 {
		return p.Function
	}
	return names[len(names)-1].String()
}

func isMangled(name string) bool {
	return strings.HasPrefix(name, "_Z") || strings.HasPrefix(name, "_R")
}

// isImpl tells what Rust calls the namespaces of impl blocks.
func isImpl(part string) bool { return strings.HasPrefix(part, "{impl#") }

// langRust is DW_LANG_Rust, DWARF 5 table 7.17.
const langRust = 0x1c

func isRust(language uint64) bool { return language == langRust }

// scopeOf returns the names of namespaces, types and functions that an entry is declared in, outermost first.
func (i *Info) scopeOf(e *dwarfunit.Entry) ([]string, error) { return i.scopeIn(e, 0) }

func (i *Info) scopeIn(e *dwarfunit.Entry, depth int) ([]string, error) {
	parents, err := e.Unit.Parents(e.Off)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range parents {
		name := i.name(p)
		switch p.Tag {
		case dwarfunit.TagNamespace:
			if name == "" {
				name = "(anonymous namespace)"
			}
		case dwarfunit.TagStructureType, dwarfunit.TagClassType, dwarfunit.TagUnionType, dwarfunit.TagSubprogram, dwarfunit.TagEnumerationType:
			if p.Tag == dwarfunit.TagSubprogram && i.origin(p) != nil && depth < maxNested { // an instance: its source form tells
				full, err := i.scopeIn(i.origin(p), depth+1)
				if err != nil {
					return nil, err
				}
				out = full
			}
		default:
			continue
		}
		if name != "" {
			out = append(out, name)
		}
	}
	return out, nil
}
