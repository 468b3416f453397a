package dwarfvars

import (
	"strings"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

// Types of the standard libraries of C++ and Rust that stand for something else: text, a row of elements, a pointer. How they are laid
// out is read from the debug information of the program; what is assumed is a few names of members, those of libstdc++, libc++ and Rust's
// library.

// nativeKind is what a type stands for.
type nativeKind uint8

const (
	plainType   nativeKind = iota
	textType               // std::string, std::string_view, String, &str
	rowType                // std::vector, std::span, Vec, &[T]
	pointerType            // std::unique_ptr, std::shared_ptr, Rc, Arc, std::optional
	foreignText            // a string of libc++, which has its text in one of two places
)

// native is a type of a standard library.
type native struct {
	kind           nativeKind
	data, end, len []string // the way to the pointer to the first element, the one behind the last, and to their number
	elem           typ      // of a row; what a pointer points to
	rust           bool
	optional       bool // of a pointerType: the value itself is in it
}

// nativeOf tells what a type, typedefs and qualifiers looked through, stands for.
func (i *Info) nativeOf(t typ) native {
	t, err := i.strip(t, true)
	if err != nil || t.e == nil || t.e.Tag != dwarfunit.TagStructureType && t.e.Tag != dwarfunit.TagClassType {
		return native{}
	}
	if isRust(t.e.Unit.Language) {
		return i.rustNative(t.e)
	}
	return i.cxxNative(t)
}

func (i *Info) cxxNative(t typ) native {
	if c, err := i.complete(t); err == nil {
		t = c
	}
	e, name := t.e, i.name(t.e)
	template, _, ok := strings.Cut(name, "<")
	if !ok {
		return native{}
	}
	n := native{elem: i.argument(e, 0)}
	has := func(member string) bool { m, err := i.member(e, member); return err == nil && m != nil }
	switch template {
	case "basic_string":
		n.kind, n.data, n.len = textType, []string{"_M_dataplus", "_M_p"}, []string{"_M_string_length"}
		if !has("_M_string_length") {
			n.kind = foreignText
		}
	case "basic_string_view":
		n.kind, n.data, n.len = textType, []string{"_M_str"}, []string{"_M_len"}
		if !has("_M_str") {
			n.data, n.len = []string{"__data_"}, []string{"__size_"}
			if !has("__data_") {
				n.data, n.len = []string{"__data"}, []string{"__size"}
			}
		}
	case "vector":
		n.kind, n.data, n.end = rowType, []string{"_M_impl", "_M_start"}, []string{"_M_impl", "_M_finish"}
		if has("__begin_") {
			n.data, n.end = []string{"__begin_"}, []string{"__end_"}
		}
	case "span":
		n.kind, n.data, n.len = rowType, []string{"_M_ptr"}, []string{"_M_extent", "_M_extent_value"}
	case "initializer_list":
		n.kind, n.data, n.len = rowType, []string{"_M_array"}, []string{"_M_len"}
	case "unique_ptr", "shared_ptr", "__shared_ptr", "optional":
		n.kind, n.optional = pointerType, template == "optional"
	default:
		return native{}
	}
	if size := i.size(n.elem); n.kind == textType && size != 1 || n.kind == rowType && i.isBool(n.elem) {
		return native{} // wide characters; vector<bool> has bits
	}
	return n
}

func (i *Info) isBool(t typ) bool {
	t, err := i.strip(t, true)
	if err != nil || t.e == nil || t.e.Tag != dwarfunit.TagBaseType {
		return false
	}
	enc, _ := t.e.Uint(dwarfunit.AttrEncoding)
	return enc == dwarfunit.EncBoolean
}

func (i *Info) rustNative(e *dwarfunit.Entry) native {
	name := e.String(dwarfunit.AttrName)
	template, _, _ := strings.Cut(name, "<")
	n := native{rust: true, elem: i.argument(e, 0)}
	switch template {
	case "String":
		return native{kind: textType, rust: true, data: []string{"vec", "buf", "*"}, len: []string{"vec", "len"}}
	case "PathBuf":
		return native{kind: textType, rust: true, data: []string{"inner", "inner", "inner", "buf", "*"}, len: []string{"inner", "inner", "inner", "len"}}
	case "OsString":
		return native{kind: textType, rust: true, data: []string{"inner", "inner", "buf", "*"}, len: []string{"inner", "inner", "len"}}
	case "Vec":
		n.kind, n.data, n.len = rowType, []string{"buf", "*"}, []string{"len"}
		return n
	case "Rc", "Arc":
		n.kind = pointerType
		return n
	}
	data, err := i.member(e, "data_ptr")
	if err != nil || data == nil {
		return native{}
	}
	if m, err := i.member(e, "length"); err != nil || m == nil {
		return native{}
	}
	n.kind, n.data, n.len = rowType, []string{"data_ptr"}, []string{"length"}
	if p, err := i.strip(data.t, true); err == nil && p.e != nil {
		if n.elem, err = i.typeOf(p.e); err != nil {
			return native{}
		}
	}
	if strings.HasSuffix(name, "str") || strings.Contains(name, "<str") || strings.HasSuffix(name, "Path") || strings.HasSuffix(name, "OsStr") {
		n.kind = textType
	}
	return n
}

// argument is a template's argument that is a type, counted from 0.
func (i *Info) argument(e *dwarfunit.Entry, number int) (t typ) {
	// A damaged list has fewer.
	_ = e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagTemplateType {
			return true
		}
		if number == 0 {
			t, _ = i.typeOf(kid)
		}
		number--
		return number >= 0
	})
	return t
}

// describeNative says of a type what it stands for.
func (i *Info) describeNative(t typ, levels int, out *Type) bool {
	switch n := i.nativeOf(t); n.kind {
	case textType:
		out.Kind = TypeString
	case rowType:
		out.Kind = TypeSlice
	case pointerType:
		if n.optional {
			return false
		}
		out.Kind = TypePointer
		if levels > 0 {
			elem := i.describe(n.elem, levels-1)
			out.Elem = &elem
		}
	default:
		return i.describeVariants(t, out)
	}
	return true
}

// way is a stepper at the end of a way through members. "*" is the one pointer in what is there, however deep.
func (s *stepper) way(names []string) (*stepper, error) {
	in := *s
	for _, name := range names {
		if name == "*" {
			if !in.toPointer(func(typ) bool { return true }) {
				return nil, refuse("where it keeps its elements is not known")
			}
			continue
		}
		if in.isHider() {
			in.t = typ{}
			break
		}
		next, err := in.inner(name)
		if err != nil {
			return nil, err
		}
		in = *next
	}
	return &in, nil
}

// isHider tells the structure that libstdc++ keeps a string's pointer in, and nothing else, where clang leaves its members out.
func (s *stepper) isHider() bool {
	t, err := s.i.strip(s.t, true)
	return err == nil && t.e != nil && t.e.Flag(dwarfunit.AttrDeclaration) && t.e.SameName("_Alloc_hider")
}

// toPointer goes to the first pointer in a structure, at any depth, to a type that fits.
func (s *stepper) toPointer(fits func(target typ) bool) bool {
	in, left := *s, maxDeep
	ok := in.deepPointer(fits, 0, &left)
	if ok {
		*s = in
	}
	return ok
}

// maxDeep bounds how many members are looked at for one that is somewhere in a structure; hostile files have structures without end.
const maxDeep = 500

func (s *stepper) deepPointer(fits func(target typ) bool, depth int, left *int) bool {
	base, err := s.i.strip(s.t, true)
	if *left--; err != nil || base.e == nil || depth > 12 || *left < 0 {
		return false
	}
	switch base.e.Tag {
	case dwarfunit.TagPointerType:
		target, err := s.i.typeOf(base.e)
		return err == nil && fits(target)
	case dwarfunit.TagStructureType, dwarfunit.TagClassType:
	default:
		return false
	}
	return s.intoMember(base, func(in *stepper) bool { return in.deepPointer(fits, depth+1, left) })
}

// intoMember goes to the first member or base class that fits, or to where fits goes from there.
func (s *stepper) intoMember(base typ, fits func(in *stepper) bool) (found bool) {
	// A damaged structure has fewer members.
	_ = base.e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagMember && kid.Tag != dwarfunit.TagInheritance || kid.Flag(dwarfunit.AttrExternal) {
			return true
		}
		in := *s
		if in.enter(kid) == nil && fits(&in) {
			*s, found = in, true
		}
		return !found
	})
	return found
}

// enter goes to a member, or to a base class.
func (s *stepper) enter(kid *dwarfunit.Entry) error {
	t, err := s.i.typeOf(kid)
	if err != nil {
		return err
	}
	off, err := s.i.memberOffset(kid)
	if err != nil {
		return err
	}
	s.t = t
	s.op, err = s.op.part(off, s.i.size(t))
	return err
}

// nativeCounted finds the parts of text and rows.
func (s *stepper) nativeCounted(n native) (*Counted, error) {
	c := &Counted{}
	data, err := s.way(n.data)
	if err != nil {
		return nil, err
	}
	if c.Data, err = data.finish(); err != nil {
		return nil, err
	}
	for _, p := range []struct {
		names []string
		to    **Location
	}{{n.len, &c.Len}, {n.end, &c.End}} {
		if p.names == nil {
			continue
		}
		at, err := s.way(p.names)
		if err != nil {
			return nil, err
		}
		l, err := at.finish()
		if err != nil {
			return nil, err
		}
		*p.to = &l
	}
	if n.kind == rowType {
		c.Elem = s.i.describe(n.elem, 1)
		c.ElemData, c.ElemLen = s.i.partsInMemory(n.elem)
	}
	return c, nil
}

// partsInMemory is where in a text its pointer and its length are, in bytes.
func (i *Info) partsInMemory(t typ) (data, length int64) {
	n := i.nativeOf(t)
	if n.kind != textType {
		return 0, 0
	}
	s := stepper{i: i, expr: &Expr{}, t: t, op: operand{holds: inMemory, at: chain{reg: 0}}}
	c, err := s.nativeCounted(n)
	if err != nil || len(c.Data.Derefs) > 0 || c.Len == nil {
		return 0, 0
	}
	return c.Data.Offset, c.Len.Offset
}
