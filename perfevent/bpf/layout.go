package bpf

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/argtype"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// Limits of what a program copies, in bytes: of one text, of one within another value, and of a record in all, which a per-CPU map
// must be able to hold and a record's 16 bits of length to tell.
const (
	maxText   = 16 << 10
	maxNested = 1 << 10
	maxRecord = 30 << 10
)

// slot is one field of the new record.
type slot struct {
	name   string
	kernel *tracefs.Field // the kernel's, from which a fixed field is taken; nil for a text
	offset int
	size   int
	ptr    string // of a text: the names of the fields with its address, its length or its end
	length string
	end    string
	most   int    // bytes
	kind   string // its type: s32, x64, …
}

// layout is the record that a program makes, and its description.
type layout struct {
	id    int
	slots []slot
	size  int // of the fixed part
	room  int // of the whole
	types *argtype.Event
	text  []byte // the format
}

// newLayout replaces the arrays of texts by their own bytes. text is the kernel's format, args the values as they are defined. It is
// nil if there are no texts.
func newLayout(types *argtype.Event, f *tracefs.Format, args []tracefs.ProbeArg, text []byte) (*layout, error) {
	l := &layout{id: f.ID}
	c := *types
	c.Fields = slices.Clone(types.Fields)
	texts, gone := map[string]*slot{}, map[string]bool{}
	for i := range c.Fields {
		collect(&c.Fields[i], maxText, texts, gone)
	}
	if len(texts) == 0 {
		return nil, nil
	}
	l.types = &c
	for _, field := range f.Common {
		l.size = max(l.size, field.Offset+field.Size)
	}
	for i := range f.Fields {
		k := &f.Fields[i]
		s := slot{name: k.Name, kernel: k, size: k.Size}
		for _, a := range args {
			if a.Name == k.Name {
				s.kind = a.Type
			}
		}
		switch t := texts[k.Name]; {
		case gone[k.Name]:
			continue
		case t != nil:
			s = *t
			s.name, s.size = k.Name, 4
		}
		s.offset = l.size
		l.size += s.size
		l.slots = append(l.slots, s)
	}
	share := (maxRecord - l.size) / len(texts)
	if share < 256 {
		return nil, fmt.Errorf("it has too many values")
	}
	l.room = l.size
	for i := range l.slots {
		if s := &l.slots[i]; s.kernel == nil {
			s.most = min(s.most, share)
			l.room += s.most
		}
	}
	l.text = types2text(l, f, text)
	return l, nil
}

// collect finds the texts in a value and marks them exact.
func collect(f *argtype.Field, most int, texts map[string]*slot, gone map[string]bool) {
	elems := slices.Clone(f.Elems)
	for i := range elems {
		collect(&elems[i], maxNested, texts, gone)
	}
	f.Elems = elems
	isText := f.Type.Kind == argtype.Text || f.Type.Kind == argtype.Slice && f.Type.Elem.Kind == argtype.Text && len(elems) == 0
	if !isText || len(f.Raw) == 0 || f.Ptr == "" {
		return
	}
	texts[f.Raw[0]] = &slot{ptr: f.Ptr, length: f.Len, end: f.End, most: most}
	for _, name := range f.Raw[1:] {
		gone[name] = true
	}
	f.Raw, f.Exact = f.Raw[:1], true
}

// types2text writes the format of the record: the kernel's, with other fields, and the print format that the types make of it.
func types2text(l *layout, f *tracefs.Format, text []byte) []byte {
	head, _, _ := bytes.Cut(text, []byte("\tfield:"+f.Fields[0].Decl+";"))
	var b bytes.Buffer
	b.Write(head)
	print, args := "(%lx)", []string{"REC->" + f.Fields[0].Name}
	for i := range l.slots {
		s := &l.slots[i]
		decl, signed := "__data_loc char[] "+s.name, 1
		if s.kernel != nil {
			decl, signed = s.kernel.Decl, 0
			if s.kernel.Signed {
				signed = 1
			}
			if d, ok := strings.CutSuffix(decl, "[]"); ok && s.kernel.Count > 0 && !s.kernel.IsDynamic {
				decl = d + "[" + strconv.Itoa(s.kernel.Count) + "]"
			}
		}
		fmt.Fprintf(&b, "\tfield:%s;\toffset:%d;\tsize:%d;\tsigned:%d;\n", decl, s.offset, s.size, signed)
		if strings.HasPrefix(s.name, "__probe_") {
			continue
		}
		conv, arg := conversion(s)
		print += " " + s.name + "=" + conv
		args = append(args, arg...)
	}
	b.WriteString("\nprint fmt: \"" + print + "\"")
	for _, a := range args {
		b.WriteString(", " + a)
	}
	b.WriteByte('\n')
	return l.types.RewriteFormat(b.Bytes())
}

// conversion prints one field as the kernel does.
func conversion(s *slot) (string, []string) {
	k := s.kernel
	switch {
	case k == nil || k.IsDynamic:
		return `\"%s\"`, []string{"__get_str(" + s.name + ")"}
	case k.IsArray:
		var parts, args []string
		for i := range k.Count {
			parts = append(parts, number(s, k.ElemSize))
			args = append(args, fmt.Sprintf("REC->%s[%d]", s.name, i))
		}
		return "{" + strings.Join(parts, ",") + "}", args
	}
	return number(s, k.Size), []string{"REC->" + s.name}
}

// number is the conversion for a number of a size.
func number(s *slot, size int) string {
	letter, prefix := "u", ""
	switch {
	case s.kernel.Signed:
		letter = "d"
	case strings.HasPrefix(s.kind, "x") || s.kind == "":
		letter, prefix = "x", "0x"
	}
	if size == 8 {
		letter = "L" + letter
	}
	return prefix + "%" + letter
}
