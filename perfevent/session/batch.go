package session

import (
	"encoding/binary"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Item is one sample, or one other record that Options.Records asks for, with what was true at its time. All that it
// points at is immutable, except Bytes, which go with the batch.
type Item struct {
	Header record.Header
	Event  *Event // nil for a record that no event can be told of
	// Layout is that of the bytes: the event's, or for a counter in a group's sample that of the group's leader.
	Layout *record.Layout
	// Period, if it is not 0, stands for the sample's own, which then carries counters' values instead.
	Period uint64
	Time   uint64 // nanoseconds of the recording's clock; 0 for records made up from /proc
	Bytes  []byte // the whole record, native byte order
	Offset int64  // in the file, -1 live
	CPU    int32  // the ring's, -1 if not known; a sample's own field is better
	Thread *Thread
	Maps   *Maps // of the thread's process
	Kernel *Maps // of the kernel and its modules
}

// Mode is the processor mode that the record tells, one of record.MiscKernel, record.MiscUser and so on.
func (it *Item) Mode() uint16 { return it.Header.Misc & record.MiscCPUModeMask }

// Batch is a number of items in time order, with the memory that they need. It goes through Session.Next and Release
// again and again; the zero value is ready for the first.
type Batch struct {
	Items []Item

	buf []byte
}

// Release lets go of the items. The batch keeps its memory for the next Session.Next.
func (b *Batch) Release() {
	clear(b.Items)
	b.Items = b.Items[:0]
	b.buf = b.buf[:0]
}

// batchBytes and batchItems are when a batch is full: small enough for the cache of a core, large enough that handing
// it over costs nothing.
const (
	batchBytes = 192 << 10
	batchItems = 2048
)

func (b *Batch) full() bool { return len(b.Items) >= batchItems || len(b.buf) >= batchBytes }

// add copies a record into the batch. The buffer never moves under items that are already there: when it is full, a
// new one is begun, and the old one lives on in the items.
func (b *Batch) add(rec []byte) *Item {
	at := (len(b.buf) + 7) &^ 7 // decoding needs no copies where records are aligned
	if at+len(rec) > cap(b.buf) {
		b.buf, at = make([]byte, 0, batchBytes+record.MaxSize+8), 0
	}
	b.buf = append(b.buf[:at], rec...)
	b.Items = append(b.Items, Item{Bytes: b.buf[at:len(b.buf):len(b.buf)]})
	it := &b.Items[len(b.Items)-1]
	it.Header = record.Header{
		Type: record.Type(binary.NativeEndian.Uint32(rec)),
		Misc: binary.NativeEndian.Uint16(rec[4:]),
		Size: binary.NativeEndian.Uint16(rec[6:]),
	}
	return it
}
