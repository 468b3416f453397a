package record

import (
	"encoding/binary"
	"math/bits"
)

// SampleFormat is the set of fields in a sample, attr.sample_type.
type SampleFormat uint64

// Fields of a sample. The order in the record differs; Sample's fields stand in that order.
const (
	SampleIP           SampleFormat = 1 << 0
	SampleTID          SampleFormat = 1 << 1
	SampleTime         SampleFormat = 1 << 2
	SampleAddr         SampleFormat = 1 << 3
	SampleRead         SampleFormat = 1 << 4
	SampleCallchain    SampleFormat = 1 << 5
	SampleID           SampleFormat = 1 << 6
	SampleCPU          SampleFormat = 1 << 7
	SamplePeriod       SampleFormat = 1 << 8
	SampleStreamID     SampleFormat = 1 << 9
	SampleRaw          SampleFormat = 1 << 10
	SampleBranchStack  SampleFormat = 1 << 11
	SampleRegsUser     SampleFormat = 1 << 12
	SampleStackUser    SampleFormat = 1 << 13
	SampleWeight       SampleFormat = 1 << 14
	SampleDataSrc      SampleFormat = 1 << 15
	SampleIdentifier   SampleFormat = 1 << 16 // Linux 3.12
	SampleTransaction  SampleFormat = 1 << 17
	SampleRegsIntr     SampleFormat = 1 << 18
	SamplePhysAddr     SampleFormat = 1 << 19
	SampleAux          SampleFormat = 1 << 20
	SampleCGroup       SampleFormat = 1 << 21
	SampleDataPageSize SampleFormat = 1 << 22
	SampleCodePageSize SampleFormat = 1 << 23
	SampleWeightStruct SampleFormat = 1 << 24 // Linux 5.12
)

// ReadFormat chooses what a read of a counter tells, attr.read_format.
type ReadFormat uint64

// Parts of a read.
const (
	ReadTotalTimeEnabled ReadFormat = 1 << 0
	ReadTotalTimeRunning ReadFormat = 1 << 1
	ReadID               ReadFormat = 1 << 2
	ReadGroup            ReadFormat = 1 << 3
	ReadLost             ReadFormat = 1 << 4 // Linux 6.0
)

// Bits of attr.branch_sample_type that change a sample's layout.
const (
	BranchHWIndex  uint64 = 1 << 17
	BranchCounters uint64 = 1 << 19 // Linux 6.8
)

// Layout is what an event's attr says about the layout of the records that the event writes.
type Layout struct {
	SampleType       SampleFormat
	ReadFormat       ReadFormat
	BranchSampleType uint64 // attr.branch_sample_type
	RegsUser         uint64 // attr.sample_regs_user, a bit a register
	RegsIntr         uint64 // attr.sample_regs_intr
	SampleIDAll      bool   // records other than samples end with a Trailer

	// BorrowsID tells that samples may bear the id of another recorder's event. Linux since 6.3 prepares one sample for all software events that an
	// occurrence is for (do_perf_sw_event in kernel/events/core.c): those behind the first one get its id.
	BorrowsID bool
}

// trailerFields are the fields of a Trailer, eight bytes each.
const trailerFields = SampleTID | SampleTime | SampleID | SampleStreamID | SampleCPU | SampleIdentifier

func words(f SampleFormat) int { return 8 * bits.OnesCount64(uint64(f)) }

// TrailerSize returns the length in bytes of the Trailer that ends each record of the kernel that is no sample.
func (l *Layout) TrailerSize() int {
	if l == nil || !l.SampleIDAll {
		return 0
	}
	return words(l.SampleType & trailerFields)
}

// Peek finds time and id in a whole record, header included, and decodes nothing else. For a sample it reads the fields' fixed places,
// for other records of the kernel the Trailer. It is false for a record that has neither, such as perf's own types, or is
// too short. A field that the layout does not have is 0.
func (l *Layout) Peek(rec []byte) (time, id uint64, ok bool) {
	if len(rec) < HeaderSize {
		return 0, 0, false
	}
	timeAt, idAt, ok := l.places(Type(binary.NativeEndian.Uint32(rec)), len(rec))
	if !ok {
		return 0, 0, false
	}
	if timeAt != 0 {
		time = binary.NativeEndian.Uint64(rec[timeAt:])
	}
	if idAt != 0 {
		id = binary.NativeEndian.Uint64(rec[idAt:])
	}
	return time, id, true
}

// places returns the offsets of time and id in a record of size bytes, 0 for one that the layout does not have. It is false if the record
// cannot hold them.
func (l *Layout) places(t Type, size int) (timeAt, idAt int, ok bool) {
	st := l.SampleType
	if t == TypeSample {
		end := HeaderSize
		if st&SampleTime != 0 {
			timeAt = HeaderSize + words(st&(SampleIdentifier|SampleIP|SampleTID))
			end = timeAt + 8
		}
		switch {
		case st&SampleIdentifier != 0:
			idAt = HeaderSize
		case st&SampleID != 0:
			idAt = HeaderSize + words(st&(SampleIP|SampleTID|SampleTime|SampleAddr))
		}
		return timeAt, idAt, size >= max(end, idAt+8)
	}
	if t >= FirstUserType || !l.SampleIDAll || size < HeaderSize+words(st&trailerFields) {
		return 0, 0, false
	}
	if st&SampleTime != 0 {
		timeAt = size - words(st&(trailerFields&^SampleTID))
	}
	switch {
	case st&SampleIdentifier != 0:
		idAt = size - 8
	case st&SampleID != 0:
		idAt = size - words(st&(SampleID|SampleStreamID|SampleCPU))
	}
	return timeAt, idAt, true
}
