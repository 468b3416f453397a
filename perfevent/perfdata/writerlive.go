package perfdata

import (
	"fmt"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// The live layout. Readers look for the table of features right behind the records, so that a recorder that is killed leaves a file that perf
// cannot read. Here what the features hold stands before the records, and only the table moves: a round is written as [records][table], and one
// write of eight bytes then sets the size of the data to the end of the records. The table begins with an entry for feature 0, which is
// reserved and ignored; its first eight bytes are the header of a FINISHED_ROUND record as long as the table. So the table of the round before,
// now in the middle of the records, is a record. It must stand where a round ends, or perf finds events out of order.
//
// Between any two writes the file is whole: until the size is written, it ends before the old table, which nothing overwrites.

// Places in a file's header.
const (
	offDataSize = 48 // bytes of records
	offFeatures = 72 // the bitmap
)

// Live makes the file whole at every moment after its first EndRound: killed then, it is read by gperf and by perf as it lies, with all
// features that Begin gets. With sync, the records of a round are on the medium before the header tells of them, for lost power. It is to be
// called before Begin, and means nothing to a stream.
func (w *Writer) Live(sync bool) { w.live, w.sync = !w.stream, sync }

// EndRound ends a round: all records that come are younger than those of the round before. Of a live file it sets the end to here; a stream's
// reader gets what waits. Without records since the last one it does nothing.
func (w *Writer) EndRound() error {
	if w.err != nil || !w.begun || w.finished {
		return w.orderError()
	}
	if at := w.BytesWritten(); at == w.roundEnd || at == w.dataOff {
		return nil
	}
	if !w.live {
		w.buf = record.Append(nil, w.buf, &record.Mark{Kind: record.TypeFinishedRound})
		w.roundEnd = w.BytesWritten()
		if !w.stream {
			return nil
		}
		return w.flush(nil, nil)
	}
	return w.liveRound()
}

func (w *Writer) liveRound() error {
	end := w.BytesWritten()
	w.buf = w.appendRoundTable(w.buf)
	if err := w.flush(nil, nil); err != nil {
		return err
	}
	if err := w.barrier(); err != nil {
		return err
	}
	size := uint64(end - w.dataOff)
	var head []byte
	if w.roundEnd == 0 { // size, the unused section, features
		set := w.early
		set.add(0)
		head = w.headerTail(size, section{}, set)
	} else {
		head = ne.AppendUint64(w.small[:0], size)
	}
	if _, err := w.file.WriteAt(head, offDataSize); err != nil {
		return w.failed(err)
	}
	w.roundEnd = w.written
	return nil
}

// headerTail is the header from the size of the data on. It is one write, in one page: no kill comes between its words.
func (w *Writer) headerTail(size uint64, losses section, set FeatureSet) []byte {
	b := ne.AppendUint64(w.small[:0], size)
	b = ne.AppendUint64(ne.AppendUint64(b, losses.off), losses.size)
	for _, v := range set {
		b = ne.AppendUint64(b, v)
	}
	return b
}

// barrier puts what was written on the medium before what comes, if that was asked for.
func (w *Writer) barrier() error {
	if !w.sync {
		return nil
	}
	return w.failed(w.file.flushData())
}

// failed keeps the first failure.
func (w *Writer) failed(err error) error {
	if err != nil && w.err == nil {
		w.err = err
	}
	return err
}

// appendEarly appends what the features of Begin hold, before the records of a live file, and notes where.
func (w *Writer) appendEarly(b []byte) []byte {
	for f := range Feature(featureBits) {
		if !w.features.has(f) {
			continue
		}
		at := len(b)
		b = w.features.encode(b, f)
		w.early.add(f)
		w.places = append(w.places, section{uint64(at), uint64(len(b) - at)})
	}
	return append(b, make([]byte, -len(b)&7)...)
}

// appendRoundTable appends the table as a record.
func (w *Writer) appendRoundTable(b []byte) []byte {
	size := sectionSize * (1 + len(w.places)) // at most 257 entries
	b = ne.AppendUint32(b, uint32(record.TypeFinishedRound))
	b = ne.AppendUint16(ne.AppendUint16(b, 0), uint16(size))
	b = ne.AppendUint64(b, 0)
	for _, s := range w.places {
		b = ne.AppendUint64(ne.AppendUint64(b, s.off), s.size)
	}
	return b
}

// rescue brings a live file to which no more can be written back to its last round, so that it is whole. It has one.
func (w *Writer) rescue() error {
	if err := w.file.Truncate(w.roundEnd); err != nil {
		return fmt.Errorf("cutting %s to its last round: %w", w.file.Name(), err)
	}
	return nil
}

// Rounds reports whether a live file holds a whole round, and so makes sense although writing failed.
func (w *Writer) Rounds() bool { return w.live && w.roundEnd != 0 }

// Kept returns how many bytes of records the file keeps when nothing more can be written: those up to its last round.
func (w *Writer) Kept() int64 {
	if !w.Rounds() {
		return 0
	}
	return w.roundEnd - w.dataOff
}

// Err returns the first failure of writing, after which nothing is written any more.
func (w *Writer) Err() error { return w.err }
