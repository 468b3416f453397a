package dwarfunit

import (
	"slices"
	"sync"
)

// Reference is an entry that completes another one, by DW_AT_abstract_origin or DW_AT_specification.
type Reference struct{ To, From int }

// Completing returns the variables, in whatever unit, that complete one of the entries at offs, in the order of the debug information.
// Other units whose references stay in the unit are not read: it is for what link time optimisation put elsewhere.
func (d *Data) Completing(offs []int, workers int) ([]Reference, error) {
	if len(offs) == 0 || !d.crossUnit() {
		return nil, nil
	}
	wanted, own := make(map[int]bool, len(offs)), make(map[int]bool)
	for _, off := range offs {
		wanted[off], own[d.unitOf(off)] = true, true
	}
	var mu sync.Mutex
	var out []Reference
	var first error
	parallel(len(d.Units), workers, func() func(int) {
		var c Context
		return func(i int) {
			if d.Units[i].ofType() {
				return
			}
			found, err := d.completing(&c, i, wanted, own[i])
			mu.Lock()
			defer mu.Unlock()
			if out = append(out, found...); err != nil && first == nil {
				first = err
			}
		}
	})
	if len(out) > 0 {
		first = nil // what can be used is used
	}
	slices.SortFunc(out, func(a, b Reference) int { return a.From - b.From })
	return out, first
}

func (d *Data) completing(c *Context, unit int, wanted map[int]bool, own bool) (out []Reference, err error) {
	if err := d.scratch(c, unit); err != nil {
		return nil, err
	}
	if !own && !c.table.foreignVariables() {
		return nil, nil
	}
	err = c.entries(isVariableTag, false, func(a *abbrev, off, p int) bool {
		for _, pl := range [...]*place{&a.origin, &a.spec} {
			if pl.form == 0 {
				continue
			}
			if q := a.find(c.info, p, pl, c.U); q >= 0 {
				if to := ref(c.info, q, pl.form, c.U); wanted[to] {
					out = append(out, Reference{To: to, From: off})
				}
			}
		}
		return true
	})
	return out, err
}

func isVariableTag(tag uint16) bool { return tag == TagVariable }

// foreignVariables tells whether variables of the unit may refer to other units.
func (t *table) foreignVariables() bool {
	return slices.ContainsFunc(t.a, func(a abbrev) bool {
		return a.known && a.tag == TagVariable && (away(a.origin.form) || away(a.spec.form))
	})
}
