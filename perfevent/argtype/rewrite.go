package argtype

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// RewriteFormat returns the text of an event's format file with a print
// format that shows Go strings, booleans, enum names and negative bit-fields in programs that know
// the kernel's print formats only, perf script among them. Values that the
// kernel's text shows well, or that cannot be said in it, keep that text; if
// none is left, so does the event.
func (e *Event) RewriteFormat(text []byte) []byte {
	f, err := tracefs.ParseFormat(text)
	if err != nil || !e.needsRewrite() {
		return text
	}
	b, err := Bind(e, f)
	if err != nil {
		return text
	}
	kernel, ok := splitPrintFmt(f)
	if !ok {
		return text
	}
	format, args := kernel.head.format, kernel.head.args
	for i := range b.values {
		v := &b.values[i]
		c := v.conversion(kernel.values)
		format += " " + v.Name + "=" + c.format
		args = append(args, c.args...)
	}
	head, _, _ := bytes.Cut(text, []byte("print fmt:"))
	out := countElements(head, f)
	out = append(out, `print fmt: "`+format+`"`...)
	for _, a := range args {
		out = append(out, ", "+a...)
	}
	return append(out, '\n')
}

// countElements returns the text of the fields with the lengths of arrays in
// their brackets, where the kernel leaves them out for probes: without them
// perf 6.1 prints zeros for elements of more than a byte.
func countElements(text []byte, f *tracefs.Format) []byte {
	out := append([]byte(nil), text...)
	for i := range f.Fields {
		fl := &f.Fields[i]
		if decl, ok := strings.CutSuffix(fl.Decl, "[]"); ok && fl.Count > 0 && !fl.IsDynamic && !fl.IsRelDynamic {
			counted := "field:" + decl + "[" + strconv.Itoa(fl.Count) + "];"
			out = bytes.Replace(out, []byte("field:"+fl.Decl+";"), []byte(counted), 1)
		}
	}
	return out
}

func (e *Event) needsRewrite() bool {
	for i := range e.Fields {
		switch t := &e.Fields[i].Type; t.Kind {
		case Text, Slice, Map, Chan, Interface, Bool, Enum:
			return true
		case Int:
			if t.Bits > 0 {
				return true
			}
		}
	}
	return false
}

// conversion is a stretch of a format string with its arguments.
type conversion struct {
	format string
	args   []string
}

// printFmt is a probe's print format, cut at its labels.
type printFmt struct {
	head   conversion
	values map[string]conversion
}

// splitPrintFmt cuts the kernel's print format of a probe, "(%lx) a=%d b=%u",
// REC->__probe_ip, REC->a, REC->b, at " a=" and " b=".
func splitPrintFmt(f *tracefs.Format) (p printFmt, ok bool) {
	format, rest, ok := strings.Cut(strings.TrimPrefix(f.PrintFmt, `"`), `", `)
	if !ok {
		return p, false
	}
	args := splitArgs(rest)
	take := func(s string) conversion {
		n := min(strings.Count(s, "%"), len(args)) // a probe's has neither %% nor *
		c := conversion{s, args[:n:n]}
		args = args[n:]
		return c
	}
	p.values = make(map[string]conversion)
	name := ""
	add := func(s string) {
		if name == "" {
			p.head = take(s)
		} else {
			p.values[name] = take(s)
		}
	}
	for i := range f.Fields {
		before, after, found := strings.Cut(format, " "+f.Fields[i].Name+"=")
		if !found {
			continue
		}
		add(before)
		name, format = f.Fields[i].Name, after
	}
	add(format)
	return p, len(args) == 0
}

// splitArgs cuts at the commas outside parentheses.
func splitArgs(s string) []string {
	var args []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				args = append(args, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	return append(args, strings.TrimSpace(s[from:]))
}

// conversion says the value in the kernel's words: in its own if these have none that is better. perf 6.1 has no %c and no
// floating point.
func (f *boundField) conversion(kernel map[string]conversion) conversion {
	switch f.Type.Kind {
	case Text, Slice, Map, Chan, Interface:
		return f.countedConversion(kernel)
	}
	if f.raw.IsArray {
		return kernel[f.raw.Name]
	}
	rec := "REC->" + f.raw.Name
	switch f.Type.Kind {
	case Bool:
		return conversion{"%s", []string{f.unsigned() + ` ? "true" : "false"`}}
	case Int:
		if f.Type.Bits > 0 { // the kernel knows bit-fields without signs only
			sign := strconv.FormatUint(1<<(f.Type.width(f.raw.Size)-1), 10)
			return conversion{"%lld", []string{"((s64)" + rec + " - ((" + rec + " & " + sign + ") * 2))"}}
		}
	case Enum:
		if len(f.Type.Values) == 1 && f.Type.Other != "" { // of more values perf takes the wrong branch
			v := &f.Type.Values[0]
			mask := uint64(1)<<f.Type.width(f.raw.Size) - 1
			return conversion{"%s", []string{f.unsigned() + " == " + strconv.FormatUint(uint64(v.Value)&mask, 10) + ` ? "` + safeName(v.Name) + `" : "` + safeName(f.Type.Other) + `"`}}
		}
		if len(f.Type.Values) > 0 {
			return conversion{"%s", []string{"__print_symbolic(" + f.unsigned() + f.symbols() + ")"}}
		}
	}
	return kernel[f.raw.Name]
}

// rawSize is the size of the value: the traced program's, at most the raw
// field's.
func (f *boundField) rawSize() int {
	if s := f.Type.Size; s > 0 && s < f.raw.Size {
		return s
	}
	return f.raw.Size
}

// unsigned names the field without its sign: perf compares without extending
// signs, others extend them.
func (f *boundField) unsigned() string {
	return "(u" + strconv.Itoa(8*f.rawSize()) + ")REC->" + f.raw.Name
}

// symbols lists an enum's names as __print_symbolic takes them.
func (f *boundField) symbols() string {
	var b strings.Builder
	mask := uint64(1)<<f.Type.width(f.raw.Size) - 1
	for _, v := range f.Type.Values {
		b.WriteString(", { ")
		b.WriteString(strconv.FormatUint(uint64(v.Value)&mask, 10))
		b.WriteString(`, "`)
		b.WriteString(safeName(v.Name))
		b.WriteString(`" }`)
	}
	return b.String()
}

// safeName replaces what would end the string in a print format or begin a
// conversion.
func safeName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r == '%' || r == 0x7f {
			return '_'
		}
		return r
	}, name)
}
