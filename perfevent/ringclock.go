package perfevent

import (
	"sync/atomic"
	"unsafe"
)

// TimeConversion tells how the processor's cycle counter relates to the events' clock:
// time = Zero + (cycles*Mult)>>Shift, in nanoseconds.
type TimeConversion struct {
	Shift  uint16
	Mult   uint32
	Zero   uint64
	Cycles uint64 // with Short: the counter is shorter than 64 bits, and this is a recent whole value
	Mask   uint64 // with Short: the counter's bits
	Short  bool   // Linux 5.13
}

// Offsets in struct perf_event_mmap_page, and bits of its capabilities.
const (
	offLock         = 8
	offCapabilities = 40
	offTimeShift    = 50
	offTimeMult     = 52
	offTimeZero     = 64
	offTimeCycles   = 80
	offTimeMask     = 88

	capUserTimeZero  = 1 << 4
	capUserTimeShort = 1 << 5
)

// TimeConversion reads the ring's first page. ok is false where the kernel does not tell, as in most virtual machines.
// Linux 3.12.
func (r *Ring) TimeConversion() (c TimeConversion, ok bool) {
	if r.mem == nil {
		return c, false
	}
	at := func(off int) unsafe.Pointer { return unsafe.Pointer(&r.mem[off]) }
	lock := (*uint32)(at(offLock))
	const tries = 1000 // the kernel holds the lock for a few instructions
	for range tries {
		seq := atomic.LoadUint32(lock)
		caps := *(*uint64)(at(offCapabilities))
		c = TimeConversion{
			Shift: *(*uint16)(at(offTimeShift)), Mult: *(*uint32)(at(offTimeMult)), Zero: *(*uint64)(at(offTimeZero)),
			Cycles: *(*uint64)(at(offTimeCycles)), Mask: *(*uint64)(at(offTimeMask)), Short: caps&capUserTimeShort != 0,
		}
		if seq&1 == 0 && atomic.LoadUint32(lock) == seq {
			return c, caps&capUserTimeZero != 0
		}
	}
	return TimeConversion{}, false
}
