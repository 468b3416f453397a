package dwarfvars

import (
	"errors"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// typ is a type as the debug information has it. A nil entry is void. dims is how many
// dimensions of an array are already behind us.
type typ struct {
	e    *dwarfunit.Entry
	dims int
}

var errNoType = errors.New("its type is not in the debug information")

// typeOf returns the type that an entry, or its origin, refers to.
func (i *Info) typeOf(e *dwarfunit.Entry) (typ, error) {
	h := i.holder(e, dwarfunit.AttrType)
	if h == nil {
		return typ{}, nil
	}
	off, ok := h.Ref(dwarfunit.AttrType)
	if !ok {
		if i.units.Alternate != nil {
			return typ{}, refuse("its type is in an alternate debug file: %v", i.units.Alternate)
		}
		return typ{}, refuse("%v", errNoType)
	}
	t, err := i.data.Entry(off)
	if err == nil && t != nil {
		if off, ok := t.Ref(dwarfunit.AttrSignature); ok { // it stands for a type in a type unit
			t, err = i.data.Entry(off)
		}
	}
	return typ{e: t}, err
}

// strip looks through qualifiers, and through typedefs too if asked.
func (i *Info) strip(t typ, typedefs bool) (typ, error) {
	for range maxChain {
		if t.e == nil {
			return t, nil
		}
		switch t.e.Tag {
		case dwarfunit.TagConstType, dwarfunit.TagVolatileType, dwarfunit.TagRestrictType, dwarfunit.TagSharedType,
			dwarfunit.TagAtomicType, dwarfunit.TagImmutableType:
		case dwarfunit.TagTypedef:
			if !typedefs {
				return t, nil
			}
		default:
			return t, nil
		}
		var err error
		if t, err = i.typeOf(t.e); err != nil {
			return t, err
		}
	}
	return typ{}, refuse("its type refers to itself")
}

// typeName spells a type as perf probe -V does: qualifiers left out, an array as a pointer,
// (function_type) for functions. A type that perf cannot name, such as void or a structure without a tag, has no name.
func (i *Info) typeName(t typ) (string, bool) {
	if e, kind := i.goType(t); kind != 0 { // Go's types have names as Go writes them
		return e.String(dwarfunit.AttrName), true
	}
	suffix := ""
	for range maxChain {
		var err error
		if t, err = i.strip(t, false); err != nil || t.e == nil {
			return "", false
		}
		switch t.e.Tag {
		case dwarfunit.TagPointerType, dwarfunit.TagArrayType:
			suffix += "*"
			if t, err = i.typeOf(t.e); err != nil {
				return "", false
			}
		case dwarfunit.TagReferenceType, dwarfunit.TagRvalueReference:
			return i.referenceName(t, suffix)
		case dwarfunit.TagSubroutineType:
			return "(function_type)" + suffix, true
		default:
			name := t.e.String(dwarfunit.AttrName)
			return keyword(t.e.Tag) + name + suffix, name != ""
		}
	}
	return "", false
}

func keyword(tag uint16) string {
	switch tag {
	case dwarfunit.TagUnionType:
		return "union "
	case dwarfunit.TagStructureType:
		return "struct "
	case dwarfunit.TagEnumerationType:
		return "enum "
	}
	return ""
}

func (i *Info) referenceName(t typ, suffix string) (string, bool) {
	inner, err := i.typeOf(t.e)
	if err != nil {
		return "", false
	}
	if inner, err = i.strip(inner, false); err != nil || inner.e == nil || inner.e.Tag == t.e.Tag {
		return "", false
	}
	name, ok := i.typeName(inner)
	return name + "&" + suffix, ok
}

// unknownType is what perf prints for void* and for what it cannot name.
const unknownType = "(unknown_type)"

func (i *Info) displayName(t typ) string {
	if name, ok := i.typeName(t); ok {
		return name
	}
	return unknownType
}

// size returns a type's size in bytes, -1 if it is not known.
func (i *Info) size(t typ) int64 { return i.sizeDepth(t, 0) }

func (i *Info) sizeDepth(t typ, depth int) int64 {
	t, err := i.strip(t, true)
	if err != nil || t.e == nil || depth > maxChain {
		return -1
	}
	if t.e.Tag == dwarfunit.TagArrayType {
		elem, err := i.typeOf(t.e)
		if err != nil {
			return -1
		}
		size := i.sizeDepth(elem, depth+1)
		counts := i.dimensions(t.e)
		for _, n := range counts[min(t.dims, len(counts)):] {
			if n < 0 || size < 0 || n > 0 && size > (1<<62)/n {
				return -1
			}
			size *= n
		}
		return size
	}
	if n, ok := t.e.Uint(dwarfunit.AttrByteSize); ok && n < 1<<62 {
		return int64(n)
	}
	switch t.e.Tag {
	case dwarfunit.TagPointerType, dwarfunit.TagReferenceType, dwarfunit.TagRvalueReference:
		return int64(t.e.Unit.U.AddrSize)
	case dwarfunit.TagEnumerationType:
		if base, err := i.typeOf(t.e); err == nil && base.e != nil {
			return i.sizeDepth(base, depth+1)
		}
	}
	return -1
}

// dimensions returns how many elements each dimension of an array has, -1 if that is not known.
func (i *Info) dimensions(e *dwarfunit.Entry) []int64 {
	var out []int64
	err := e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag == dwarfunit.TagEnumerationType || kid.Tag == dwarfunit.TagSubrangeType {
			out = append(out, dimension(kid))
		}
		return len(out) < 16
	})
	if err != nil || len(out) == 0 {
		return []int64{-1}
	}
	return out
}

func dimension(e *dwarfunit.Entry) int64 {
	if n, ok := e.Uint(dwarfunit.AttrCount); ok && n < 1<<48 {
		return int64(n)
	}
	up, ok := e.Uint(dwarfunit.AttrUpperBound)
	low, _ := e.Uint(dwarfunit.AttrLowerBound)
	// An upper bound of -1 is how old compilers write an array without elements.
	a := e.Attr(dwarfunit.AttrUpperBound)
	if !ok || a.Form == dwarfunit.FormExprloc || isRef(a.Form) {
		return -1
	}
	n := int64(up) - int64(low) + 1
	if up == 0xffffffff || n < 0 || n > 1<<48 {
		return 0
	}
	return n
}

func isRef(form uint16) bool {
	switch form {
	case dwarfunit.FormRef1, dwarfunit.FormRef2, dwarfunit.FormRef4, dwarfunit.FormRef8, dwarfunit.FormRefUdata, dwarfunit.FormRefAddr:
		return true
	}
	return false
}

// describe makes the public form of a type; levels is how far it goes behind pointers.
func (i *Info) describe(t typ, levels int) Type {
	out := Type{Name: i.displayName(t), Size: i.size(t), Count: 0}
	if _, kind := i.goType(t); kind != 0 && i.describeGo(kind, &out) {
		return out
	}
	if i.describeNative(t, levels, &out) {
		return out
	}
	t, err := i.strip(t, true)
	if err != nil {
		out.Kind = TypeOther
		return out
	}
	if t.e == nil {
		out.Kind, out.Size = TypeVoid, -1
		return out
	}
	switch t.e.Tag {
	case dwarfunit.TagBaseType:
		i.describeBase(t.e, &out)
		if values := i.namedValues(t.e, &out); len(values) > 0 {
			out.Kind, out.Values = TypeEnum, values
		}
	case dwarfunit.TagPointerType, dwarfunit.TagReferenceType, dwarfunit.TagRvalueReference:
		out.Kind = TypePointer
		i.describeElem(t, levels, &out)
	case dwarfunit.TagArrayType:
		out.Kind = TypeArray
		i.describeElem(t, levels, &out)
		counts := i.dimensions(t.e)
		out.Count = counts[min(t.dims, len(counts)-1)]
	case dwarfunit.TagStructureType, dwarfunit.TagClassType:
		out.Kind = TypeStruct
	case dwarfunit.TagUnionType:
		out.Kind = TypeUnion
	case dwarfunit.TagEnumerationType:
		i.describeEnum(t.e, &out)
	case dwarfunit.TagSubroutineType, dwarfunit.TagSubprogram:
		out.Kind = TypeFunc
	default:
		out.Kind = TypeOther
	}
	return out
}

func (i *Info) describeElem(t typ, levels int, out *Type) {
	if levels <= 0 {
		return
	}
	elem, err := i.element(t)
	if err != nil {
		return
	}
	if elem.dims == 0 { // the next dimension of an array is no level of its own
		levels--
	}
	d := i.describe(elem, levels)
	out.Elem = &d
}

// element returns what a pointer points to, or an array consists of.
func (i *Info) element(t typ) (typ, error) {
	if t.e.Tag == dwarfunit.TagArrayType && t.dims+1 < len(i.dimensions(t.e)) {
		return typ{e: t.e, dims: t.dims + 1}, nil
	}
	return i.typeOf(t.e)
}

func (i *Info) describeBase(e *dwarfunit.Entry, out *Type) {
	enc, _ := e.Uint(dwarfunit.AttrEncoding)
	switch enc {
	case dwarfunit.EncBoolean:
		out.Kind = TypeBool
	case dwarfunit.EncFloat:
		out.Kind = TypeFloat
	case dwarfunit.EncSigned:
		out.Kind, out.Signed = TypeInt, true
	case dwarfunit.EncUnsigned:
		out.Kind = TypeUint
	case dwarfunit.EncSignedChar:
		// signed char is a small number, char is text; both have this encoding.
		out.Kind, out.Signed = TypeChar, true
		if e.String(dwarfunit.AttrName) == "signed char" {
			out.Kind = TypeInt
		}
	case dwarfunit.EncUnsignedChar, dwarfunit.EncUTF:
		out.Kind = TypeChar
		if out.Size != 1 {
			out.Kind = TypeUint
		}
	default:
		out.Kind = TypeOther
	}
}

// maxEnum bounds how many names of an enumeration are kept.
const maxEnum = 4096

func (i *Info) describeEnum(e *dwarfunit.Entry, out *Type) {
	out.Kind = TypeEnum
	if enc, ok := e.Uint(dwarfunit.AttrEncoding); ok { // gcc tells even where there is no DW_AT_type
		out.Signed = enc == dwarfunit.EncSigned || enc == dwarfunit.EncSignedChar
	}
	if base, err := i.typeOf(e); err == nil && base.e != nil {
		if enc, ok := base.e.Uint(dwarfunit.AttrEncoding); ok {
			out.Signed = enc == dwarfunit.EncSigned || enc == dwarfunit.EncSignedChar
		}
	}
	// A damaged list leaves names out; the number is still right.
	_ = e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag == dwarfunit.TagEnumerator {
			if a := kid.Attr(dwarfunit.AttrConstValue); a != nil {
				out.Values = append(out.Values, EnumValue{kid.String(dwarfunit.AttrName), constant(a, out.Signed)})
			}
		}
		return len(out.Values) < maxEnum
	})
}

// constant returns a number that an attribute holds, sign-extended if signed: compilers write -1 as
// one byte 0xff where the type tells that it is signed.
func constant(a *dwarfunit.Attr, signed bool) int64 {
	size := map[uint16]int{dwarfunit.FormData1: 8, dwarfunit.FormData2: 16, dwarfunit.FormData4: 32}[a.Form]
	if !signed || size == 0 {
		return int64(a.U)
	}
	shift := 64 - size
	return int64(a.U) << shift >> shift
}
