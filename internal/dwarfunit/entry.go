package dwarfunit

import (
	"bytes"
	"slices"
)

// Attr is one decoded attribute. References are absolute offsets in .debug_info.
type Attr struct {
	At, Form uint16
	U        uint64 // number, offset, reference or index; sign-extended for signed forms
	B        []byte // block, expression or string; a part of the section
}

// IsBlock tells whether the attribute is a block of bytes or an expression.
func (a *Attr) IsBlock() bool {
	switch a.Form {
	case FormBlock, FormBlock1, FormBlock2, FormBlock4, FormExprloc, FormData16:
		return true
	}
	return false
}

// Entry is one decoded entry.
type Entry struct {
	Off      int
	Tag      uint16
	Children bool
	Attrs    []Attr
	Next     int // offset of what follows: the first child, or the next entry
	Unit     *Context
}

// Attr returns an attribute, or nil.
func (e *Entry) Attr(at uint16) *Attr {
	for i := range e.Attrs {
		if e.Attrs[i].At == at {
			return &e.Attrs[i]
		}
	}
	return nil
}

// Has tells whether the entry has the attribute.
func (e *Entry) Has(at uint16) bool { return e.Attr(at) != nil }

// Flag tells whether the entry has the attribute and it is not false.
func (e *Entry) Flag(at uint16) bool {
	a := e.Attr(at)
	return a != nil && a.U != 0
}

// Uint returns an attribute that is a number.
func (e *Entry) Uint(at uint16) (uint64, bool) {
	a := e.Attr(at)
	if a == nil || a.IsBlock() {
		return 0, false
	}
	return a.U, true
}

// String returns an attribute that is a string; "" if it is missing or cannot be read.
func (e *Entry) String(at uint16) string {
	a := e.Attr(at)
	if a == nil {
		return ""
	}
	s, _ := e.Unit.text(a)
	return string(s)
}

// Ref returns an attribute that refers to another entry.
func (e *Entry) Ref(at uint16) (off int, ok bool) {
	a := e.Attr(at)
	if a == nil {
		return 0, false
	}
	switch a.Form {
	case FormRef1, FormRef2, FormRef4, FormRef8, FormRefUdata, FormRefAddr, FormGNURefAlt, FormRefSup4, FormRefSup8:
		return int(a.U), a.U < 1<<62
	case FormRefSig8:
		off, ok = e.Unit.Data.sigs[a.U]
		return off, ok
	}
	return 0, false
}

// Entry decodes the entry at an offset of .debug_info, which is nil at the end of a row of children.
func (d *Data) Entry(off int) (*Entry, error) {
	i := d.unitOf(off)
	if i < 0 {
		return nil, &FormatError{".debug_info", off, "reference to no unit"}
	}
	c, err := d.Context(i)
	if err != nil {
		return nil, err
	}
	return c.Entry(off)
}

// Entry decodes the entry at off, which is nil at the end of a row of children.
func (c *Context) Entry(off int) (*Entry, error) {
	e := new(Entry)
	ok, err := c.decode(off, e)
	if !ok {
		return nil, err
	}
	return e, nil
}

// decode is Entry into memory of the caller, whose Attrs are reused.
func (c *Context) decode(off int, e *Entry) (bool, error) {
	if off < c.U.First || off >= c.U.End {
		return false, c.U.fail(off, "reference outside of the unit")
	}
	in := cursor{b: c.info, p: off - c.base}
	code := in.uleb()
	if code == 0 && !in.bad {
		return false, nil
	}
	if code >= uint64(len(c.table.a)) || !c.table.a[code].known {
		return false, c.U.fail(off, "entry of an unknown abbreviation")
	}
	a := &c.table.a[code]
	*e = Entry{Off: off, Tag: a.tag, Children: a.children, Unit: c, Attrs: slices.Grow(e.Attrs[:0], int(a.count))}
	specs := cursor{b: c.U.part.Abbrev, p: a.attrs}
	for {
		at, form := specs.uleb(), specs.uleb()
		if at == 0 && form == 0 || specs.bad {
			break
		}
		v := Attr{At: uint16(at), Form: uint16(form)}
		if form == FormImplicitConst {
			v.U = uint64(specs.sleb())
		} else {
			c.value(&in, &v)
		}
		e.Attrs = append(e.Attrs, v)
	}
	e.Next = in.p + c.base
	if in.bad || specs.bad {
		return false, c.U.fail(off, "entry is cut short")
	}
	return true, nil
}

func (c *Context) value(in *cursor, v *Attr) {
	u := c.U
	for range 4 {
		if v.Form != FormIndirect {
			break
		}
		v.Form = uint16(in.uleb())
	}
	switch v.Form {
	case FormAddr:
		v.U = in.offset(u.AddrSize)
	case FormData1, FormFlag, FormStrx1, FormAddrx1:
		v.U = uint64(in.u8())
	case FormData2, FormStrx2, FormAddrx2:
		v.U = uint64(in.u16())
	case FormStrx3, FormAddrx3:
		v.U = uint64(in.u24())
	case FormData4, FormStrx4, FormAddrx4:
		v.U = uint64(in.u32())
	case FormData8, FormRefSig8:
		v.U = in.u64()
	case FormSdata:
		v.U = uint64(in.sleb())
	case FormUdata, FormStrx, FormAddrx, FormLoclistx, FormRnglistx, FormGNUAddrIndex, FormGNUStrIndex:
		v.U = in.uleb()
	case FormStrp, FormLineStrp, FormSecOffset, FormStrpSup, FormGNUStrpAlt:
		v.U = in.offset(u.OffSize)
	case FormFlagPresent:
		v.U = 1
	case FormData16:
		v.B = in.bytes(16)
	case FormString:
		s, ok := cstring(in.b, uint64(in.p))
		v.B, in.bad = s, in.bad || !ok
		in.p += len(s) + 1
	case FormBlock, FormExprloc:
		v.B = in.bytes(in.uleb())
	case FormBlock1:
		v.B = in.bytes(uint64(in.u8()))
	case FormBlock2:
		v.B = in.bytes(uint64(in.u16()))
	case FormBlock4:
		v.B = in.bytes(uint64(in.u32()))
	default:
		v.U = uint64(ref(in.b, in.p, v.Form, u))
		size, kind, ok := formStep(uint64(v.Form), u)
		if !ok {
			in.bad = true
			return
		}
		if kind == stepULEB {
			in.uleb()
		} else {
			in.bytes(uint64(size))
		}
	}
}

// text returns the bytes of a string attribute, a part of its section.
func (c *Context) text(a *Attr) ([]byte, bool) {
	switch a.Form {
	case FormString:
		return a.B, true
	case FormStrp:
		return cstring(c.sec.Str, a.U)
	case FormLineStrp:
		return cstring(c.sec.LineStr, a.U)
	case FormGNUStrpAlt, FormStrpSup:
		if alt := c.U.part.alt; alt != nil {
			return cstring(alt.Str, a.U)
		}
	case FormStrx, FormStrx1, FormStrx2, FormStrx3, FormStrx4, FormGNUStrIndex:
		off, ok := c.indexed(c.sec.StrOffsets, ".debug_str_offsets", c.strBase, a.U, c.U.OffSize)
		if !ok {
			return nil, false
		}
		return cstring(c.sec.Str, off)
	}
	return nil, false
}

// indexed reads number index of a table of numbers of size bytes, which begins at base of a section.
func (c *Context) indexed(b []byte, section string, base, index uint64, size uint8) (uint64, bool) {
	n := uint64(len(b))
	if index > n || base > n || base+index*uint64(size)+uint64(size) > n {
		return 0, false
	}
	off := int(base + index*uint64(size))
	in := cursor{b: b, p: off}
	if c.U.part.Relocate != nil {
		in = cursor{b: c.U.part.relocated(section, nil, b[off:off+int(size)], off)}
	}
	return in.offset(size), true
}

// nextSibling returns the offset after e and all its children.
func (c *Context) nextSibling(e *Entry) (int, error) {
	if !e.Children {
		return e.Next, nil
	}
	if s, ok := e.Ref(AttrSibling); ok && s > e.Off && s < c.U.End {
		return s, nil
	}
	info, p := c.info, e.Next-c.base
	for depth := 1; depth > 0; {
		if p < 0 || p >= len(info) {
			return 0, c.U.fail(e.Off, "children are not ended")
		}
		code, q := uint64(info[p]), p+1
		if code >= 0x80 {
			code, q = uleb(info, p)
		}
		if code == 0 && q >= 0 {
			depth--
			p = q
			continue
		}
		if q < 0 || code >= uint64(len(c.table.a)) || !c.table.a[code].known {
			return 0, c.U.fail(p+c.base, "entry of an unknown abbreviation")
		}
		a := &c.table.a[code]
		p = a.skip(info, q, c.U)
		if a.children {
			depth++
		}
	}
	return p + c.base, nil
}

// EachChild calls f for each child of e, in order, until f is false. The child is f's to keep.
func (e *Entry) EachChild(f func(*Entry) bool) error {
	if !e.Children {
		return nil
	}
	for off := e.Next; off < e.Unit.U.End; {
		kid, err := e.Unit.Entry(off)
		if err != nil || kid == nil {
			return err
		}
		if !f(kid) {
			return nil
		}
		if off, err = e.Unit.nextSibling(kid); err != nil {
			return err
		}
	}
	return nil
}

// SameName tells whether the entry's own name attribute is name.
func (e *Entry) SameName(name string) bool {
	a := e.Attr(AttrName)
	if a == nil {
		return false
	}
	s, ok := e.Unit.text(a)
	return ok && bytes.Equal(s, []byte(name))
}
