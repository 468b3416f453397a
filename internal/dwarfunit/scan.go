package dwarfunit

import "encoding/binary"

// entries calls f for each entry of the wanted kinds, or for those at the top level only; p is where its
// attributes begin. It stops when f is false.
func (c *Context) entries(wants func(tag uint16) bool, flat bool, f func(a *abbrev, off, p int) bool) error {
	u := c.U
	info, tab, base := c.info, c.table.a, c.base
	for i := range tab {
		tab[i].wanted = wants(tab[i].tag)
	}
	depth := 0
	for p := u.First - base; p < len(info); {
		begin, off := p, p+base
		code := uint64(info[p])
		p++
		if code >= 0x80 {
			if code, p = uleb(info, begin); p < 0 {
				return u.fail(off, "entry is cut short")
			}
		}
		if code == 0 {
			if depth--; depth <= 0 {
				return nil
			}
			continue
		}
		if code >= uint64(len(tab)) || !tab[code].known {
			return u.fail(off, "entry of an unknown abbreviation")
		}
		a := &tab[code]
		if a.wanted && !f(a, off, p) {
			return nil
		}
		if a.children && depth > 0 && a.sibling.form != 0 && (flat || leaf(a.tag)) {
			if next := a.next(info, p, u); next > off {
				p = next - base
				continue
			}
		}
		if p = a.skip(info, p, u); p < 0 {
			return u.fail(off, "entry is cut short")
		}
		if a.children {
			depth++
		} else if depth == 0 {
			return nil
		}
	}
	return nil
}

// next returns what DW_AT_sibling of the entry refers to whose attributes begin at p, or -1.
func (a *abbrev) next(info []byte, p int, u *Unit) int {
	if s := &a.sibling; s.form == FormRef4 && s.steps == 0 { // as most compilers have it
		if q := p + int(s.off); q <= len(info)-4 {
			return u.Off + int(binary.LittleEndian.Uint32(info[q:]))
		}
		return -1
	}
	q := a.find(info, p, &a.sibling, u)
	if q < 0 {
		return -1
	}
	return ref(info, q, a.sibling.form, u)
}

// leaf tells whether no function can be declared below an entry of this kind.
func leaf(tag uint16) bool {
	return tag == TagEnumerationType || tag == TagArrayType || tag == TagSubroutineType
}

// eachOrigin walks a whole unit and calls f for each function or inlined instance with an origin
// or a specification.
func (c *Context) eachOrigin(st *[]frame, f func(origin int, i Instance)) error {
	u := c.U
	info, tab, base := c.info, c.table.a, c.base
	stack := (*st)[:0]
	defer func() { *st = stack }()
	for p := u.First - base; p < len(info); {
		begin, off := p, p+base
		code := uint64(info[p])
		p++
		if code >= 0x80 {
			if code, p = uleb(info, begin); p < 0 {
				return u.fail(off, "entry is cut short")
			}
		}
		if code == 0 {
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
			continue
		}
		if code >= uint64(len(tab)) || !tab[code].known {
			return u.fail(off, "entry of an unknown abbreviation")
		}
		a := &tab[code]
		if a.tag == TagInlinedSubroutine || a.tag == TagSubprogram {
			for _, pl := range [...]*place{&a.origin, &a.spec} {
				if pl.form == 0 {
					continue
				}
				q := a.find(info, p, pl, u)
				if q < 0 {
					continue
				}
				if o := ref(info, q, pl.form, u); o >= 0 {
					inst := Instance{Unit: c.Index, Off: off, Inlined: a.tag == TagInlinedSubroutine}
					if !inst.Inlined && a.code {
						inst.Real = off
					} else if inst.Inlined {
						inst.Real = enclosing(stack)
					}
					f(o, inst)
				}
			}
		}
		if p = a.skip(info, p, u); p < 0 {
			return u.fail(off, "entry is cut short")
		}
		if a.children {
			stack = append(stack, frame{off, a.tag, a.code})
		}
	}
	return nil
}

func enclosing(stack []frame) int {
	for i := len(stack) - 1; i >= 0; i-- {
		if stack[i].tag == TagSubprogram && stack[i].code {
			return stack[i].off
		}
	}
	return 0
}
