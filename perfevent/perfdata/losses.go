package perfdata

import (
	"encoding/binary"
	"io"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Losses is what the recording did not get, as its own records tell it. The two counts overlap: the counters' own has those in it that
// the rings were too full for.
type Losses struct {
	Records uint64 // by LOST records: the rings were full
	Places  uint64 // LOST records
	Samples uint64 // by LOST_SAMPLES records: the counters' own count, and what the hardware dropped
}

// Losses returns those of the records that were read so far; after ReadAll, all.
func (r *Reader) Losses() Losses { return r.losses }

// AllLosses returns those of the whole recording. A file that gperf completed tells them in its header; of others all records are read. Damage among
// them ends the count without an error.
func (r *Reader) AllLosses() Losses {
	if r.told != nil {
		return *r.told
	}
	_ = r.ReadAll()
	return r.losses
}

// A file's header has a section that nobody has used since Linux 3.14, event types. gperf puts there what was lost: this text, then the fields of
// Losses, eight bytes each. perf ignores it, and leaves it out where it writes a recording anew.
const (
	lossesMagic = "gperflst"
	lossesSize  = len(lossesMagic) + 3*8
)

// readLosses reads the section at s, if it is that.
func (r *Reader) readLosses(ra io.ReaderAt, s section, size int64) {
	if r.info.Unfinished || s.size != uint64(lossesSize) || !s.fits(size) {
		return
	}
	var b [lossesSize]byte
	if _, err := ra.ReadAt(b[:], int64(s.off)); err != nil && err != io.EOF || string(b[:len(lossesMagic)]) != lossesMagic {
		return
	}
	u := func(i int) uint64 { return r.order.Uint64(b[len(lossesMagic)+8*i:]) }
	r.told = &Losses{Records: u(0), Places: u(1), Samples: u(2)}
}

// SetLosses has Finish write what the recording lost. Without it a reader has to look at all records. It means nothing to a stream.
func (w *Writer) SetLosses(l Losses) { w.losses = &l }

// appendLosses appends the section and returns its place, where b begins at off.
func (w *Writer) appendLosses(b []byte, off uint64) ([]byte, section) {
	if w.losses == nil {
		return b, section{}
	}
	s := section{off + uint64(len(b)), uint64(lossesSize)}
	b = append(b, lossesMagic...)
	for _, n := range []uint64{w.losses.Records, w.losses.Places, w.losses.Samples} {
		b = ne.AppendUint64(b, n)
	}
	return b, s
}

// lose counts a LOST or LOST_SAMPLES record. One that is too short is damaged, which whoever decodes it says.
func (r *Reader) lose(rec *record.Record) {
	const lost = record.HeaderSize + 8 // in a LOST record, behind the event's id
	switch b := rec.Bytes; {
	case rec.Type == record.TypeLost && len(b) >= lost+8:
		r.losses.Places++
		r.losses.Records += binary.NativeEndian.Uint64(b[lost:])
	case rec.Type == record.TypeLostSamples && len(b) >= record.HeaderSize+8:
		r.losses.Samples += binary.NativeEndian.Uint64(b[record.HeaderSize:])
	}
}
