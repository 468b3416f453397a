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

// MoveTrailer copies the Trailer of a KSYMBOL or BPF_EVENT record to its end, in place, and tells whether it had to. Linux makes these records longer,
// by the length of a Trailer, for each further recorder of the CPU (perf_event_ksymbol_output and perf_event_bpf_output in kernel/events/core.c
// of 5.1 to 6.18 do not reset the size): the Trailer stands where it belongs then, but behind it is what was in the ring before. Who reads Trailers from the
// end, as everybody does, reads that. l is the layout of the event that writes such records.
func MoveTrailer(l *Layout, rec []byte) bool {
	if len(rec) < bpfEventEnd {
		return false
	}
	at := bpfEventEnd
	switch Type(binary.NativeEndian.Uint32(rec)) {
	case TypeKsymbol:
		n := bytes.IndexByte(rec[ksymbolName:], 0)
		if n < 0 {
			return false
		}
		at = ksymbolName + (n/8+1)*8
	case TypeBPFEvent:
	default:
		return false
	}
	size := l.TrailerSize()
	rest := len(rec) - at - size // what is too much
	if size == 0 || rest <= 0 || rest%size != 0 {
		return false
	}
	trailer, end := rec[at:at+size], rec[len(rec)-size:]
	if bytes.Equal(trailer, end) {
		return false // it was moved before
	}
	copy(end, trailer)
	return true
}
