package perfdata

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// disk is the file that a Writer writes: what is appended, in the order of the calls, and what is written over. Tests put one in its place that
// stops anywhere.
type disk interface {
	io.ReaderAt
	io.WriterAt
	Name() string
	// appendAll writes the parts at the end, one after the other.
	appendAll(parts [3][]byte) error
	// flushData returns when all that was written is on the medium.
	flushData() error
	Truncate(size int64) error
	Close() error
}

// lock takes the file for the one who writes it, until it is closed. It fails with unix.EWOULDBLOCK if somebody has it.
func lock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// diskFile is a regular file, whose offset stands at its end.
type diskFile struct{ *os.File }

func (d diskFile) appendAll(parts [3][]byte) error { return writev(d.File, parts) }

func (d diskFile) flushData() error {
	for {
		if err := unix.Fdatasync(int(d.Fd())); err != unix.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// Truncate cuts the file; what is appended next stands there.
func (d diskFile) Truncate(size int64) error {
	if err := d.File.Truncate(size); err != nil {
		return err
	}
	_, err := d.Seek(size, io.SeekStart)
	return err
}
