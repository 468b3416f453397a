package dwarfunit

// Reader reads an expression's bytes in order. Past the end it gives zeros and turns bad.
type Reader struct{ c cursor }

// NewReader returns a Reader of b.
func NewReader(b []byte) *Reader { return &Reader{cursor{b: b}} }

// More tells whether bytes are left.
func (r *Reader) More() bool { return r.c.p < len(r.c.b) && !r.c.bad }

// Bad tells whether something was read beyond the end.
func (r *Reader) Bad() bool { return r.c.bad }

// Uint reads a number of 1, 2, 4 or 8 bytes.
func (r *Reader) Uint(size int) uint64 { return r.c.offset(uint8(size)) }

// Int reads a signed number of 1, 2, 4 or 8 bytes.
func (r *Reader) Int(size int) int64 {
	shift := 64 - 8*size
	return int64(r.c.offset(uint8(size))<<shift) >> shift
}

// Uleb reads an unsigned LEB128 number.
func (r *Reader) Uleb() uint64 { return r.c.uleb() }

// Sleb reads a signed LEB128 number.
func (r *Reader) Sleb() int64 { return r.c.sleb() }

// Bytes reads n bytes, which are a part of what the Reader reads.
func (r *Reader) Bytes(n uint64) []byte { return r.c.bytes(n) }

// MakeReader is NewReader for who keeps the Reader on the stack.
func MakeReader(b []byte) Reader { return Reader{cursor{b: b}} }

// Skip goes on n bytes farther, or back; beyond either end the Reader turns bad.
func (r *Reader) Skip(n int64) {
	if to := int64(r.c.p) + n; to >= 0 && to <= int64(len(r.c.b)) {
		r.c.p = int(to)
	} else {
		r.c.bad = true
	}
}
