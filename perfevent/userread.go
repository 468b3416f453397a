package perfevent

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// mmapPage is the begin of struct perf_event_mmap_page, of which user space
// needs this to read the counter by itself. See the comments on the structure in
// include/uapi/linux/perf_event.h of Linux.
type mmapPage struct {
	_            [2]uint32
	lock         uint32
	index        uint32 // number of the hardware counter + 1; 0: not on the PMU
	offset       uint64 // to add to the hardware counter
	timeEnabled  uint64
	timeRunning  uint64
	capabilities uint64
	pmcWidth     uint16 // bits
	timeShift    uint16
	timeMult     uint32
	timeOffset   uint64
	_            [2]uint64
	timeCycles   uint64
	timeMask     uint64
}

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
	if p.rdpmc == nil || len(p.mem) < int(unsafe.Sizeof(mmapPage{})) {
		return Count{}, false
	}
	page := (*mmapPage)(unsafe.Pointer(unsafe.SliceData(p.mem)))
	for range userReadTries {
		seq := atomic.LoadUint32(&page.lock)
		if seq&1 != 0 {
			continue
		}
		c, ok = p.once(page)
		if atomic.LoadUint32(&page.lock) == seq {
			return c, ok
		}
	}
	return Count{}, false
}

// once reads the page and the counter, which may not belong together.
func (p *userPage) once(page *mmapPage) (Count, bool) {
	index, width := page.index, uint(page.pmcWidth)
	if index == 0 || index-1 > lastCounter || page.capabilities&capNeeded != capNeeded || width == 0 || width > 64 {
		return Count{}, false
	}
	// The counter is a signed number of that many bits.
	unused := 64 - width
	pmc := int64(p.rdpmc(index-1)<<unused) >> unused
	since := time.Duration(page.since(p.clock()))
	return Count{
		Value:   page.offset + uint64(pmc),
		Enabled: time.Duration(page.timeEnabled) + since,
		Running: time.Duration(page.timeRunning) + since,
	}, true
}

// since is how many nanoseconds ago, at this time of the clock, the page's
// times were right.
func (page *mmapPage) since(cycles uint64) uint64 {
	if page.capabilities&capUserTimeShort != 0 {
		cycles = page.timeCycles + (cycles-page.timeCycles)&page.timeMask
	}
	shift, mult := page.timeShift&63, uint64(page.timeMult)
	whole, rest := cycles>>shift, cycles&(1<<shift-1)
	return page.timeOffset + whole*mult + rest*mult>>shift
}
