package perfdata

import (
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// Where several recorders run, Linux writes some records wrong, and perf stops reading at them: samples with the id of another recorder's event (see
// [record.Layout]), and trailers that do not stand at the end (see [record.Set.MoveTrailer]).

// moveTrailer brings the trailer of a KSYMBOL or BPF_EVENT record to its end.
func (r *Reader) moveTrailer(rec []byte) bool {
	r.refresh()
	for i := range r.events {
		if r.events[i].Attr.Flags&(perfevent.FlagKsymbol|perfevent.FlagBPFEvent) != 0 {
			return r.set.MoveTrailer(i, rec)
		}
	}
	return false
}

// Mend takes a record that in, a Reader of Reread, gave. If the kernel wrote it wrong it is written right, in the file and in rec. What came out of a
// compressed record stays. mended tells whether it was wrong.
func (w *Writer) Mend(in *Reader, rec *record.Record) (mended bool, err error) {
	if in.unzip != nil {
		return false, nil
	}
	switch rec.Type {
	case record.TypeKsymbol, record.TypeBPFEvent:
		if in.moved {
			return true, w.overwrite(rec.Bytes, rec.Offset)
		}
	case record.TypeSample:
		event, at, ok := in.Set().Borrowed(rec.Bytes)
		if !ok || len(w.events[event].IDs) == 0 {
			return false, nil
		}
		ne.PutUint64(rec.Bytes[at:], w.events[event].IDs[0])
		return true, w.overwrite(rec.Bytes[at:at+8], rec.Offset+int64(at))
	}
	return false, nil
}

func (w *Writer) overwrite(b []byte, off int64) error {
	_, err := w.file.WriteAt(b, off)
	return w.failed(err)
}
