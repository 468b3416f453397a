package dwarfunit

import "math"

// How to step over the part of an entry that has no fixed size.
const (
	stepEnd    = iota // nothing more
	stepULEB          // a LEB128 number
	stepString        // bytes up to a NUL
	stepBlock         // a LEB128 length and so many bytes
	stepBlock1
	stepBlock2
	stepBlock4
	stepIndirect // a LEB128 form and what it asks for
)

// step is n bytes to skip, then something of kind.
type step struct {
	n    int32
	kind uint8
}

// place is where an attribute stands in an entry: after so many steps and off more
// bytes. Form 0 says that there is no such attribute.
type place struct {
	form  uint16
	steps uint16
	off   int32
}

// abbrev is one compiled abbreviation.
type abbrev struct {
	size     int32 // of the whole entry after its code; -1 if it varies
	tag      uint16
	children bool
	known    bool
	wanted   bool // by the scan that runs
	decl     bool // has DW_AT_declaration
	inline   bool // has DW_AT_inline
	code     bool // has DW_AT_low_pc or DW_AT_ranges
	sibling  place
	name     place
	linkage  place
	origin   place
	spec     place
	count    uint16 // of attributes, or fewer
	attrs    int    // where the attribute list begins in .debug_abbrev
	steps    []step
}

// table is the abbreviations of a unit, by code. It is reused from unit to unit.
type table struct {
	a   []abbrev
	key tableKey
	ok  bool
}

type tableKey struct {
	part              *part
	off               int
	version, addr, sz uint8
}

// compile reads the abbreviations of u.
func (d *Data) compile(u *Unit, t *table) error {
	key := tableKey{u.part, u.Abbrev, u.Version, u.AddrSize, u.OffSize}
	if t.ok && t.key == key {
		return nil
	}
	t.ok, t.key = false, key
	for i := range t.a {
		t.a[i].known = false
	}
	t.a = t.a[:0]
	if u.Abbrev > len(u.part.Abbrev) {
		return u.fail(u.Off, "abbreviation offset outside of .debug_abbrev")
	}
	c := cursor{b: u.part.Abbrev, p: u.Abbrev}
	for {
		at := c.p
		code := c.uleb()
		if code == 0 && !c.bad {
			t.ok = true
			return nil
		}
		// A producer numbers from 1 on, and each entry takes four bytes at least.
		if c.bad || code > uint64(at-u.Abbrev)+4096 {
			return &FormatError{".debug_abbrev", at, "abbreviations are not ended, or numbered beyond their size"}
		}
		t.grow(int(code))
		if err := compileOne(&c, u, &t.a[code]); err != nil {
			return err
		}
	}
}

func (t *table) grow(code int) {
	for len(t.a) <= code {
		if len(t.a) < cap(t.a) {
			t.a = t.a[:len(t.a)+1]
		} else {
			t.a = append(t.a, abbrev{})
		}
	}
}

func compileOne(c *cursor, u *Unit, a *abbrev) error {
	at := c.p
	*a = abbrev{steps: a.steps[:0], known: true}
	a.tag = uint16(c.uleb())
	a.children = c.u8() != 0
	a.attrs = c.p
	run := int32(0)
	for {
		attr, form := c.pair()
		if c.bad {
			return &FormatError{".debug_abbrev", at, "abbreviation is cut short"}
		}
		if attr == 0 && form == 0 {
			break
		}
		pl := place{form: uint16(form), steps: uint16(len(a.steps)), off: run}
		if form == FormImplicitConst {
			c.sleb()
		}
		a.note(attr, pl)
		a.count = min(a.count, math.MaxUint16-1) + 1
		n, kind, ok := formStep(form, u)
		if !ok || len(a.steps) > 1<<15 || run > 1<<24 {
			return &FormatError{".debug_abbrev", at, "attribute of an unknown form"}
		}
		run += n
		if kind != stepEnd {
			a.steps = append(a.steps, step{run, kind})
			run = 0
		}
	}
	if len(a.steps) == 0 {
		a.size = run
	} else {
		a.size = -1
		a.steps = append(a.steps, step{run, stepEnd})
	}
	return nil
}

// pair reads two LEB128 numbers, which have a byte each nearly always.
func (c *cursor) pair() (a, b uint64) {
	if p := c.p; uint(p) < uint(len(c.b)) && p+1 < len(c.b) && c.b[p]|c.b[p+1] < 0x80 {
		c.p += 2
		return uint64(c.b[p]), uint64(c.b[p+1])
	}
	return c.uleb(), c.uleb()
}

func (a *abbrev) note(attr uint64, pl place) {
	switch attr {
	case AttrSibling:
		a.sibling = pl
	case AttrName:
		a.name = pl
	case AttrLinkageName, AttrMIPSLinkage:
		a.linkage = pl
	case AttrAbstractOrigin:
		a.origin = pl
	case AttrSpecification:
		a.spec = pl
	case AttrDeclaration:
		a.decl = true
	case AttrInline:
		a.inline = true
	case AttrLowPC, AttrRanges, AttrEntryPC:
		a.code = true
	}
}

// formStep returns the fixed size of a form, or what kind of varying one it is.
func formStep(form uint64, u *Unit) (n int32, kind uint8, ok bool) {
	switch form {
	case FormAddr:
		return int32(u.AddrSize), stepEnd, true
	case FormData1, FormFlag, FormRef1, FormStrx1, FormAddrx1:
		return 1, stepEnd, true
	case FormData2, FormRef2, FormStrx2, FormAddrx2:
		return 2, stepEnd, true
	case FormStrx3, FormAddrx3:
		return 3, stepEnd, true
	case FormData4, FormRef4, FormRefSup4, FormStrx4, FormAddrx4:
		return 4, stepEnd, true
	case FormData8, FormRef8, FormRefSig8, FormRefSup8:
		return 8, stepEnd, true
	case FormData16:
		return 16, stepEnd, true
	case FormFlagPresent, FormImplicitConst:
		return 0, stepEnd, true
	case FormStrp, FormLineStrp, FormSecOffset, FormStrpSup, FormGNURefAlt, FormGNUStrpAlt:
		return int32(u.OffSize), stepEnd, true
	case FormRefAddr:
		if u.Version == 2 {
			return int32(u.AddrSize), stepEnd, true
		}
		return int32(u.OffSize), stepEnd, true
	case FormUdata, FormSdata, FormRefUdata, FormStrx, FormAddrx, FormLoclistx, FormRnglistx, FormGNUAddrIndex, FormGNUStrIndex:
		return 0, stepULEB, true
	case FormString:
		return 0, stepString, true
	case FormBlock, FormExprloc:
		return 0, stepBlock, true
	case FormBlock1:
		return 0, stepBlock1, true
	case FormBlock2:
		return 0, stepBlock2, true
	case FormBlock4:
		return 0, stepBlock4, true
	case FormIndirect:
		return 0, stepIndirect, true
	}
	return 0, 0, false
}
