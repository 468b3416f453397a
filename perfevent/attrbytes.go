package perfevent

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// attrSizeMax is the kernel's own bound (PAGE_SIZE) on attr.size.
const attrSizeMax = 4096

// AttrSizeError reports a perf_event_attr whose size no writer can mean.
type AttrSizeError struct {
	Size int // what the attr says, in bytes
	Have int // the bytes that are there
}

func (e *AttrSizeError) Error() string {
	if e.Size < AttrSizeVer0 || e.Size > attrSizeMax {
		return fmt.Sprintf("event attribute of %d bytes: want %d to %d", e.Size, AttrSizeVer0, attrSizeMax)
	}
	return fmt.Sprintf("event attribute of %d bytes cut short after %d", e.Size, e.Have)
}

// AppendBinary appends a in native byte order, as perf_event_open takes it
// and perf.data holds it. Size is rounded up to a multiple of 8 of at least
// [AttrSizeVer0]; 0 means [AttrSizeVer7] or as much more as fields that are
// set need. Fields beyond a given size are cut off.
func (a *Attr) AppendBinary(dst []byte, size int) []byte {
	if size == 0 {
		size = a.size()
	}
	size = (max(size, AttrSizeVer0) + 7) &^ 7
	start := len(dst)
	var buf [AttrSizeVer8]byte
	a.put(buf[:], uint32(size))
	dst = append(dst, buf[:]...)
	dst = append(dst, a.Tail...)
	for len(dst)-start < size {
		dst = append(dst, 0)
	}
	return dst[:start+size]
}

// size is the smallest published size that holds all of a's fields, at
// least what perf 6.1 uses.
func (a *Attr) size() int {
	switch {
	case a.Tail != "":
		return AttrSizeVer8 + len(a.Tail)
	case a.Config3 != 0:
		return AttrSizeVer8
	}
	return AttrSizeVer7
}

func (a *Attr) put(b []byte, size uint32) {
	ne := binary.NativeEndian
	ne.PutUint32(b[0:], uint32(a.Type))
	ne.PutUint32(b[4:], size)
	ne.PutUint64(b[8:], a.Config)
	flags := a.Flags&^(3<<preciseShift) | AttrFlags(a.Precise&3)<<preciseShift
	if a.Freq != 0 {
		flags |= FlagFreq
	}
	if flags&FlagFreq != 0 {
		ne.PutUint64(b[16:], a.Freq)
	} else {
		ne.PutUint64(b[16:], a.Period)
	}
	ne.PutUint64(b[24:], uint64(a.SampleType))
	ne.PutUint64(b[32:], uint64(a.ReadFormat))
	ne.PutUint64(b[40:], uint64(flags))
	ne.PutUint32(b[48:], a.Wakeup)
	ne.PutUint32(b[52:], a.BPType)
	ne.PutUint64(b[56:], a.Config1)
	ne.PutUint64(b[64:], a.Config2)
	ne.PutUint64(b[72:], a.BranchSampleType)
	ne.PutUint64(b[80:], a.SampleRegsUser)
	ne.PutUint32(b[88:], a.SampleStackUser)
	ne.PutUint32(b[92:], uint32(a.ClockID))
	ne.PutUint64(b[96:], a.SampleRegsIntr)
	ne.PutUint32(b[104:], a.AuxWatermark)
	ne.PutUint16(b[108:], a.SampleMaxStack)
	ne.PutUint32(b[112:], a.AuxSampleSize)
	ne.PutUint32(b[116:], a.AuxAction)
	ne.PutUint64(b[120:], a.SigData)
	ne.PutUint64(b[128:], a.Config3)
}

// ParseAttr reads the perf_event_attr at the start of b, written on a
// machine of the given byte order. The attr's own size field, at least
// [AttrSizeVer0], says how much of b belongs to it; a size of 0 means
// AttrSizeVer0, as in the first kernels. What a newer writer added is kept in
// [Attr.Tail]. The error is an [*AttrSizeError].
func ParseAttr(b []byte, order binary.ByteOrder) (Attr, error) {
	if len(b) < 8 {
		return Attr{}, &AttrSizeError{Size: AttrSizeVer0, Have: len(b)}
	}
	size := int(order.Uint32(b[4:]))
	if size == 0 {
		size = AttrSizeVer0
	}
	if size < AttrSizeVer0 || size > attrSizeMax || size > len(b) {
		return Attr{}, &AttrSizeError{Size: size, Have: len(b)}
	}
	var buf [AttrSizeVer8]byte
	n := copy(buf[:], b[:size])
	a := parseAttr(buf[:], order)
	a.Tail = string(b[n:size])
	return a, nil
}

func parseAttr(b []byte, order binary.ByteOrder) Attr {
	a := Attr{
		Type:             Type(order.Uint32(b[0:])),
		Config:           order.Uint64(b[8:]),
		SampleType:       record.SampleFormat(order.Uint64(b[24:])),
		ReadFormat:       record.ReadFormat(order.Uint64(b[32:])),
		Flags:            parseFlags(b[40:48], order),
		Wakeup:           order.Uint32(b[48:]),
		BPType:           order.Uint32(b[52:]),
		Config1:          order.Uint64(b[56:]),
		Config2:          order.Uint64(b[64:]),
		BranchSampleType: order.Uint64(b[72:]),
		SampleRegsUser:   order.Uint64(b[80:]),
		SampleStackUser:  order.Uint32(b[88:]),
		ClockID:          int32(order.Uint32(b[92:])),
		SampleRegsIntr:   order.Uint64(b[96:]),
		AuxWatermark:     order.Uint32(b[104:]),
		SampleMaxStack:   order.Uint16(b[108:]),
		AuxSampleSize:    order.Uint32(b[112:]),
		AuxAction:        order.Uint32(b[116:]),
		SigData:          order.Uint64(b[120:]),
		Config3:          order.Uint64(b[128:]),
	}
	a.Precise = uint8(a.Flags >> preciseShift & 3)
	a.Flags &^= 3 << preciseShift
	if a.Flags&FlagFreq != 0 {
		a.Freq = order.Uint64(b[16:])
	} else {
		a.Period = order.Uint64(b[16:])
	}
	return a
}

// parseFlags reads the bit fields. A big-endian compiler lays them out from
// the highest bit of each byte, so a swap of bytes alone is wrong (see
// swap_bitfield in tools/perf/util/session.c).
func parseFlags(b []byte, order binary.ByteOrder) AttrFlags {
	v := binary.LittleEndian.Uint64(b)
	var probe [2]byte
	order.PutUint16(probe[:], 1)
	if probe[1] == 1 { // big-endian
		v = bits.ReverseBytes64(bits.Reverse64(v))
	}
	return AttrFlags(v)
}
