// Package objfile maps ELF files and answers what the other rooms ask of them: sections (decompressed on demand), segments, the build-id,
// and where a virtual address lies in the file. A file is mapped and never copied, so opening a vmlinux of 600 MB costs microseconds.
//
// All offsets and counts in a file are checked before use: a hostile file gives an error or an absent section, never a panic.
package objfile

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// ErrNotELF is wrapped by Open and New when the bytes do not begin with an ELF header that can be used.
var ErrNotELF = errors.New("not an ELF file")

// File is an open ELF file. It is safe for concurrent use until Close.
type File struct {
	path   string
	data   []byte
	mapped bool
	packed bool
	info   os.FileInfo

	class    elf.Class
	order    binary.ByteOrder
	machine  elf.Machine
	typ      elf.Type
	entry    uint64
	sections []Section
	segments []Segment
	byName   map[string]int

	mu           sync.Mutex
	decompressed map[int][]byte
	relocs       map[int]*relocations
	closed       bool
}

// Section is a section header. Offset and FileSize are those in the file, Size is the size in memory or, for a compressed section, the
// size in the file too: what Data returns may be longer.
type Section struct {
	Index     int
	Name      string
	Type      elf.SectionType
	Flags     elf.SectionFlag
	Addr      uint64 // in a relocatable file, as layOut has it
	Offset    uint64
	Size      uint64
	Link      uint32
	Info      uint32
	AddrAlign uint64
	EntSize   uint64
}

// Segment is a PT_LOAD program header: File bytes at Offset stand at VAddr, followed by zeros up to MemSize.
type Segment struct {
	Flags    elf.ProgFlag
	Offset   uint64
	VAddr    uint64
	FileSize uint64
	MemSize  uint64
	Align    uint64
}

// Open maps the file at path; one that xz, zstd or gzip made, as kernel modules are installed, is decompressed into memory. The caller closes it. Errors wrap ErrNotELF when the file is something else, and the os error when it cannot
// be opened.
func Open(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0) // a FIFO without a writer would keep us waiting
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return fromOS(f, path)
}

// fromOS maps an already open file; path is only its name in messages. The descriptor may be closed afterwards.
func fromOS(f *os.File, path string) (*File, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w: it is no regular file", path, ErrNotELF)
	}
	if st.Size() < 16 || int64(int(st.Size())) != st.Size() {
		return nil, fmt.Errorf("%s: %w: it has %d bytes", path, ErrNotELF, st.Size())
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(st.Size()), unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, &os.PathError{Op: "mmap", Path: path, Err: err}
	}
	image, err := unpack(data, maxUnpacked)
	if image != nil || err != nil {
		_ = unix.Munmap(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		file, err := New(image, path)
		if file != nil {
			file.packed = true
		}
		return file, err
	}
	file, err := New(data, path)
	if err != nil {
		_ = unix.Munmap(data)
		return nil, err
	}
	file.mapped, file.info = true, st
	return file, nil
}

// New reads an ELF image that is already in memory, for example a vdso. data must not change until Close.
func New(data []byte, path string) (*File, error) {
	f := &File{path: path, data: data}
	if err := f.parse(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if f.typ == elf.ET_REL {
		f.layOut()
	}
	return f, nil
}

// Close unmaps the file. All slices that came from it, and tables built on it, must not be used afterwards. Closing twice is no error.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	f.decompressed = nil
	data := f.data
	f.data = nil
	if !f.mapped {
		return nil
	}
	return unix.Munmap(data)
}

// Path is the name that the file was opened by.
func (f *File) Path() string { return f.path }

// Size is the file's length in bytes.
func (f *File) Size() int64 { return int64(len(f.data)) }

// Packed reports whether the file is compressed on disk, so that its bytes here are not those of the file.
func (f *File) Packed() bool { return f.packed }

// Bytes is the whole file. It must not be written to and is valid until Close.
func (f *File) Bytes() []byte { return f.data }

// Is64 reports whether the file is of class ELFCLASS64.
func (f *File) Is64() bool { return f.class == elf.ELFCLASS64 }

// PointerSize is 4 or 8.
func (f *File) PointerSize() int {
	if f.Is64() {
		return 8
	}
	return 4
}

// Order is the byte order of the file's data.
func (f *File) Order() binary.ByteOrder { return f.order }

// Machine is the architecture the file was made for.
func (f *File) Machine() elf.Machine { return f.machine }

// Type tells executables, shared objects and relocatable files apart.
func (f *File) Type() elf.Type { return f.typ }

// Entry is the entry point's virtual address.
func (f *File) Entry() uint64 { return f.entry }

// Segments are the PT_LOAD program headers in file order. The slice must not be changed.
func (f *File) Segments() []Segment { return f.segments }

// Sections are the section headers; element i has Index i. The slice must not be changed.
func (f *File) Sections() []Section { return f.sections }
