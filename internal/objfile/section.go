package objfile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// ErrNoSection is wrapped by Section and Data when the file has no such section, or has its header only (as debug files have .text).
var ErrNoSection = errors.New("no such section")

// SectionHeader returns the header of the first section of that name.
func (f *File) SectionHeader(name string) (Section, bool) {
	i, ok := f.byName[name]
	if !ok {
		return Section{}, false
	}
	return f.sections[i], true
}

// HasSection reports whether the file has a section of that name with bytes in the file. The old compressed form of ".debug_x", ".zdebug_x", counts.
func (f *File) HasSection(name string) bool {
	s, ok := f.lookup(name)
	return ok && s.Type != elf.SHT_NOBITS && s.Size > 0
}

// Section returns the bytes of the first section of that name, decompressed if it is compressed. Without compression the slice aliases the
// mapping. It must not be written to, and is valid until Close.
func (f *File) Section(name string) ([]byte, error) {
	s, ok := f.lookup(name)
	if !ok {
		return nil, fmt.Errorf("%s: %w: %s", f.path, ErrNoSection, name)
	}
	return f.Data(s.Index)
}

func (f *File) lookup(name string) (*Section, bool) {
	i, ok := f.byName[name]
	if !ok && len(name) > 1 {
		i, ok = f.byName[".z"+name[1:]]
	}
	if !ok {
		return nil, false
	}
	return &f.sections[i], true
}

// Data returns the bytes of the section with that index, as Section does.
func (f *File) Data(index int) ([]byte, error) {
	if index < 0 || index >= len(f.sections) {
		return nil, fmt.Errorf("%s: %w: index %d of %d", f.path, ErrNoSection, index, len(f.sections))
	}
	s := &f.sections[index]
	if s.Type == elf.SHT_NOBITS {
		return nil, fmt.Errorf("%s: %w: %s has no bytes in this file", f.path, ErrNoSection, s.Name)
	}
	raw := f.fileBytes(s)
	if uint64(len(raw)) < s.Size {
		return nil, fmt.Errorf("%s: section %s: %d of its %d bytes are in the file: %w", f.path, s.Name, len(raw), s.Size, io.ErrUnexpectedEOF)
	}
	old := len(s.Name) > 7 && s.Name[:7] == ".zdebug" && bytes.HasPrefix(raw, []byte("ZLIB"))
	if s.Flags&elf.SHF_COMPRESSED == 0 && !old {
		return raw, nil
	}
	return f.decompress(s, raw, old)
}

// decompress keeps what it made, so that each section is decompressed once.
func (f *File) decompress(s *Section, raw []byte, old bool) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if b, ok := f.decompressed[s.Index]; ok {
		return b, nil
	}
	b, err := f.decompressed1(raw, old)
	if err != nil {
		return nil, fmt.Errorf("%s: section %s: %w", f.path, s.Name, err)
	}
	if f.decompressed == nil {
		f.decompressed = make(map[int][]byte)
	}
	f.decompressed[s.Index] = b
	return b, nil
}

func (f *File) decompressed1(raw []byte, old bool) ([]byte, error) {
	if old {
		if len(raw) < 12 {
			return nil, io.ErrUnexpectedEOF
		}
		return inflate(elf.COMPRESS_ZLIB, raw[12:], binary.BigEndian.Uint64(raw[4:]))
	}
	if !f.Is64() {
		if len(raw) < 12 {
			return nil, io.ErrUnexpectedEOF
		}
		return inflate(elf.CompressionType(f.order.Uint32(raw)), raw[12:], uint64(f.order.Uint32(raw[4:])))
	}
	if len(raw) < 24 {
		return nil, io.ErrUnexpectedEOF
	}
	return inflate(elf.CompressionType(f.order.Uint32(raw)), raw[24:], f.order.Uint64(raw[8:]))
}

// maxRatio is more than deflate can reach (1032); a header that claims more is wrong. zstd can reach more on constant bytes only.
const maxRatio = 1 << 14

func inflate(kind elf.CompressionType, raw []byte, size uint64) ([]byte, error) {
	if size > uint64(len(raw)+64)*maxRatio {
		return nil, fmt.Errorf("%d compressed bytes cannot hold the %d that the header claims", len(raw), size)
	}
	var r io.Reader
	switch kind {
	case elf.COMPRESS_ZLIB:
		z, err := zlib.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	case elf.COMPRESS_ZSTD:
		z, err := zstd.NewReader(bytes.NewReader(raw), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	default:
		return nil, fmt.Errorf("compression type %d is unknown", kind)
	}
	return readExactly(r, size, uint64(len(raw)))
}

// readExactly grows as data really arrives, so that a lying header cannot ask for memory that the data does not fill: at first there is room
// for eight times the compressed size.
func readExactly(r io.Reader, size, packed uint64) ([]byte, error) {
	buf := bytes.NewBuffer(make([]byte, 0, min(size, 8*packed)+bytes.MinRead))
	n, err := io.Copy(buf, io.LimitReader(r, int64(size)))
	if err != nil {
		return nil, err
	}
	if uint64(n) < size {
		return nil, fmt.Errorf("%d of %d bytes: %w", n, size, io.ErrUnexpectedEOF)
	}
	return buf.Bytes(), nil
}
