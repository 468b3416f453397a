package dwarfvars

import (
	"slices"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// How Rust returns values is written down nowhere. It was read in the compiler (rustc_ty_utils: fn_abi_adjust_for_abi; rustc_abi: layouts),
// and has been so since 2017: a number or pointer is in a register; so are two of them, each in its own; other values of up to 8 bytes
// are in one, and what has more than 16 bytes is in memory, whose address is returned. Between them it changed with versions.

// returnedRust is where a function of Rust leaves a value; mangled tells that it has a name of Rust's, not of C's.
func (i *Info) returnedRust(t typ, size int64, mangled bool) (operand, error) {
	if size > 16 {
		return i.returnedAddress(), nil
	}
	parts, ok := i.rustScalars(t, 0, 0)
	if ok && len(parts) > 1 && !fitsPair(parts, size) {
		ok = false
	}
	switch {
	case size == 0 || ok && len(parts) == 0:
		return operand{}, refuse("it has no bytes that are returned")
	case ok && (mangled || len(parts) == 1 || parts[1].off == 8):
		return i.inRegisters(parts)
	case !mangled:
		return operand{}, refuse("how it is returned depends on extern \"C\", which the debug information does not tell")
	case size <= 8:
		return operand{holds: asValue, at: chain{reg: i.machine.C.IntResults[0]}}, nil
	}
	return operand{}, refuse("where Rust returns a value of %d bytes with these parts depends on its version", size)
}

// fitsPair tells whether two scalars are laid out as the compiler lays out a pair.
func fitsPair(parts []scalar, size int64) bool {
	slices.SortFunc(parts, func(a, b scalar) int { return int(a.off - b.off) })
	up := func(n, to int64) int64 { return (n + to - 1) / to * to }
	a, b := parts[0], parts[1]
	return a.off == 0 && b.off == up(a.size, b.size) && size == up(b.off+b.size, max(a.size, b.size))
}

// rustScalars lists the numbers and pointers that a value consists of, two at most; it is false if there are more, or other things.
func (i *Info) rustScalars(t typ, off int64, depth int) ([]scalar, bool) {
	t, err := i.strip(t, true)
	if err != nil || t.e == nil || depth > maxNested {
		return nil, false
	}
	size := i.size(t)
	switch {
	case size == 0:
		return nil, true
	case t.e.Tag == dwarfunit.TagStructureType:
	case size != 1 && size != 2 && size != 4 && size != 8 || i.isClass(t):
		return nil, false
	default:
		enc, _ := t.e.Uint(dwarfunit.AttrEncoding)
		return []scalar{{off: off, size: size, float: t.e.Tag == dwarfunit.TagBaseType && enc == dwarfunit.EncFloat}}, true
	}
	if part := i.variantPart(t); part != nil {
		return i.variantScalars(part, off, depth)
	}
	return i.fieldScalars(t.e, off, depth)
}

// fieldScalars joins the scalars of a structure's fields.
func (i *Info) fieldScalars(e *dwarfunit.Entry, off int64, depth int) (out []scalar, ok bool) {
	ok = true
	err := e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagMember {
			return true
		}
		t, err := i.typeOf(kid)
		at, offErr := i.memberOffset(kid)
		if ok = err == nil && offErr == nil; ok {
			var more []scalar
			more, ok = i.rustScalars(t, off+at, depth+1)
			out = append(out, more...)
		}
		ok = ok && len(out) <= 2
		return ok
	})
	return out, ok && err == nil
}

// variantScalars are those of an enumeration: its discriminant, and a scalar that all variants have at the same place, if they have one;
// or those of the one variant with fields, if its value tells that it is that.
func (i *Info) variantScalars(part *dwarfunit.Entry, off int64, depth int) ([]scalar, bool) {
	var common, whole []scalar
	filled, ok := false, true
	err := part.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagVariant {
			return true
		}
		var fields []scalar
		if fields, ok = i.fieldScalars(kid, off, depth+1); !ok {
			return false
		}
		if !kid.Has(dwarfunit.AttrDiscrValue) { // its value fills the place of the discriminant
			filled, whole = true, fields
			return true
		}
		switch {
		case len(fields) == 0:
		case len(common) == 0:
			common = fields
		}
		ok = len(fields) == 0 || len(fields) == 1 && fields[0] == common[0]
		return ok
	})
	switch d := i.discriminant(part); {
	case !ok || err != nil:
		return nil, false
	case d == nil || filled:
		return whole, len(common) == 0
	default:
		t, err := i.typeOf(d)
		at, offErr := i.memberOffset(d)
		if err != nil || offErr != nil {
			return nil, false
		}
		tag, tagOK := i.rustScalars(t, off+at, depth+1)
		return append(tag, common...), tagOK
	}
}
