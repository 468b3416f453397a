package perfdata

import (
	"io"
	"os"
)

// Writer writes a recording. The order is Begin, WriteRaw and WriteRecord, Finish, Close. One goroutine at a time may use it.
//
// Ring bytes are not copied in Go: WriteRaw hands the two slices of a ring to one writev(2), behind what WriteRecord has buffered. The kernel
// copies them straight from the ring into the page cache. A piece below a few KiB is cheaper to copy than a system call, and so joins
// the buffer. A recorder therefore lets a ring fill to a good part before it drains it.
type Writer struct {
	w io.Writer
	f *os.File
}

// Create creates a perf.data file at path; "-" writes a stream to the standard output. A file that is there and not empty gets the name
// PATH.old first, as perf does it. The caller closes the Writer.
func Create(path string) (*Writer, error) { return create(path) }

// NewWriter writes a stream, perf's pipe format, to w.
func NewWriter(w io.Writer) *Writer { return newStreamWriter(w) }

// Begin writes all that stands before the records. Of a file's features nothing is written before Finish; of a stream those that f has. It
// fails if the events' records could not be told apart.
func (w *Writer) Begin(events []Event, f *Features) error { return w.begin(events, f) }

// WriteRaw writes the unread bytes of a ring, whole records in two pieces of which either may be empty. They may be reused when it returns.
func (w *Writer) WriteRaw(a, b []byte) error { return w.writeRaw(a, b) }

// WriteRecord writes one whole record; b may be reused when it returns. It is buffered until the next large WriteRaw or Finish.
func (w *Writer) WriteRecord(b []byte) error { return w.writeRecord(b) }

// BytesWritten returns the length in bytes of all that was given so far: header and records. perf's closing line tells this number.
func (w *Writer) BytesWritten() int64 { return w.size }

// Reread returns a Reader over the records written so far, for counting samples and finding the files they hit before Finish. It fails for
// a stream. The Reader is the caller's to close, before Finish.
func (w *Writer) Reread() (*Reader, error) { return w.reread() }

// Finish completes the recording. For a file it writes the features of Begin, over which late's have precedence where they are there. A
// stream has no place for late features: build-ids are written as records, the others are dropped.
func (w *Writer) Finish(late *Features) error { return w.finish(late) }

// Close closes what Create opened. Without Finish the file is unfinished: readers find records but no features.
func (w *Writer) Close() error { return w.close() }
