package argtype

import (
	"bytes"
	"strconv"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

// RewriteFormat returns the text of an event's format file with a print
// format that shows Go strings and enum names in programs that know the
// kernel's print formats only, perf script among them. Events with plain
// fields keep the kernel's text, as do those that cannot be said in it.
func (e *Event) RewriteFormat(text []byte) []byte {
	if !e.needsRewrite() {
		return text
	}
	f, err := tracefs.ParseFormat(text)
	if err != nil {
		return text
	}
	if _, err := Bind(e, f); err != nil {
		return text
	}
	head, _, ok := bytes.Cut(text, []byte("print fmt:"))
	if !ok {
		return text
	}
	out := append([]byte(nil), head...)
	out = append(out, "print fmt: "...)
	out = e.appendPrintFmt(out, f)
	return append(out, '\n')
}

func (e *Event) needsRewrite() bool {
	for i := range e.Fields {
		switch e.Fields[i].Type.Kind {
		case GoString, Bool, Char:
			return true
		case Enum:
			if len(e.Fields[i].Type.Values) > 0 {
				return true
			}
		}
	}
	return false
}

func (e *Event) appendPrintFmt(dst []byte, f *tracefs.Format) []byte {
	var args []byte
	if f.Field("__probe_func") != nil {
		dst = append(dst, `"(%lx <- %lx)`...)
		args = append(args, ", REC->__probe_func, REC->__probe_ret_ip"...)
	} else {
		dst = append(dst, `"(%lx)`...)
		args = append(args, ", REC->__probe_ip"...)
	}
	for i := range e.Fields {
		fl := &e.Fields[i]
		dst = append(dst, ' ')
		dst = append(dst, fl.Name...)
		dst = append(dst, '=')
		dst, args = fl.appendConversion(dst, args, f)
	}
	dst = append(dst, '"')
	return append(dst, args...)
}

// appendConversion appends a conversion to the format string and its argument.
func (f *Field) appendConversion(dst, args []byte, format *tracefs.Format) (_, _ []byte) {
	if len(f.Raw) == 0 {
		return append(dst, '?'), args
	}
	raw := format.Field(f.Raw[0])
	rec := append([]byte("REC->"), f.Raw[0]...)
	switch f.Type.Kind {
	case GoString:
		dst = append(dst, `\"%.*s\"`...)
		args = append(args, ", (int)REC->"...)
		args = append(args, f.Raw[1]...)
		return dst, appendStringArg(args, raw, rec)
	case String:
		return append(dst, `\"%s\"`...), appendStringArg(args, raw, rec)
	case Bool:
		args = append(append(append(args, ", "...), rec...), ` ? "true" : "false"`...)
		return append(dst, "%s"...), args
	case Enum:
		if len(f.Type.Values) > 0 {
			return append(dst, "%s"...), f.appendSymbolic(args, rec)
		}
		dst = append(dst, "%lld"...)
	case Hex:
		dst = append(dst, "0x%llx"...)
	case Int:
		dst = append(dst, "%lld"...)
	default:
		// perf 6.1 has neither %c nor floating point: the number must do.
		dst = append(dst, "%llu"...)
	}
	return dst, append(append(args, ", "...), rec...)
}

func appendStringArg(args []byte, raw *tracefs.Field, rec []byte) []byte {
	args = append(args, ", "...)
	if raw.IsDynamic {
		args = append(args, "__get_str("...)
		args = append(args, raw.Name...)
		return append(args, ')')
	}
	return append(args, rec...)
}

// appendSymbolic appends __print_symbolic with the enum's names. perf compares
// without extending signs, so negative values stand at the raw field's size.
func (f *Field) appendSymbolic(args, rec []byte) []byte {
	args = append(args, ", __print_symbolic("...)
	args = append(args, rec...)
	for _, v := range f.Type.Values {
		args = append(args, ", { "...)
		args = strconv.AppendInt(args, v.Value, 10)
		args = append(args, `, "`...)
		args = appendSafe(args, v.Name)
		args = append(args, `" }`...)
	}
	return append(args, ')')
}

// appendSafe appends a name without what would end the string in a print
// format or start a conversion.
func appendSafe(dst []byte, name string) []byte {
	for _, c := range []byte(name) {
		if c < ' ' || c == '"' || c == '\\' || c == '%' || c == 0x7f {
			c = '_'
		}
		dst = append(dst, c)
	}
	return dst
}
