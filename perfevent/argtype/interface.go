package argtype

import (
	"sort"
	"strconv"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// appendInterface appends the type that a Go interface holds and, where it is simple, the value: *errors.errorString("text"),
// int(5), else the address of the value.
func (f *boundField) appendInterface(dst, raw []byte, c *tracefs.Context) []byte {
	addr, _ := f.raw.Uint(raw, c)
	if addr == 0 {
		return append(dst, "nil"...)
	}
	t := f.concrete(addr, raw, c)
	if t == nil {
		dst = strconv.AppendUint(append(dst, "type 0x"...), addr, 16)
	} else {
		dst = append(dst, t.Name...)
	}
	ptr := f.pointer(raw, c)
	dst = append(dst, '(')
	switch {
	case t == nil || t.Kind == Unknown || len(f.elems) == 0:
		dst = strconv.AppendUint(append(dst, "0x"...), ptr, 16)
	case isNoAddress(ptr):
		dst = append(dst, fault...)
	case t.Kind == Text:
		dst = f.elems[0].appendTyped(dst, raw, c)
	default:
		v, _ := f.elems[0].ptr.Uint(raw, c)
		dst = t.appendNumber(dst, v, 8)
	}
	return append(dst, ')')
}

// concrete finds the type whose descriptor is at addr; nil if it is not known.
func (f *boundField) concrete(addr uint64, raw []byte, c *tracefs.Context) *Type {
	if len(f.bound.event.Places) == 0 {
		return f.linked(addr)
	}
	if f.bound.ip == nil {
		return nil
	}
	ip, _ := f.bound.ip.Uint(raw, c)
	for _, p := range f.bound.event.Places {
		// Files are moved by pages.
		if moved := ip - p; moved%page == 0 {
			if t := f.linked(addr - moved); t != nil {
				return t
			}
		}
	}
	return nil
}

// linked finds the type by its address as the file is linked.
func (f *boundField) linked(addr uint64) *Type {
	list := f.bound.event.Concrete
	i := sort.Search(len(list), func(i int) bool { return list[i].Addr >= addr })
	if i < len(list) && list[i].Addr == addr {
		return &list[i].Type
	}
	return nil
}
