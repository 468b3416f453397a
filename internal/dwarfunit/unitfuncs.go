package dwarfunit

import "sync"

// FunctionsOf returns the functions of a unit that have code, in the order of the debug information.
func (d *Data) FunctionsOf(of *Context) ([]*Entry, error) {
	var c Context
	if err := d.scratch(&c, of.Index); err != nil {
		return nil, err
	}
	var out []*Entry
	err := c.entries(isSubprogram, c.flat(), func(a *abbrev, off, p int) bool {
		if a.code {
			if e, err := of.Entry(off); err == nil && e != nil {
				out = append(out, e)
			}
		}
		return true
	})
	return out, err
}

// UnitsWithFile returns the numbers of the units whose table of files has a name that ends in base, in order.
// Tables that cannot be read are passed over.
func (d *Data) UnitsWithFile(base string, workers int) []int {
	hit := make([]bool, len(d.Units))
	var mu sync.Mutex
	known := make(map[uint64]bool) // units of one program may share a table
	parallel(len(d.Units), workers, func() func(int) {
		var c Context
		return func(i int) {
			if d.Units[i].ofType() || d.Units[i].split > 0 || d.scratch(&c, i) != nil {
				return
			}
			off, ok := c.stmtList()
			if !ok {
				return
			}
			mu.Lock()
			has, done := known[off]
			mu.Unlock()
			if !done {
				t, err := c.Files()
				has = err == nil && t != nil && t.hasBase(base)
				mu.Lock()
				known[off] = has
				mu.Unlock()
			}
			hit[i] = has
		}
	})
	var out []int
	for i, h := range hit {
		if h {
			out = append(out, i)
		}
	}
	return out
}

// UnitsNamed returns the units that were compiled from a source that fits.
func (d *Data) UnitsNamed(fits func(path string) bool, workers int) []int {
	hit := make([]bool, len(d.Units))
	parallel(len(d.Units), workers, func() func(int) {
		var c Context
		return func(i int) {
			if d.Units[i].ofType() || d.scratch(&c, i) != nil {
				return
			}
			if root, err := c.Root(); err == nil {
				hit[i] = fits(root.String(AttrName))
			}
		}
	})
	var out []int
	for i, h := range hit {
		if h {
			out = append(out, i)
		}
	}
	return out
}

// stmtList returns where the unit's line table begins.
func (c *Context) stmtList() (uint64, bool) {
	c, err := c.withLines()
	if err != nil {
		return 0, false
	}
	root, err := c.Root()
	if err != nil {
		return 0, false
	}
	return root.Uint(AttrStmtList)
}
