package perfevent

import (
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offsets in struct perf_event_mmap_page, the ring's first page.
const (
	offDataHead   = 1024
	offDataTail   = 1032
	offDataOffset = 1040 // Linux 4.1, as the next
	offDataSize   = 1048
)

// Ring is the memory that the kernel writes the records of an event, and of
// those redirected to it, to. One goroutine at a time may use it.
type Ring struct {
	mem  []byte
	data []byte // len is a power of two
	head *uint64
	tail *uint64
	read uint64 // our copy of *tail

	overruns uint64

	owner *Event // of a ring that overwrites itself; else nil
}

// MapRing maps a ring of pages data pages, a power of two, beside the one
// page of its header. Its records come in order and are kept until they are
// consumed; what does not fit meanwhile is lost, and counted by the kernel in
// LOST records. The error is a [*MapError]. The caller closes the ring.
func (e *Event) MapRing(pages int) (*Ring, error) {
	if pages <= 0 || pages&(pages-1) != 0 || pages > 1<<20 {
		return nil, &MapError{Pages: pages, Errno: unix.EINVAL}
	}
	return e.mapRing(pages, unix.PROT_READ|unix.PROT_WRITE)
}

func (e *Event) mapRing(pages, prot int) (*Ring, error) {
	page := os.Getpagesize()
	mem, err := unix.Mmap(e.fd, 0, (1+pages)*page, prot, unix.MAP_SHARED)
	if err != nil {
		return nil, newMapError(pages, err)
	}
	r, ok := newRing(mem, page)
	if !ok {
		_ = unix.Munmap(mem) // the mapping is of no use either way
		return nil, &MapError{Pages: pages, Errno: unix.EIO}
	}
	return r, nil
}

// newRing lays a Ring over the mapped memory of a header page and a data area.
func newRing(mem []byte, page int) (*Ring, bool) {
	if len(mem) < page || page < offDataSize+8 {
		return nil, false
	}
	word := func(off int) *uint64 { return (*uint64)(unsafe.Pointer(&mem[off])) }
	start, size := *word(offDataOffset), *word(offDataSize)
	if size == 0 { // before Linux 4.1
		start, size = uint64(page), uint64(len(mem)-page)
	}
	if size == 0 || size&(size-1) != 0 || start > uint64(len(mem)) || size > uint64(len(mem))-start {
		return nil, false
	}
	r := &Ring{mem: mem, data: mem[start : start+size], head: word(offDataHead), tail: word(offDataTail)}
	r.read = atomic.LoadUint64(r.tail)
	return r, true
}

// Size is the ring's capacity in bytes.
func (r *Ring) Size() int { return len(r.data) }

// Peek returns the records that wait to be read, in order: all of a and then
// all of b, which is empty unless they wrap around the end of the ring; a
// record may then begin in a and end in b. The slices are valid until Consume
// gives their bytes back, and all end at the end of a record.
func (r *Ring) Peek() (a, b []byte) {
	if r.mem == nil {
		return nil, nil
	}
	// The kernel writes the records, then head (a release); this acquire
	// makes the former visible. Go's atomics are sequentially consistent,
	// which is more. See perf_output_put_handle in the kernel.
	head := atomic.LoadUint64(r.head)
	size := uint64(len(r.data))
	unread := head - r.read
	if unread > size {
		// The kernel never overtakes the tail, so somebody else wrote
		// to the page. Nothing that is there can be trusted.
		r.overruns++
		r.read = head
		atomic.StoreUint64(r.tail, head)
		return nil, nil
	}
	from := r.read & (size - 1)
	n := min(unread, size-from)
	return r.data[from : from+n : from+n], r.data[: unread-n : unread-n]
}

// Consume gives the first n bytes that Peek returned back to the kernel. More
// than there are is taken for all.
func (r *Ring) Consume(n int) {
	if n <= 0 || r.mem == nil {
		return
	}
	head := atomic.LoadUint64(r.head)
	r.read += min(uint64(n), head-r.read)
	// A release: our reads of the records must be done before the kernel
	// sees that it may overwrite them.
	atomic.StoreUint64(r.tail, r.read)
}

// Overruns counts how often the ring's positions made no sense and all of its
// unread records were dropped. It is 0 unless memory was corrupted.
func (r *Ring) Overruns() uint64 { return r.overruns }

// Close unmaps the ring. Slices of Peek must not be used afterwards. A second
// Close does nothing.
func (r *Ring) Close() error {
	if r.mem == nil {
		return nil
	}
	err := unix.Munmap(r.mem)
	r.mem, r.data, r.head, r.tail = nil, nil, nil, nil
	return err
}
