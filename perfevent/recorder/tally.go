package recorder

import (
	"encoding/binary"
	"time"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Progress is what a recording has got so far.
type Progress struct {
	Events uint64 // samples
	Bytes  int64  // of the file
	Lost   uint64 // as far as LOST records have told by now
}

// progressTime is how often a recording tells of its progress.
const progressTime = time.Second

// progress tells how far the recording is, when it is time.
func (r *run) progress() {
	if r.tally == nil || time.Since(r.progressed) < progressTime {
		return
	}
	r.progressed = time.Now()
	r.o.Progress(Progress{Events: r.tally.events, Bytes: r.summary.Bytes + r.w.BytesWritten(), Lost: r.tally.lost})
}

// tally counts records by their headers while they pass, for Options.Progress. nil counts nothing.
type tally struct {
	events, lost uint64

	head [lostHead]byte // of a record that the piece before began
	n    int            // bytes in head
	skip int            // bytes of a record that are still to come
}

// lostHead is a LOST record up to its number: header, id, lost.
const lostHead = record.HeaderSize + 16

// count takes the next piece of the stream of records. A record may begin in one piece and end in a later one.
func (t *tally) count(b []byte) {
	if t == nil {
		return
	}
	for {
		n := min(t.skip, len(b))
		t.skip -= n
		b = b[n:]
		if len(b) == 0 {
			return
		}
		take := min(t.need()-t.n, len(b))
		t.n += copy(t.head[t.n:], b[:take])
		if b = b[take:]; t.n < t.need() {
			continue // it ends when b is empty, or the header now tells of more
		}
		t.take()
	}
}

// need is how many bytes of the record at hand have to be seen.
func (t *tally) need() int {
	if t.n < record.HeaderSize {
		return record.HeaderSize
	}
	return min(max(t.size(), record.HeaderSize), lostHead)
}

func (t *tally) size() int { return int(binary.NativeEndian.Uint16(t.head[6:])) }

// take counts the record whose head is complete.
func (t *tally) take() {
	switch record.Type(binary.NativeEndian.Uint32(t.head[:])) {
	case record.TypeSample:
		t.events++
	case record.TypeLost:
		if t.n == lostHead {
			t.lost += binary.NativeEndian.Uint64(t.head[record.HeaderSize+8:])
		}
	}
	t.skip, t.n = max(0, t.size()-t.n), 0
}
