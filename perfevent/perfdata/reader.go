package perfdata

import (
	"encoding/binary"
	"io"
	"os"
	"slices"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Reader gives the records of a recording in the order in which they stand there, decompressed and in native byte order. One goroutine at
// a time may use it.
type Reader struct {
	info     Info
	order    byteOrder // the writer's
	events   []Event
	features *Features
	set      *record.Set
	formats  formatTable

	stale      bool // events and set do not have yet what attrs and features tell
	shared     bool // events was given away: it stays as it is
	work       int  // done to complete events and sets, of maxEventWork
	updates    []*record.EventUpdate
	lastAttr   int64 // offset of the last HEADER_ATTR
	refreshErr error
	in         *input
	unzip      *unzipper // nil until a compressed record was met
	parts      []string  // of a directory: data files still to be read
	inPart     bool      // reading one of them
	missing    error     // nil, or which of them are not there
	file       *os.File  // what Open opened
	losses     Losses    // of the records read so far
	told       *Losses   // of all, where the file tells it
	moved      bool      // the last KSYMBOL or BPF_EVENT record is not as it stands in the file: see mend.go
	err        error     // what Next returned, for good
}

// Open opens the recording at path, "-" for the standard input. A directory made by perf record --threads is read as one recording. The
// caller closes the Reader. The error is a *FormatError for a file that is no recording, a *CorruptError for one that is damaged.
func Open(path string) (*Reader, error) {
	if path == "-" {
		return open(os.Stdin, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := openDirOrFile(f, path)
	if err != nil {
		f.Close()
		return nil, err
	}
	r.file = f
	return r, nil
}

// NewReader reads a recording of size bytes out of ra: a file's, or a stream that was written to a file.
func NewReader(ra io.ReaderAt, size int64) (*Reader, error) {
	r := &Reader{}
	return r, r.start(ra, size)
}

// NewStreamReader reads a recording in perf's pipe format from s.
func NewStreamReader(s io.Reader) (*Reader, error) {
	r := &Reader{}
	return r, r.startStream(newInput(s, 0))
}

// Info returns what is known of the recording as a whole.
func (r *Reader) Info() Info { return r.info }

// Order returns the byte order of the machine that recorded. Records come in native order, but for what has no order that their layout
// tells: a sample's Raw, Features' raw fields.
func (r *Reader) Order() binary.ByteOrder { return r.order }

// Events returns the events. Of a stream these are the events that came by so far; each call of Next that returns a record of type
// HeaderAttr, HeaderTracingData, HeaderFeature or EventUpdate may change them. The slice that was returned stays as it is.
func (r *Reader) Events() []Event {
	r.refresh()
	r.shared = true
	return slices.Clip(r.events)
}

// Features returns the features, which is never nil. Of a stream these are the ones that came by so far.
func (r *Reader) Features() *Features { return r.features }

// Set finds the event that wrote a record, by the indexes of Events. It changes with them.
func (r *Reader) Set() *record.Set {
	r.refresh()
	return r.set
}

// Close ends the reading and closes what Open opened.
func (r *Reader) Close() error {
	if r.unzip != nil {
		r.unzip.close()
	}
	r.err = os.ErrClosed
	if r.file != nil {
		return r.file.Close()
	}
	return nil
}

// Next reads one record. Its bytes are good until the next call. Records out of compressed ones come as themselves; the compressed ones do
// not show. At the end the error is io.EOF; a *CorruptError where the recording makes no sense or is cut short. After an error all further
// calls return it again.
func (r *Reader) Next(rec *record.Record) error {
	if r.err != nil {
		return r.err
	}
	err := r.next(rec)
	if err != nil {
		r.err = err
	}
	return err
}

// ReadAll reads on to the end, past all records, so that Events and Features have all that a stream tells. The end is no error.
func (r *Reader) ReadAll() error {
	var rec record.Record
	for {
		if err := r.Next(&rec); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func open(f *os.File, path string) (*Reader, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	r := &Reader{info: Info{Path: path, CapturedOn: st.ModTime()}}
	if !st.Mode().IsRegular() {
		return r, r.startStream(newInput(f, 0))
	}
	return r, r.start(f, st.Size())
}
