package perfdata

import (
	"encoding/binary"
	"fmt"
)

const tracingMagic = "\x17\x08\x44tracing"

// maxTracing bounds a container in a stream, where nothing else does; perf's own with all of Linux's events has about 5 MB.
const maxTracing = 256 << 20

// AppendBinary appends the container and returns the longer slice. Its numbers are in the byte order that BigEndian tells.
func (t *TracingData) AppendBinary(dst []byte) []byte {
	w := &walker{append: true, out: append(dst, tracingMagic...)}
	t.walk(w)
	return w.out
}

// parseTracingData reads a container. What was read before an error comes back with it.
func parseTracingData(b []byte) (*TracingData, error) {
	t := new(TracingData)
	if len(b) < len(tracingMagic) || string(b[:len(tracingMagic)]) != tracingMagic {
		return t, fmt.Errorf("tracing data do not begin with %q", tracingMagic)
	}
	w := &walker{b: b[len(tracingMagic):]}
	t.walk(w)
	if w.short {
		return t, errFeatureShort
	}
	return t, nil
}

// walk walks the container behind its magic (tools/perf/util/trace-event-info.c writes it).
func (t *TracingData) walk(w *walker) {
	w.cstr(&t.Version)
	var big, long uint8 = 0, uint8(t.LongSize)
	if t.BigEndian {
		big = 1
	}
	w.u8(&big)
	w.order = binary.LittleEndian
	if t.BigEndian = big != 0; t.BigEndian {
		w.order = binary.BigEndian
	}
	w.u8(&long)
	t.LongSize = int(long)
	page := uint32(t.PageSize)
	w.u32(&page)
	t.PageSize = int(page)

	t.named(w, "header_page", &t.HeaderPage)
	t.named(w, "header_event", &t.HeaderEvent)
	list(w, &t.Ftrace, 8, w.bytes64)
	list(w, &t.Systems, 5, func(s *TracingSystem) {
		w.cstr(&s.Name)
		list(w, &s.Formats, 8, w.bytes64)
	})
	w.bytes32(&t.Kallsyms)
	w.bytes32(&t.PrintkFormats)
	if t.Version >= "0.6" {
		w.bytes64(&t.SavedCmdlines)
	}
}

func (t *TracingData) named(w *walker, name string, v *[]byte) {
	got := name
	w.cstr(&got)
	if got != name {
		w.short, w.b = true, nil
	}
	w.bytes64(v)
}

func isBig() bool { return binary.NativeEndian.Uint16([]byte{0, 1}) == 1 }
