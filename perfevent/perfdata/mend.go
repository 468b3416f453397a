package perfdata

import (
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// Where several recorders run, Linux writes some records wrong, and perf stops reading at them: samples with the id of another recorder's event (see
// [record.Layout]), and trailers that do not stand at the end (see [record.MoveTrailer]).

// moveTrailer brings the trailer of a KSYMBOL or BPF_EVENT record to its end.
func (r *Reader) moveTrailer(rec []byte) bool {
	r.refresh()
	for i := range r.events {
		if r.events[i].Attr.Flags&(perfevent.FlagKsymbol|perfevent.FlagBPFEvent) != 0 {
			return record.MoveTrailer(r.set.Layout(i), rec)
		}
	}
	return false
}

// Mend takes a record that in, a Reader of Reread, gave. If the kernel wrote it wrong it is written right, in the file and in rec. What came out of a
// compressed record stays.
func (w *Writer) Mend(in *Reader, rec *record.Record) error {
	if in.unzip != nil {
		return nil
	}
	switch rec.Type {
	case record.TypeKsymbol, record.TypeBPFEvent:
		if in.moved {
			return w.overwrite(rec.Bytes, rec.Offset)
		}
	case record.TypeSample:
		event, at, ok := in.Set().Borrowed(rec.Bytes)
		if !ok || len(w.events[event].IDs) == 0 {
			return nil
		}
		ne.PutUint64(rec.Bytes[at:], w.events[event].IDs[0])
		return w.overwrite(rec.Bytes[at:at+8], rec.Offset+int64(at))
	}
	return nil
}

func (w *Writer) overwrite(b []byte, off int64) error {
	_, err := w.file.WriteAt(b, off)
	return w.failed(err)
}
