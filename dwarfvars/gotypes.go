package dwarfvars

import (
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// GoType is a type of a Go program that has a descriptor, so that an interface may hold its values.
type GoType struct {
	Name string
	// Offset is that of the descriptor in the runtime's section of types, which begins at the symbol runtime.types.
	Offset uint64
	// Holds is what is in memory where the interface's pointer points to: a string (also as the first member of a structure), or a
	// number. It is TypeVoid if only the pointer says something.
	Holds Type
}

// GoTypes calls yield with the program's types, but for interfaces, which no interface holds, until that returns false. at is the value whose
// types are asked for: the linker puts the types of a program into one unit.
func (i *Info) GoTypes(at *Interface, yield func(GoType) bool) error {
	if at.unit == nil {
		return nil
	}
	root, err := at.unit.Root()
	if err != nil {
		return i.wrap(err)
	}
	return i.wrap(root.EachChild(func(kid *dwarfunit.Entry) bool {
		off, ok := kid.Uint(dwarfunit.AttrGoRuntimeType)
		if !ok || off == 0 {
			return true
		}
		if _, kind := i.goType(typ{e: kid}); kind == goInterface {
			return true
		}
		return yield(GoType{Name: kid.String(dwarfunit.AttrName), Offset: off, Holds: i.holds(typ{e: kid})})
	}))
}

// holds is what an interface's pointer points to if it holds a value of type t.
func (i *Info) holds(t typ) Type {
	_, kind := i.goType(t)
	switch kind {
	case goPointer:
		elem, err := i.typeOf(t.e)
		if _, in := i.goType(elem); err != nil || in != goStruct {
			return Type{}
		}
		t = elem
	case goChan, goMap, goInterface, goFunc, goUnsafePointer, goArray, goSlice:
		return Type{} // a pointer itself, or nothing simple
	case goStruct, goString:
	default:
		return i.describeHeld(t)
	}
	for range 4 { // structures whose first member is a structure
		if _, kind := i.goType(t); kind == goString {
			return i.describe(t, 0)
		}
		first, err := i.firstOf(t)
		if err != nil || first.e == nil {
			break
		}
		t = first
	}
	return Type{}
}

// describeHeld is a number that an interface points to.
func (i *Info) describeHeld(t typ) Type {
	d := Type{Name: i.displayName(t), Size: i.size(t)}
	t, err := i.strip(t, true)
	if err != nil || t.e == nil || t.e.Tag != dwarfunit.TagBaseType {
		return Type{}
	}
	if i.describeBase(t.e, &d); d.Kind == TypeOther {
		return Type{}
	}
	return d
}

// firstOf is the type of a structure's first member.
func (i *Info) firstOf(t typ) (out typ, err error) {
	if t, err = i.strip(t, true); err != nil || t.e == nil || t.e.Tag != dwarfunit.TagStructureType {
		return typ{}, err
	}
	var inner error
	err = t.e.EachChild(func(kid *dwarfunit.Entry) bool {
		if off, err := i.memberOffset(kid); kid.Tag == dwarfunit.TagMember && err == nil && off == 0 {
			out, inner = i.typeOf(kid)
		}
		return false
	})
	if err == nil {
		err = inner
	}
	return out, err
}

// namedValues are the names of numbers of a Go type; none for other types. A duration has another way to be read.
func (i *Info) namedValues(e *dwarfunit.Entry, t *Type) []EnumValue {
	if !e.Has(dwarfunit.AttrGoKind) || t.Kind != TypeInt && t.Kind != TypeUint && t.Kind != TypeChar || t.Name == goDuration {
		return nil
	}
	return i.goConstants(e, t.Signed)
}

const goDuration = "time.Duration"

// goConstants are the named constants of a named Go type of numbers, without their package: the compiler lists them in the unit of the
// package that declares them, which is nearly always that of the type.
func (i *Info) goConstants(e *dwarfunit.Entry, signed bool) []EnumValue {
	name := e.String(dwarfunit.AttrName)
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 || strings.IndexByte(name, '[') >= 0 {
		return nil
	}
	var out []EnumValue
	for k := range i.data.Units {
		c, err := i.data.Context(k)
		if err != nil {
			continue
		}
		root, err := c.Root()
		if err != nil || root.String(dwarfunit.AttrName) != name[:dot] {
			continue
		}
		// A damaged list has fewer names.
		_ = root.EachChild(func(kid *dwarfunit.Entry) bool {
			if kid.Tag != dwarfunit.TagConstant {
				return true
			}
			off, ok := kid.Ref(dwarfunit.AttrType)
			a := kid.Attr(dwarfunit.AttrConstValue)
			if ok && off == e.Off && a != nil {
				out = append(out, EnumValue{strings.TrimPrefix(kid.String(dwarfunit.AttrName), name[:dot+1]), constant(a, signed)})
			}
			return len(out) < maxEnum
		})
		break
	}
	return out
}
