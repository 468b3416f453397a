package dwarfvars

import (
	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// parts finds where the parts of a value are that has its length beside it, or a type.
func (s *stepper) parts(loc *Location) error {
	e, kind := s.i.goType(s.t)
	var err error
	switch kind {
	case goString:
		loc.Counted, err = s.goCounted(typ{}, "str", "len", "")
	case goSlice:
		off, ok := e.Ref(dwarfunit.AttrGoElem)
		if !ok {
			return nil
		}
		elem, err := s.i.data.Entry(off)
		if err != nil {
			return err
		}
		if loc.Counted, err = s.goCounted(typ{e: elem}, "array", "len", "cap"); err != nil {
			return err
		}
		loc.Counted.ElemLen = int64(e.Unit.U.AddrSize)
	case goMap, goChan:
		loc.Counted, err = s.goHeld(e, kind)
	case goInterface:
		loc.Interface, err = s.goParts(e)
	case 0:
		switch n := s.i.nativeOf(s.t); n.kind {
		case textType, rowType:
			loc.Counted, err = s.nativeCounted(n)
		case foreignText:
			err = instead(refuse("libc++ keeps a string in one of two places, and a probe cannot look which"),
				"probe a function that has the text as a pointer or a std::string_view")
		}
	}
	return err
}

// goCounted finds the parts of a string or slice.
func (s *stepper) goCounted(elem typ, data, length, room string) (*Counted, error) {
	c := &Counted{}
	var err error
	if c.Data, err = s.partOf(data); err != nil {
		return nil, err
	}
	n, err := s.partOf(length)
	if err != nil {
		return nil, err
	}
	c.Len = &n
	if elem.e != nil {
		c.Elem = s.i.describe(elem, 1)
	}
	if room == "" {
		return c, nil
	}
	// How much room there is is not needed to read the elements: it may be optimised out.
	if n, err := s.partOf(room); err == nil {
		c.Cap = &n
	}
	return c, nil
}

func (s *stepper) partOf(name string) (Location, error) {
	in, err := s.inner(name)
	if err != nil {
		return Location{}, err
	}
	return in.finish()
}

// goHeld finds the pointer to what the runtime keeps of a map or channel and the numbers in it.
func (s *stepper) goHeld(e *dwarfunit.Entry, kind uint64) (*Counted, error) {
	c := &Counted{}
	pointer, err := s.i.strip(s.t, true)
	if err != nil {
		return nil, err
	}
	whole := *s
	whole.t = pointer
	if c.Data, err = whole.finish(); err != nil {
		return nil, err
	}
	count := func(at int64) (*Location, error) {
		in := *s
		if err := in.goCount(e, at); err != nil {
			return nil, err
		}
		l, err := in.finish()
		return &l, err
	}
	if c.Len, err = count(0); err != nil {
		return nil, err
	}
	if kind == goChan {
		c.Cap, err = count(int64(e.Unit.U.AddrSize))
	}
	return c, err
}

// goParts finds the type and the data of an interface. One with methods has a table first (runtime.itab), whose second word is
// the type.
func (s *stepper) goParts(e *dwarfunit.Entry) (*Interface, error) {
	out := &Interface{unit: e.Unit}
	var err error
	if out.Data, err = s.partOf("data"); err != nil {
		return nil, err
	}
	if out.Type, err = s.partOf("_type"); err == nil {
		return out, nil
	}
	table, err := s.inner("tab")
	if err != nil {
		return nil, err
	}
	size := int64(s.i.machine.PointerSize)
	if table.op, err = table.op.deref(); err != nil {
		return nil, err
	}
	if table.op, err = table.op.part(size, size); err != nil {
		return nil, err
	}
	out.Type, err = table.finish() // a pointer too
	return out, err
}
