package perfdata

import (
	"errors"
	"io"
	"unsafe"
)

// inputSize is the room of an input's buffer: some records of the longest kind, and few system calls.
const inputSize = 256 << 10

// An input reads forward and shows what comes next in a buffer of its own.
type input struct {
	r          io.Reader
	buf        []byte // aligned to eight bytes
	start, end int
	off        int64  // of buf[start] in the recording
	err        error  // what r returned
	odd        []byte // aligned room for one record, nil until it is needed
}

func newInput(r io.Reader, off int64) *input {
	return &input{r: r, buf: alignedBuffer(inputSize), off: off}
}

// alignedBuffer returns n bytes whose address is a multiple of eight.
func alignedBuffer(n int) []byte {
	words := make([]uint64, (n+7)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*8)[:n]
}

// peek returns the next n bytes, n at most inputSize, or all that are left and the error that ended them. The bytes are good until the next call of
// peek.
func (in *input) peek(n int) ([]byte, error) {
	if in.end-in.start < n {
		in.fill(n)
	}
	if have := in.end - in.start; have < n {
		err := in.err
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return in.buf[in.start:in.end], err
	}
	return in.buf[in.start : in.start+n], nil
}

// fill moves what is there to the front of the buffer and reads until n bytes are there or the source ends.
func (in *input) fill(n int) {
	in.end = copy(in.buf, in.buf[in.start:in.end])
	in.start = 0
	for empty := 0; in.end < n && in.err == nil; {
		got, err := in.r.Read(in.buf[in.end:])
		in.end += got
		in.err = err
		if got == 0 && err == nil {
			if empty++; empty > 100 {
				in.err = io.ErrNoProgress
			}
		}
	}
}

// record is peek for a record of n bytes, at an address that is a multiple of eight. Records of perf's own may have odd lengths; those behind
// one are copied.
func (in *input) record(n int) ([]byte, error) {
	b, err := in.peek(n)
	if in.start&7 == 0 {
		return b, err
	}
	if in.odd == nil {
		in.odd = alignedBuffer(1 << 16)
	}
	return in.odd[:copy(in.odd, b)], err
}

// skip steps over n bytes that peek has shown.
func (in *input) skip(n int) {
	in.start += n
	in.off += int64(n)
}

// take reads n bytes, which may be more than the buffer holds, into memory that grows with what is really there.
func (in *input) take(n int64) ([]byte, error) {
	var out []byte
	for n > 0 {
		b, err := in.peek(int(min(n, inputSize/2)))
		out = append(out, b...)
		in.skip(len(b))
		n -= int64(len(b))
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// discard steps over n bytes.
func (in *input) discard(n int64) error {
	for n > 0 {
		b, err := in.peek(int(min(n, inputSize/2)))
		in.skip(len(b))
		n -= int64(len(b))
		if err != nil {
			return err
		}
	}
	return nil
}

// atEnd tells whether err means that nothing follows, and not that reading failed.
func atEnd(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
