package perfdata

import (
	"errors"
	"fmt"
	"strings"
)

// CorruptError tells where a recording stops making sense. The records before are good.
type CorruptError struct {
	Path   string // "" if not known
	Offset int64  // bytes from the start of file or stream
	What   string // what stands there and what is wrong with it
	// Cut tells that the recording ends too early, and is not wrong otherwise.
	Cut bool
	Err error // nil or the cause
}

func (e *CorruptError) Error() string {
	s := fmt.Sprintf("offset %d: %s", e.Offset, e.What)
	if e.Path != "" {
		s = e.Path + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *CorruptError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *CorruptError) Hint() string {
	if errors.Is(e.Err, errFileInPipe) {
		return "name the file with -i, or make it the standard input: < FILE"
	}
	if e.Cut {
		return "the recording ends too early: its recorder was stopped hard, the disk was full, or the copy is not whole; what stands before is shown"
	}
	return "the recording was damaged after it was made, or its recorder has a format that gperf does not know; what stands before is shown"
}

// MissingError tells that a recording that is a directory lost data files. The records of the others are good.
type MissingError struct {
	Path  string
	Files []string // the first of them: data.1
	Count int      // of all
}

func (e *MissingError) Error() string {
	names := strings.Join(e.Files, ", ")
	if more := e.Count - len(e.Files); more > 0 {
		names += fmt.Sprintf(" and %d more", more)
	}
	if e.Count == 1 {
		return fmt.Sprintf("%s: %s is missing, with what was recorded on one of the CPUs", e.Path, names)
	}
	return fmt.Sprintf("%s: %s are missing, with what was recorded on %d of the CPUs", e.Path, names, e.Count)
}

// Hint is the next step.
func (e *MissingError) Hint() string {
	return "copy the whole directory from where it was recorded; what the other files hold is shown"
}

// FormatError tells that a file is no recording of perf's.
type FormatError struct {
	Path string
	// Kind says what it looks like, "" if that cannot be told.
	Kind string
}

func (e *FormatError) Error() string {
	path := e.Path
	if path == "" || path == "-" {
		path = "the input"
	}
	if e.Kind == "" {
		return path + " is not a recording: it does not begin as perf.data does"
	}
	return path + " is not a recording: it looks like " + e.Kind
}

// Hint is the next step.
func (e *FormatError) Hint() string {
	switch e.Kind {
	case kindEmpty:
		return "the recorder wrote nothing; record again, and look at what it says"
	case kindOld:
		return "a perf of before 2010 wrote it; only that one can read it"
	case kindGzip, kindXz, kindZstd:
		return "unpack it first"
	case kindTraceDat:
		return "read it with trace-cmd report"
	}
	return "name a file made by gperf record or perf record with -i; gperf record -o FILE COMMAND makes one"
}

// What a file may be that is no recording.
const (
	kindEmpty    = "an empty file"
	kindDir      = "a directory without a file named data"
	kindOld      = "a recording in perf's first format"
	kindGzip     = "a file packed with gzip"
	kindXz       = "a file packed with xz"
	kindZstd     = "a file packed with zstd"
	kindTraceDat = "a trace.dat of trace-cmd"
	kindELF      = "a program or library"
	kindText     = "text"
)

// kindOf guesses what a file is from its first bytes.
func kindOf(b []byte) string {
	if len(b) == 0 {
		return kindEmpty
	}
	for _, k := range []struct{ magic, kind string }{
		{"PERFFILE", kindOld}, {"ELIFFREP", kindOld},
		{"\x1f\x8b", kindGzip}, {"\xfd7zXZ", kindXz}, {"\x28\xb5\x2f\xfd", kindZstd},
		{"\x17\x08\x44tracing", kindTraceDat}, {"\x7fELF", kindELF},
	} {
		if len(b) >= len(k.magic) && string(b[:len(k.magic)]) == k.magic {
			return k.kind
		}
	}
	for _, c := range b {
		if c < 0x20 && c != '\n' && c != '\t' && c != '\r' || c >= 0x7f {
			return ""
		}
	}
	return kindText
}

// StreamLimitError tells that an event does not fit a stream: all its ids, one a CPU or thread, stand in one record there.
type StreamLimitError struct {
	Event string
	IDs   int
}

func (e *StreamLimitError) Error() string {
	return fmt.Sprintf("event %s is open on %d CPUs and threads, more than a stream has room for", e.Event, e.IDs)
}

// Hint is the next step.
func (e *StreamLimitError) Hint() string {
	return "record to a file, which has no such limit, or trace fewer threads or CPUs at a time"
}
