package dwarfvars

import "github.com/gperf-dev/gperf/internal/dwarfunit"

// How C and C++ return structures on arm64: Procedure Call Standard for the Arm 64-bit Architecture (AAPCS64), sections 5.9.5 and 6.9.

// returnedARM64 is a structure that a function returns: in x0 and x1, as they would be loaded from memory, whatever its members are. Up to four
// members of one floating point type are in registers of their own; what is larger is where register x8 pointed to when the function was called.
func (i *Info) returnedARM64(base typ, size int64) (operand, error) {
	if isRust(base.e.Unit.Language) {
		return operand{}, refuse("how Rust returns structures is known on x86-64 only")
	}
	var l leaves
	if err := l.add(i, base, 0); err != nil {
		return operand{}, err
	}
	inMemory, err := i.isReturnedInMemory(base, map[int]bool{})
	switch {
	case err != nil:
		return operand{}, err
	case inMemory:
		return operand{}, errLost
	case l.vectors || l.floats > 0 && !l.others && size <= 4*l.floats:
		return operand{}, refuse("it is returned in floating point registers, from v0 on, which probes cannot read")
	case size < 0:
		return operand{}, refuse("the size of what is returned is not known")
	case size > 16:
		return operand{}, errLost
	}
	var words []scalar
	for at := int64(0); at < size; at += 8 {
		words = append(words, scalar{off: at, size: min(8, size-at)})
	}
	return i.inRegisters(words)
}

// errLost is a value whose place no register tells when the function returns.
var errLost = &refusal{reason: "it is in memory, whose address only the caller has when the function returns"}

// leaves says what a structure consists of.
type leaves struct {
	floats  int64 // bytes of each number, if all have as many
	others  bool  // there are numbers and pointers that are something else
	vectors bool
	count   int
}

func (l *leaves) add(i *Info, t typ, depth int) error {
	t, err := i.strip(t, true)
	if err != nil || t.e == nil {
		l.others = true
		return err
	}
	if l.count++; depth > maxNested || l.count > maxParts {
		return refuse("its type has too many parts")
	}
	switch t.e.Tag {
	case dwarfunit.TagStructureType, dwarfunit.TagClassType, dwarfunit.TagUnionType:
		return l.members(i, t, depth)
	case dwarfunit.TagArrayType:
		l.vectors = l.vectors || t.e.Flag(dwarfunit.AttrGNUVector)
		elem, err := i.typeOf(t.e)
		if err != nil {
			return err
		}
		return l.add(i, elem, depth+1)
	}
	size := i.size(t)
	switch enc, _ := t.e.Uint(dwarfunit.AttrEncoding); {
	case t.e.Tag != dwarfunit.TagBaseType || enc != dwarfunit.EncFloat && enc != dwarfunit.EncComplexFloat:
		l.others = true
	case enc == dwarfunit.EncComplexFloat:
		l.float(size / 2)
	default:
		l.float(size)
	}
	return nil
}

func (l *leaves) float(size int64) {
	if l.floats != 0 && l.floats != size {
		l.others = true
	}
	l.floats = size
}

func (l *leaves) members(i *Info, t typ, depth int) error {
	return i.eachPart(t, func(kid *dwarfunit.Entry) error {
		part, err := i.typeOf(kid)
		if err != nil {
			return err
		}
		return l.add(i, part, depth+1)
	})
}
