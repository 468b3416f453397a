package dwarfunit

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
)

// Func is a subprogram entry that has the name asked for.
type Func struct {
	Unit      int
	Off       int  // of the entry
	Code      bool // has addresses of its own
	Decl      bool // is a declaration
	Instances []Instance
	Between   []int // entries of its unit that define it without code: instances elsewhere refer to these
}

// Instance is an entry whose abstract origin or specification is a Func.
type Instance struct {
	Unit    int
	Off     int
	Real    int // the subprogram with addresses that it lies in, itself if it is one; 0 if none
	Inlined bool
}

// Search says which functions are meant.
type Search struct {
	Name    string // by name or linkage name
	Workers int    // 0: as many as CPUs
}

// Named returns the entries of the given tags at the units' top levels (in languages with namespaces: anywhere)
// that have a name, are no declarations and whose code, if any, is not looked at.
func (d *Data) Named(s Search, tags ...uint16) ([]int, error) {
	var found []Func
	var err error
	known := false
	m := d.newMatcher(s.Name, tags...)
	if len(tags) == 1 && tags[0] == TagVariable {
		found, known = d.lookUp(m, s.Name, tagVariables, s.Workers)
	}
	if !known {
		found, err = d.findIn(m, s.Workers, false)
	}
	var out []int
	for _, f := range found {
		if !f.Decl {
			out = append(out, f.Off)
		}
	}
	slices.Sort(out)
	return out, err
}

// Declared returns the entries of the given tags that have a name, those too that only declare it.
func (d *Data) Declared(s Search, tags ...uint16) ([]int, error) {
	found, err := d.findIn(d.newMatcher(s.Name, tags...), s.Workers, false)
	out := make([]int, len(found))
	for i, f := range found {
		out[i] = f.Off
	}
	slices.Sort(out)
	return out, err
}

// Find returns the functions with a name, with all their instances, in the order of .debug_info.
func (d *Data) Find(s Search) ([]Func, error) {
	m := d.newMatcher(s.Name, TagSubprogram)
	found, known := d.lookUp(m, s.Name, tagFunctions, s.Workers)
	if known {
		return d.finish(found, d.crossUnit(), s.Workers)
	}
	cross := make(chan bool, 1)
	go func() { cross <- d.crossUnit() }()
	found, err := d.findIn(m, s.Workers, false)
	if err == nil && len(found) == 0 {
		// Functions inside of functions, which C compilers have as an extension.
		found, err = d.findIn(m, s.Workers, true)
	}
	isCross := <-cross // in any case: it reads what the caller may unmap
	if err != nil {
		return nil, err
	}
	return d.finish(found, isCross, s.Workers)
}

// finish sorts what was found, and adds the instances in other units if there can be any.
func (d *Data) finish(found []Func, cross bool, workers int) ([]Func, error) {
	slices.SortFunc(found, func(a, b Func) int { return a.Off - b.Off })
	if len(found) > 0 && cross {
		return found, d.addForeign(found, workers)
	}
	return found, nil
}

func (d *Data) findIn(m *matcherOf, workers int, deep bool) ([]Func, error) {
	var mu sync.Mutex
	var found []Func
	var first error
	parallel(len(d.Units), workers, func() func(int) {
		w := &scanner{d: d, m: m, deep: deep}
		return func(i int) {
			hits, err := w.unit(i)
			if len(hits) == 0 && err == nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			found = append(found, hits...)
			if err != nil && first == nil {
				first = err
			}
		}
	})
	if len(found) > 0 {
		return found, nil // what can be used is used
	}
	return nil, first
}

// scanner searches units, one after the other, and reuses its memory.
type scanner struct {
	d     *Data
	m     *matcherOf
	look  *matcher // of the unit that is searched
	deep  bool
	c     Context
	hits  []Func
	stack []frame
	buf   []byte
}

type frame struct {
	off  int
	tag  uint16
	code bool
}

func (s *scanner) unit(i int) ([]Func, error) {
	u := &s.d.Units[i]
	if u.ofType() {
		return nil, nil
	}
	s.look = s.m.of(u.part)
	if s.look.selective() && !s.look.maybe(s.bytes(u), s.m.inlineNames(s.d, u)) {
		return nil, nil
	}
	if err := s.d.scratch(&s.c, i); err != nil {
		return nil, err
	}
	s.hits = s.hits[:0]
	flat := s.c.flat() && !s.deep
	if err := s.c.entries(s.m.wants, flat, s.visit); err != nil || len(s.hits) == 0 {
		return nil, err
	}
	return s.withInstances()
}

// withInstances returns the hits with their instances in this unit.
func (s *scanner) withInstances() ([]Func, error) {
	out := slices.Clone(s.hits)
	for i := range out {
		if s.m.wants(TagSubprogram) && !out[i].Code && (!out[i].Decl || s.c.table.specified()) {
			var err error
			if out[i].Instances, out[i].Between, err = s.instances(out[i].Off); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// bytes returns the unit's entries for a search through them. All units are searched and few are of use: bytes that are read into
// memory that is used again cost less than pages that are mapped and unmapped.
func (s *scanner) bytes(u *Unit) []byte {
	if r := u.part.InfoReader; r != nil && u.part.Relocate == nil {
		n := u.End - u.First
		s.buf = slices.Grow(s.buf[:0], n)[:n]
		if got, _ := r.ReadAt(s.buf, int64(u.First-u.part.base)); got == n {
			return s.buf
		}
	}
	s.c.U = u
	s.c.load()
	return s.c.info[u.First-s.c.base:]
}

func (s *scanner) visit(a *abbrev, off, p int) bool {
	if s.match(a, p, &a.name) || s.match(a, p, &a.linkage) {
		s.hits = append(s.hits, Func{Unit: s.c.Index, Off: off, Code: a.code, Decl: a.decl})
	}
	return true
}

func (s *scanner) match(a *abbrev, p int, pl *place) bool {
	if pl.form == 0 {
		return false
	}
	info := s.c.info
	q := a.find(info, p, pl, s.c.U)
	if q < 0 || q >= len(info) {
		return false
	}
	if pl.form == FormStrp && s.c.U.OffSize == 4 {
		if len(info)-q < 4 {
			return false
		}
		return slices.Contains(s.look.offs, binary.LittleEndian.Uint32(info[q:]))
	}
	if pl.form == FormString {
		return bytes.HasPrefix(info[q:], s.look.inline)
	}
	v := Attr{Form: pl.form}
	in := cursor{b: info, p: q}
	s.c.value(&in, &v)
	if in.bad {
		return false
	}
	text, ok := s.c.text(&v)
	return ok && bytes.Equal(text, s.look.name)
}

// instances returns the entries of the unit that refer to target as their origin or
// specification, directly or through a definition without code, which it returns too: a method is
// declared in its class, defined outside, and has its instances elsewhere.
func (s *scanner) instances(target int) (out []Instance, between []int, err error) {
	targets := []int{target}
	for fresh := true; fresh && len(targets) < 8; {
		fresh, out = false, out[:0]
		err = s.c.eachOrigin(&s.stack, func(origin int, i Instance) {
			if !slices.Contains(targets, origin) {
				return
			}
			if i.Inlined || i.Real == i.Off {
				out = append(out, i)
			} else if !slices.Contains(targets, i.Off) {
				targets, fresh = append(targets, i.Off), true
			}
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return out, targets[1:], nil
}

// specified tells whether it can be that entries of the unit refer to a declaration.
func (t *table) specified() bool {
	for i := range t.a {
		if a := &t.a[i]; a.known && a.tag == TagSubprogram && a.spec.form != 0 {
			return true
		}
	}
	return false
}

// crossUnit tells whether origins may lie in other units, as link time optimisation has them: an
// abbreviation has DW_AT_abstract_origin or DW_AT_specification by DW_FORM_ref_addr, or one of those to an alternate file. It may say so wrongly.
func (d *Data) crossUnit() bool {
	if d.Indexed() {
		return d.index.cross
	}
	return slices.ContainsFunc(d.parts, (*part).refersAway)
}

func (p *part) refersAway() bool {
	forms := [][]byte{{FormRefAddr}}
	if p.alt != nil {
		forms = append(forms, []byte{FormGNURefAlt&0x7f | 0x80, FormGNURefAlt >> 7}, []byte{FormRefSup4}, []byte{FormRefSup8})
	}
	for _, form := range forms {
		for _, at := range [...]byte{AttrAbstractOrigin, AttrSpecification} {
			if bytes.Contains(p.Abbrev, append([]byte{at}, form...)) {
				return true
			}
		}
	}
	return false
}

// addForeign adds the instances that stand in other units than their function. An entry there without code
// may stand between a function and its instances.
//
// An index that is damaged may lack them without a sign of it: of a function that it gives no code for, a scan has the last word.
func (d *Data) addForeign(found []Func, workers int) error {
	all := make([]*Func, 0, len(found))
	for i := range found {
		if !found[i].Code {
			all = append(all, &found[i])
		}
	}
	if err := d.chaseForeign(all, d.referring, workers); err != nil {
		return err
	}
	if d.Indexed() {
		without := slices.DeleteFunc(all, func(f *Func) bool { return len(f.Instances) > 0 })
		if err := d.chaseForeign(without, anyUnit, workers); err != nil {
			return err
		}
	}
	for i := range found {
		in := found[i].Instances
		slices.SortFunc(in, func(a, b Instance) int { return a.Off - b.Off })
		found[i].Instances = slices.CompactFunc(in, func(a, b Instance) bool { return a.Off == b.Off })
	}
	return nil
}

// referrers names the units to look for references to targets in; false for all.
type referrers func(targets map[int]*Func) (units map[int]bool, only bool)

func anyUnit(map[int]*Func) (map[int]bool, bool) { return nil, false }

// chaseForeign adds the instances in other units of functions, also those that refer to one by entries between.
func (d *Data) chaseForeign(functions []*Func, in referrers, workers int) error {
	targets := map[int]*Func{}
	for _, f := range functions {
		targets[f.Off] = f
		for _, off := range f.Between {
			targets[off] = f
		}
	}
	for range 4 {
		if len(targets) == 0 {
			break
		}
		between, err := d.foreignOf(targets, in, workers)
		if err != nil {
			return err
		}
		targets = between
	}
	return nil
}

// foreignOf adds the instances in other units of the functions that targets has by offset. It returns the
// entries without code that refer to them.
func (d *Data) foreignOf(targets map[int]*Func, in referrers, workers int) (map[int]*Func, error) {
	between := map[int]*Func{}
	units, only := in(targets)
	var mu sync.Mutex
	var first error
	parallel(len(d.Units), workers, func() func(int) {
		var c Context
		var stack []frame
		return func(i int) {
			if only && !units[i] {
				return
			}
			c.Data, c.U, c.Index = d, &d.Units[i], i
			err := d.compile(c.U, &c.table)
			c.load()
			if err == nil && c.table.foreign() {
				err = c.eachOrigin(&stack, func(origin int, inst Instance) {
					f := targets[origin]
					if f == nil || f.Unit == i && origin == f.Off {
						return
					}
					mu.Lock()
					defer mu.Unlock()
					if inst.Inlined || inst.Real == inst.Off {
						f.Instances = append(f.Instances, inst)
					} else {
						between[inst.Off] = f
					}
				})
			}
			if err != nil {
				mu.Lock()
				first = err
				mu.Unlock()
			}
		}
	})
	return between, first
}

func (t *table) foreign() bool {
	for i := range t.a {
		if a := &t.a[i]; a.known && (away(a.origin.form) || away(a.spec.form)) {
			return true
		}
	}
	return false
}

// away tells whether references of a form may lead out of their unit.
func away(form uint16) bool {
	return form == FormRefAddr || form == FormGNURefAlt || form == FormRefSup4 || form == FormRefSup8
}
