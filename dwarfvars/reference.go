package dwarfvars

import (
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// value goes from a reference to what it refers to, where that can be recorded, and to what tells a Rust enumeration's variant.
func (s *stepper) value() error {
	t, err := s.i.strip(s.t, true)
	if err != nil || t.e == nil {
		return err
	}
	if n := s.i.nativeOf(t); n.kind == pointerType && !n.optional {
		return s.pointer(n)
	}
	switch {
	case t.e.Tag == dwarfunit.TagReferenceType, t.e.Tag == dwarfunit.TagRvalueReference,
		t.e.Tag == dwarfunit.TagPointerType && isRust(t.e.Unit.Language) && strings.HasPrefix(t.e.String(dwarfunit.AttrName), "&"):
	default:
		return s.toDiscriminant()
	}
	in := *s
	if in.t, err = s.i.typeOf(t.e); err != nil {
		return err
	}
	if !in.shows() {
		return nil
	}
	if in.op, err = s.op.deref(); err != nil {
		return err
	}
	if s.deref++; s.deref > maxChain {
		return refuse("its type refers to itself")
	}
	in.deref = s.deref
	*s = in
	return s.value()
}

// shows tells values that can be recorded. Of a structure the address is of more use.
func (s *stepper) shows() bool {
	switch s.i.describe(s.t, 0).Kind {
	case TypeInt, TypeUint, TypeBool, TypeChar, TypeFloat, TypeEnum, TypePointer, TypeString, TypeSlice:
		return true
	}
	return false
}

// pointer goes from a smart pointer to the pointer in it, in Rust to what it holds if that can be recorded.
func (s *stepper) pointer(n native) error {
	in := *s
	if n.rust {
		if ok, err := in.held(n); ok && err == nil && in.shows() {
			if in.deref++; in.deref > maxChain {
				return refuse("its type refers to itself")
			}
			*s = in
			return s.value()
		}
	}
	in = *s
	if !in.toPointer(func(t typ) bool { return n.rust || s.i.sameType(t, n.elem) }) {
		return refuse("where it keeps its pointer is not known")
	}
	s.op, s.t = in.op, in.t
	return nil
}
