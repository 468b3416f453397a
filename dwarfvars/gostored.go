package dwarfvars

import (
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// GoStoredAs tells whether a type of Go that has a name, main.Name, is stored as another one, string or struct { X int; main.y int }: the compiler makes
// one function of a generic one for all types that are. What a map, a channel, a function or an interface holds is not compared: of these it tells false,
// as of types that the debug information lacks.
func (i *Info) GoStoredAs(name, stored string) bool {
	a, b := i.goNamed(name), i.goNamed("go.shape."+stored)
	if b == nil {
		b = i.goNamed(stored)
	}
	return a != nil && b != nil && i.storedAlike(a, b)
}

// goNamed returns the entry of a type of Go; nil if there is none.
func (i *Info) goNamed(name string) *dwarfunit.Entry {
	offs, err := i.data.Declared(dwarfunit.Search{Name: name, Workers: i.workers}, dwarfunit.TagBaseType, dwarfunit.TagStructureType,
		dwarfunit.TagArrayType, dwarfunit.TagPointerType, dwarfunit.TagTypedef)
	if err != nil {
		return nil
	}
	for _, off := range offs {
		if e, err := i.data.Entry(off); err == nil && e != nil {
			if e, kind := i.goType(typ{e: e}); kind != 0 {
				return e
			}
		}
	}
	return nil
}

func (i *Info) storedAlike(a, b *dwarfunit.Entry) bool {
	kind, _ := a.Uint(dwarfunit.AttrGoKind)
	other, _ := b.Uint(dwarfunit.AttrGoKind)
	if kind != other || i.size(typ{e: a}) != i.size(typ{e: b}) {
		return false
	}
	switch kind {
	case goStruct, goSlice:
		members := i.goMembers(a)
		return members != "" && members == i.goMembers(b)
	case goArray, goPointer: // of one size
		return i.goTypeName(a) == i.goTypeName(b)
	case goChan, goFunc, goInterface, goMap:
		return false
	}
	return true // a number or a string
}

// goMembers is a structure's members in words.
func (i *Info) goMembers(e *dwarfunit.Entry) string {
	var b strings.Builder
	err := e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag == dwarfunit.TagMember {
			at, _ := kid.Uint(dwarfunit.AttrMemberLocation)
			b.WriteString(itoa(int64(at)) + " " + kid.String(dwarfunit.AttrName) + " " + i.goTypeName(kid) + ";")
		}
		return true
	})
	if err != nil {
		return ""
	}
	return b.String()
}

// goTypeName is the name of the type of a member, an element or what is pointed to.
func (i *Info) goTypeName(e *dwarfunit.Entry) string {
	t, err := i.typeOf(e)
	if err != nil || t.e == nil {
		return ""
	}
	return t.e.String(dwarfunit.AttrName)
}
