package dwarfvars

import (
	"cmp"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// found is a variable's entry and how well it fits.
type found struct {
	e     *dwarfunit.Entry
	scope *dwarfunit.Entry // function or block that it is declared in
	block int              // how deep in blocks it is declared
	own   bool             // by the function meant, not by one inlined into it
}

// scopeWalk lists the variables that can be seen at pc in a function's instance: its own and those of its
// blocks, and those of functions inlined there, as perf has them.
type scopeWalk struct {
	i   *Info
	pc  uint64
	all bool // also those of blocks elsewhere in the function
	f   func(found)
}

func (w *scopeWalk) walk(e *dwarfunit.Entry, block int, own bool) error {
	if block > maxChain {
		return nil
	}
	var inner error
	err := e.EachChild(func(kid *dwarfunit.Entry) bool {
		switch {
		case isVariable(kid.Tag):
			w.f(found{kid, e, block, own})
		case kid.Tag == dwarfunit.TagLexicalBlock:
			if w.here(kid) {
				inner = w.walk(kid, block+1, own)
			}
		case kid.Tag == dwarfunit.TagInlinedSubroutine:
			if w.here(kid) {
				inner = w.walk(kid, block+1, false)
			}
		}
		return inner == nil
	})
	if inner != nil {
		return inner
	}
	return err
}

func (w *scopeWalk) here(e *dwarfunit.Entry) bool {
	if w.all {
		return true
	}
	r, err := e.Ranges()
	return err == nil && dwarfunit.Contains(r, w.pc)
}

// variable finds the variable called name at p: in the innermost block first, then in functions
// inlined there, then in the function's source form, where static variables live, then at file level.
func (i *Info) variable(p *Place, fn *dwarfunit.Entry, name string) (*dwarfunit.Entry, error) {
	var best *found
	w := scopeWalk{i: i, pc: p.Addr, f: func(c found) {
		if !i.isNamed(c.e, name) {
			return
		}
		if best == nil || c.own && !best.own || c.own == best.own && c.block > best.block {
			best = &c
		}
	}}
	if err := w.walk(fn, 0, true); err != nil {
		return nil, err
	}
	if best != nil {
		return best.e, nil
	}
	if o := i.origin(fn); o != nil {
		var err error
		source := scopeWalk{i: i, all: true, f: func(c found) {
			if best == nil && c.own && i.isNamed(c.e, name) {
				best = &c
			}
		}}
		if err = source.walk(o, 0, true); err != nil {
			return nil, err
		}
		if best != nil {
			return i.placed(best.e)
		}
	}
	return i.global(fn, name)
}

// placed returns the entry that has the place of a variable, which link time optimisation may have put into another unit; the variable's
// own if there is none.
func (i *Info) placed(e *dwarfunit.Entry) (*dwarfunit.Entry, error) {
	if e == nil || hasPlace(e) {
		return e, nil
	}
	elsewhere, err := i.completed([]*dwarfunit.Entry{e})
	if def := elsewhere[e.Off]; def != nil {
		return def, nil
	}
	return e, err
}

// global finds a variable of file level: in the function's unit, else where another unit defines it; in C++ and Rust those of namespaces
// and classes too.
func (i *Info) global(fn *dwarfunit.Entry, name string) (*dwarfunit.Entry, error) {
	source := i.source(fn)
	var declared *dwarfunit.Entry
	if !source.Unit.Flat() {
		def, decl, err := i.scoped(fn, name)
		if def != nil || err != nil {
			return def, err
		}
		declared = decl
	}
	decl := declared
	for _, c := range []*dwarfunit.Context{fn.Unit, source.Unit} { // differ with link time optimisation
		root, err := c.Root()
		if err != nil {
			return nil, err
		}
		def, other, err := i.atFileLevel(root, name, source.Unit, 0)
		if def != nil || err != nil {
			return def, err
		}
		decl = cmp.Or(other, decl)
	}
	if decl == nil {
		return nil, nil
	}
	if e, err := i.placed(decl); err != nil || hasPlace(e) {
		return e, err
	}
	def, err := i.external(name)
	return cmp.Or(def, decl), err
}

// external finds the definition of a variable that other units see.
func (i *Info) external(name string) (*dwarfunit.Entry, error) {
	offs, err := i.data.Named(dwarfunit.Search{Name: name, Workers: i.workers}, dwarfunit.TagVariable)
	if err != nil {
		return nil, err
	}
	for _, off := range offs {
		e, err := i.data.Entry(off)
		if err != nil || e == nil || !e.Flag(dwarfunit.AttrExternal) {
			continue
		}
		if e, err = i.placed(e); err == nil && hasPlace(e) {
			return e, nil
		}
	}
	return nil, nil
}

// atFileLevel finds a variable among a unit's own, and those of the partial units that dwz let it import. With link time optimisation a
// unit has those of several sources: a static one is meant if it is of the function's.
func (i *Info) atFileLevel(root *dwarfunit.Entry, name string, source *dwarfunit.Context, depth int) (def, decl *dwarfunit.Entry, err error) {
	var imported []int
	err = root.EachChild(func(kid *dwarfunit.Entry) bool {
		switch kid.Tag {
		case dwarfunit.TagVariable:
			if !i.isNamed(kid, name) || i.isOthers(kid, source) {
				return true
			}
			if hasPlace(kid) {
				def = kid
				return false
			}
			decl = kid
		case dwarfunit.TagImportedUnit:
			if off, ok := kid.Ref(dwarfunit.AttrImport); ok {
				imported = append(imported, off)
			}
		}
		return true
	})
	for _, off := range imported {
		if def != nil || err != nil || depth > 4 {
			break
		}
		unit, unitErr := i.data.Entry(off)
		if unitErr != nil || unit == nil {
			continue // what can be used is used
		}
		d, other, unitErr := i.atFileLevel(unit, name, source, depth+1)
		if unitErr != nil {
			continue
		}
		if def = d; decl == nil {
			decl = other
		}
	}
	return def, decl, err
}

// isOthers tells a static variable that link time optimisation took from another source.
func (i *Info) isOthers(e *dwarfunit.Entry, source *dwarfunit.Context) bool {
	origin := i.source(e)
	return origin.Unit.U != e.Unit.U && origin.Unit.U != source.U && !origin.Flag(dwarfunit.AttrExternal)
}

func hasPlace(e *dwarfunit.Entry) bool {
	return e.Has(dwarfunit.AttrLocation) || e.Has(dwarfunit.AttrConstValue)
}
