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
	switch d := s.i.describe(in.t, 0); d.Kind {
	case TypeInt, TypeUint, TypeBool, TypeChar, TypeFloat, TypeEnum, TypePointer, TypeString, TypeSlice:
	default:
		return nil // a structure: its address is of use
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
