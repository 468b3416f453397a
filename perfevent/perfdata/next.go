package perfdata

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// startStream begins to read perf's pipe format.
func (r *Reader) startStream(in *input) error {
	r.features, r.in = new(Features), in
	r.info.Stream, r.info.Version = true, headerVersion
	head, err := in.peek(streamSize)
	if err != nil && !atEnd(err) {
		return err
	}
	if err := r.parseMagic(head); err != nil {
		return err
	}
	if err != nil {
		return r.corrupt(int64(len(head)), true, nil, "the header of %d bytes is cut short", streamSize)
	}
	switch size := r.order.Uint64(head[8:]); size {
	case streamSize:
	case headerSize:
		return r.readFileFromStream()
	default:
		return r.corrupt(8, false, nil, "the header tells a size of %d bytes", size)
	}
	in.skip(streamSize)

	r.set, err = record.NewSet(nil)
	return err
}

// errFileInPipe tells that a file came through a pipe, whose features cannot be reached.
var errFileInPipe = errors.New("this is a file, not a stream: its description stands at its end")

func (r *Reader) readFileFromStream() error {
	return r.corrupt(8, false, errFileInPipe, "a perf.data file came through a pipe")
}

func (r *Reader) next(rec *record.Record) error {
	for {
		if r.refreshErr != nil {
			return r.refreshErr
		}
		b, off, err := r.raw()
		if err != nil {
			return err
		}
		if b == nil {
			continue
		}
		h, err := record.ParseHeader(b)
		if err != nil {
			return r.corrupt(off, false, err, "a record")
		}
		*rec = record.Record{Header: h, Bytes: b, Offset: off, CPU: -1}
		return r.look(rec)
	}
}

// raw returns the next whole record in native order, or nil when it met a compressed one.
func (r *Reader) raw() ([]byte, int64, error) {
	if b, err := r.unzipped(); b != nil || err != nil {
		return b, r.unzip.off, err
	}
	off := r.in.off
	b, err := r.rawFrom(r.in.record)
	if err != nil && atEnd(err) && len(b) == 0 {
		return nil, off, r.partEnd()
	}
	if err != nil {
		return nil, off, r.recordError(off, b, err)
	}
	t := record.Type(binary.NativeEndian.Uint32(b))
	r.in.skip(len(b))
	if t == record.TypeCompressed || t == record.TypeCompressed2 {
		return nil, off, r.feed(b, off)
	}
	return b, off, nil
}

// errRecordSize tells that a record's header has a size that cannot be.
var errRecordSize = errors.New("the header tells less than its own 8 bytes")

// rawFrom gets one record from peek and turns it into native order.
func (r *Reader) rawFrom(peek func(int) ([]byte, error)) ([]byte, error) {
	b, err := peek(record.HeaderSize)
	if len(b) < record.HeaderSize {
		return b, err
	}
	size := int(r.order.Uint16(b[6:]))
	if size < record.HeaderSize {
		return b, errRecordSize
	}
	if b, err = peek(size); len(b) < size {
		return b, err
	}
	if r.info.Foreign {
		r.refresh()
		if err := r.set.Swap(b); err != nil {
			return b, err
		}
	}
	return b, nil
}

func (r *Reader) recordError(off int64, b []byte, err error) error {
	if atEnd(err) {
		if len(b) >= record.HeaderSize {
			return r.corrupt(off, true, nil, "a record of %d bytes is cut short after %d", r.order.Uint16(b[6:]), len(b))
		}
		return r.corrupt(off, true, nil, "a record's header is cut short after %d bytes", len(b))
	}
	return r.corrupt(off, false, err, "a record")
}

// partEnd goes on with the next file of a directory; io.EOF behind the last one.
func (r *Reader) partEnd() error {
	end := r.info.DataOffset + r.info.DataSize
	if !r.info.Stream && !r.inPart && r.in.off < end {
		return r.corrupt(r.in.off, true, nil, "the records are cut short: the header tells that they go on to offset %d", end)
	}
	if r.unzip != nil && r.unzip.pending() > 0 {
		return r.corrupt(r.in.off, true, nil, "the last compressed record ends in the middle of a record")
	}
	if len(r.parts) == 0 {
		return cmp.Or(r.missing, io.EOF)
	}
	if r.unzip != nil { // each file has a stream of its own
		r.unzip.close()
		r.unzip = nil
	}
	f, err := os.Open(r.parts[0])
	if err != nil {
		return err
	}
	if r.file != nil {
		r.file.Close()
	}
	r.file, r.parts, r.inPart = f, r.parts[1:], true
	r.in = newInput(f, 0)
	return nil
}

// feed gives a compressed record to the decompressor.
func (r *Reader) feed(b []byte, off int64) error {
	body, err := record.Decode(nil, b)
	if err != nil {
		return r.corrupt(off, false, err, "a compressed record")
	}
	if r.unzip == nil {
		r.unzip = newUnzipper()
	}
	r.unzip.off = off
	switch c := body.(type) {
	case *record.Compressed:
		r.unzip.feed(c.Data)
	case *record.Compressed2:
		r.unzip.feed(c.Data)
	}
	return nil
}

// unzipped returns the next record out of the compressed one; nil if that holds no more whole ones.
func (r *Reader) unzipped() ([]byte, error) {
	if r.unzip == nil {
		return nil, nil
	}
	want := record.HeaderSize
	b, err := r.rawFrom(func(n int) ([]byte, error) {
		want = n
		return r.unzip.peek(n)
	})
	if err != nil {
		return nil, r.corrupt(r.unzip.off, false, err, "a compressed record")
	}
	if len(b) < want {
		return nil, nil
	}
	r.unzip.skip(len(b))
	return b, nil
}

// look takes what the reader itself has to know of a record of perf's own.
func (r *Reader) look(rec *record.Record) error {
	switch rec.Type {
	case record.TypeLost, record.TypeLostSamples:
		r.lose(rec)
		return nil
	case record.TypeKsymbol, record.TypeBPFEvent:
		r.moved = !r.info.Foreign && r.moveTrailer(rec.Bytes)
		return nil
	case record.TypeHeaderAttr, record.TypeHeaderTracingData, record.TypeAuxtrace, record.TypeHeaderFeature, record.TypeEventUpdate,
		record.TypeHeaderBuildID:
	default:
		return nil
	}
	body, err := record.Decode(nil, rec.Bytes)
	if err != nil {
		return r.corrupt(rec.Offset, false, err, "a record")
	}
	switch b := body.(type) {
	case *record.HeaderAttr:
		if r.info.Stream {
			if err := r.addEvent(b, rec.Offset); err != nil {
				return r.corrupt(rec.Offset, false, err, "event %d", len(r.events))
			}
		}
	case *record.EventUpdate:
		r.updateEvent(b)
	case *record.BuildID:
		r.features.BuildIDs = append(r.features.BuildIDs, *b)
	case *record.HeaderFeature:
		r.addFeature(b, rec.Offset)
	case *record.TracingData:
		return r.readTracing(rec, int64(b.Size))
	case *record.Auxtrace:
		return r.skipAux(rec, b.Size)
	}
	return nil
}

// addFeature takes a feature out of a stream. The last one there is empty and has the number behind those that its writer knows, which a later
// perf may have given to a feature.
func (r *Reader) addFeature(b *record.HeaderFeature, off int64) {
	f := Feature(min(b.Feature, featureBits))
	if len(b.Data) == 0 && f != FeatureBranchStack && f != FeatureStat || f == featureBits {
		return
	}
	r.decodeFeature(f, append([]byte(nil), b.Data...), off)
	if f == FeatureEventDesc || f == FeatureGroupDesc {
		r.stale = true
	}
}

// readTracing reads the container behind a TRACING_DATA record, padded to eight bytes.
func (r *Reader) readTracing(rec *record.Record, size int64) error {
	if size > maxTracing {
		return r.corrupt(rec.Offset, false, nil, "tracing data of %d bytes", size)
	}
	keep := append([]byte(nil), rec.Bytes...) // the buffer moves on
	rec.Bytes = keep
	data, err := r.in.take(size)
	if err != nil {
		return r.corrupt(rec.Offset, atEnd(err), err, "tracing data of %d bytes are cut short after %d", size, len(data))
	}
	r.formats = nil
	r.decodeFeature(FeatureTracingData, data, rec.Offset)
	r.stale = true
	return nil
}

// skipAux steps over the AUX data behind an AUXTRACE record.
func (r *Reader) skipAux(rec *record.Record, size uint64) error {
	rec.Bytes = append([]byte(nil), rec.Bytes...)
	if size > 1<<62 {
		return r.corrupt(rec.Offset, false, nil, "AUX data of %d bytes", size)
	}
	if err := r.in.discard(int64(size)); err != nil {
		return r.corrupt(rec.Offset, atEnd(err), err, "AUX data of %d bytes are cut short", size)
	}
	return nil
}
