package perfdata

import (
	"errors"
	"io"
	"iter"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that a compressed recording may ask for; perf's own levels need up to 128 MiB.
const maxWindow = 128 << 20

var errUnzipClosed = errors.New("closed")

// An unzipper decompresses the pieces of one zstd stream that are scattered over records. Each piece gives all that it holds before the
// next is asked for, so that compressed and plain records keep their order: the decoder runs as a coroutine, which gives control back
// where it has a block of records and where it needs the next piece. Memory is bounded: a block has at most 128 KiB.
type unzipper struct {
	next func() (event, bool)
	stop func()

	piece []byte // what the decoder has not read yet
	buf   []byte // aligned; decompressed bytes in [start:end)
	start int
	end   int
	dry   bool  // the decoder waits for a piece
	off   int64 // of the compressed record in the recording
}

// event is what the coroutine gives back: a block, or nothing when it needs a piece, or the error that ended it.
type event struct {
	block []byte
	err   error
}

func newUnzipper() *unzipper {
	u := &unzipper{buf: alignedBuffer(inputSize), dry: true}
	u.next, u.stop = iter.Pull(u.run)
	return u
}

func (u *unzipper) run(yield func(event) bool) {
	// One decoder goroutine at most: it then reads no block ahead.
	d, err := zstd.NewReader(pieces{u, yield}, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err == nil {
		defer d.Close()
		_, err = d.WriteTo(blocks{yield})
	}
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	yield(event{err: err})
}

// pieces is the decoder's source.
type pieces struct {
	u     *unzipper
	yield func(event) bool
}

func (p pieces) Read(b []byte) (int, error) {
	for len(p.u.piece) == 0 {
		if !p.yield(event{}) {
			return 0, errUnzipClosed
		}
	}
	n := copy(b, p.u.piece)
	p.u.piece = p.u.piece[n:]
	return n, nil
}

// blocks is the decoder's destination.
type blocks struct{ yield func(event) bool }

func (s blocks) Write(b []byte) (int, error) {
	if !s.yield(event{block: b}) {
		return 0, errUnzipClosed
	}
	return len(b), nil
}

// feed gives the next piece. The one before must be used up: record has said so.
func (u *unzipper) feed(piece []byte) {
	u.piece, u.dry = append(u.piece[:0], piece...), false
}

// peek returns the next n decompressed bytes, or fewer if the pieces fed so far hold no more.
func (u *unzipper) peek(n int) ([]byte, error) {
	for u.end-u.start < n && !u.dry {
		e, ok := u.next()
		switch {
		case !ok:
			return nil, errUnzipClosed
		case e.err != nil:
			return nil, e.err
		case e.block == nil:
			u.dry = len(u.piece) == 0
		default:
			u.add(e.block)
		}
	}
	b := u.buf[u.start:u.end]
	if len(b) > n {
		b = b[:n]
	}
	return b, nil
}

// add puts a block behind what is there, which is less than one record.
func (u *unzipper) add(block []byte) {
	u.end = copy(u.buf, u.buf[u.start:u.end])
	u.start = 0
	if u.end+len(block) > len(u.buf) {
		bigger := alignedBuffer(u.end + len(block))
		copy(bigger, u.buf[:u.end])
		u.buf = bigger
	}
	u.end += copy(u.buf[u.end:], block)
}

func (u *unzipper) skip(n int) { u.start += n }

func (u *unzipper) close() { u.stop() }

// pending returns how many bytes wait for the rest of their record.
func (u *unzipper) pending() int { return u.end - u.start }
