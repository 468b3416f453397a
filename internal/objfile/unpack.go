package objfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// maxUnpacked bounds what a compressed file may hold. The largest module of Debian's kernel has 360 MB with its debug information.
const maxUnpacked = 2 << 30

// maxXZDict bounds the memory that an xz stream may ask for; `xz -9` uses 64 MiB.
const maxXZDict = 128 << 20

// unpacker returns what decompresses b if it begins as a file of xz, gzip or zstd does, as kernel modules are installed (.ko.xz).
func unpacker(b []byte) func(io.Reader) (io.Reader, error) {
	switch {
	case bytes.HasPrefix(b, []byte("\xfd7zXZ\x00")):
		return newXZ
	case bytes.HasPrefix(b, []byte("\x1f\x8b")):
		return func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }
	case bytes.HasPrefix(b, []byte("\x28\xb5\x2f\xfd")):
		return func(r io.Reader) (io.Reader, error) {
			z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxXZDict))
			if err != nil {
				return nil, err
			}
			return z.IOReadCloser(), nil
		}
	}
	return nil
}

func newXZ(r io.Reader) (io.Reader, error) {
	return xz.ReaderConfig{DictCap: maxXZDict}.NewReader(r)
}

// unpack decompresses a whole file; nil if it is not compressed.
func unpack(b []byte, limit int64) (out []byte, err error) {
	open := unpacker(b)
	if open == nil {
		return nil, nil
	}
	// The xz library indexes beyond its tables on some damaged streams.
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("decompressing: %v", r)
		}
	}()
	r, err := open(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	if c, ok := r.(io.Closer); ok {
		defer c.Close()
	}
	buf := bytes.NewBuffer(make([]byte, 0, min(8*int64(len(b)), limit)))
	n, err := io.Copy(buf, io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("decompressing: %w", err)
	case n > limit:
		return nil, fmt.Errorf("decompressing: it holds more than %d MiB", limit>>20)
	}
	return buf.Bytes(), nil
}

// ErrNoMiniDebug is wrapped by MiniDebug's error when the file has no such section.
var ErrNoMiniDebug = errors.New("no .gnu_debugdata")

// maxMiniDebug bounds what .gnu_debugdata may hold; it has function symbols only.
const maxMiniDebug = 256 << 20

// MiniDebug opens the ELF file in .gnu_debugdata ("MiniDebugInfo"): the symbols of functions that stripping took from .symtab, compressed by
// xz. Fedora's packages have it. The caller closes it.
func (f *File) MiniDebug() (*File, error) {
	if !f.HasSection(".gnu_debugdata") {
		return nil, fmt.Errorf("%s: %w", f.path, ErrNoMiniDebug)
	}
	b, err := f.Section(".gnu_debugdata")
	if err != nil {
		return nil, err
	}
	image, err := unpack(b, maxMiniDebug)
	if err != nil {
		return nil, fmt.Errorf("%s: .gnu_debugdata: %w", f.path, err)
	}
	if image == nil {
		return nil, fmt.Errorf("%s: .gnu_debugdata is not compressed by xz", f.path)
	}
	return New(image, f.path)
}
