package dwarfvars

import (
	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// Kinds of Go's types in DW_AT_go_kind, those of package reflect.
const (
	goArray         = 17
	goChan          = 18
	goFunc          = 19
	goInterface     = 20
	goMap           = 21
	goPointer       = 22
	goSlice         = 23
	goString        = 24
	goStruct        = 25
	goUnsafePointer = 26
)

// goType looks through typedefs to the entry that says what a Go type is; kind is 0 for the types of other languages. An interface, a
// map and a channel are typedefs of how the runtime keeps them, and stay what they are.
func (i *Info) goType(t typ) (e *dwarfunit.Entry, kind uint64) {
	for range maxChain {
		if t.e == nil {
			return nil, 0
		}
		if kind, ok := t.e.Uint(dwarfunit.AttrGoKind); ok {
			return t.e, kind
		}
		if t.e.Tag != dwarfunit.TagTypedef {
			return nil, 0
		}
		var err error
		if t, err = i.typeOf(t.e); err != nil {
			return nil, 0
		}
	}
	return nil, 0
}

// describeGo says of a Go type what it is, if that is nothing that C has too.
func (i *Info) describeGo(kind uint64, out *Type) bool {
	switch kind {
	case goString:
		out.Kind = TypeString
	case goSlice:
		out.Kind = TypeSlice
	case goMap:
		out.Kind = TypeMap
	case goChan:
		out.Kind = TypeChan
	case goInterface:
		out.Kind = TypeInterface
	default:
		return false
	}
	return true
}

// goStep is a step from a value of a Go type, where it differs from one in C.
func (s *stepper) goStep(step Step) (done bool, err error) {
	e, kind := s.i.goType(s.t)
	switch {
	case kind == goPointer && step.Kind == Dot:
		return true, s.arrow(step, typ{e: e})
	case kind == goPointer && step.Kind == Index:
		return s.goArray(step, e)
	case (kind == goSlice || kind == goString) && step.Kind == Index:
		data, err := s.inner(map[uint64]string{goSlice: "array", goString: "str"}[kind])
		if err != nil {
			return true, err
		}
		s.op, s.t = data.op, data.t
		base, err := s.i.strip(s.t, true)
		if err != nil {
			return true, err
		}
		return true, s.index(step, base)
	case kind == goMap && step.Kind == Index:
		return true, s.fail(step, "elements of a map are not at a fixed place", ".len", nil)
	case (kind == goMap || kind == goChan) && step.Kind == Dot && (step.Name == "len" || step.Name == "cap" && kind == goChan):
		at := int64(0)
		if step.Name == "cap" {
			at = int64(e.Unit.U.AddrSize)
		}
		return true, s.goCount(e, at)
	case kind == goInterface && step.Kind != Index:
		return true, s.fail(step, "what an interface holds is known only when the program runs", "", nil)
	}
	return false, nil
}

// goArray is the element of an array behind a pointer, which Go finds without a dereference being written. Of other pointers the
// index counts what they point to, as in C.
func (s *stepper) goArray(step Step, pointer *dwarfunit.Entry) (done bool, err error) {
	elem, err := s.i.typeOf(pointer)
	if err != nil {
		return true, err
	}
	array, kind := s.i.goType(elem)
	if kind != goArray {
		return false, nil
	}
	if s.op, err = s.op.deref(); err != nil {
		return true, err
	}
	s.t = elem
	return true, s.index(step, typ{e: array})
}

// goCount goes from a map or channel to a number at the begin of what the runtime keeps of it: hmap.count, Map.used of package
// internal/runtime/maps, hchan.qcount, then hchan.dataqsiz.
func (s *stepper) goCount(e *dwarfunit.Entry, at int64) error {
	o, err := s.op.deref()
	if err != nil {
		return err
	}
	first, err := s.firstMember(typ{e: e})
	if err != nil {
		return err
	}
	s.t = first
	s.op, err = o.part(at, int64(e.Unit.U.AddrSize))
	return err
}

// firstMember is the type of the first member of what a pointer points to.
func (s *stepper) firstMember(t typ) (typ, error) {
	t, err := s.i.strip(t, true)
	if err != nil || t.e == nil || t.e.Tag != dwarfunit.TagPointerType {
		return typ{}, refuse("the runtime keeps it in a way that is not known")
	}
	if t, err = s.i.typeOf(t.e); err == nil {
		t, err = s.i.strip(t, true)
	}
	if err != nil || t.e == nil {
		return typ{}, refuse("the runtime keeps it in a way that is not known")
	}
	var out typ
	ierr := t.e.EachChild(func(kid *dwarfunit.Entry) bool {
		switch kid.String(dwarfunit.AttrName) {
		case "count", "used", "qcount":
			out, err = s.i.typeOf(kid)
		}
		return false
	})
	if ierr != nil || err != nil || out.e == nil {
		return typ{}, refuse("the runtime keeps it in a way that is not known")
	}
	return out, nil
}

// inner is a stepper at a member of the structure, however it is nested.
func (s *stepper) inner(name string) (*stepper, error) {
	in := *s
	base, err := s.i.strip(s.t, true)
	if err != nil {
		return nil, err
	}
	if base.e == nil {
		return nil, refuse("what should have a member %s has no type", name)
	}
	return &in, in.member(Step{Kind: Dot, Name: name}, base)
}

// promoted finds a member of embedded fields as Go does, the least deep first: the names of the fields on the way to it.
func (i *Info) promoted(e *dwarfunit.Entry, name string) []string {
	type level struct {
		e    *dwarfunit.Entry
		path []string
	}
	seen := map[int]bool{}
	for row := []level{{e: e}}; len(row) > 0 && len(seen) < maxNested; {
		var next []level
		for _, l := range row {
			if seen[l.e.Off] {
				continue
			}
			seen[l.e.Off] = true
			found := false
			// A damaged structure has fewer fields.
			_ = l.e.EachChild(func(kid *dwarfunit.Entry) bool {
				if kid.Tag != dwarfunit.TagMember {
					return true
				}
				if len(l.path) > 0 && kid.SameName(name) {
					found = true
					return false
				}
				if kid.Flag(dwarfunit.AttrGoEmbedded) {
					if in := i.embedded(kid); in != nil {
						next = append(next, level{in, append(l.path[:len(l.path):len(l.path)], kid.String(dwarfunit.AttrName))})
					}
				}
				return true
			})
			if found {
				return l.path
			}
		}
		row = next
	}
	return nil
}

// embedded is the structure that an embedded field is or points to; nil if it is none.
func (i *Info) embedded(kid *dwarfunit.Entry) *dwarfunit.Entry {
	t, err := i.typeOf(kid)
	if err != nil {
		return nil
	}
	if t, err = i.strip(t, true); err != nil || t.e == nil {
		return nil
	}
	if t.e.Tag == dwarfunit.TagPointerType {
		if t, err = i.typeOf(t.e); err == nil {
			t, err = i.strip(t, true)
		}
		if err != nil || t.e == nil {
			return nil
		}
	}
	if t.e.Tag != dwarfunit.TagStructureType {
		return nil
	}
	return t.e
}
