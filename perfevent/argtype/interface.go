package argtype

import (
	"reflect"
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
		if t := f.linked(addr); t != nil {
			return t
		}
		return f.asked(addr, c)
	}
	if f.bound.ip == nil {
		return nil
	}
	ip, _ := f.bound.ip.Uint(raw, c)
	var at uint64
	ways := 0
	for _, p := range f.bound.event.Places {
		// Files are moved by pages.
		moved := ip - p
		if moved%page != 0 {
			continue
		}
		if t := f.linked(addr - moved); t != nil {
			return t
		}
		if ways == 0 || at != addr-moved {
			at, ways = addr-moved, ways+1
		}
	}
	if ways != 1 { // several places that the hit may be of
		return nil
	}
	return f.asked(at, c)
}

// asked is a type that the event did not bring along, of the program itself, if it is there.
func (f *boundField) asked(addr uint64, c *tracefs.Context) *Type {
	e := f.bound.event
	if c.GoType == nil || e.Path == "" || e.BuildID == "" {
		return nil
	}
	g, ok := c.GoType(e.Path, e.BuildID, addr)
	if !ok {
		return nil
	}
	t := &Type{Name: g.Name, Kind: Unknown}
	switch k := g.Kind; {
	case g.Text:
		t.Kind = Text
	case k == reflect.Bool:
		t.Kind, t.Size = Bool, 1
	case k >= reflect.Int && k <= reflect.Int64:
		t.Kind, t.Size = Int, sizeOf(k-reflect.Int)
	case k >= reflect.Uint && k <= reflect.Uint64:
		t.Kind, t.Size = Uint, sizeOf(k-reflect.Uint)
	case k == reflect.Float32:
		t.Kind, t.Size = Float32, 4
	case k == reflect.Float64:
		t.Kind, t.Size = Float64, 8
	}
	return t
}

// sizeOf is the size of an integer by its place among its kinds: int has no size of its own, the others follow by size.
func sizeOf(k reflect.Kind) int { return [...]int{8, 1, 2, 4, 8}[k] }

// linked finds the type by its address as the file is linked.
func (f *boundField) linked(addr uint64) *Type {
	list := f.bound.event.Concrete
	i := sort.Search(len(list), func(i int) bool { return list[i].Addr >= addr })
	if i < len(list) && list[i].Addr == addr {
		return &list[i].Type
	}
	return nil
}
