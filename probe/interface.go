package probe

import (
	"strconv"

	"github.com/gperf-dev/gperf/perfevent/argtype"
)

// interfaced makes the arguments of a Go interface: the address of the type's descriptor, the pointer to the value, and what is there
// if the value is a number or a string, or begins with one, as most errors do.
func (t *translator) interfaced() ([]Arg, argtype.Field, error) {
	l := t.loc.Interface
	word := "x" + strconv.Itoa(8*t.r.image.machine.PointerSize)
	c := &counted{name: countedName(t.arg)}
	f := argtype.Field{Name: c.name, Type: argtype.Type{Kind: argtype.Interface, Name: t.loc.Type.Name}}
	n, err := t.capture()
	if err != nil {
		return nil, f, err
	}
	kind := *t
	kind.loc = &l.Type
	fetch, err := kind.fetch()
	if err != nil {
		return nil, f, err
	}
	data := *t
	data.loc = &l.Data
	if c.ptr, err = data.fetch(); err != nil {
		return nil, f, err
	}
	c.args = append(c.args, Arg{Name: c.name, Fetch: fetch, Type: word})
	f.Raw = []string{c.name}
	f.Ptr = c.part("ptr", c.ptr, word)
	at := argtype.Field{Name: c.name, Type: argtype.Type{Kind: argtype.Text}}
	at.Ptr = c.part("at", t.deref(0, c.ptr), word)
	at.Len = c.part("len", t.deref(int64(t.r.image.machine.PointerSize), c.ptr), word)
	at.Raw = c.bytes(c.partName("text"), func(off int64) string { return t.deref(off, t.deref(0, c.ptr)) }, orElse(n, defaultText))
	f.Elems = []argtype.Field{at}
	return c.args, f, nil
}
