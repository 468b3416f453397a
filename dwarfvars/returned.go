package dwarfvars

import (
	"debug/elf"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// Result is the root of an expression over what a function returns, at a place that [Info.AtReturn] gives.
const Result = "$retval"

// AtReturn returns the place at addr, an instruction of the function whose code begins at entry that returns, and the type of what the
// function returns there. It is false if the debug information does not know the function.
func (i *Info) AtReturn(entry, addr uint64) (p Place, t Type, ok bool) {
	src, ok := i.PlaceOf(entry)
	if !ok {
		return Place{}, Type{}, false
	}
	places, err := i.Places(src.Function, PlaceOptions{NoInlines: true, Entry: entry})
	if err != nil || len(places) == 0 {
		return Place{}, Type{}, false
	}
	p = places[0]
	real, err := i.data.Entry(p.real)
	if err != nil || real == nil {
		return Place{}, Type{}, false
	}
	out, err := i.typeOf(real)
	p.Addr, p.Offset = addr, addr-entry
	return p, i.describe(out, 1), err == nil
}

// returned is what a function returns, where its last instruction leaves it.
func (i *Info) returned(real *dwarfunit.Entry) (operand, typ, error) {
	t, err := i.typeOf(real)
	if err != nil {
		return operand{}, t, err
	}
	base, err := i.strip(t, true)
	if err != nil {
		return operand{}, t, err
	}
	if base.e == nil {
		return operand{}, t, refuse("the function returns nothing")
	}
	if base.e.Tag != dwarfunit.TagArrayType {
		if base, err = i.complete(base); err != nil {
			return operand{}, t, err
		}
	}
	if i.machine.ELF != elf.EM_X86_64 {
		switch {
		case i.isRebuilt(real):
			return operand{}, t, errRebuilt
		case i.isClass(base):
			o, err := i.returnedARM64(base, i.size(base))
			return i.checked(real, o, t, err)
		}
		var words eightbytes
		if err := words.add(i, base, 0, 0); err != nil {
			return operand{}, t, err
		}
		o, err := i.inRegisters(words.scalars(i.size(base)))
		return o, t, err
	}
	size := i.size(base)
	switch {
	case size < 0:
		err = refuse("the size of what is returned is not known")
	case i.isRebuilt(real):
		err = errRebuilt
	case isRust(base.e.Unit.Language):
		var o operand
		o, err = i.returnedRust(base, size, isMangled(i.linkage(real)))
		return i.checked(real, o, t, err)
	case size > 16 && i.isClass(base):
		return i.checked(real, i.returnedAddress(), t, nil)
	case i.isClass(base):
		var inMemory bool
		if inMemory, err = i.isReturnedInMemory(base, map[int]bool{}); err == nil && inMemory {
			return i.checked(real, i.returnedAddress(), t, nil)
		}
	}
	if err != nil {
		return operand{}, t, err
	}
	var words eightbytes
	if err := words.add(i, base, 0, 0); err == errUnaligned {
		return i.checked(real, i.returnedAddress(), t, nil)
	} else if err != nil {
		return operand{}, t, err
	}
	o, err := i.inRegisters(words.scalars(size))
	return i.checked(real, o, t, err)
}

// errRebuilt is what a function returns that does not follow the calling convention.
var errRebuilt = &refusal{reason: "the compiler changed how the function is called and what it returns, since all of its callers are known"}

// returnedAddress is a value that the caller has made room for: the function returns its address.
func (i *Info) returnedAddress() operand {
	return operand{holds: inMemory, at: chain{reg: i.machine.C.IntResults[0]}}
}

// checked refuses values in memory whose address need not be returned: LLVM leaves that out of functions that only one object file sees
// (fastcc), and versions that do not mark them leave parts of a value out too.
func (i *Info) checked(real *dwarfunit.Entry, o operand, t typ, err error) (operand, typ, error) {
	if err != nil || !i.isOwn(real) {
		return o, t, err
	}
	if o.holds == inMemory {
		return operand{}, t, refuse("it is in memory, and a function that one object file alone sees need not return its address when it is optimised")
	}
	if o.holds == asPieces && !marksRebuilt(real.Unit) {
		return operand{}, t, refuse("a function that one object file alone sees need not return all parts of it when it is optimised")
	}
	return o, t, nil
}

// isRebuilt tells a function that does not follow the calling convention: LLVM marks it (DW_CC_nocall), gcc gives it another name.
func (i *Info) isRebuilt(real *dwarfunit.Entry) bool {
	const noCall = 3 // DWARF 5 table 7.25
	if n, _ := real.Uint(dwarfunit.AttrCallConvention); n == noCall {
		return true
	}
	s, ok := i.symbolAt(real)
	return ok && strings.Contains(s.Name, ".isra.")
}

// isOwn tells an optimised function that LLVM has compiled and that other object files do not see.
func (i *Info) isOwn(real *dwarfunit.Entry) bool {
	if llvmVersion(real.Unit) < 0 || !real.Unit.HasLocationLists() || i.spills(real) {
		return false
	}
	s, ok := i.symbolAt(real)
	return !ok || s.Bind == symtab.Local && !s.Hidden
}

// spills tells whether a function keeps its parameters in its frame all the time: it was compiled without optimisation, whatever else is in
// its unit. One without parameters tells nothing.
func (i *Info) spills(real *dwarfunit.Entry) bool {
	all, some := true, false
	err := real.EachChild(func(v *dwarfunit.Entry) bool {
		if v.Tag != dwarfunit.TagFormalParameter {
			return true
		}
		a := v.Attr(dwarfunit.AttrLocation)
		if all = a != nil && a.IsBlock() && len(a.B) > 0 && int(a.B[0]) == dwarfunit.OpFbreg; all {
			r := dwarfunit.NewReader(a.B[1:])
			r.Sleb()
			some = some || !r.More() // the others are pointers to what the caller has
		}
		return all
	})
	return err == nil && all && some
}

func (i *Info) symbolAt(real *dwarfunit.Entry) (symtab.Symbol, bool) {
	table := i.symbolTable()
	entry, ok := real.EntryPC()
	if table == nil || !ok {
		return symtab.Symbol{}, false
	}
	return table.Lookup(entry)
}

// marksRebuilt tells whether the compiler marks functions that do not follow the calling convention, as LLVM does from 16 on.
func marksRebuilt(c *dwarfunit.Context) bool { return llvmVersion(c) >= 16 }

// llvmVersion is the major version of the LLVM that compiled a unit: 0 if it is not told, negative if another compiler did.
func llvmVersion(c *dwarfunit.Context) int {
	root, err := c.Root()
	if err != nil {
		return -1
	}
	producer := root.String(dwarfunit.AttrProducer)
	if _, version, ok := strings.Cut(producer, "(rustc version 1."); ok { // its LLVM has another number
		if leading(version) >= 70 {
			return 16
		}
		return 0
	}
	_, version, ok := strings.Cut(producer, "clang version ")
	if !ok {
		return -1
	}
	return leading(version)
}

// leading is the number that a version begins with; 0 if there is none.
func leading(version string) int {
	digits, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

func (i *Info) isClass(base typ) bool {
	switch base.e.Tag {
	case dwarfunit.TagStructureType, dwarfunit.TagClassType, dwarfunit.TagUnionType, dwarfunit.TagArrayType:
		return true
	}
	return false
}

// scalar is a part of a value that is returned in a register of its own.
type scalar struct {
	off, size int64
	float     bool
}

// inRegisters puts scalars into the registers for results, in order.
func (i *Info) inRegisters(parts []scalar) (operand, error) {
	ints, floats := i.machine.C.IntResults, i.machine.C.FloatResults
	var pieces []piece
	at := int64(0)
	for _, p := range parts {
		from := &ints
		if p.float {
			from = &floats
		}
		if len(*from) == 0 {
			return operand{}, refuse("it is in more registers than results have")
		}
		if p.off > at {
			pieces = append(pieces, piece{size: p.off - at, empty: true})
		}
		pieces = append(pieces, piece{operand: operand{holds: asValue, at: chain{reg: (*from)[0]}}, size: p.size})
		at, *from = p.off+p.size, (*from)[1:]
	}
	switch {
	case len(pieces) == 0:
		return operand{}, refuse("it has no bytes that are returned")
	case len(pieces) == 1:
		return pieces[0].operand, nil
	}
	return operand{holds: asPieces, pieces: pieces}, nil
}
