package perfdata

import (
	"encoding/binary"

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
