package argtype

import (
	"fmt"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Bound is an event's meaning tied to its format: it reads values from raw
// data. It is immutable and safe for concurrent use.
type Bound struct {
	format *tracefs.Format
	ip     *tracefs.Field // where the probe was hit; nil if the format does not tell
	event  *Event
	values []boundField
}

// boundField is one value as shown.
type boundField struct {
	*Field
	bound              *Bound
	raw                *tracefs.Field // nil for a Slice of which only the number of elements is known
	index              int            // of raw in the format's fields
	ptr, len, cap, end *tracefs.Field
	via                []*tracefs.Field
	elems              []boundField
}

// Bind looks up the raw fields of e in f. Fields of f that e does not name
// are shown by the kernel's format, in their place. A field that f lacks is an
// error: the types belong to another event then.
func Bind(e *Event, f *tracefs.Format) (*Bound, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	b := &Bound{format: f, event: e}
	shown, parts := e.shown()
	for i := range f.Fields {
		raw := &f.Fields[i]
		switch fl := shown[raw.Name]; {
		case strings.HasPrefix(raw.Name, "__probe_"): // in the head
			if b.ip == nil {
				b.ip = raw
			}
		case fl != nil:
			v, err := b.field(fl)
			if err != nil {
				return nil, err
			}
			v.index = i
			b.values = append(b.values, v)
			delete(shown, raw.Name)
		case !parts[raw.Name]:
			b.values = append(b.values, boundField{Field: &Field{Name: raw.Name, Raw: []string{raw.Name}}, bound: b, raw: raw, index: i})
		}
	}
	for name := range shown {
		return nil, b.missing(name)
	}
	return b, nil
}

// shown returns the values by the kernel's field in whose place they are shown, and the kernel's fields that show in others.
func (e *Event) shown() (values map[string]*Field, parts map[string]bool) {
	values, parts = make(map[string]*Field), make(map[string]bool)
	for i := range e.Fields {
		f := &e.Fields[i]
		names := f.Names()
		values[names[0]] = f
		for _, n := range names[1:] {
			parts[n] = true
		}
	}
	return values, parts
}

// Shown turns the names of the kernel's fields into those of the values that are shown: a value of several fields has one.
func (e *Event) Shown(fields []string) []string {
	if e.check() != nil {
		return fields
	}
	values, parts := e.shown()
	var names []string
	for _, n := range fields {
		if f := values[n]; f != nil {
			names = append(names, f.Name)
		} else if !parts[n] {
			names = append(names, n)
		}
	}
	return names
}

func (b *Bound) missing(name string) error {
	return fmt.Errorf("%s:%s has no field %q that the types name", b.event.Group, b.event.Name, name)
}

// Names are the kernel's fields that a value is read from; it is shown in the place of the first.
func (f *Field) Names() []string {
	out := append([]string(nil), f.Raw...)
	for _, n := range [...]string{f.Len, f.Cap, f.End, f.Ptr} {
		if n != "" {
			out = append(out, n)
		}
	}
	out = append(out, f.Via...)
	for i := range f.Elems {
		out = append(out, f.Elems[i].Names()...)
	}
	return out
}

// field ties one value to the format.
func (b *Bound) field(fl *Field) (boundField, error) {
	v := boundField{Field: fl, bound: b}
	for _, p := range []struct {
		name string
		to   **tracefs.Field
	}{{fl.Ptr, &v.ptr}, {fl.Len, &v.len}, {fl.Cap, &v.cap}, {fl.End, &v.end}} {
		if p.name == "" {
			continue
		}
		if *p.to = b.format.Field(p.name); *p.to == nil {
			return v, b.missing(p.name)
		}
	}
	for _, name := range fl.Via {
		p := b.format.Field(name)
		if p == nil {
			return v, b.missing(name)
		}
		v.via = append(v.via, p)
	}
	for i := range fl.Elems {
		e, err := b.field(&fl.Elems[i])
		if err != nil {
			return v, err
		}
		v.elems = append(v.elems, e)
	}
	return v, b.row(&v)
}

// row makes one field of those that hold a value's bytes one behind the other.
func (b *Bound) row(v *boundField) error {
	for i, name := range v.Raw {
		f := b.format.Field(name)
		switch {
		case f == nil:
			return b.missing(name)
		case i == 0:
			v.raw = f
		case v.Type.Kind == Unknown:
		case f.Offset != v.raw.Offset+v.raw.Size || f.ElemSize != v.raw.ElemSize || !f.IsArray || !v.raw.IsArray || f.IsDynamic || v.raw.IsDynamic:
			return fmt.Errorf("%s:%s: field %q does not go on where %q ends", b.event.Group, b.event.Name, name, v.Raw[i-1])
		default:
			whole := *v.raw
			whole.Size, whole.Count = whole.Size+f.Size, whole.Count+f.Count
			v.raw = &whole
		}
	}
	return nil
}

// Len is the number of values.
func (b *Bound) Len() int { return len(b.values) }

// Field describes value i. Its kind is Unknown if the kernel's format says all
// there is to say.
func (b *Bound) Field(i int) *Field { return b.values[i].Field }

// AppendText appends the values as the kernel's print format of a probe does:
// "(5581a2) a=1 s="text"".
func (b *Bound) AppendText(dst, raw []byte, c *tracefs.Context) []byte {
	dst = b.format.AppendHead(dst, raw, c)
	for i := range b.values {
		dst = append(dst, ' ')
		dst = append(dst, b.values[i].Name...)
		dst = append(dst, '=')
		dst = b.AppendValue(dst, i, raw, c)
	}
	return dst
}
