package argtype

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// MaxPayload is how many bytes a payload may have: an EVENT_UPDATE record ends
// at 65,535 and has 24 bytes of its own, padded to 8.
const MaxPayload = 65504

// header marks a payload and its version.
const header = "gperf-argtype 1\n"

// maxFields bounds an event: the kernel takes 128 arguments of a probe.
const maxFields = 1024

// ErrPayload tells that bytes are no payload of ours.
var ErrPayload = errors.New("not the types of an event")

// AppendBinary appends the payload of an EVENT_UPDATE record: a line that
// names it, then JSON. If it would be too long for a record, the definition is
// left out, then types that an
// interface may hold, then the enums with the most names lose them; their values print as numbers.
func (e *Event) AppendBinary(dst []byte) ([]byte, error) {
	c := *e
	c.Fields = append([]Field(nil), e.Fields...)
	for {
		b, err := json.Marshal(&c)
		if err != nil {
			return dst, err
		}
		if len(header)+len(b) <= MaxPayload {
			dst = append(dst, header...)
			return append(dst, b...), nil
		}
		if !c.shorten() {
			return dst, fmt.Errorf("types of %s:%s: %d bytes do not fit a record", e.Group, e.Name, len(b))
		}
	}
}

// shorten leaves out what can be missed most easily.
func (e *Event) shorten() bool {
	if e.Definition != "" {
		e.Definition = ""
		return true
	}
	if n := len(e.Concrete); n > 0 {
		e.Concrete = e.Concrete[:n/2]
		return true
	}
	at := -1
	for i := range e.Fields {
		if n := len(e.Fields[i].Type.Values); n > 0 && (at < 0 || n > len(e.Fields[at].Type.Values)) {
			at = i
		}
	}
	if at < 0 {
		return false
	}
	e.Fields[at].Type.Values = nil
	return true
}

// Decode reads a payload, with or without padding behind it.
func Decode(b []byte) (*Event, error) {
	rest, ok := bytes.CutPrefix(b, []byte(header))
	if !ok || len(b) > 1<<16 {
		return nil, ErrPayload
	}
	return decodeJSON(bytes.TrimRight(rest, "\x00"))
}

func decodeJSON(b []byte) (*Event, error) {
	e := &Event{}
	if err := json.Unmarshal(b, e); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	return e, e.check()
}

// check refuses what no probe of ours would write.
func (e *Event) check() error {
	if e.Group == "" || e.Name == "" || len(e.Fields) > maxFields {
		return fmt.Errorf("%w: %d fields of %q:%q", ErrPayload, len(e.Fields), e.Group, e.Name)
	}
	for i := range e.Fields {
		if err := e.Fields[i].check(0); err != nil {
			return err
		}
	}
	return nil
}

// check refuses a field that is not read from the fields that its kind needs.
func (f *Field) check(depth int) error {
	ok := len(f.Raw) == 1
	switch f.Type.Kind {
	case Unknown:
		ok = true
	case Text:
		ok = len(f.Raw) > 0 && (f.Len != "" || f.End != "" && f.Ptr != "")
	case Slice:
		ok = (f.Len != "" || f.End != "" && f.Ptr != "") && f.Type.Elem != nil && (len(f.Raw) > 0 || f.Ptr != "")
	case Map, Chan:
		ok = len(f.Raw) == 1 && f.Len != ""
	case Interface:
		ok = len(f.Raw) == 1 && f.Ptr != "" && len(f.Elems) <= 1
	}
	if f.Name == "" || !ok || depth > 1 || len(f.Elems) > maxFields {
		return fmt.Errorf("%w: field %q of kind %s is read from %d fields", ErrPayload, f.Name, f.Type.Kind, len(f.Raw))
	}
	for i := range f.Elems {
		if err := f.Elems[i].check(depth + 1); err != nil {
			return err
		}
	}
	return nil
}
