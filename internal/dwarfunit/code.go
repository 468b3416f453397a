package dwarfunit

import "sync"

// UnitRanges returns where the units have code, each range with the number of its unit, by .debug_aranges, and of units that this leaves
// out by what they say themselves. Of a split unit the number is the skeleton's. It is for who asks for many addresses; one is found
// sooner by UnitAt.
func (d *Data) UnitRanges(workers int) *Spans {
	var s Spans
	listed := make([]bool, len(d.Units))
	set, err := d.aranges()
	if err == nil { // one that is damaged may leave out a part of a unit
		for _, a := range set {
			s.Add(a.Range, a.unit)
			listed[a.unit] = true
		}
	}
	var mu sync.Mutex
	parallel(len(d.Units), workers, func() func(int) {
		var c Context
		return func(i int) {
			if listed[i] || d.Units[i].ofType() || d.Units[i].skeleton > 0 || d.scratch(&c, i) != nil {
				return
			}
			root, err := c.Root()
			if err != nil {
				return
			}
			ranges, err := root.Ranges()
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for _, r := range ranges {
				s.Add(r, i)
			}
		}
	})
	s.Sort()
	return &s
}

// Whole makes a unit ready; of a skeleton, the unit that has its contents.
func (d *Data) Whole(unit int) (*Context, error) {
	c, err := d.Context(unit)
	if err != nil {
		return nil, err
	}
	return c.whole(), nil
}

// FunctionRanges returns where a unit's functions have code, each range with the offset of the function's entry.
func (d *Data) FunctionRanges(of *Context) (*Spans, error) {
	var c Context
	if err := d.scratch(&c, of.Index); err != nil {
		return nil, err
	}
	var s Spans
	var e Entry
	err := c.entries(isSubprogram, c.flat(), func(a *abbrev, off, p int) bool {
		if !a.code {
			return true
		}
		if ok, err := c.decode(off, &e); !ok || err != nil {
			return true
		}
		ranges, err := e.Ranges()
		if err != nil {
			return true
		}
		for _, r := range ranges {
			s.Add(r, off)
		}
		return true
	})
	s.Sort()
	return &s, err
}

// Inlined is a function that the compiler put into another one.
type Inlined struct {
	Depth  int // into how many others it was put in turn, the one with code of its own left out
	Origin int // offset of the function's entry; 0 if that is not told
	Ranges []Range
}

// EachInlined calls f for each function that was put into the one whose entry is at off, callers before what was put into them.
// Functions that are declared in it are not looked into.
func (c *Context) EachInlined(off int, f func(Inlined)) error {
	var e Entry
	if ok, err := c.decode(off, &e); !ok || err != nil || !e.Children {
		return err
	}
	info, tab, base := c.info, c.table.a, c.base
	depths := []int{0} // of the functions whose children are being read
	for p := e.Next - base; p < len(info); {
		begin := p
		code := uint64(info[p])
		if p++; code >= 0x80 {
			if code, p = uleb(info, begin); p < 0 {
				break
			}
		}
		if code == 0 {
			if depths = depths[:len(depths)-1]; len(depths) == 0 {
				return nil
			}
			continue
		}
		if code >= uint64(len(tab)) || !tab[code].known {
			return c.U.fail(begin+base, "entry of an unknown abbreviation")
		}
		a, depth := &tab[code], depths[len(depths)-1]
		switch {
		case a.tag == TagInlinedSubroutine && depth >= 0:
			if ok, err := c.decode(begin+base, &e); !ok || err != nil {
				return err
			}
			in := Inlined{Depth: depth}
			in.Origin, _ = e.Ref(AttrAbstractOrigin)
			if r, err := e.Ranges(); err == nil { // without, what is put into it may still tell where it is
				in.Ranges = r
			}
			f(in)
			depth++
		case a.children && !holdsCode(a.tag):
			if next := a.next(info, p, c.U); a.sibling.form != 0 && next > begin+base {
				p = next - base
				continue
			}
			depth = -1
		}
		if p = a.skip(info, p, c.U); p < 0 {
			break
		}
		if a.children {
			if len(depths) > maxParents {
				return c.U.fail(begin+base, "entries lie too deep in each other")
			}
			depths = append(depths, depth)
		}
	}
	return c.U.fail(off, "children are not ended")
}

// holdsCode tells entries within a function that functions can be put into.
func holdsCode(tag uint16) bool {
	return tag == TagLexicalBlock || tag == TagInlinedSubroutine
}
