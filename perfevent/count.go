package perfevent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

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

// CountFormat is the ReadFormat that a Count needs to be scaled.
const CountFormat = record.ReadTotalTimeEnabled | record.ReadTotalTimeRunning

// Multiplexed tells whether the event had to share the PMU with others, so
// that Value misses what happened meanwhile.
func (c Count) Multiplexed() bool { return c.Running < c.Enabled }

// Scaled estimates what the event would have counted had it been on the PMU
// all the time: Value * Enabled / Running, rounded as perf does (in a double;
// see perf_counts_values__scale in tools/perf of Linux). It is 0 for an event
// that never ran, and Value for one that was not multiplexed.
func (c Count) Scaled() uint64 {
	switch {
	case !c.Multiplexed():
		return c.Value
	case c.Running <= 0:
		return 0
	}
	return uint64(float64(c.Value) * float64(c.Enabled) / float64(c.Running))
}

// Sub is what was counted since an earlier count of the same event.
func (c Count) Sub(earlier Count) Count {
	c.Value -= earlier.Value
	c.Enabled -= earlier.Enabled
	c.Running -= earlier.Running
	c.Lost -= earlier.Lost
	return c
}

// add is what two counts of the same event make together.
func (c Count) add(other Count) Count {
	c.Value += other.Value
	c.Enabled += other.Enabled
	c.Running += other.Running
	c.Lost += other.Lost
	return c
}

// A group's attrs and values must fit in 16 KiB (perf_event_validate_size in
// the kernel), which bounds what one read can give. Most groups are small.
const (
	maxGroupBytes   = 16 << 10
	smallGroupBytes = 512
)

// ErrPinned means that a pinned event could not stay on the PMU; it counts no
// more.
var ErrPinned = errors.New("pinned event could not be scheduled on the PMU")

// Read reads the count of an event that was not opened with
// [record.ReadGroup]. It is one system call and allocates nothing.
func (e *Event) Read() (Count, error) {
	if e.readFormat&record.ReadGroup != 0 {
		return Count{}, errors.New("read of a perf event: its format is that of a group, use ReadGroup")
	}
	if e.readFormat == CountFormat { // what most want
		var words [3]uint64
		n, err := e.read(unsafe.Slice((*byte)(unsafe.Pointer(&words)), unsafe.Sizeof(words)))
		if err == nil && n == int(unsafe.Sizeof(words)) {
			return Count{Value: words[0], Enabled: time.Duration(words[1]), Running: time.Duration(words[2])}, nil
		}
		if err != nil {
			return Count{}, err
		}
	}
	var buf [5 * 8]byte
	n, err := e.read(buf[:])
	if err != nil {
		return Count{}, err
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
// It is one system call (two for a group of more than about 30 events) and
// allocates nothing if dst has room.
func (e *Event) ReadGroup(dst []Count) ([]Count, error) {
	if e.readFormat&record.ReadGroup == 0 {
		return dst, errors.New("read of a perf event: its format is not that of a group, use Read")
	}
	var buf [smallGroupBytes]byte
	n, err := e.read(buf[:])
	if errors.Is(err, unix.ENOSPC) { // the group is larger
		return e.readLargeGroup(dst)
	}
	if err != nil {
		return dst, err
	}
	return e.appendGroup(dst, buf[:n])
}

func (e *Event) readLargeGroup(dst []Count) ([]Count, error) {
	buf := make([]byte, maxGroupBytes)
	n, err := e.read(buf)
	if err != nil {
		return dst, err
	}
	return e.appendGroup(dst, buf[:n])
}

// appendGroup takes a group's answer apart: the number of members, the times
// that they share, the members.
func (e *Event) appendGroup(dst []Count, b []byte) ([]Count, error) {
	w := words{b: b}
	start := len(dst)
	members := w.next()
	var times Count
	w.times(e.readFormat, &times)
	for range min(members, maxGroupBytes/8) {
		c := times
		c.Value = w.next()
		w.tail(e.readFormat, &c)
		if w.short {
			return dst[:start], fmt.Errorf("read of a group of %d perf events: %d bytes for format %#x", members, len(b), uint64(e.readFormat))
		}
		dst = append(dst, c)
	}
	return dst, nil
}

// read is read(2) without telling Go's scheduler: it does not wait for anything to
// happen, at most for another CPU to answer, and telling costs a tenth of it.
func (e *Event) read(buf []byte) (int, error) {
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(e.fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
		switch {
		case errno == unix.EINTR:
		case errno != 0:
			return 0, fmt.Errorf("read of a perf event: %w", errno)
		case n == 0: // see perf_event_read_value: an event in error state reads as end of file
			return 0, fmt.Errorf("read of a perf event: %w", ErrPinned)
		default:
			return int(n), nil
		}
	}
}

// words takes 64-bit words off a read's answer.
type words struct {
	b     []byte
	at    int
	short bool
}

func (w *words) next() uint64 {
	if w.at+8 > len(w.b) {
		w.short = true
		return 0
	}
	w.at += 8
	return binary.NativeEndian.Uint64(w.b[w.at-8 : w.at])
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
