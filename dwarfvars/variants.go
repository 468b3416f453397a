package dwarfvars

import (
	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// variantPart returns the part of a Rust enumeration whose contents depend on which variant is there; nil if it is none.
func (i *Info) variantPart(t typ) *dwarfunit.Entry {
	t, err := i.strip(t, true)
	if err != nil || t.e == nil || t.e.Tag != dwarfunit.TagStructureType || !isRust(t.e.Unit.Language) {
		return nil
	}
	var part *dwarfunit.Entry
	// A damaged structure has none.
	_ = t.e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag == dwarfunit.TagVariantPart {
			part = kid
		}
		return part == nil
	})
	return part
}

// discriminant returns the member that tells which variant is there; nil if there is but one.
func (i *Info) discriminant(part *dwarfunit.Entry) *dwarfunit.Entry {
	off, ok := part.Ref(dwarfunit.AttrDiscr)
	if !ok {
		return nil
	}
	e, err := i.data.Entry(off)
	if err != nil || e == nil || e.Tag != dwarfunit.TagMember {
		return nil
	}
	return e
}

// describeVariants says of a Rust enumeration with fields what its discriminant means.
func (i *Info) describeVariants(t typ, out *Type) bool {
	part := i.variantPart(t)
	if part == nil {
		return false
	}
	out.Kind = TypeEnum
	d := i.discriminant(part)
	if d == nil {
		return true
	}
	if dt, err := i.typeOf(d); err == nil {
		in := i.describe(dt, 0)
		out.Size, out.Signed = in.Size, in.Signed
	}
	// A damaged list leaves names out; the number is still right.
	_ = part.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagVariant {
			return true
		}
		name := ""
		_ = kid.EachChild(func(m *dwarfunit.Entry) bool {
			if m.Tag == dwarfunit.TagMember {
				name = m.String(dwarfunit.AttrName)
			}
			return name == ""
		})
		switch a := kid.Attr(dwarfunit.AttrDiscrValue); {
		case a != nil && !a.IsBlock():
			out.Values = append(out.Values, EnumValue{name, constant(a, out.Signed)})
		case a == nil:
			out.Other = name // whatever is no other's: the value fills the place of the discriminant
		}
		return len(out.Values) < maxEnum
	})
	return true
}

// toDiscriminant goes to what tells the variant of a Rust enumeration.
func (s *stepper) toDiscriminant() error {
	part := s.i.variantPart(s.t)
	if part == nil {
		return nil
	}
	d := s.i.discriminant(part)
	if d == nil {
		return refuse("it has one variant only, which nothing in memory tells")
	}
	off, err := s.i.memberOffset(d)
	if err != nil {
		return err
	}
	t, err := s.i.typeOf(d)
	if err != nil {
		return err
	}
	if size := s.i.size(t); size > 8 {
		return refuse("its discriminant has %d bytes", size)
	}
	s.op, err = s.op.part(off, s.i.size(t))
	return err
}
