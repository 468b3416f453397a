package dwarfunit

import (
	"encoding/binary"
	"slices"
)

// Named is a function's names, parts of the sections.
type Named struct {
	Name, Linkage []byte
	Code          bool
	Off           int  // of the entry that has the name, which may be a declaration in a class
	Flat          bool // see Context.Flat
}

// EachFunction calls f for each function that is defined, one call at a time, in the order of the
// debug information.
func (d *Data) EachFunction(workers int, f func(Named)) error {
	byUnit := make([][]Named, len(d.Units))
	errs := make([]error, len(d.Units))
	parallel(len(d.Units), workers, func() func(int) {
		var c Context
		var out []Named
		return func(i int) {
			if d.Units[i].ofType() {
				return
			}
			out = out[:0]
			if errs[i] = d.scratch(&c, i); errs[i] == nil {
				flat := c.flat()
				errs[i] = c.entries(isSubprogram, flat, func(a *abbrev, off, p int) bool {
					code := a.code
					if a.name.form == 0 && a.spec.form != 0 { // a method, declared in its class
						if off = c.specification(a, p); off >= 0 {
							a, p = c.at(off)
						}
					} else if a.decl {
						return true
					}
					if a != nil && off >= 0 && a.name.form != 0 {
						out = append(out, Named{Name: c.textAt(a, p, &a.name), Linkage: c.textAt(a, p, &a.linkage), Code: code, Off: off, Flat: flat})
					}
					return true
				})
			}
			byUnit[i] = slices.Clone(out)
		}
	})
	var first error
	any := false
	for i, unit := range byUnit {
		if first == nil {
			first = errs[i]
		}
		for _, n := range unit {
			any = true
			f(n)
		}
	}
	if any {
		return nil // what can be used is used
	}
	return first
}

// specification returns the entry of this unit that an entry specifies; -1 if there is none.
func (c *Context) specification(a *abbrev, p int) int {
	q := a.find(c.info, p, &a.spec, c.U)
	if q < 0 {
		return -1
	}
	off := ref(c.info, q, a.spec.form, c.U)
	if off < c.U.First || off >= c.U.End {
		return -1
	}
	return off
}

func isSubprogram(tag uint16) bool { return tag == TagSubprogram }

// scratch makes unit i ready in memory that the caller reuses.
func (d *Data) scratch(c *Context, i int) error {
	c.Data, c.U, c.Index = d, &d.Units[i], i
	c.Low, c.Language = 0, 0
	c.strBase, c.addrBase, c.rngBase, c.locBase, c.gnuRanges = 0, 0, 0, 0, 0
	return c.prepare()
}

func (c *Context) textAt(a *abbrev, p int, pl *place) []byte {
	if pl.form == 0 {
		return nil
	}
	q := a.find(c.info, p, pl, c.U)
	if q < 0 {
		return nil
	}
	if pl.form == FormStrp && c.U.OffSize == 4 && q <= len(c.info)-4 { // as most compilers have it
		text, _ := cstring(c.sec.Str, uint64(binary.LittleEndian.Uint32(c.info[q:])))
		return text
	}
	in := cursor{b: c.info, p: q}
	v := Attr{Form: pl.form}
	c.value(&in, &v)
	if in.bad {
		return nil
	}
	text, _ := c.text(&v)
	return text
}

// FunctionAt returns the offset of the function of a unit that has code at pc, 0 if none.
func (d *Data) FunctionAt(of *Context, pc uint64) (int, error) {
	var c Context
	if err := d.scratch(&c, of.Index); err != nil {
		return 0, err
	}
	found := 0
	var e Entry
	err := c.entries(isSubprogram, c.flat(), func(a *abbrev, off, p int) bool {
		if !a.code {
			return true
		}
		if ok, err := c.decode(off, &e); !ok || err != nil {
			return true
		}
		if r, err := e.Ranges(); err == nil && Contains(r, pc) {
			found = off
			return false
		}
		return true
	})
	return found, err
}
