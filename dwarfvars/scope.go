package dwarfvars

import "github.com/gperf-dev/gperf/internal/dwarfunit"

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
			return best.e, nil
		}
	}
	return i.global(fn, name)
}

// global finds a variable of file level: in the function's unit, else where another unit defines it; in C++ and Rust those of namespaces
// and classes too.
func (i *Info) global(fn *dwarfunit.Entry, name string) (*dwarfunit.Entry, error) {
	root, err := fn.Unit.Root()
	if err != nil {
		return nil, err
	}
	if !fn.Unit.Flat() {
		if e, err := i.scoped(fn, name); e != nil || err != nil {
			return e, err
		}
	}
	def, decl, err := i.atFileLevel(root, name, 0)
	if def != nil || err != nil || decl == nil {
		return def, err
	}
	offs, err := i.data.Named(dwarfunit.Search{Name: name, Workers: i.workers}, dwarfunit.TagVariable)
	if err != nil {
		return nil, err
	}
	for _, off := range offs {
		if e, err := i.data.Entry(off); err == nil && e != nil && e.Flag(dwarfunit.AttrExternal) && hasPlace(e) {
			return e, nil
		}
	}
	return decl, nil
}

// atFileLevel finds a variable among a unit's own, and those of the partial units that dwz let it import.
func (i *Info) atFileLevel(root *dwarfunit.Entry, name string, depth int) (def, decl *dwarfunit.Entry, err error) {
	var imported []int
	err = root.EachChild(func(kid *dwarfunit.Entry) bool {
		switch kid.Tag {
		case dwarfunit.TagVariable:
			if !i.isNamed(kid, name) {
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
		d, other, unitErr := i.atFileLevel(unit, name, depth+1)
		if unitErr != nil {
			continue
		}
		if def = d; decl == nil {
			decl = other
		}
	}
	return def, decl, err
}

func hasPlace(e *dwarfunit.Entry) bool {
	return e.Has(dwarfunit.AttrLocation) || e.Has(dwarfunit.AttrConstValue)
}
