package perfevent

import (
	"encoding/binary"
	"sync/atomic"
	"time"
	"unsafe"
)

// Offsets in struct perf_event_mmap_page, beside those of the clock, of what
// user space needs to read the counter by itself. See the comments on the
// structure in include/uapi/linux/perf_event.h of Linux.
const (
	offIndex       = 12 // u32, number of the hardware counter + 1; 0: not on the PMU
	offOffset      = 16 // s64, to add to the hardware counter
	offTimeEnabled = 24
	offTimeRunning = 32
	offPMCWidth    = 48 // u16, bits
	offTimeOffset  = 56
	userPageSize   = 96
)

// Bits of the capabilities, valid since Linux 3.12.
const (
	capValid     = 1 << 1 // cap_bit0_is_deprecated
	capUserRDPMC = 1 << 2
	capUserTime  = 1 << 3
	capNeeded    = capValid | capUserRDPMC | capUserTime
)

// userReadTries bounds the tries while the kernel changes the page. It does
// so when the thread is scheduled, far less often than a try takes.
const userReadTries = 16

// userPage is an event's mapped page, and the instructions that go with it.
type userPage struct {
	mem   []byte
	rdpmc func(counter uint32) uint64 // nil where there is none
	clock func() uint64               // the time stamp counter
}

// read reads the event as user space can. It is not ok when it cannot: the
// event is not on the PMU now, or the kernel does not allow it.
func (p *userPage) read() (c Count, ok bool) {
	if p.rdpmc == nil || len(p.mem) < userPageSize {
		return Count{}, false
	}
	lock := (*uint32)(unsafe.Pointer(&p.mem[offLock]))
	for range userReadTries {
		seq := atomic.LoadUint32(lock)
		if seq&1 != 0 {
			continue
		}
		c, ok = p.once()
		if atomic.LoadUint32(lock) == seq {
			return c, ok
		}
	}
	return Count{}, false
}

// once reads the page and the counter, which may not belong together.
func (p *userPage) once() (Count, bool) {
	index := p.u32(offIndex)
	if index == 0 || p.u64(offCapabilities)&capNeeded != capNeeded {
		return Count{}, false
	}
	width := uint(binary.NativeEndian.Uint16(p.mem[offPMCWidth:]))
	if width == 0 || width > 64 {
		return Count{}, false
	}
	// The counter is a signed number of that many bits.
	unused := 64 - width
	pmc := int64(p.rdpmc(index-1)<<unused) >> unused
	since := time.Duration(p.sinceUpdate())
	return Count{
		Value:   p.u64(offOffset) + uint64(pmc),
		Enabled: time.Duration(p.u64(offTimeEnabled)) + since,
		Running: time.Duration(p.u64(offTimeRunning)) + since,
	}, true
}

// sinceUpdate is how many nanoseconds ago the page's times were right.
func (p *userPage) sinceUpdate() uint64 {
	cycles := p.clock()
	if p.u64(offCapabilities)&capUserTimeShort != 0 {
		base := p.u64(offTimeCycles)
		cycles = base + (cycles-base)&p.u64(offTimeMask)
	}
	shift := uint(binary.NativeEndian.Uint16(p.mem[offTimeShift:])) & 63
	mult := uint64(p.u32(offTimeMult))
	whole, rest := cycles>>shift, cycles&(1<<shift-1)
	return p.u64(offTimeOffset) + whole*mult + rest*mult>>shift
}

func (p *userPage) u32(off int) uint32 { return binary.NativeEndian.Uint32(p.mem[off:]) }
func (p *userPage) u64(off int) uint64 { return binary.NativeEndian.Uint64(p.mem[off:]) }
