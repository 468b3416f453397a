package record

import (
	"bytes"
	"encoding/binary"
)

// Where what stands before the trailer of a KSYMBOL record's name and of a BPF_EVENT record ends.
const (
	ksymbolName = HeaderSize + 16 // address, length, type, flags
	bpfEventEnd = HeaderSize + 16 // type, flags, id, tag
)

// MoveTrailer brings the Trailer of a KSYMBOL or BPF_EVENT record to its end, in place, and tells whether it had to. Linux makes these records longer
// for each further recorder of the CPU, by the length of its Trailer (perf_event_ksymbol_output and perf_event_bpf_output in kernel/events/core.c of
// 5.1 to 6.18 do not reset the size): the Trailer stands where it belongs then, but behind it is what was in the ring before. Who reads Trailers from the
// end, as everybody does, reads that. event is the one that writes such records.
func (s *Set) MoveTrailer(event int, rec []byte) bool {
	l := s.Layout(event)
	size := l.TrailerSize()
	at := beforeTrailer(rec)
	if size == 0 || at == 0 || len(rec) <= at+size {
		return false
	}
	if _, id, ok := l.Peek(rec[:at+size]); !ok || !s.has(id) {
		return false
	}
	end := len(rec) - size
	if zero(rec[at:min(end, at+size)]) {
		return false // it was moved before: none begins with a thread, a time or an id of 0
	}
	copy(rec[end:], rec[at:at+size])
	clear(rec[at:end])
	return true
}

// beforeTrailer is the length of what stands before the Trailer; 0 if rec is too short, or another record.
func beforeTrailer(rec []byte) int {
	if len(rec) < bpfEventEnd {
		return 0
	}
	switch Type(binary.NativeEndian.Uint32(rec)) {
	case TypeKsymbol:
		if n := bytes.IndexByte(rec[ksymbolName:], 0); n >= 0 {
			return ksymbolName + (n/8+1)*8
		}
	case TypeBPFEvent:
		return bpfEventEnd
	}
	return 0
}

func zero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }

// has tells whether records bear this id. Those of a single event need not bear one.
func (s *Set) has(id uint64) bool {
	_, ok := s.Event(id)
	return ok && (id != 0 || len(s.layouts) == 1)
}
