package cache

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/mapped"
)

// File is a mapped file of the cache. It is safe for concurrent use until Close.
type File struct {
	data   []byte
	mu     sync.Mutex
	tables map[string]entry
	good   map[string]bool
}

func mapFile(fd int, size int64, id *Identity, version int) (*File, error) {
	data, err := unix.Mmap(fd, 0, int(size), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	f := &File{data: data, good: map[string]bool{}}
	err = mapped.Guard(func() (err error) {
		f.tables, err = decode(data, id, version)
		return err
	})
	if err != nil {
		_ = unix.Munmap(data) // nothing refers to it
		return nil, err
	}
	return f, nil
}

// Table returns the bytes of a table whose sum is right. They are valid until Close.
func (f *File) Table(tag string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.tables[tag]
	if !ok {
		return nil, fmt.Errorf("table %s: %w", tag, ErrNone)
	}
	if f.good[tag] {
		return e.data, nil
	}
	err := mapped.Guard(func() error {
		if castagnoli(e.data) != e.sum {
			return errDamaged
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", tag, err)
	}
	f.good[tag] = true
	return e.data, nil
}

// Close unmaps the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	data := f.data
	f.data, f.tables = nil, nil
	if data == nil {
		return nil
	}
	return unix.Munmap(data)
}
