package record

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// A coder walks the fields of one record body. A walk says what comes next; the mode says what is done with it.
type coder struct {
	mode  mode
	short bool   // decoding, swapping: the body ended before the fields
	b     []byte // decoding, swapping: the rest of the body
	out   []byte // appending
	start int    // appending: where in out the record begins

	foreign bool // appending: in the other byte order; tests hold Swap against it
}

type mode uint8

const (
	decoding  mode = iota // bytes to fields
	appending             // fields to bytes
	swapping              // foreign bytes to native bytes in place, and to fields, for counts and kinds
)

var native = binary.NativeEndian

// take returns the next n bytes, or nil if they are not there.
func (c *coder) take(n int) []byte {
	if n < 0 || len(c.b) < n {
		c.short, c.b = true, nil
		return nil
	}
	p := c.b[:n:n]
	c.b = c.b[n:]
	return p
}

func (c *coder) order64(v uint64) uint64 {
	if c.foreign {
		return bits.ReverseBytes64(v)
	}
	return v
}

func (c *coder) order32(v uint32) uint32 {
	if c.foreign {
		return bits.ReverseBytes32(v)
	}
	return v
}

func (c *coder) order16(v uint16) uint16 {
	if c.foreign {
		return bits.ReverseBytes16(v)
	}
	return v
}

func (c *coder) u64(v *uint64) {
	if c.mode == appending {
		c.out = native.AppendUint64(c.out, c.order64(*v))
		return
	}
	if len(c.b) < 8 {
		c.short, c.b = true, nil
		return
	}
	if c.mode == swapping {
		native.PutUint64(c.b, bits.ReverseBytes64(native.Uint64(c.b)))
	}
	*v = native.Uint64(c.b)
	c.b = c.b[8:]
}

func (c *coder) u32(v *uint32) {
	if c.mode == appending {
		c.out = native.AppendUint32(c.out, c.order32(*v))
		return
	}
	if len(c.b) < 4 {
		c.short, c.b = true, nil
		return
	}
	if c.mode == swapping {
		native.PutUint32(c.b, bits.ReverseBytes32(native.Uint32(c.b)))
	}
	*v = native.Uint32(c.b)
	c.b = c.b[4:]
}

func (c *coder) u16(v *uint16) {
	if c.mode == appending {
		c.out = native.AppendUint16(c.out, c.order16(*v))
		return
	}
	p := c.take(2)
	if p == nil {
		return
	}
	if c.mode == swapping {
		native.PutUint16(p, bits.ReverseBytes16(native.Uint16(p)))
	}
	*v = native.Uint16(p)
}

func (c *coder) u8(v *uint8) {
	if c.mode == appending {
		c.out = append(c.out, *v)
	} else if p := c.take(1); p != nil {
		*v = p[0]
	}
}

// skip walks n bytes that mean nothing.
func (c *coder) skip(n int) {
	if c.mode == appending {
		c.zeros(n)
		return
	}
	c.take(n)
}

func (c *coder) zeros(n int) {
	for range n {
		c.out = append(c.out, 0)
	}
}

// count64 walks a count of elements of size bytes, which is n when appending, and returns it. A count that the rest of the body cannot
// hold makes the record short.
func (c *coder) count64(n, size int) int {
	v := uint64(n)
	c.u64(&v)
	return c.fits(v, size)
}

// count16 is count64 for a count of 16 bits.
func (c *coder) count16(n, size int) int {
	v := uint16(n)
	c.u16(&v)
	return c.fits(uint64(v), size)
}

// fits checks a count of elements of size bytes against what is left of the body.
func (c *coder) fits(v uint64, size int) int {
	if c.mode != appending && v > uint64(len(c.b)/size) {
		c.short, c.b = true, nil
		return 0
	}
	return int(v)
}

// bytes walks n bytes without an order; a decoded slice aliases the record.
func (c *coder) bytes(v *[]byte, n int) {
	if c.mode == appending {
		c.out = append(c.out, *v...)
		return
	}
	if p := c.take(n); len(p) > 0 {
		*v = p
	}
}

// rest walks all bytes up to the record's end.
func (c *coder) rest(v *[]byte) { c.bytes(v, len(c.b)) }

// array walks an array of fixed length without an order.
func (c *coder) array(v []byte) {
	if c.mode == appending {
		c.out = append(c.out, v...)
		return
	}
	copy(v, c.take(len(v)))
}

// raw walks PERF_SAMPLE_RAW: a length of 32 bits that counts the padding to eight bytes, itself included.
func (c *coder) raw(v *[]byte) {
	n := uint32(len(*v)+4+7)&^7 - 4
	c.u32(&n)
	if c.mode == appending {
		c.out = append(c.out, *v...)
		c.zeros(int(n) - len(*v))
		return
	}
	c.bytes(v, c.fits(uint64(n), 1))
}

// text walks a string that ends with a NUL, padded to eight bytes. When decoding it takes the rest of the body.
func (c *coder) text(v *string) {
	if c.mode == appending {
		c.out = append(append(c.out, *v...), 0)
		c.pad()
		return
	}
	*v = cstring(c.take(len(c.b)))
}

// textN walks a string in a field of n bytes.
func (c *coder) textN(v *string, n int) {
	if c.mode == appending {
		s := *v
		s = s[:min(len(s), n-1)]
		c.out = append(c.out, s...)
		c.zeros(n - len(s))
		return
	}
	*v = cstring(c.take(n))
}

// pad fills the record up to a multiple of eight bytes.
func (c *coder) pad() { c.zeros(-(len(c.out) - c.start) & 7) }

// cstring returns b up to its first NUL.
func cstring(b []byte) string {
	for i, x := range b {
		if x == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// u64s walks n words. A decoded slice aliases the record if that is aligned, which it is out of a ring and out of perfdata.
func (c *coder) u64s(v *[]uint64, n int) {
	if c.mode == appending {
		for i := range *v {
			c.u64(&(*v)[i])
		}
		return
	}
	p := c.take(8 * n)
	if len(p) == 0 {
		return
	}
	if c.mode == swapping {
		swap64s(p)
	}
	if uintptr(unsafe.Pointer(&p[0]))&7 == 0 {
		*v = unsafe.Slice((*uint64)(unsafe.Pointer(&p[0])), n)
		return
	}
	*v = make([]uint64, n)
	for i := range *v {
		(*v)[i] = native.Uint64(p[8*i:])
	}
}

func swap64s(p []byte) {
	for ; len(p) >= 8; p = p[8:] {
		native.PutUint64(p, bits.ReverseBytes64(native.Uint64(p)))
	}
}

// branches walks n entries of a branch stack, with the same rule of aliasing.
func (c *coder) branches(v *[]Branch, n int) {
	if c.mode == appending {
		for i := range *v {
			b := &(*v)[i]
			c.u64(&b.From)
			c.u64(&b.To)
			c.u64(&b.Flags)
		}
		return
	}
	p := c.take(24 * n)
	if len(p) == 0 {
		return
	}
	if c.mode == swapping {
		swap64s(p)
		for i := 16; i < len(p); i += 24 {
			native.PutUint64(p[i:], reverseFields(native.Uint64(p[i:]), 1, 1, 1, 1, 16, 4, 2, 4, 3, 31))
		}
	}
	if uintptr(unsafe.Pointer(&p[0]))&7 == 0 {
		*v = unsafe.Slice((*Branch)(unsafe.Pointer(&p[0])), n)
		return
	}
	*v = make([]Branch, n)
	for i := range *v {
		q := p[24*i:]
		(*v)[i] = Branch{native.Uint64(q), native.Uint64(q[8:]), native.Uint64(q[16:])}
	}
}

// reverseFields moves C bit fields of the given widths, which a machine of the other byte order allocates from the other end of the word.
func reverseFields(v uint64, widths ...int) uint64 {
	var out uint64
	at, from := 0, 64
	for _, w := range widths {
		from -= w
		mask := uint64(1)<<w - 1
		if isBigEndian() {
			// The foreign word is little-endian: fields from bit 0. Ours go from the top.
			out |= (v >> at & mask) << from
		} else {
			out |= (v >> from & mask) << at
		}
		at += w
	}
	return out
}

func isBigEndian() bool { return native.Uint16([]byte{0, 1}) == 1 }

// resize gives s n elements that are zero, in its old memory if that is enough. When appending s stays as it is.
func resize[T any](c *coder, s *[]T, n int) {
	if c.mode == appending {
		return
	}
	if cap(*s) < n {
		*s = make([]T, n)
		return
	}
	*s = (*s)[:n]
	clear(*s)
}
