package perfdata

import (
	"encoding/binary"
	"fmt"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// Begin writes all that stands before the records. Of a file's features nothing is written before Finish; of a stream those that f has. It
// fails if the events' records could not be told apart. The Writer keeps events and f.
func (w *Writer) Begin(events []Event, f *Features) error {
	if w.begun {
		return w.orderError()
	}
	layouts := make([]record.EventLayout, len(events))
	for i := range events {
		layouts[i] = record.EventLayout{Layout: events[i].Layout(), IDs: events[i].IDs}
	}
	var err error
	if w.set, err = record.NewSet(layouts); err != nil {
		return fmt.Errorf("%d events in one recording: %w", len(events), err)
	}
	w.events, w.begun = events, true
	if f != nil {
		w.features = *f
	}
	if w.features.EventDesc == nil {
		w.features.EventDesc = events
	}
	if w.zip != nil {
		w.features.Compressed = w.zip.feature()
	}
	if !w.stream {
		w.beginFile()
	} else if err := w.beginStream(); err != nil {
		return err
	}
	for i := range events {
		if err := w.appendTypes(&events[i]); err != nil {
			return err
		}
	}
	return w.flush(nil, nil)
}

// beginFile puts header, ids and attrs into the buffer, in perf's order. EndRound and Finish complete the header.
func (w *Writer) beginFile() {
	b := make([]byte, headerSize)
	at := make([]section, len(w.events))
	for i, e := range w.events {
		at[i] = section{uint64(len(b)), 8 * uint64(len(e.IDs))}
		for _, id := range e.IDs {
			b = ne.AppendUint64(b, id)
		}
	}
	attrs := section{off: uint64(len(b))}
	attrSize := w.attrSize()
	for i := range w.events {
		b = w.events[i].Attr.AppendBinary(b, attrSize)
		b = ne.AppendUint64(ne.AppendUint64(b, at[i].off), at[i].size)
	}
	attrs.size = uint64(len(b)) - attrs.off
	if w.live {
		b = w.appendEarly(b)
	}
	w.dataOff = int64(len(b))
	w.putHeader(b[:headerSize], attrs, section{off: uint64(w.dataOff)}, FeatureSet{})
	w.buf = b
}

// attrSize is the length of the attrs: 128 bytes as perf 6.1 has it, more if an event needs more.
func (w *Writer) attrSize() int {
	n := perfevent.AttrSizeVer7
	for i := range w.events {
		n = max(n, len(w.events[i].Attr.AppendBinary(nil, 0)))
	}
	return n
}

var ne = binary.NativeEndian

func (w *Writer) putHeader(b []byte, attrs, data section, features FeatureSet) {
	ne.PutUint64(b, magicNumber)
	words := []uint64{headerSize, uint64(w.attrSize()) + sectionSize, attrs.off, attrs.size, data.off, data.size, 0, 0}
	for i, v := range append(words, features[:]...) {
		ne.PutUint64(b[8+8*i:], v)
	}
}

// beginStream puts the header and what describes the events into the buffer, in the order of perf_event__synthesize_for_pipe in perf's
// util/synthetic-events.c: attrs, features, tracing data.
func (w *Writer) beginStream() error {
	b := ne.AppendUint64(ne.AppendUint64(nil, magicNumber), streamSize)
	w.dataOff = streamSize
	for i := range w.events {
		e := &w.events[i]
		n := len(b)
		b = record.Append(nil, b, &record.HeaderAttr{Attr: e.Attr.AppendBinary(nil, w.attrSize()), IDs: e.IDs})
		if len(b) == n {
			return &StreamLimitError{Event: e.Name, IDs: len(e.IDs)}
		}
	}
	for f := range Feature(featureBits) {
		if w.features.has(f) && f != FeatureTracingData && f != FeatureBuildID {
			b = appendFeature(b, f, w.features.encode(nil, f))
		}
	}
	b = appendFeature(b, featureEnd, nil)
	if t := w.features.TracingData; t != nil {
		data := t.AppendBinary(nil)
		data = append(data, make([]byte, -len(data)&7)...)
		b = record.Append(nil, b, &record.TracingData{Size: uint32(len(data))})
		b = append(b, data...)
	}
	for i := range w.events {
		b = appendUpdates(b, &w.events[i])
	}
	w.buf = b
	return nil
}

// appendFeature appends a feature as a record, unless it is longer than a record can be. Of the features that streams have, EVENT_DESC alone
// grows with the events; its names come as updates too.
func appendFeature(b []byte, f Feature, data []byte) []byte {
	return record.Append(nil, b, &record.HeaderFeature{Feature: uint64(f), Data: data})
}

// appendUpdates appends what a stream's attr does not tell of the event.
func appendUpdates(b []byte, e *Event) []byte {
	if len(e.IDs) == 0 {
		return b
	}
	id := e.IDs[0]
	if e.Unit != "" {
		b = record.Append(nil, b, &record.EventUpdate{Kind: record.EventUpdateUnit, ID: id, Text: e.Unit})
	}
	if e.Scale != 0 && e.Scale != 1 {
		b = record.Append(nil, b, &record.EventUpdate{Kind: record.EventUpdateScale, ID: id, Scale: e.Scale})
	}
	if e.Name != "" {
		b = record.Append(nil, b, &record.EventUpdate{Kind: record.EventUpdateName, ID: id, Text: e.Name})
	}
	return b
}

// appendTypes appends what the event's fields mean, for gperf's eyes: in files as in streams a record ahead of all others.
func (w *Writer) appendTypes(e *Event) error {
	if len(e.Types) == 0 || len(e.IDs) == 0 {
		return nil
	}
	n := len(w.buf)
	w.buf = record.Append(nil, w.buf, &record.EventUpdate{Kind: record.EventUpdateTypes, ID: e.IDs[0], Data: e.Types})
	if len(w.buf) == n {
		return fmt.Errorf("event %s: the description of its fields has %d bytes, a record at most %d", e.Name, len(e.Types), record.MaxSize)
	}
	return nil
}

// Finish completes the recording. For a file it writes the features of Begin, over which late's have precedence where they are there. A
// stream has no place for late features: build-ids are written as records, the others are dropped.
func (w *Writer) Finish(late *Features) error {
	if w.err != nil || !w.begun || w.finished {
		return w.orderError()
	}
	if late == nil {
		late = new(Features)
	}
	if w.zip != nil {
		all := *late
		all.Compressed = w.zip.feature() // with the ratio
		late = &all
	}
	if w.stream {
		for i := range late.BuildIDs {
			w.buf = appendBuildID(w.buf, record.TypeHeaderBuildID, &late.BuildIDs[i])
		}
		w.finished = true
		return w.flush(nil, nil)
	}
	if err := w.flush(nil, nil); err != nil {
		return err
	}
	w.finished = true
	return w.failed(w.finishFile(late))
}

// finishFile writes the table of features right behind the data, the features that do not stand before it behind it, and the header anew.
func (w *Writer) finishFile(late *Features) error {
	var set FeatureSet
	var have []Feature
	for f := range Feature(featureBits) {
		if w.features.has(f) || late.has(f) {
			set.add(f)
			have = append(have, f)
		}
	}
	b := make([]byte, sectionSize*len(have))
	early := w.places
	for i, f := range have {
		s := section{off: uint64(w.written) + uint64(len(b))}
		switch {
		case late.has(f):
			b = late.encode(b, f)
		case !w.early.Has(f):
			b = w.features.encode(b, f)
		}
		s.size = uint64(w.written) + uint64(len(b)) - s.off
		if w.early.Has(f) {
			if !late.has(f) {
				s = early[0]
			}
			early = early[1:]
		}
		ne.PutUint64(b[sectionSize*i:], s.off)
		ne.PutUint64(b[sectionSize*i+8:], s.size)
	}
	b, losses := w.appendLosses(b, uint64(w.written))
	if _, err := w.file.WriteAt(b, w.written); err != nil {
		return err
	}
	if err := w.barrier(); err != nil {
		return err
	}
	if _, err := w.file.WriteAt(w.headerTail(uint64(w.written-w.dataOff), losses, set), offDataSize); err != nil {
		return err
	}
	return w.barrier()
}
