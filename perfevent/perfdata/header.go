package perfdata

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

const (
	magicLittle   = "PERFILE2"
	magicBig      = "2ELIFREP"
	magicNumber   = 0x32454c4946524550
	headerSize    = 104 // bytes of a file's header
	streamSize    = 16  // bytes of a stream's header: magic, size
	sectionSize   = 16
	headerVersion = 1
)

// section is a piece of a file.
type section struct{ off, size uint64 }

// fits reports whether the section lies within size bytes.
func (s section) fits(size int64) bool {
	return s.off <= uint64(size) && s.size <= uint64(size)-s.off
}

// fileHeader is the header behind its magic.
type fileHeader struct {
	size, attrSize         uint64
	attrs, data, eventType section
	features               FeatureSet
}

// parseMagic tells the byte order of a recording. The magic is a number of eight bytes.
func (r *Reader) parseMagic(b []byte) error {
	switch {
	case len(b) >= len(magicLittle) && string(b[:len(magicLittle)]) == magicLittle:
		r.order = binary.LittleEndian
	case len(b) >= len(magicBig) && string(b[:len(magicBig)]) == magicBig:
		r.order = binary.BigEndian
	default:
		return &FormatError{Path: r.info.Path, Kind: kindOf(b)}
	}
	r.info.Foreign = r.order != native()
	return nil
}

// native returns this machine's byte order in a form that compares.
func native() byteOrder {
	if isBig() {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (r *Reader) corrupt(off int64, cut bool, err error, format string, args ...any) error {
	return &CorruptError{Path: r.info.Path, Offset: off, Cut: cut, Err: err, What: fmt.Sprintf(format, args...)}
}

// start begins to read a file of size bytes.
func (r *Reader) start(ra io.ReaderAt, size int64) error {
	r.features, r.info.Version = new(Features), headerVersion
	head := make([]byte, headerSize)
	n, err := ra.ReadAt(head, 0)
	head = head[:n]
	if err != nil && err != io.EOF {
		return err
	}
	if err := r.parseMagic(head); err != nil {
		return err
	}
	if n >= streamSize && r.order.Uint64(head[8:]) == streamSize {
		return r.startStream(newInput(io.NewSectionReader(ra, 0, size), 0))
	}
	if n < headerSize {
		return r.corrupt(int64(n), true, nil, "the header of %d bytes is cut short", headerSize)
	}
	h := r.parseHeader(head)
	if !h.attrs.fits(size) || h.attrSize < perfevent.AttrSizeVer0+sectionSize || h.attrSize > 1<<16 {
		return r.corrupt(16, uint64(size) < h.attrs.off+h.attrs.size, nil, "%d bytes of event attributes, %d each, at %d in a file of %d bytes",
			h.attrs.size, h.attrSize, h.attrs.off, size)
	}
	if err := r.readAttrs(ra, size, h); err != nil {
		return err
	}
	r.setData(ra, h, size)
	if !r.info.Unfinished {
		r.readFeatures(ra, size, h)
	}
	r.readLosses(ra, h.eventType, size)
	r.describeEvents()
	off := r.info.DataOffset
	r.in = newInput(io.NewSectionReader(ra, off, r.info.DataSize), off)
	return nil
}

func (r *Reader) parseHeader(b []byte) *fileHeader {
	u := func(i int) uint64 { return r.order.Uint64(b[8+8*i:]) }
	h := &fileHeader{
		size: u(0), attrSize: u(1),
		attrs: section{u(2), u(3)}, data: section{u(4), u(5)}, eventType: section{u(6), u(7)},
	}
	for i := range h.features {
		h.features[i] = u(8 + i)
	}
	if r.info.Foreign && !h.features.Has(FeatureHostname) {
		// The bitmap is an array of longs: a foreign machine with longs of 32 bits has its halves in the other order (perf's header.c,
		// perf_file_header__read).
		for i := range h.features {
			h.features[i] = h.features[i]>>32 | h.features[i]<<32
		}
	}
	return h
}

// setData sets where the records stand. A size of 0 means that the recorder was stopped before it could write it, so that all that follows
// is records; unless the table of features stands there, of a recording without records.
func (r *Reader) setData(ra io.ReaderAt, h *fileHeader, size int64) {
	off := int64(min(h.data.off, uint64(size)))
	r.info.DataOffset = off
	r.info.DataSize = int64(min(h.data.size, math.MaxInt64-uint64(off)))
	if h.data.size != 0 {
		return
	}
	var first [sectionSize]byte
	if _, err := ra.ReadAt(first[:], off); err == nil && h.features != (FeatureSet{}) {
		s := section{r.order.Uint64(first[:]), r.order.Uint64(first[8:])}
		if s.off > uint64(off) && s.fits(size) {
			return
		}
	}
	r.info.Unfinished = true
	r.info.DataSize = size - off
}

// readAttrs reads the events' attrs and ids.
func (r *Reader) readAttrs(ra io.ReaderAt, size int64, h *fileHeader) error {
	table := make([]byte, h.attrs.size-h.attrs.size%h.attrSize)
	if _, err := ra.ReadAt(table, int64(h.attrs.off)); err != nil {
		return r.corrupt(int64(h.attrs.off), true, err, "event attributes")
	}
	budget := size
	var layouts []record.EventLayout
	if n := len(table) / int(h.attrSize); n > maxEvents {
		return r.corrupt(int64(h.attrs.off), false, errManyEvents, "%d events", n)
	}
	for at := 0; at < len(table); at += int(h.attrSize) {
		b, off := table[at:at+int(h.attrSize)], int64(h.attrs.off)+int64(at)
		attr, err := perfevent.ParseAttr(b[:len(b)-sectionSize], r.order)
		if err != nil {
			return r.corrupt(off, false, err, "event %d", len(r.events))
		}
		tail := b[len(b)-sectionSize:]
		ids := section{r.order.Uint64(tail), r.order.Uint64(tail[8:])}
		if budget -= int64(min(ids.size, math.MaxInt64)); !ids.fits(size) || budget < 0 {
			return r.corrupt(off, ids.off > uint64(size), nil, "%d bytes of ids of event %d at %d in a file of %d bytes", ids.size, len(r.events), ids.off, size)
		}
		e := Event{Attr: attr, IDs: make([]uint64, ids.size/8), Leader: len(r.events)}
		raw := make([]byte, 8*len(e.IDs))
		if _, err := ra.ReadAt(raw, int64(ids.off)); err != nil && err != io.EOF {
			return r.corrupt(int64(ids.off), true, err, "ids of event %d", len(r.events))
		}
		for i := range e.IDs {
			e.IDs[i] = r.order.Uint64(raw[8*i:])
		}
		r.events = append(r.events, e)
		layouts = append(layouts, record.EventLayout{Layout: e.Layout(), IDs: e.IDs})
	}
	var err error
	if r.set, err = record.NewSet(layouts); err != nil {
		return r.corrupt(int64(h.attrs.off), false, err, "%d events", len(layouts))
	}
	return nil
}

// readFeatures reads all features. One that is damaged is noted and left out.
func (r *Reader) readFeatures(ra io.ReaderAt, size int64, h *fileHeader) {
	var have []Feature
	for f := range Feature(featureBits) {
		if h.features.Has(f) {
			have = append(have, f)
		}
	}
	at := int64(h.data.off + h.data.size)
	table := make([]byte, sectionSize*len(have))
	n, err := io.NewSectionReader(ra, at, int64(len(table))).Read(table)
	if len(table) > 0 && n < len(table) {
		r.damaged(r.corrupt(at, true, err, "the table of %d features", len(have)))
		table = table[:n]
	}
	budget := size
	for i, f := range have {
		if len(table) < sectionSize*(i+1) {
			return
		}
		if f == featureReserved { // no section: see writerlive.go
			r.info.Unfinished = true
			continue
		}
		b := table[sectionSize*i:]
		s := section{r.order.Uint64(b), r.order.Uint64(b[8:])}
		if budget -= int64(min(s.size, math.MaxInt64)); !s.fits(size) || budget < 0 {
			r.damaged(r.corrupt(int64(min(s.off, math.MaxInt64)), true, nil, "feature %v has %d bytes in a file of %d", f, s.size, size))
			continue
		}
		data := make([]byte, s.size)
		if _, err := ra.ReadAt(data, int64(s.off)); err != nil && err != io.EOF {
			r.damaged(r.corrupt(int64(s.off), true, err, "feature %v", f))
			continue
		}
		r.decodeFeature(f, data, int64(s.off))
	}
}

// decodeFeature reads one feature; off is where it stands.
func (r *Reader) decodeFeature(f Feature, data []byte, off int64) {
	if err := r.features.decode(&walker{order: r.order, b: data}, f); err != nil {
		r.damaged(r.corrupt(off, false, err, "feature %v", f))
	}
}

// maxDamage bounds what is kept of what is wrong: a stream may be so without an end.
const maxDamage = 64

func (r *Reader) damaged(errs ...error) {
	room := max(0, maxDamage-len(r.features.Damage))
	r.features.Damage = append(r.features.Damage, errs[:min(len(errs), room)]...)
}
