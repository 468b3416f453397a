package argtype

import (
	"strconv"
	"strings"
)

// countedConversion says a value with its length beside it in the kernel's words.
func (f *boundField) countedConversion(kernel map[string]conversion) conversion {
	switch f.Type.Kind {
	case Text:
		return f.textConversion(f.length())
	case Interface:
		return f.interfaceConversion()
	}
	c := conversion{"[%llu", []string{f.length()}}
	if f.cap != nil {
		c.format += "/%llu"
		c.args = append(c.args, "REC->"+f.cap.Name)
	}
	c.format += "]"
	for i := range f.elems {
		before, after := ",", ""
		if i == 0 {
			before = "{"
		}
		if i == len(f.elems)-1 {
			after = "}"
		}
		c.add(f.elems[i].elementConversion(f.length(), i), before, after)
	}
	switch {
	case f.Type.Kind != Slice || f.raw == nil || len(f.elems) > 0:
	case f.Type.Elem.Kind == Text:
		c.add(f.textConversion(f.length()), "", "")
	default:
		for _, name := range f.Raw {
			c.add(kernel[name], "", "")
		}
	}
	return c
}

func (c *conversion) add(d conversion, before, after string) {
	c.format += before + d.format + after
	c.args = append(c.args, d.args...)
}

// elementConversion says the i-th of so many texts, those that are not there as empty ones.
func (f *boundField) elementConversion(count string, i int) conversion {
	c := f.textConversion(f.length())
	for k, a := range c.args {
		if strings.HasPrefix(a, "(") { // how much of it to show
			c.args[k] = "(" + count + " > " + strconv.Itoa(i) + " ? " + a + " : 0)"
		}
	}
	if last := len(c.args) - 1; strings.HasSuffix(c.args[last], `""`) {
		c.args = c.args[:last]
		c.format = strings.TrimSuffix(c.format, "%s")
	}
	return c
}

// length says the number of bytes or elements.
func (f *boundField) length() string {
	if f.len != nil {
		return "REC->" + f.len.Name
	}
	n := "(REC->" + f.end.Name + " - REC->" + f.ptr.Name + ")"
	if f.Type.Kind == Slice && f.Type.Elem.Size > 1 {
		n = "(" + n + " / " + strconv.Itoa(f.Type.Elem.Size) + ")"
	}
	return n
}

// textConversion says the bytes, of which there are length and at most as many as were copied, and a mark if there are more. perf
// ends them at a NUL.
func (f *boundField) textConversion(length string) conversion {
	if f.Exact {
		return conversion{`\"%.*s\"%s`, []string{"__get_dynamic_array_len(" + f.raw.Name + ")", "__get_str(" + f.raw.Name + ")",
			length + " > __get_dynamic_array_len(" + f.raw.Name + `) ? "..." : ""`}}
	}
	if f.raw.IsDynamic {
		at := "(char *)__get_dynamic_array(" + f.raw.Name + ")"
		if f.raw.IsString {
			at = "__get_str(" + f.raw.Name + ")"
		}
		return conversion{`\"%.*s\"`, []string{"(int)" + length, at}}
	}
	var c conversion
	c.format = `\"`
	done := 0
	for _, name := range f.Raw {
		field := f.bound.format.Field(name)
		c.format += "%.*s"
		c.args = append(c.args, clamp(length, done, field.Size), "REC->"+name)
		done += field.Size
	}
	c.format += `\"%s`
	c.args = append(c.args, length+" > "+strconv.Itoa(done)+` ? "..." : ""`)
	return c
}

// clamp says how many of size bytes, which follow done others, belong to a value of length bytes.
func clamp(length string, done, size int) string {
	from, to := strconv.Itoa(done), strconv.Itoa(done+size)
	more := "(int)(" + length + " - " + from + ")"
	if done == 0 {
		return "(" + length + " > " + to + " ? " + to + " : (int)" + length + ")"
	}
	return "(" + length + " > " + to + " ? " + strconv.Itoa(size) + " : (" + length + " > " + from + " ? " + more + " : 0))"
}

// interfaceConversion says the type that an interface holds, where it is one of those that were known beforehand.
func (f *boundField) interfaceConversion() conversion {
	if len(f.bound.event.Places) > 0 { // which the file's addresses do not tell
		return conversion{"type 0x%llx", []string{"REC->" + f.raw.Name}}
	}
	var b strings.Builder
	b.WriteString("__print_symbolic(REC->" + f.raw.Name + `, { 0, "nil" }`)
	for i := range f.bound.event.Concrete {
		t := &f.bound.event.Concrete[i]
		b.WriteString(", { " + strconv.FormatUint(t.Addr, 10) + `, "` + safeName(t.Name) + `" }`)
	}
	b.WriteString(")")
	return conversion{"%s", []string{b.String()}}
}
