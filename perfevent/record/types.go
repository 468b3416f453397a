// Package record knows the binary layouts of perf_event records: those that the kernel writes into a ring (linux/perf_event.h) and those
// that perf adds to its files and streams (types 64 and above). It decodes and appends them and turns foreign byte order into native.
//
// Terms: a record is a Header followed by a body whose length the header tells. A sample is the record of type TypeSample; its fields are
// chosen by the Layout of the event that wrote it. Every other record of the kernel ends with a Trailer when the event was
// opened with sample_id_all.
//
// Each record type has one function that walks its fields, in layout order. Decode, Append and Swap are that same walk in three modes, so
// a layout is written down once.
package record

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Type is the kind of a record, PERF_RECORD_* of the kernel below 64, perf's own from 64.
type Type uint32

// Types that the kernel writes.
const (
	TypeMmap              Type = 1
	TypeLost              Type = 2
	TypeComm              Type = 3
	TypeExit              Type = 4
	TypeThrottle          Type = 5
	TypeUnthrottle        Type = 6
	TypeFork              Type = 7
	TypeRead              Type = 8
	TypeSample            Type = 9
	TypeMmap2             Type = 10 // Linux 3.12
	TypeAux               Type = 11 // Linux 4.1
	TypeItraceStart       Type = 12 // Linux 4.1
	TypeLostSamples       Type = 13 // Linux 4.2
	TypeSwitch            Type = 14 // Linux 4.3
	TypeSwitchCPUWide     Type = 15 // Linux 4.3
	TypeNamespaces        Type = 16 // Linux 4.12
	TypeKsymbol           Type = 17 // Linux 5.1
	TypeBPFEvent          Type = 18 // Linux 5.1
	TypeCGroup            Type = 19 // Linux 5.7
	TypeTextPoke          Type = 20 // Linux 5.9
	TypeAuxOutputHWID     Type = 21 // Linux 5.16
	TypeCallchainDeferred Type = 22 // Linux 6.19
)

// Types that perf writes into its files and streams.
const (
	TypeHeaderAttr        Type = 64
	TypeHeaderEventType   Type = 65 // deprecated since 3.14
	TypeHeaderTracingData Type = 66
	TypeHeaderBuildID     Type = 67
	TypeFinishedRound     Type = 68
	TypeIDIndex           Type = 69
	TypeAuxtraceInfo      Type = 70
	TypeAuxtrace          Type = 71
	TypeAuxtraceError     Type = 72
	TypeThreadMap         Type = 73
	TypeCPUMap            Type = 74
	TypeStatConfig        Type = 75
	TypeStat              Type = 76
	TypeStatRound         Type = 77
	TypeEventUpdate       Type = 78
	TypeTimeConv          Type = 79
	TypeHeaderFeature     Type = 80
	TypeCompressed        Type = 81
	TypeFinishedInit      Type = 82
	TypeCompressed2       Type = 83 // perf 6.15
	TypeBPFMetadata       Type = 84 // perf 6.17
	TypeSchedstatCPU      Type = 85 // newer than perf 6.12; 7.2 has it
	TypeSchedstatDomain   Type = 86 // as SCHEDSTAT_CPU

	// FirstUserType is the lowest type that never comes from a kernel.
	FirstUserType Type = 64
)

// String returns the name without PERF_RECORD_, as in "MMAP2"; an unknown type as "type 99".
func (t Type) String() string {
	if s := typeName(t); s != "" {
		return s
	}
	return fmt.Sprintf("type %d", uint32(t))
}

// Bits of Header.Misc. Those of one value apply to different record types.
const (
	MiscCPUModeMask      uint16 = 7
	MiscCPUUnknown       uint16 = 0
	MiscKernel           uint16 = 1
	MiscUser             uint16 = 2
	MiscHypervisor       uint16 = 3
	MiscGuestKernel      uint16 = 4
	MiscGuestUser        uint16 = 5
	MiscProcMapTimeout   uint16 = 1 << 12 // synthesised MMAP: reading /proc/PID/maps took too long
	MiscMmapData         uint16 = 1 << 13 // MMAP, MMAP2: not executable
	MiscCommExec         uint16 = 1 << 13 // COMM: by exec, Linux 3.16
	MiscForkExec         uint16 = 1 << 13 // FORK synthesised by perf
	MiscSwitchOut        uint16 = 1 << 13 // SWITCH: leaving the CPU
	MiscExactIP          uint16 = 1 << 14 // SAMPLE: IP is the very instruction
	MiscSwitchOutPreempt uint16 = 1 << 14 // SWITCH: preempted, Linux 4.17
	MiscMmapBuildID      uint16 = 1 << 14 // MMAP2: has a build-id instead of the inode, Linux 5.12
	MiscExtReserved      uint16 = 1 << 15
	// MiscBuildIDSize in a HEADER_BUILD_ID record: the byte behind the 20 of the id tells its length (perf 5.10).
	MiscBuildIDSize uint16 = 1 << 15
)

// Markers in Sample.Callchain, before the addresses of the context that they name.
const (
	ContextHypervisor   = ^uint64(32 - 1)
	ContextKernel       = ^uint64(128 - 1)
	ContextUser         = ^uint64(512 - 1)
	ContextUserDeferred = ^uint64(640 - 1) // Linux 6.19
	ContextGuest        = ^uint64(2048 - 1)
	ContextGuestKernel  = ^uint64(2176 - 1)
	ContextGuestUser    = ^uint64(2560 - 1)
	// ContextMax is the smallest marker: a callchain entry at or above it is no address.
	ContextMax = ^uint64(4095 - 1)
)

// HeaderSize is the length of Header in bytes.
const HeaderSize = 8

// MaxSize is the longest record in bytes that a Header can tell and whose length is a multiple of 8.
const MaxSize = 1<<16 - 8

// ErrShort tells that a record ends before its fields do.
var ErrShort = errors.New("record is shorter than its fields")

// Header begins each record. Size counts the header too.
type Header struct {
	Type Type
	Misc uint16
	Size uint16
}

// ParseHeader reads the header, in native byte order, at the start of b. It fails if b or the size in the header is below HeaderSize;
// it does not ask for the body to be there.
func ParseHeader(b []byte) (Header, error) {
	if len(b) < HeaderSize {
		return Header{}, ErrShort
	}
	h := Header{
		Type: Type(binary.NativeEndian.Uint32(b)),
		Misc: binary.NativeEndian.Uint16(b[4:]),
		Size: binary.NativeEndian.Uint16(b[6:]),
	}
	if h.Size < HeaderSize {
		return h, fmt.Errorf("record of type %d tells a size of %d bytes: %w", uint32(h.Type), h.Size, ErrShort)
	}
	return h, nil
}

// Record is one raw record in native byte order.
type Record struct {
	Header
	// Bytes is the whole record, header included. It aliases the source's buffer until the next call of the source's Next.
	Bytes []byte
	// Offset is where the record begins in its file, -1 live. A record out of a compressed one has that one's offset.
	Offset int64
	// CPU is the ring's, -1 if not known.
	CPU int32
}
