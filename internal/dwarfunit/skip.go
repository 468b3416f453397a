package dwarfunit

import (
	"bytes"
	"encoding/binary"
)

// skip returns where the entry ends whose attributes begin at p, or -1 if that is
// outside of info, which ends with the unit.
func (a *abbrev) skip(info []byte, p int, u *Unit) int {
	if a.size >= 0 {
		p += int(a.size)
	} else {
		p = walk(info, p, a.steps, u)
	}
	if p > len(info) {
		return -1
	}
	return p
}

// find returns where the attribute at pl stands in the entry whose attributes begin at p, or -1.
func (a *abbrev) find(info []byte, p int, pl *place, u *Unit) int {
	if pl.steps > 0 {
		if p = walk(info, p, a.steps[:pl.steps], u); p < 0 {
			return -1
		}
	}
	return p + int(pl.off)
}

func walk(info []byte, p int, steps []step, u *Unit) int {
	for i := range steps {
		s := &steps[i]
		p += int(s.n)
		if s.kind == stepEnd {
			return p
		}
		if p >= len(info) {
			return -1
		}
		switch s.kind {
		case stepULEB:
			for info[p] >= 0x80 {
				if p++; p == len(info) {
					return -1
				}
			}
			p++
		case stepBlock:
			n := uint64(info[p])
			p++
			if n >= 0x80 {
				n, p = uleb(info, p-1)
			}
			if p < 0 || n > uint64(len(info)-p) {
				return -1
			}
			p += int(n)
		default:
			if p = walkRare(info, p, s.kind, u); p < 0 {
				return -1
			}
		}
	}
	return p
}

func walkRare(info []byte, p int, kind uint8, u *Unit) int {
	n, rest := uint64(0), info[p:]
	switch kind {
	case stepString:
		i := bytes.IndexByte(rest, 0)
		if i < 0 {
			return -1
		}
		return p + i + 1
	case stepBlock1:
		n = 1 + uint64(rest[0])
	case stepBlock2:
		if len(rest) < 2 {
			return -1
		}
		n = 2 + uint64(binary.LittleEndian.Uint16(rest))
	case stepBlock4:
		if len(rest) < 4 {
			return -1
		}
		n = 4 + uint64(binary.LittleEndian.Uint32(rest))
	case stepIndirect:
		form, q := uleb(info, p)
		size, kind, ok := formStep(form, u)
		if q < 0 || !ok || kind == stepIndirect || form == FormImplicitConst {
			return -1
		}
		return walk(info, q, []step{{size, kind}}, u)
	}
	if n > uint64(len(rest)) {
		return -1
	}
	return p + int(n)
}

// ref reads a reference at p. It is absolute; -1 if there is none that can be followed.
func ref(info []byte, p int, form uint16, u *Unit) int {
	c := cursor{b: info, p: p}
	base := u.Off
	var v uint64
	switch form {
	case FormRef4:
		v = uint64(c.u32())
	case FormRef1:
		v = uint64(c.u8())
	case FormRef2:
		v = uint64(c.u16())
	case FormRef8:
		v = c.u64()
	case FormRefUdata:
		v = c.uleb()
	case FormRefAddr:
		base = u.part.base
		if u.Version == 2 {
			v = c.offset(u.AddrSize)
		} else {
			v = c.offset(u.OffSize)
		}
	case FormGNURefAlt, FormRefSup4, FormRefSup8:
		if u.part.alt == nil {
			return -1
		}
		base = u.part.alt.base
		switch form {
		case FormRefSup4:
			v = uint64(c.u32())
		case FormRefSup8:
			v = c.u64()
		default:
			v = c.offset(u.OffSize)
		}
	default:
		return -1
	}
	if c.bad || v > 1<<62 {
		return -1
	}
	return base + int(v)
}
