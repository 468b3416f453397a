package record

import "fmt"

// Body is a decoded record: *Sample, one of the types of this package that end their name as PERF_RECORD_* does, or *Unknown.
type Body interface {
	// Type returns the record's type.
	Type() Type
	misc() *uint16
	trailer() *Trailer
	fields(c *coder, l *Layout)
}

// Meta is what every record but a sample has beside its own fields.
type Meta struct {
	Misc uint16 // Header.Misc
	// SampleID is the Trailer; zero in types that are perf's own and where the layout has no SampleIDAll.
	SampleID Trailer
}

func (m *Meta) misc() *uint16 { return &m.Misc }

func (m *Meta) trailer() *Trailer { return &m.SampleID }

// Trailer is the end of a record that is no sample: who caused it and when. The layout's SampleType chooses which fields are there.
type Trailer struct {
	PID, TID uint32
	Time     uint64 // nanoseconds of the event's clock
	ID       uint64
	StreamID uint64
	CPU      uint32
}

// TrailerOf returns the trailing SampleID of a record that is no sample, nil for a sample. It is zero where the record
// has none.
func TrailerOf(b Body) *Trailer { return b.trailer() }

func (t *Trailer) fields(c *coder, l *Layout) {
	st := l.SampleType
	if st&SampleTID != 0 {
		c.u32(&t.PID)
		c.u32(&t.TID)
	}
	if st&SampleTime != 0 {
		c.u64(&t.Time)
	}
	if st&SampleID != 0 {
		c.u64(&t.ID)
	}
	if st&SampleStreamID != 0 {
		c.u64(&t.StreamID)
	}
	if st&SampleCPU != 0 {
		c.u32(&t.CPU)
		c.skip(4)
	}
	if st&SampleIdentifier != 0 {
		c.u64(&t.ID)
	}
}

// Decode decodes the whole record rec, header included and in native byte order. A type that it does not know comes back as *Unknown. For
// types of perf's own l may be nil. Strings are copied; byte and word slices alias rec. The error wraps ErrShort if rec is shorter than
// its fields.
func Decode(l *Layout, rec []byte) (Body, error) {
	h, err := ParseHeader(rec)
	if err != nil {
		return nil, err
	}
	b := newBody(h.Type)
	*b.misc() = h.Misc
	if int(h.Size) > len(rec) {
		return nil, fmt.Errorf("%v record of %d bytes in %d: %w", h.Type, h.Size, len(rec), ErrShort)
	}
	if !walk(&coder{b: rec[HeaderSize:h.Size]}, l, b) {
		return nil, fmt.Errorf("%v record of %d bytes: %w", h.Type, h.Size, ErrShort)
	}
	return b, nil
}

// Swap turns the whole record rec, header included, from foreign byte order into native, in place. A type that it does not know has only its
// header swapped. Bytes whose meaning the record does not tell stay as they are: a sample's Raw, a HeaderFeature's Data, the data behind
// TRACING_DATA and AUXTRACE. The error wraps ErrShort as Decode's.
func Swap(l *Layout, rec []byte) error {
	if len(rec) < HeaderSize {
		return ErrShort
	}
	c := coder{mode: swapping, b: rec[:HeaderSize]}
	var h Header
	c.u32((*uint32)(&h.Type))
	c.u16(&h.Misc)
	c.u16(&h.Size)
	if int(h.Size) < HeaderSize || int(h.Size) > len(rec) {
		return fmt.Errorf("%v record of %d bytes in %d: %w", h.Type, h.Size, len(rec), ErrShort)
	}
	c.b = rec[HeaderSize:h.Size]
	b := newBody(h.Type)
	*b.misc() = h.Misc
	if !walk(&c, l, b) {
		return fmt.Errorf("%v record of %d bytes: %w", h.Type, h.Size, ErrShort)
	}
	return nil
}

// Append appends b as a whole record, header included, and returns the longer slice. It is the inverse of Decode. A record longer than
// MaxSize is not appended: dst comes back as it was. Who appends lists without a bound splits them.
func Append(l *Layout, dst []byte, b Body) []byte {
	c := coder{mode: appending, out: dst, start: len(dst)}
	return c.record(l, b)
}

// record appends b.
func (c *coder) record(l *Layout, b Body) []byte {
	dst, t, size := c.out, b.Type(), uint16(0)
	c.u32((*uint32)(&t))
	c.u16(b.misc())
	c.u16(&size)
	walk(c, l, b)
	n := len(c.out) - c.start
	if n > MaxSize {
		return dst
	}
	native.PutUint16(c.out[c.start+6:], c.order16(uint16(n)))
	return c.out
}

// walk walks fields and trailer and reports whether the record was long enough for them.
func walk(c *coder, l *Layout, b Body) bool {
	t, tail := b.trailer(), []byte(nil)
	if l == nil {
		l = new(Layout)
	}
	n := 0
	if t != nil && b.Type() < FirstUserType && known(b) {
		n = l.TrailerSize()
	}
	if c.mode != appending {
		if len(c.b) < n {
			return false
		}
		c.b, tail = c.b[:len(c.b)-n], c.b[len(c.b)-n:]
	}
	b.fields(c, l)
	if c.mode != appending {
		c.b = tail
	} else if padded(b.Type()) {
		c.pad()
	}
	if n > 0 {
		t.fields(c, l)
	}
	return !c.short
}

// padded reports whether a record is filled up to eight bytes. Two are not: TRACING_DATA because readers know its size, COMPRESSED because
// its stream would get the zeros.
func padded(t Type) bool { return t != TypeHeaderTracingData && t != TypeCompressed }

func known(b Body) bool {
	_, no := b.(*Unknown)
	return !no
}

// Unknown is a record of a type that this package does not know; it is kept as it is.
type Unknown struct {
	Meta
	Kind Type
	Data []byte // all that follows the header; aliases the record
}

// Type returns the record's type.
func (u *Unknown) Type() Type { return u.Kind }

func (u *Unknown) fields(c *coder, _ *Layout) { c.rest(&u.Data) }
