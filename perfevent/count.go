package perfevent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Count is what an event has counted. Fields that the event's ReadFormat
// does not ask for are 0.
type Count struct {
	Value   uint64
	Enabled time.Duration // the event was enabled for so long
	Running time.Duration // and on the PMU for so long
	ID      uint64
	Lost    uint64 // samples lost for want of room, Linux 6.0
}

// maxGroup bounds what one read of a group can give: a group's attrs and
// values must fit in 16 KiB (perf_event_validate_size in the kernel).
const maxGroup = 16 << 10 / 8

// ErrPinned means that a pinned event could not stay on the PMU; it counts no
// more.
var ErrPinned = errors.New("pinned event could not be scheduled on the PMU")

// Read reads the count of an event that was not opened with
// [record.ReadGroup].
func (e *Event) Read() (Count, error) {
	var buf [5 * 8]byte
	n, err := e.read(buf[:])
	if err != nil {
		return Count{}, err
	}
	if e.readFormat&record.ReadGroup != 0 {
		return Count{}, errors.New("read of a perf event: its format is that of a group, use ReadGroup")
	}
	w := words{b: buf[:n]}
	var c Count
	c.Value = w.next()
	w.times(e.readFormat, &c)
	w.tail(e.readFormat, &c)
	if w.short {
		return Count{}, fmt.Errorf("read of a perf event: %d bytes for format %#x", n, uint64(e.readFormat))
	}
	return c, nil
}

// ReadGroup reads the counts of the group that e leads, opened with
// [record.ReadGroup], and appends one Count for each member, the leader first.
func (e *Event) ReadGroup(dst []Count) ([]Count, error) {
	if e.readFormat&record.ReadGroup == 0 {
		return dst, errors.New("read of a perf event: its format is not that of a group, use Read")
	}
	buf := make([]byte, maxGroup*8)
	n, err := e.read(buf)
	if err != nil {
		return dst, err
	}
	w := words{b: buf[:n]}
	members := w.next()
	var times Count
	w.times(e.readFormat, &times)
	for range min(members, maxGroup) {
		c := times
		c.Value = w.next()
		w.tail(e.readFormat, &c)
		if w.short {
			return dst, fmt.Errorf("read of a group of %d perf events: %d bytes for format %#x", members, n, uint64(e.readFormat))
		}
		dst = append(dst, c)
	}
	return dst, nil
}

func (e *Event) read(buf []byte) (int, error) {
	for {
		n, err := unix.Read(e.fd, buf)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, fmt.Errorf("read of a perf event: %w", err)
		case n == 0: // see perf_event_read_value: an event in error state reads as end of file
			return 0, fmt.Errorf("read of a perf event: %w", ErrPinned)
		default:
			return n, nil
		}
	}
}

// words takes 64-bit words off a read's answer.
type words struct {
	b     []byte
	short bool
}

func (w *words) next() uint64 {
	if len(w.b) < 8 {
		w.short = true
		return 0
	}
	v := binary.NativeEndian.Uint64(w.b)
	w.b = w.b[8:]
	return v
}

func (w *words) times(f record.ReadFormat, c *Count) {
	if f&record.ReadTotalTimeEnabled != 0 {
		c.Enabled = time.Duration(w.next())
	}
	if f&record.ReadTotalTimeRunning != 0 {
		c.Running = time.Duration(w.next())
	}
}

func (w *words) tail(f record.ReadFormat, c *Count) {
	if f&record.ReadID != 0 {
		c.ID = w.next()
	}
	if f&record.ReadLost != 0 {
		c.Lost = w.next()
	}
}
