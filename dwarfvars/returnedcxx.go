package dwarfvars

import (
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/funcname"
)

// How C and C++ return what fits into two registers: System V ABI for AMD64 section 3.2.3, Itanium C++ ABI section 3.1.

// Values of DW_AT_calling_convention of a class, DWARF 5 table 7.25, and of DW_AT_defaulted, table 7.24.
const (
	passByReference = 4
	passByValue     = 5
	defaultedIn     = 1
)

// isReturnedInMemory tells whether a class is one that is copied by a function of its own, or is destroyed by one: the caller makes room
// for it, however small it is.
func (i *Info) isReturnedInMemory(t typ, seen map[int]bool) (bool, error) {
	t, err := i.strip(t, true)
	if err != nil || t.e == nil {
		return false, err
	}
	if t.e.Tag == dwarfunit.TagArrayType {
		if t, err = i.typeOf(t.e); err != nil {
			return false, err
		}
		return i.isReturnedInMemory(t, seen)
	}
	if !i.isClass(t) || seen[t.e.Off] || t.e.Unit.Flat() {
		return false, nil
	}
	if t, err = i.complete(t); err != nil {
		return false, err
	}
	if t.e.Flag(dwarfunit.AttrDeclaration) {
		return false, refuse("the type %s in it is declared only", i.displayName(t))
	}
	if seen[t.e.Off] = true; len(seen) > maxParts {
		return false, refuse("it has too many parts")
	}
	switch n, _ := t.e.Uint(dwarfunit.AttrCallConvention); n {
	case passByValue:
		return false, nil
	case passByReference:
		return true, nil
	}
	if !tellsDefaulted(t.e.Unit) {
		return false, refuse("whether %s is returned in registers is not in the debug information of this compiler", i.displayName(t))
	}
	own := funcname.Bare(i.name(t.e))
	yes := false
	var inner error
	err = t.e.EachChild(func(kid *dwarfunit.Entry) bool {
		virtual, _ := kid.Uint(dwarfunit.AttrVirtuality)
		switch {
		case virtual != 0:
			yes = true
		case kid.Tag == dwarfunit.TagSubprogram:
			yes = i.copiesOrDestroys(kid, own, t.e.Off)
		case kid.Tag == dwarfunit.TagInheritance || kid.Tag == dwarfunit.TagMember && !kid.Flag(dwarfunit.AttrExternal):
			var part typ
			if part, inner = i.typeOf(kid); inner == nil {
				yes, inner = i.isReturnedInMemory(part, seen)
			}
		}
		return !yes && inner == nil
	})
	if inner != nil {
		err = inner
	}
	return yes, err
}

// tellsDefaulted tells whether the compiler of a unit says of functions that they are the defaults: g++ from 7 on, unless it is to write
// strict DWARF 4. clang says of the class how it is returned instead.
func tellsDefaulted(c *dwarfunit.Context) bool {
	root, err := c.Root()
	if err != nil {
		return false
	}
	words := strings.Fields(root.String(dwarfunit.AttrProducer)) // GNU C++17 12.2.0 -mtune=generic …
	if len(words) < 3 || words[0] != "GNU" || c.U.Version < 5 && slices.Contains(words, "-gstrict-dwarf") {
		return false
	}
	return leading(words[2]) >= 7
}

// copiesOrDestroys tells a destructor and a constructor that copies or moves, which somebody wrote.
func (i *Info) copiesOrDestroys(fn *dwarfunit.Entry, class string, classOff int) bool {
	if how, ok := fn.Uint(dwarfunit.AttrDefaulted); ok && how == defaultedIn || fn.Flag(dwarfunit.AttrArtificial) || fn.Flag(dwarfunit.AttrDeleted) {
		return false
	}
	name := i.name(fn)
	if strings.HasPrefix(name, "~") {
		return true
	}
	if funcname.Bare(name) != class {
		return false
	}
	number, copies := 0, false
	// A damaged list has fewer.
	_ = fn.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagFormalParameter || kid.Flag(dwarfunit.AttrArtificial) {
			return true
		}
		if number++; number == 1 {
			copies = i.refersTo(kid, classOff)
		}
		return number < 2
	})
	return number == 1 && copies
}

// refersTo tells a parameter that is a reference to a class.
func (i *Info) refersTo(param *dwarfunit.Entry, classOff int) bool {
	t, err := i.typeOf(param)
	if err == nil {
		t, err = i.strip(t, true)
	}
	if err != nil || t.e == nil || t.e.Tag != dwarfunit.TagReferenceType && t.e.Tag != dwarfunit.TagRvalueReference {
		return false
	}
	if t, err = i.typeOf(t.e); err == nil {
		t, err = i.strip(t, true)
	}
	return err == nil && t.e != nil && t.e.Off == classOff
}

// eightbytes says what the two halves of a value have in them.
type eightbytes [2]struct{ ints, floats bool }

// errUnaligned is a value with a part that is not aligned, which is returned in memory.
var errUnaligned = &refusal{reason: "a part of it is not aligned"}

// add notes a part of the value at an offset.
func (w *eightbytes) add(i *Info, t typ, off int64, depth int) error {
	t, err := i.strip(t, true)
	if err != nil || t.e == nil {
		return err
	}
	if depth > maxNested {
		return refuse("its type refers to itself")
	}
	switch t.e.Tag {
	case dwarfunit.TagStructureType, dwarfunit.TagClassType, dwarfunit.TagUnionType:
		return w.members(i, t, off, depth)
	case dwarfunit.TagArrayType:
		size := i.size(t)
		elem, err := i.element(t)
		if err != nil {
			return err
		}
		one := i.size(elem)
		for at := int64(0); one > 0 && at+one <= min(size, 16); at += one {
			if err := w.add(i, elem, off+at, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	size := i.size(t)
	enc, _ := t.e.Uint(dwarfunit.AttrEncoding)
	base := t.e.Tag == dwarfunit.TagBaseType
	switch {
	case size <= 0 || off < 0 || off+size > 16:
		return refuse("a part of it has no place in two registers")
	case off%size != 0:
		return errUnaligned
	case base && (enc == dwarfunit.EncComplexFloat || enc == dwarfunit.EncFloat && size > 8):
		return refuse("it has a part of type %s, which is returned in registers that probes cannot read", i.displayName(t))
	}
	for at := off; at < off+size; at += 8 {
		if base && enc == dwarfunit.EncFloat {
			w[at/8].floats = true
		} else {
			w[at/8].ints = true
		}
	}
	return nil
}

func (w *eightbytes) members(i *Info, t typ, off int64, depth int) error {
	return i.eachPart(t, func(kid *dwarfunit.Entry) error {
		m, err := i.ownMember(kid)
		if err != nil {
			return err
		}
		if m.bits == nil {
			return w.add(i, m.t, off+m.offset, depth+1)
		}
		if first := off + m.offset + int64(m.bits.Offset)/8; first >= 0 && first < 16 {
			w[first/8].ints = true
		}
		return nil
	})
}

// eachPart calls f for the members of a structure that are in each value of it, and for what it inherits from, up to the first error.
func (i *Info) eachPart(t typ, f func(kid *dwarfunit.Entry) error) error {
	t, err := i.complete(t)
	if err != nil {
		return err
	}
	var inner error
	err = t.e.EachChild(func(kid *dwarfunit.Entry) bool {
		if (kid.Tag == dwarfunit.TagMember || kid.Tag == dwarfunit.TagInheritance) && !kid.Flag(dwarfunit.AttrExternal) {
			inner = f(kid)
		}
		return inner == nil
	})
	if inner != nil {
		return inner
	}
	return err
}

// scalars are the halves of a value of so many bytes.
func (w *eightbytes) scalars(size int64) []scalar {
	var out []scalar
	for k := range w {
		if at := int64(8 * k); at < size && (w[k].ints || w[k].floats) {
			out = append(out, scalar{off: at, size: min(8, size-at), float: !w[k].ints})
		}
	}
	return out
}
