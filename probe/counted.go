package probe

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/dwarfvars"
	"github.com/gperf-dev/gperf/perfevent/argtype"
)

// Values with their length beside them, of which the kernel knows nothing: it fetches the pointer, the length and, in arrays, what the
// pointer points to. argtype puts them together again.

const (
	defaultText  = 64   // bytes of text that are captured unless :string[N] asks for more: 2 µs a hit
	maxCapture   = 3048 // bytes of one value: with its length and address it fills the kernel's MAX_PROBE_EVENT_SIZE
	defaultElems = 8    // numbers of a slice
	defaultTexts = 4    // texts of a slice
	defaultPart  = 32   // bytes of each of these
)

// counted makes the arguments of one value that has its length beside it.
type counted struct {
	name string // of the value, and the begin of its parts' names
	word string // the kernel's type of a number of the machine's pointers, without a sign
	ptr  string // what the kernel fetches for the pointer; "" if it is a constant
	data string // what it fetches what the pointer points to from: +0(PTR)
	args []Arg
}

func (c *counted) partName(suffix string) string {
	return c.name[:min(len(c.name), maxArgName-1-len(suffix)-1)] + "_" + suffix
}

// part adds an argument for a part of the value and returns its name.
func (c *counted) part(suffix, fetch, kind string) string {
	name := c.partName(suffix)
	c.args = append(c.args, Arg{Name: name, Fetch: fetch, Type: kind})
	return name
}

// bytes adds arguments for n bytes from what fetch gives, in words, which cost the least. The first is called first.
func (c *counted) bytes(first string, at func(offset int64) string, n int) (names []string) {
	words := (n + 7) / 8
	for done := 0; done < words; done += maxRow {
		name := first
		if done > 0 {
			name = c.partName(strconv.Itoa(done/maxRow + 1))
		}
		c.args = append(c.args, Arg{Name: name, Fetch: at(int64(8 * done)), Type: "x64[" + strconv.Itoa(min(words-done, maxRow)) + "]"})
		names = append(names, name)
	}
	return names
}

// counted makes the arguments of a string, slice, map or channel.
func (t *translator) counted() ([]Arg, argtype.Field, error) {
	l := t.loc.Counted
	c := &counted{name: countedName(t.arg), word: "u" + strconv.Itoa(8*t.r.image.machine.PointerSize)}
	f := argtype.Field{Name: c.name, Type: argtype.Type{Name: t.loc.Type.Name}}
	n, err := t.capture()
	if err != nil {
		return nil, f, err
	}
	if err := t.countedData(c, l); err != nil {
		return nil, f, err
	}
	switch t.loc.Type.Kind {
	case dwarfvars.TypeMap, dwarfvars.TypeChan:
		f.Type.Kind = argtype.Map
		if t.loc.Type.Kind == dwarfvars.TypeChan {
			f.Type.Kind = argtype.Chan
		}
		c.args = append(c.args, Arg{Name: c.name, Fetch: c.ptr, Type: "x" + c.word[1:]})
		f.Raw = []string{c.name}
	case dwarfvars.TypeString:
		f.Type.Kind = argtype.Text
		f.Raw = c.bytes(c.name, func(off int64) string { return t.behind(c, off) }, orElse(n, defaultText))
	default:
		t.elements(c, &f, n)
	}
	err = t.lengths(c, &f, l)
	return c.args, f, err
}

// countedName is what a value is called: as any other, but without the type, which says how much of it is wanted only.
func countedName(a *Argument) string {
	if a.Name != "" {
		return a.Name
	}
	return clipArg(a.Expr.Last())
}

// capture is how many bytes of text, or elements, are asked for; 0 for as many as is usual.
func (t *translator) capture() (int, error) {
	kind, count, ok := strings.Cut(strings.TrimSuffix(t.arg.Type, "]"), "[")
	switch {
	case t.arg.Type == "" || isString(t.arg.Type):
		return 0, nil
	case ok && isString(kind):
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 || n > maxCapture {
			return 0, t.fail(fmt.Sprintf("%s is no length of text", count), fmt.Sprintf("write :string[N] with N from 1 to %d", maxCapture))
		}
		return n, nil
	case ok && t.loc.Type.Kind == dwarfvars.TypeSlice:
		n, err := strconv.Atoi(count)
		if err == nil && n >= 1 && n <= maxRow && strings.TrimLeft(kind, "sux") == strconv.FormatInt(8*t.loc.Counted.Elem.Size, 10) {
			return n, nil
		}
	}
	return 0, t.fail(fmt.Sprintf("%s is %s, which is no %s", t.arg.Value, t.loc.Type.Name, t.arg.Type),
		"leave the type out, write :string[N] for more bytes of it, or name a part of it: .len")
}

// countedData notes where the pointer is fetched.
func (t *translator) countedData(c *counted, l *dwarfvars.Counted) error {
	in := *t
	in.loc = &l.Data
	if l.Data.Kind == dwarfvars.Constant && in.pointsIntoImage() {
		var err error
		c.data, err = t.r.dataAt(t.arg, uint64(l.Data.Const))
		return err
	}
	var err error
	c.ptr, err = in.fetch()
	return err
}

// behind is the memory at an offset from the pointer.
func (t *translator) behind(c *counted, offset int64) string {
	if c.ptr == "" {
		base, err := t.r.dataAt(t.arg, uint64(t.loc.Counted.Data.Const+offset))
		if err != nil {
			return c.data // the first of them was found
		}
		return base
	}
	return t.deref(offset, c.ptr)
}

// elements adds arguments for the first elements of a slice.
func (t *translator) elements(c *counted, f *argtype.Field, n int) {
	elem := &t.loc.Counted.Elem
	f.Type.Kind, f.Type.Elem = argtype.Slice, elementType(elem)
	switch e := f.Type.Elem; {
	case e.Kind == argtype.Text && elem.Size == 1:
		f.Raw = c.bytes(c.name, func(off int64) string { return t.behind(c, off) }, orElse(n, defaultText))
		if isString(strings.TrimRight(t.arg.Type, "[]0123456789")) {
			f.Type.Kind, f.Type.Elem = argtype.Text, nil
		}
	case e.Kind == argtype.Text && c.ptr != "":
		for k := range orElse(min(n, 16), defaultTexts) {
			at := int64(k) * elem.Size
			part := &counted{name: c.name + strconv.Itoa(k), ptr: t.deref(at+t.loc.Counted.ElemData, c.ptr)}
			text := argtype.Field{Name: part.name, Type: *e}
			text.Raw = part.bytes(part.name, func(off int64) string { return t.deref(off, part.ptr) }, defaultPart)
			text.Len = part.part("len", t.deref(at+t.loc.Counted.ElemLen, c.ptr), c.word)
			text.Ptr = part.part("ptr", part.ptr, "x"+c.word[1:])
			c.args = append(c.args, part.args...)
			f.Elems = append(f.Elems, text)
		}
	case e.Kind != argtype.Unknown && e.Kind != argtype.Text:
		sign := "u"
		if e.Kind == argtype.Int || e.Kind == argtype.Duration || elem.Signed {
			sign = "s"
		}
		if e.Kind == argtype.Hex {
			sign = "x"
		}
		kind := fmt.Sprintf("%s%d[%d]", sign, 8*elem.Size, orElse(n, defaultElems))
		c.args = append(c.args, Arg{Name: c.name, Fetch: t.behind(c, 0), Type: kind})
		f.Raw = []string{c.name}
	}
}

func orElse(n, usual int) int {
	if n > 0 {
		return n
	}
	return usual
}

// elementType is what the elements of a slice mean; Unknown for those that are not captured.
func elementType(ty *dwarfvars.Type) *argtype.Type {
	e := &argtype.Type{Name: ty.Name, Size: int(max(ty.Size, 0))}
	if ty.Kind == dwarfvars.TypeString {
		e.Kind = argtype.Text
		return e
	}
	switch ty.Size {
	case 1, 2, 4, 8:
	default:
		return e
	}
	if m := meaningOf(ty); m.Kind == argtype.Duration {
		return &m
	}
	switch ty.Kind {
	case dwarfvars.TypeInt:
		e.Kind = argtype.Int
	case dwarfvars.TypeUint, dwarfvars.TypeChar:
		e.Kind = argtype.Uint
		if ty.Size == 1 {
			e.Kind = argtype.Text
		}
	case dwarfvars.TypePointer:
		e.Kind = argtype.Hex
	default:
		if m := meaningOf(ty); m.Kind != argtype.Unknown {
			return &m
		}
	}
	return e
}

// lengths adds arguments for the numbers that belong to the value.
func (t *translator) lengths(c *counted, f *argtype.Field, l *dwarfvars.Counted) error {
	for _, p := range []struct {
		loc    *dwarfvars.Location
		suffix string
		to     *string
	}{{l.Len, "len", &f.Len}, {l.Cap, "cap", &f.Cap}, {l.End, "end", &f.End}} {
		if p.loc == nil {
			continue
		}
		in := *t
		in.loc = p.loc
		fetch, err := in.fetch()
		if err != nil {
			return err
		}
		if len(f.Raw) == 0 && f.Len == "" && f.Cap == "" && f.End == "" { // the value's own name is that of a field
			c.args = append(c.args, Arg{Name: c.name, Fetch: fetch, Type: c.word})
			*p.to = c.name
			continue
		}
		*p.to = c.part(p.suffix, fetch, c.word)
	}
	if c.ptr != "" && f.Type.Kind != argtype.Map && f.Type.Kind != argtype.Chan {
		f.Ptr = c.part("ptr", c.ptr, "x"+c.word[1:])
	}
	return nil
}
