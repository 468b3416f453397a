package perfdata

import "encoding/binary"

// byteOrder is what binary.LittleEndian and binary.BigEndian can do.
type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

// A walker walks the fields of one feature: decoding or, with append, appending. As in package record a feature's layout is written down once.
type walker struct {
	order  byteOrder
	b      []byte // decoding: the rest
	short  bool   // decoding: b ended before the fields
	append bool
	out    []byte
}

func (w *walker) take(n uint64) []byte {
	if uint64(len(w.b)) < n {
		w.short, w.b = true, nil
		return nil
	}
	p := w.b[:n:n]
	w.b = w.b[n:]
	return p
}

func (w *walker) u8(v *uint8) {
	if w.append {
		w.out = append(w.out, *v)
	} else if p := w.take(1); p != nil {
		*v = p[0]
	}
}

func (w *walker) u32(v *uint32) {
	if w.append {
		w.out = w.order.AppendUint32(w.out, *v)
	} else if p := w.take(4); p != nil {
		*v = w.order.Uint32(p)
	}
}

func (w *walker) i32(v *int32) {
	u := uint32(*v)
	w.u32(&u)
	*v = int32(u)
}

func (w *walker) u64(v *uint64) {
	if w.append {
		w.out = w.order.AppendUint64(w.out, *v)
	} else if p := w.take(8); p != nil {
		*v = w.order.Uint64(p)
	}
}

// stringAlign is what perf rounds a string's room up to, NAME_ALIGN.
const stringAlign = 64

// text walks a string: the length of its room, the string and NULs.
func (w *walker) text(v *string) {
	n := uint32(len(*v)+1+stringAlign-1) &^ (stringAlign - 1)
	w.u32(&n)
	if !w.append {
		*v = cstring(w.take(uint64(n)))
		return
	}
	w.out = append(w.out, *v...)
	w.out = append(w.out, make([]byte, int(n)-len(*v))...)
}

// bytes32 walks bytes without an order, with their length before them in 32 bits, bytes64 in 64.
func (w *walker) bytes32(v *[]byte) {
	n := uint32(len(*v))
	w.u32(&n)
	w.raw(v, uint64(n))
}

func (w *walker) bytes64(v *[]byte) {
	n := uint64(len(*v))
	w.u64(&n)
	w.raw(v, n)
}

func (w *walker) raw(v *[]byte, n uint64) {
	if w.append {
		w.out = append(w.out, *v...)
		return
	}
	*v = w.take(n)
}

// rest walks all that is left.
func (w *walker) rest(v *[]byte) { w.raw(v, uint64(len(w.b))) }

// cstr walks a string that ends with its NUL.
func (w *walker) cstr(v *string) {
	if w.append {
		w.out = append(append(w.out, *v...), 0)
		return
	}
	for i, c := range w.b {
		if c == 0 {
			*v = string(w.take(uint64(i)))
			w.take(1)
			return
		}
	}
	w.short, w.b = true, nil
}

// list walks a count of 32 bits and that many elements, each of at least size bytes.
func list[T any](w *walker, s *[]T, size int, walk func(*T)) {
	n := uint32(len(*s))
	w.u32(&n)
	elements(w, s, uint64(n), size, walk)
}

// list64 is list with a count of 64 bits.
func list64[T any](w *walker, s *[]T, size int, walk func(*T)) {
	n := uint64(len(*s))
	w.u64(&n)
	elements(w, s, n, size, walk)
}

// elements walks n elements. A count that the rest of the feature cannot hold makes it short before any memory is asked for.
func elements[T any](w *walker, s *[]T, n uint64, size int, walk func(*T)) {
	if !w.append {
		if n > uint64(len(w.b)/size) {
			w.short, w.b = true, nil
			return
		}
		*s = make([]T, n)
	}
	for i := range *s {
		walk(&(*s)[i])
	}
}

// cstring returns b up to its first NUL.
func cstring(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
