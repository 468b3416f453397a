package perfdata

import "github.com/gperf-dev/gperf/perfevent/record"

// ReturnID takes a sample that in, a Reader of Reread, gave. If it bears the id of another recorder's event (see [record.Layout]), which stops perf's
// reading, it gets one of its own event's, in the file and in rec. What came out of a compressed record stays.
func (w *Writer) ReturnID(in *Reader, rec *record.Record) error {
	event, at, ok := in.Set().Borrowed(rec.Bytes)
	if !ok || in.unzip != nil || len(w.events[event].IDs) == 0 {
		return nil
	}
	id := rec.Bytes[at : at+8]
	ne.PutUint64(id, w.events[event].IDs[0])
	_, err := w.file.WriteAt(id, rec.Offset+int64(at))
	return w.failed(err)
}
