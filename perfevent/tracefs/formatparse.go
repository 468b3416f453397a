package tracefs

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxFormatText bounds a format file; the largest of kernel 6.18 has 20 kB.
const maxFormatText = 1 << 20

// maxOffset bounds field offsets and sizes: raw data of an event fits 64 kB.
const maxOffset = 1 << 20

// FormatError tells where a format's text cannot be read.
type FormatError struct {
	Line int    // from 1
	Text string // the line
	Err  error
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("event format, line %d (%q): %v", e.Line, e.Text, e.Err)
}

func (e *FormatError) Unwrap() error { return e.Err }

var (
	errNoName     = errors.New("no line \"name: ...\"")
	errNoPrintFmt = errors.New("no line \"print fmt: ...\"")
	errField      = errors.New("not \"field:TYPE NAME; offset:N; size:N; signed:N;\"")
	errNumber     = errors.New("number out of range")
	errTooLong    = errors.New("text too long")
)

func parseFormat(text []byte) (*Format, error) {
	if len(text) > maxFormatText {
		return nil, &FormatError{Line: 1, Err: errTooLong}
	}
	f := &Format{}
	own := false // behind the empty line between common and own fields
	line := 0
	for rest := text; len(rest) > 0; {
		var l []byte
		line++
		if tail, ok := bytes.CutPrefix(rest, []byte("print fmt:")); ok {
			f.PrintFmt = string(bytes.TrimSpace(tail))
			break
		}
		l, rest, _ = bytes.Cut(rest, []byte("\n"))
		s := strings.TrimSpace(string(l))
		if err := f.parseLine(s, &own); err != nil {
			return nil, &FormatError{Line: line, Text: s, Err: err}
		}
	}
	if f.Name == "" {
		return nil, errNoName
	}
	if f.PrintFmt == "" {
		return nil, errNoPrintFmt
	}
	f.prog, f.err = compile(f)
	return f, nil
}

func (f *Format) parseLine(s string, own *bool) error {
	switch {
	case s == "":
		*own = len(f.Common) > 0
	case strings.HasPrefix(s, "name:"):
		f.Name = strings.TrimSpace(s[len("name:"):])
	case strings.HasPrefix(s, "ID:"):
		id, err := strconv.ParseInt(strings.TrimSpace(s[len("ID:"):]), 0, 32)
		if err != nil {
			return err
		}
		f.ID = int(id)
	case s == "format:":
	case strings.HasPrefix(s, "field"):
		fl, err := parseField(s)
		if err != nil {
			return err
		}
		if *own {
			f.Fields = append(f.Fields, fl)
		} else {
			f.Common = append(f.Common, fl)
		}
	}
	return nil
}

func parseField(s string) (Field, error) {
	var f Field
	decl, rest, ok := strings.Cut(s, ";")
	if !ok {
		return f, errField
	}
	// "field special:" is old ftrace's.
	_, f.Decl, ok = strings.Cut(decl, ":")
	if !ok {
		return f, errField
	}
	f.Decl = strings.TrimSpace(f.Decl)
	for _, part := range strings.Split(rest, ";") {
		key, val, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(val), 0, 32)
		if err != nil {
			return f, err
		}
		if n < 0 || n > maxOffset {
			return f, errNumber
		}
		switch key {
		case "offset":
			f.Offset = int(n)
		case "size":
			f.Size = int(n)
		case "signed":
			f.Signed = n != 0
		}
	}
	return f, f.parseDecl()
}

// parseDecl takes "unsigned long args[6]", "__data_loc char[] name",
// "const char * filename" apart.
func (f *Field) parseDecl() error {
	d := f.Decl
	if t, ok := strings.CutPrefix(d, "__data_loc "); ok {
		f.IsDynamic, d = true, strings.TrimSpace(t)
	} else if t, ok := strings.CutPrefix(d, "__rel_loc "); ok {
		f.IsRelDynamic, d = true, strings.TrimSpace(t)
	}
	brackets := ""
	if i := strings.LastIndexByte(d, '['); i >= 0 && strings.HasSuffix(d, "]") {
		d, brackets = strings.TrimSpace(d[:i]), d[i:]
	}
	i := strings.LastIndexAny(d, " *")
	if i < 0 || i == len(d)-1 {
		return errField
	}
	f.Name, f.Type = d[i+1:], strings.TrimSpace(d[:i+1])
	// "char[] name", and "char[][2] name" of a probe's array of strings.
	if j := strings.IndexByte(f.Type, '['); j >= 0 && strings.HasSuffix(f.Type, "]") {
		f.Type, brackets = strings.TrimSpace(f.Type[:j]), f.Type[j:]+brackets
	}
	f.describe(brackets)
	return nil
}

// describe fills what follows from type, size and brackets.
func (f *Field) describe(brackets string) {
	elem := typeOf(f.Type)
	f.IsArray = brackets != "" || f.IsDynamic || f.IsRelDynamic
	f.IsPointer = elem.pointer
	f.IsLong = elem.pointer || elem.size == wordSize
	f.ElemSize, f.Count = f.Size, 1
	if f.IsArray {
		f.IsString = f.Type == "char"
		f.arrayShape(brackets, elem)
		f.Type += brackets
	}
}

// arrayShape finds how many elements of which size an array has. A kernel may
// write the number as a constant's name, "comm[TASK_COMM_LEN]".
func (f *Field) arrayShape(brackets string, elem ctype) {
	n, err := strconv.ParseUint(strings.Trim(brackets, "[] "), 0, 31)
	fixed := !f.IsDynamic && !f.IsRelDynamic
	f.ElemSize, f.Count = int(elem.size), int(n)
	switch {
	case elem.size == wordSize:
		f.ElemSize = 8
		if fixed && n > 0 && f.Size/int(n) == 4 {
			f.ElemSize = 4
		}
	case elem.size == 0:
		f.ElemSize = 1
	}
	if !fixed {
		// The number says how many locations a probe's string array has.
		f.Count = 0
		return
	}
	if err == nil && n > 0 && f.Size%int(n) == 0 {
		f.ElemSize = f.Size / int(n)
	}
	f.Count = f.Size / max(f.ElemSize, 1)
}
