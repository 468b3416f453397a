package perfdata

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Writer writes a recording. The order is Begin, WriteRaw and WriteRecord, Finish, Close. One goroutine at a time may use it.
//
// Ring bytes are not copied in Go: WriteRaw hands the two slices of a ring to one writev(2), behind what WriteRecord has buffered. The kernel
// copies them straight from the ring into the page cache. A piece below a few KiB is cheaper to copy than a system call, and so joins
// the buffer. A recorder therefore lets a ring fill to a good part before it drains it.
type Writer struct {
	w      io.Writer // of a stream
	file   disk      // of a file; else nil
	own    io.Closer // what Create opened; else nil
	stream bool

	buf      []byte // records that wait
	written  int64  // bytes before buf
	dataOff  int64
	roundEnd int64 // where the last round ended, with the table of a live file; 0 before the first
	events   []Event
	features Features
	set      *record.Set
	begun    bool
	finished bool
	err      error // the first failure, for good

	zip        *packer // nil: rings' records are not compressed
	live, sync bool
	early      FeatureSet // of a live file: what stands before the records,
	places     []section  // and where
	small      [64]byte   // room for a piece of the header
	losses     *Losses    // nil: not known
}

var (
	errOrder    = errors.New("perfdata.Writer: Begin, records, Finish is the order")
	errNoReread = errors.New("a stream cannot be read again")
)

const (
	// writeBuffer is how much waits at most.
	writeBuffer = 64 << 10
	// smallWrite is the size up to which copying is cheaper than a system call.
	smallWrite = 4 << 10
)

// Create creates a perf.data file at path; "-" writes a stream to the standard output. A file that is there and not empty gets the name
// PATH.old first, as perf does it. Only the user may read it. Into a FIFO or a device goes a stream; a FIFO is waited for until somebody
// reads it. The caller closes the Writer.
func Create(path string) (*Writer, error) {
	if path == "-" {
		return NewWriter(os.Stdout), nil
	}
	if isRecording(path) {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, err
		}
	}
	how := os.O_CREATE | os.O_RDWR | os.O_TRUNC
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		how = os.O_WRONLY // a FIFO that its writer can read too never tells that nobody else does
	}
	f, err := os.OpenFile(path, how, 0o600)
	if err != nil {
		return nil, err
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	if st.Mode().IsRegular() {
		_ = lock(f) // where files cannot be locked, nobody is kept from repairing it meanwhile
		return &Writer{file: diskFile{f}, own: f}, nil
	}
	return &Writer{w: f, own: f, stream: true}, nil
}

// isRecording tells whether something stands at path that a new recording must not overwrite: a file with content, or a recording that is a
// directory.
func isRecording(path string) bool {
	st, err := os.Stat(path)
	if err != nil {
		return false
	}
	if st.IsDir() {
		_, err := os.Stat(filepath.Join(path, "data"))
		return err == nil
	}
	return st.Mode().IsRegular() && st.Size() > 0
}

// NewWriter writes a stream, perf's pipe format, to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w, stream: true} }

// Stream tells whether perf's pipe format is written.
func (w *Writer) Stream() bool { return w.stream }

// WriteRaw writes the unread bytes of a ring, whole records in two pieces of which either may be empty. They may be reused when it returns.
func (w *Writer) WriteRaw(a, b []byte) error {
	if w.err != nil || !w.begun || w.finished {
		return w.orderError()
	}
	if w.zip != nil {
		return errors.Join(w.writeZipped(a), w.writeZipped(b))
	}
	return w.write(a, b)
}

func (w *Writer) write(a, b []byte) error {
	if n := len(a) + len(b); n <= smallWrite {
		if len(w.buf)+n > writeBuffer {
			if err := w.flush(nil, nil); err != nil {
				return err
			}
		}
		w.buf = append(append(w.buf, a...), b...)
		return nil
	}
	return w.flush(a, b)
}

// WriteRecord writes one whole record, which is not compressed; b may be reused when it returns. It is buffered until the next large WriteRaw,
// EndRound or Finish.
func (w *Writer) WriteRecord(b []byte) error {
	if w.err != nil || !w.begun || w.finished {
		return w.orderError()
	}
	return w.write(b, nil)
}

// Flush writes what is buffered, for a reader at the other end of a stream.
func (w *Writer) Flush() error { return w.flush(nil, nil) }

func (w *Writer) orderError() error {
	if w.err != nil {
		return w.err
	}
	return errOrder
}

// BytesWritten returns the length in bytes of all that was given so far: header and records. perf's closing line tells this number.
func (w *Writer) BytesWritten() int64 { return w.written + int64(len(w.buf)) }

// Reread returns a Reader over the records written so far, for counting samples and finding the files they hit before Finish. It fails for
// a stream. The Reader reads the Writer's file: the caller is done with it before Close.
func (w *Writer) Reread() (*Reader, error) {
	if w.stream || !w.begun {
		return nil, errNoReread
	}
	if err := w.flush(nil, nil); err != nil {
		return nil, err
	}
	size := w.written - w.dataOff
	r := &Reader{
		order: native(), events: w.events, features: new(Features), set: w.set,
		info: Info{Path: w.file.Name(), Version: headerVersion, DataOffset: w.dataOff, DataSize: size},
	}
	r.in = newInput(io.NewSectionReader(w.file, w.dataOff, size), w.dataOff)
	return r, nil
}

// flush writes the buffer and behind it a and b.
func (w *Writer) flush(a, b []byte) error {
	if w.err != nil {
		return w.err
	}
	n := len(w.buf) + len(a) + len(b)
	if n == 0 {
		return nil
	}
	if err := w.writeAll([3][]byte{w.buf, a, b}); err != nil {
		return w.failed(err)
	}
	w.buf = w.buf[:0]
	w.written += int64(n)
	return nil
}

func (w *Writer) writeAll(parts [3][]byte) error {
	if w.file != nil {
		return w.file.appendAll(parts)
	}
	for _, p := range parts {
		if len(p) == 0 {
			continue
		}
		if _, err := w.w.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// Close closes what Create opened. Without Finish the file is unfinished: of a live one readers find what was there at the end of its last
// round, of others records but no features.
func (w *Writer) Close() error {
	var err error
	if w.begun && !w.finished && w.err == nil {
		err = w.flush(nil, nil)
	}
	if w.err != nil && w.Rounds() {
		err = errors.Join(err, w.rescue())
	}
	if w.own != nil {
		err = errors.Join(err, w.own.Close())
		w.own = nil
	}
	return err
}
