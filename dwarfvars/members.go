package dwarfvars

import (
	"fmt"
	"strconv"

	"github.com/gperf-dev/gperf/internal/dwarfunit"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// member is a part of a structure or union.
type member struct {
	t      typ
	offset int64 // bytes from the structure's begin; of the container of bits
	bits   *BitField
	static *dwarfunit.Entry
}

// maxNested bounds anonymous members within each other.
const maxNested = 64

// member finds a member by name, in anonymous structures and unions and in base classes too; nil if there is none.
func (i *Info) member(e *dwarfunit.Entry, name string) (*member, error) {
	return i.memberIn(e, name, map[int]bool{})
}

// memberIn looks into each structure once, as hostile files have rings.
func (i *Info) memberIn(e *dwarfunit.Entry, name string, seen map[int]bool) (*member, error) {
	if seen[e.Off] || len(seen) > maxNested {
		return nil, nil
	}
	seen[e.Off] = true
	var out *member
	var inner error
	err := e.EachChild(func(kid *dwarfunit.Entry) bool {
		switch {
		case isMember(kid.Tag) && kid.SameName(name):
			out, inner = i.ownMember(kid)
		case kid.Tag == dwarfunit.TagVariantPart || kid.Tag == dwarfunit.TagVariant: // Rust's variants are members, whichever is there
			out, inner = i.memberIn(kid, name, seen)
		case kid.Tag == dwarfunit.TagInheritance || kid.Tag == dwarfunit.TagMember && !kid.Has(dwarfunit.AttrName):
			out, inner = i.nestedMember(kid, name, seen)
		}
		return out == nil && inner == nil
	})
	if inner != nil {
		err = inner
	}
	return out, err
}

func (i *Info) nestedMember(kid *dwarfunit.Entry, name string, seen map[int]bool) (*member, error) {
	t, err := i.typeOf(kid)
	if err != nil {
		return nil, err
	}
	base, err := i.strip(t, true)
	if err != nil || base.e == nil {
		return nil, err
	}
	m, err := i.memberIn(base.e, name, seen)
	if m == nil || err != nil {
		return nil, err
	}
	off, err := i.memberOffset(kid)
	if virtual, _ := kid.Uint(dwarfunit.AttrVirtuality); err != nil && virtual != 0 {
		err = instead(err, fmt.Sprintf("functions of %s have it as this->%s: probe one of these", i.name(base.e), name))
	}
	m.offset += off
	return m, err
}

// isMember tells whether an entry is a member; static ones are variables in DWARF 5.
func isMember(tag uint16) bool { return tag == dwarfunit.TagMember || tag == dwarfunit.TagVariable }

func (i *Info) ownMember(kid *dwarfunit.Entry) (*member, error) {
	t, err := i.typeOf(kid)
	if err != nil {
		return nil, err
	}
	m := &member{t: t}
	if kid.Tag == dwarfunit.TagVariable || kid.Flag(dwarfunit.AttrExternal) {
		m.static = kid
		return m, nil
	}
	width, isBits := kid.Uint(dwarfunit.AttrBitSize)
	if !isBits {
		m.offset, err = i.memberOffset(kid)
		return m, err
	}
	return m, i.bitMember(m, kid, width)
}

// bitMember finds the bits of a bit-field, counted from the least significant bit of an integer that can be read.
func (i *Info) bitMember(m *member, kid *dwarfunit.Entry, width uint64) error {
	unit := i.size(m.t)
	if width == 0 || width > 64 || unit <= 0 || unit > 8 {
		return refuse("its bit-field has %d bits of %d bytes", width, unit)
	}
	first, err := i.firstBit(kid, int64(width), unit)
	if err != nil {
		return err
	}
	// The integer of the declared type, if the bits are in one; else the smallest that has them.
	for _, size := range []int64{unit, 1, 2, 4, 8} {
		begin := first / (8 * size) * size
		if size != unit {
			begin = first / 8
		}
		if first+int64(width) <= 8*(begin+size) && size&(size-1) == 0 {
			m.offset = begin
			m.bits = &BitField{Offset: int(first - 8*begin), Width: int(width), Container: int(8 * size)}
			return nil
		}
	}
	return refuse("its bit-field lies across 9 bytes")
}

// firstBit counts bits from the structure's begin to a bit-field: DWARF 4 and 5 count so, older
// versions count from the most significant bit of a storage unit.
func (i *Info) firstBit(kid *dwarfunit.Entry, width, unit int64) (int64, error) {
	if n, ok := kid.Uint(dwarfunit.AttrDataBitOffset); ok {
		if n > 1<<40 {
			return 0, refuse("its bit-field has an impossible offset")
		}
		return int64(n), nil
	}
	off, err := i.memberOffset(kid)
	if err != nil {
		return 0, err
	}
	high, ok := kid.Uint(dwarfunit.AttrBitOffset)
	if !ok {
		return 8 * off, nil // in a union, or at the begin
	}
	storage := unit
	if n, ok := kid.Uint(dwarfunit.AttrByteSize); ok && n > 0 && n <= 8 {
		storage = int64(n)
	}
	shift := int64(high) // may be negative for packed structures
	if a := kid.Attr(dwarfunit.AttrBitOffset); a.Form == dwarfunit.FormData1 {
		shift = int64(int8(a.U))
	}
	first := 8*off + 8*storage - shift - width
	if first < 0 || shift < -64 || shift > 64 {
		return 0, refuse("its bit-field has an impossible offset")
	}
	return first, nil
}

// memberOffset returns DW_AT_data_member_location, 0 without one as in unions.
func (i *Info) memberOffset(kid *dwarfunit.Entry) (int64, error) {
	a := kid.Attr(dwarfunit.AttrMemberLocation)
	if a == nil {
		return 0, nil
	}
	if !a.IsBlock() {
		if a.U > 1<<40 {
			return 0, refuse("its member has an impossible offset")
		}
		return int64(a.U), nil
	}
	r := dwarfunit.NewReader(a.B)
	op := int(r.Uint(1))
	n := r.Uleb()
	if op != dwarfunit.OpPlusUconst || r.More() || r.Bad() || n > 1<<40 {
		return 0, refuse("its member's offset is computed when the program runs, as for virtual bases")
	}
	return int64(n), nil
}

// eachMember calls yield with the names of members.
func (i *Info) eachMember(e *dwarfunit.Entry, seen map[int]bool, yield func(string) bool) {
	if seen[e.Off] || len(seen) > maxNested {
		return
	}
	seen[e.Off] = true
	// A damaged structure names fewer members.
	_ = e.EachChild(func(kid *dwarfunit.Entry) bool {
		if kid.Tag != dwarfunit.TagMember && kid.Tag != dwarfunit.TagInheritance {
			return true
		}
		if name := kid.String(dwarfunit.AttrName); name != "" {
			return yield(name)
		}
		if t, err := i.typeOf(kid); err == nil {
			if t, err = i.strip(t, true); err == nil && t.e != nil {
				i.eachMember(t.e, seen, yield)
			}
		}
		return true
	})
}

// complete returns the definition of a type that a unit only declares.
func (i *Info) complete(t typ) (typ, error) {
	if !t.e.Flag(dwarfunit.AttrDeclaration) {
		return t, nil
	}
	if off, ok := t.e.Ref(dwarfunit.AttrSignature); ok {
		e, err := i.data.Entry(off)
		if err != nil || e == nil {
			return t, err
		}
		return typ{e: e}, nil
	}
	name := t.e.String(dwarfunit.AttrName)
	if name == "" {
		return t, nil
	}
	offs, err := i.data.Named(dwarfunit.Search{Name: name, Workers: i.workers}, t.e.Tag)
	if err != nil {
		return t, err
	}
	for _, off := range offs {
		if e, err := i.data.Entry(off); err == nil && e != nil && e.Has(dwarfunit.AttrByteSize) {
			return typ{e: e}, nil
		}
	}
	return t, nil
}
