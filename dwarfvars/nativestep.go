package dwarfvars

import (
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// nativeStep is a step from a value of C++ or Rust, where it differs from one in C.
func (s *stepper) nativeStep(step Step, base typ) (done bool, err error) {
	rust := isRust(base.e.Unit.Language)
	if rust && step.Kind != Index && base.e.Tag == dwarfunit.TagPointerType { // a dot goes through references
		return true, s.rustArrow(step, base)
	}
	if rust && step.Kind == Index && base.e.Tag == dwarfunit.TagPointerType && s.pointsToRow(base) { // so does an index
		if s.op, err = s.op.deref(); err == nil {
			s.t, err = s.i.typeOf(base.e)
		}
		if err != nil {
			return true, err
		}
		return true, s.again(step)
	}
	n := s.i.nativeOf(base)
	switch {
	case step.Kind == Index && (n.kind == rowType || n.kind == textType):
		return true, s.rowIndex(step, n)
	case step.Kind == Dot && (step.Name == "len" || step.Name == "size") && n.len != nil:
		if m, err := s.i.member(base.e, step.Name); err != nil || m != nil {
			return false, err
		}
		at, err := s.way(n.len)
		if err == nil {
			s.op, s.t = at.op, at.t
		}
		return true, err
	case n.kind == pointerType && (step.Kind == Arrow || rust && step.Kind == Dot || step.Kind == Index):
		return s.smart(step, base, n)
	case step.Kind == Index && base.e.Tag != dwarfunit.TagArrayType && base.e.Tag != dwarfunit.TagPointerType:
		if m, err := s.i.member(base.e, "_M_elems"); err == nil && m != nil { // std::array
			in, err := s.inner("_M_elems")
			if err != nil {
				return true, err
			}
			s.op, s.t = in.op, in.t
			return true, s.again(step)
		}
	case step.Kind == Dot && isNumber(step.Name):
		return true, s.tupleField(step, base)
	}
	return false, nil
}

// pointsToRow tells references to what has elements, or to such references.
func (s *stepper) pointsToRow(base typ) bool {
	t, err := s.i.typeOf(base.e)
	if err == nil {
		t, err = s.i.strip(t, true)
	}
	if err != nil || t.e == nil {
		return false
	}
	switch s.i.nativeOf(t).kind {
	case rowType, textType:
		return true
	}
	return t.e.Tag == dwarfunit.TagArrayType || t.e.Tag == dwarfunit.TagPointerType && t.e.Off != base.e.Off && strings.HasPrefix(t.e.String(dwarfunit.AttrName), "&")
}

func isNumber(name string) bool { return name != "" && name[0] >= '0' && name[0] <= '9' }

// rustArrow goes through a reference, a raw pointer or a Box, and then through those that it points to.
func (s *stepper) rustArrow(step Step, base typ) error {
	o, err := s.op.deref()
	if err != nil {
		return err
	}
	elem, err := s.i.element(base)
	if err != nil {
		return err
	}
	if elem.e == nil {
		return s.fail(step, "what it points to has no type", "", nil)
	}
	s.op, s.t = o, elem
	return s.stepAgain(step)
}

// stepAgain goes on to a member of what a pointer points to.
func (s *stepper) stepAgain(step Step) error {
	step.Kind = Dot
	return s.again(step)
}

// again goes the same step from where it led. A ring of types ends.
func (s *stepper) again(step Step) error {
	if s.deref++; s.deref > maxChain {
		return refuse("its type refers to itself")
	}
	return s.step(step)
}

// rowIndex goes to an element of text or of a row.
func (s *stepper) rowIndex(step Step, n native) error {
	data, err := s.way(n.data)
	if err != nil {
		return err
	}
	o, err := data.op.deref()
	if err != nil {
		return err
	}
	elem := n.elem
	if n.kind == textType {
		if p, err := s.i.strip(data.t, true); err == nil && p.e != nil {
			elem, err = s.i.typeOf(p.e)
			if err != nil {
				return err
			}
		}
	}
	size := s.i.size(elem)
	if size < 0 || step.Index < 0 || size > 0 && step.Index > (1<<40)/size {
		return s.fail(step, "such an element is not there", "", nil)
	}
	s.t = elem
	s.op, err = o.part(step.Index*size, size)
	return err
}

// smart goes through a smart pointer, or into an optional value.
func (s *stepper) smart(step Step, base typ, n native) (bool, error) {
	in := *s
	if ok, err := in.held(n); !ok || err != nil {
		return false, err
	}
	s.op, s.t = in.op, in.t
	if step.Kind == Index {
		if step.Index == 0 && in.i.nativeOf(in.t).kind == plainType && !in.isArray() {
			return true, nil // p[0] is *p
		}
		return true, s.again(step)
	}
	return true, s.stepAgain(step)
}

// held goes to what a smart pointer or an optional value holds. It is false if where that is is not known.
func (s *stepper) held(n native) (bool, error) {
	if n.elem.e == nil {
		return false, nil
	}
	in, left := *s, maxDeep
	switch {
	case in.toPointer(func(t typ) bool { return s.i.sameType(t, n.elem) }):
		if err := in.follow(); err != nil {
			return true, err
		}
	case n.rust && in.toPointer(func(t typ) bool { return t.e != nil }): // to the counters beside the value
		if err := in.follow(); err != nil {
			return true, err
		}
		if !in.toType(n.elem, 0, &left) {
			return false, nil
		}
	case !n.rust && in.toType(n.elem, 0, &left): // std::optional
	default:
		return false, nil
	}
	s.op, s.t = in.op, in.t
	return true, nil
}

// follow goes to what a pointer points to.
func (s *stepper) follow() error {
	p, err := s.i.strip(s.t, true)
	if err != nil || p.e == nil {
		return refuse("what it points to has no type")
	}
	if s.op, err = s.op.deref(); err == nil {
		s.t, err = s.i.typeOf(p.e)
	}
	return err
}

func (s *stepper) isArray() bool {
	t, err := s.i.strip(s.t, true)
	return err == nil && t.e != nil && t.e.Tag == dwarfunit.TagArrayType
}

// sameType compares types, typedefs and qualifiers looked through. An array is what its elements are.
func (i *Info) sameType(a, b typ) bool {
	a, errA := i.strip(a, true)
	b, errB := i.strip(b, true)
	if errA != nil || errB != nil || a.e == nil || b.e == nil {
		return false
	}
	if a.e.Off == b.e.Off {
		return true
	}
	if b.e.Tag == dwarfunit.TagArrayType {
		elem, err := i.typeOf(b.e)
		return err == nil && elem.e != nil && elem.e.Off == a.e.Off
	}
	return false
}

// toType goes to the first member of a type, in structures within each other, and in the unions that optional values are in.
func (s *stepper) toType(want typ, depth int, left *int) bool {
	base, err := s.i.strip(s.t, true)
	if *left--; err != nil || base.e == nil || depth > 12 || *left < 0 {
		return false
	}
	switch base.e.Tag {
	case dwarfunit.TagStructureType, dwarfunit.TagClassType, dwarfunit.TagUnionType:
	default:
		return false
	}
	return s.intoMember(base, func(in *stepper) bool { return s.i.sameType(in.t, want) || in.toType(want, depth+1, left) })
}

// tupleField goes to a field of a tuple by its number: Rust's tuples and tuple structures, std::tuple, std::pair.
func (s *stepper) tupleField(step Step, base typ) error {
	for _, name := range []string{"__" + step.Name, step.Name} {
		m, err := s.i.member(base.e, name)
		if err != nil {
			return err
		}
		if m != nil {
			return s.member(Step{Kind: Dot, Name: name}, base)
		}
	}
	number, err := strconv.Atoi(step.Name)
	if err != nil {
		return s.fail(step, "it has no such field", "", nil)
	}
	if m, err := s.i.member(base.e, "second"); err == nil && m != nil && number < 2 {
		return s.member(Step{Kind: Dot, Name: [...]string{"first", "second"}[number]}, base)
	}
	in, left := *s, maxDeep
	if in.toHead(uint64(number), 0, &left) {
		s.op, s.t = in.op, in.t
		return nil
	}
	return s.fail(step, "it has no field "+step.Name, "", s.i.nearMembers(base.e, "__"+step.Name))
}

// toHead goes to the base class of libstdc++'s std::tuple that holds a field.
func (s *stepper) toHead(number uint64, depth int, left *int) bool {
	base, err := s.i.strip(s.t, true)
	if *left--; err != nil || base.e == nil || depth > maxNested || *left < 0 {
		return false
	}
	found := false
	// A damaged structure has fewer members.
	_ = base.e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagInheritance {
			return true
		}
		in := *s
		if in.enter(kid) != nil {
			return true
		}
		head, err := in.i.strip(in.t, true)
		if err != nil || head.e == nil {
			return true
		}
		if args, ok := strings.CutPrefix(head.e.String(dwarfunit.AttrName), "_Head_base<"); ok {
			if at, _, _ := strings.Cut(args, ","); strings.TrimRight(at, "ULul") == strconv.FormatUint(number, 10) {
				if to, err := in.inner("_M_head_impl"); err == nil {
					*s, found = *to, true
				}
			}
			return !found
		}
		if in.toHead(number, depth+1, left) {
			*s, found = in, true
		}
		return !found
	})
	return found
}

// static goes to a static member, which is a variable of file level.
func (s *stepper) static(step Step, m *member) error {
	def, err := s.i.staticMember(m.static)
	if err != nil {
		return err
	}
	if def == nil {
		return refuse("%s is a static member that no unit with debug information defines", step.Name)
	}
	if s.op, err = s.i.locate(s.at, s.real, def); err != nil {
		return err
	}
	s.t = m.t
	return nil
}
