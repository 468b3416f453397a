package perfevent

import (
	"encoding/binary"
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// MapLatest maps a ring that always holds the latest records: it is written backwards, and the newest record overwrites the oldest. The event
// must have FlagWriteBackward. It is read with PeekLatest while it is paused. Linux 4.7. The error is a [*MapError]. The caller closes the ring.
func (e *Event) MapLatest(pages int) (*Ring, error) {
	if pages <= 0 || pages&(pages-1) != 0 || pages > 1<<20 {
		return nil, &MapError{Pages: pages, Errno: unix.EINVAL}
	}
	r, err := e.mapRing(pages, unix.PROT_READ) // what nobody can consume may be overwritten
	if err == nil {
		r.owner, r.read = e, atomic.LoadUint64(r.head)
	}
	return r, err
}

// Pause stops the kernel from writing to the ring, or lets it go on; what happens meanwhile is counted as lost. Linux 4.7.
func (r *Ring) Pause(on bool) error {
	if r.owner == nil || r.mem == nil {
		return os.ErrInvalid
	}
	var arg uintptr
	if on {
		arg = 1
	}
	return r.owner.ioctl("pause output", unix.PERF_EVENT_IOC_PAUSE_OUTPUT, arg)
}

// PeekLatest returns the records of a ring of MapLatest that came since its last call and are not yet overwritten, the newest first: all of a
// and then all of b, as Peek does. The ring must be paused until they are used.
func (r *Ring) PeekLatest() (a, b []byte) {
	if r.mem == nil {
		return nil, nil
	}
	head := atomic.LoadUint64(r.head)
	size := uint64(len(r.data))
	fresh := r.read - head // it is written downwards
	r.read = head
	if fresh > size {
		fresh = r.wholeFrom(head)
	}
	from := head & (size - 1)
	n := min(fresh, size-from)
	return r.data[from : from+n : from+n], r.data[: fresh-n : fresh-n]
}

// wholeFrom is how many bytes from head on are whole records of a ring that has been filled: the oldest one may be overwritten in part.
func (r *Ring) wholeFrom(head uint64) uint64 {
	size := uint64(len(r.data))
	for at := uint64(0); ; {
		off := (head + at) & (size - 1) // records are aligned to their header's size
		n := uint64(binary.NativeEndian.Uint16(r.data[off+6:]))
		if n < record.HeaderSize || n%record.HeaderSize != 0 || at+n > size {
			return at
		}
		at += n
	}
}
