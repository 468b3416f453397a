package tracefs

import "strings"

// valueRange is where in a probe's program the pieces of one field's value
// are: [first, last).
type valueRange struct{ first, last int }

// isProbe tells a kprobe's or uprobe's event by its first field.
func (f *Format) isProbe() bool {
	return len(f.Fields) > 0 && strings.HasPrefix(f.Fields[0].Name, "__probe_")
}

// splitValues cuts a probe's pieces at the labels " NAME=", which the kernel
// writes before each value in the order of the fields, and notes where the
// values are.
func (p *program) splitValues(f *Format) {
	p.values = make([]valueRange, len(f.Fields))
	var out []piece
	next, open := 0, -1
	// Fields without a label are parts of other values, in a recording's copy of the format.
	labelled := func() {
		for next < len(f.Fields) && !strings.Contains(f.PrintFmt, " "+f.Fields[next].Name+"=") {
			next++
		}
	}
	labelled()
	headed := false // "(%lx)" or "(%lx <- %lx)" is behind us
	for _, pc := range p.pieces {
		if at := strings.IndexByte(pc.text, ')'); !headed && pc.kind == pieceText && at >= 0 {
			out = append(out, piece{text: pc.text[:at+1]})
			p.head, headed, pc.text = len(out), true, pc.text[at+1:]
		}
		for pc.kind == pieceText && next < len(f.Fields) {
			label := " " + f.Fields[next].Name + "="
			before, after, ok := strings.Cut(pc.text, label)
			if !ok {
				break
			}
			if before != "" {
				out = append(out, piece{text: before})
			}
			if open >= 0 {
				p.values[open].last = len(out)
			} else if !headed {
				p.head = len(out)
			}
			out = append(out, piece{text: label})
			p.values[next].first, p.values[next].last = len(out), len(out)
			pc.text = after
			open = next
			next++
			labelled()
		}
		if pc.kind != pieceText || pc.text != "" {
			out = append(out, pc)
		}
	}
	if open >= 0 {
		p.values[open].last = len(out)
	} else if !headed {
		p.head = len(out)
	}
	p.pieces = out
}

// markProbeStrings finds "%s" between quotes in a probe's print format: the
// kernel writes (fault) there, without the quotes, when the string could not
// be read.
func (p *program) markProbeStrings() {
	for i := 1; i < len(p.pieces)-1; i++ {
		s, before, after := &p.pieces[i], &p.pieces[i-1], &p.pieces[i+1]
		quoted := before.kind == pieceText && after.kind == pieceText &&
			strings.HasSuffix(before.text, `"`) && strings.HasPrefix(after.text, `"`)
		if s.kind == pieceString && s.arg.kind == nString && quoted {
			before.text = strings.TrimSuffix(before.text, `"`)
			after.text = strings.TrimPrefix(after.text, `"`)
			s.kind = pieceProbeString
		}
	}
}

// appendProbeString prints a probe's string with the quotes that belong to it.
func (e *env) appendProbeString(dst []byte, p *piece) []byte {
	n := p.arg
	if n.field.dynamic() {
		if _, l := n.field.location(&e.data, n.index); l == 0 {
			return append(dst, "(fault)"...)
		}
	}
	dst = append(dst, '"')
	s := e.resolve(p)
	dst = e.appendString(dst, n, &s)
	return append(dst, '"')
}

// AppendValue appends what a probe's print format shows behind NAME= for
// Fields[i]. Of other events, and of fields that the print format does not
// name, it appends the plain value.
func (f *Format) AppendValue(dst, raw []byte, i int, c *Context) []byte {
	if c == nil {
		c = &Context{}
	}
	e := env{data: newData(raw, c), c: c}
	if f.prog == nil || f.prog.values == nil || f.prog.values[i].first == f.prog.values[i].last {
		return e.appendField(dst, &f.Fields[i])
	}
	v := f.prog.values[i]
	return e.appendPieces(dst, f.prog.pieces[v.first:v.last])
}

// AppendHead appends what a probe's print format shows before the first
// value: "(5581a2)", of a return "(5581a2 <- 5581b0)". Other events have none.
func (f *Format) AppendHead(dst, raw []byte, c *Context) []byte {
	if f.prog == nil || f.prog.values == nil {
		return dst
	}
	if c == nil {
		c = &Context{}
	}
	e := env{data: newData(raw, c), c: c}
	return e.appendPieces(dst, f.prog.pieces[:f.prog.head])
}
