package perfdata

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Salvage tells what Reopen found in a file that its recorder did not complete.
type Salvage struct {
	// Whole tells that nothing is wrong with the file.
	Whole bool
	// Records are those that are whole; Bytes is their length.
	Records, Bytes int64
	// Dropped is how many bytes behind them cannot be used.
	Dropped int64
	// Features are those that the file has, without what is damaged.
	Features *Features
}

// errStreamRepair tells that a stream has nothing to complete.
var errStreamRepair = errors.New("it is a stream, which needs no end: it is read as it is")

// errDirRepair tells that only files are repaired.
var errDirRepair = errors.New("it is a directory of several files; it is read as it is")

// errRecording tells that a file is not the repairer's yet.
var errRecording = errors.New("its recorder still runs; end that, and the file is whole")

// Reopen opens a file whose recorder was killed for Finish: behind its last whole record then come the features. Nothing is written before.
// The error is a *CorruptError or *FormatError when the file's head is damaged, so that no records can be told. The caller closes the Writer.
func Reopen(path string) (*Writer, *Salvage, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, unix.EISDIR) {
		return nil, nil, fmt.Errorf("%s cannot be repaired: %w", path, errDirRepair)
	}
	if err != nil {
		return nil, nil, err
	}
	if errors.Is(lock(f), unix.EWOULDBLOCK) {
		return nil, nil, errors.Join(fmt.Errorf("%s cannot be repaired: %w", path, errRecording), f.Close())
	}
	w, s, err := reopen(f, path)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return w, s, nil
}

func reopen(f *os.File, path string) (*Writer, *Salvage, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	r := &Reader{info: Info{Path: path}}
	if err := r.start(f, st.Size()); err != nil {
		return nil, nil, err
	}
	if r.info.Stream || r.info.Foreign {
		why := errStreamRepair
		if r.info.Foreign {
			why = errors.New("its byte order is not this machine's; repair it where it was made")
		}
		return nil, nil, fmt.Errorf("%s cannot be repaired: %w", path, why)
	}
	s := &Salvage{Features: r.features}
	end := st.Size()
	if !r.info.Unfinished {
		end = min(end, r.info.DataOffset+r.info.DataSize)
	}
	s.Records, s.Bytes = wholeRecords(f, r.info.DataOffset, end)
	s.Dropped = end - r.info.DataOffset - s.Bytes
	s.Whole = !r.info.Unfinished && s.Bytes == r.info.DataSize && len(r.features.Damage) == 0
	w := &Writer{
		file: diskFile{f}, own: f, begun: true, events: r.events, set: r.set, features: *r.features,
		dataOff: r.info.DataOffset, written: r.info.DataOffset + s.Bytes,
	}
	if _, err := f.Seek(w.written, io.SeekStart); err != nil {
		return nil, nil, err
	}
	return w, s, nil
}

// wholeRecords counts the records from off on that are whole, and their bytes. A header that cannot be one ends them: where a recorder was killed
// while it completed the file, the table of features follows, which has no size where a record has it.
func wholeRecords(f io.ReaderAt, off, end int64) (n, size int64) {
	in := newInput(io.NewSectionReader(f, off, end-off), off)
	for {
		b, _ := in.peek(record.HeaderSize)
		h, err := record.ParseHeader(b)
		if err != nil || h.Type == 0 || h.Type > lastType || int(h.Size) < record.HeaderSize {
			return n, size
		}
		b, _ = in.peek(int(h.Size))
		if len(b) < int(h.Size) {
			return n, size
		}
		total := int64(h.Size)
		if h.Type == record.TypeAuxtrace {
			if body, err := record.Decode(nil, b); err == nil {
				total += int64(min(body.(*record.Auxtrace).Size, 1<<40))
			}
		}
		if in.discard(total) != nil {
			return n, size
		}
		n, size = n+1, size+total
	}
}

// lastType is far above all types that records have, and below what other bytes look like.
const lastType = 255
