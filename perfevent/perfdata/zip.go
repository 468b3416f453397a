package perfdata

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// The most that one COMPRESSED record holds: of compressed bytes, so that its length fits its header; and of what they were, which is the room
// that perf gets for each of them, all of which it keeps.
const (
	maxCompressed = record.MaxSize - record.HeaderSize
	zipPiece      = 512 << 10
)

// MaxCompressLevel is zstd's highest level.
const MaxCompressLevel = 22

// A packer compresses what rings hold. As in perf's files all COMPRESSED records make up one zstd stream, in which each ends with a flush, so
// that what stands before a reader's end can be unpacked. The frame is never ended.
type packer struct {
	enc      *zstd.Encoder
	level    uint32
	out      []byte // of the encoder
	raw, got int64  // bytes in and out
}

// Write takes what the encoder gives.
func (z *packer) Write(b []byte) (int, error) {
	z.out = append(z.out, b...)
	return len(b), nil
}

// Compress makes WriteRaw write its records compressed by a level of zstd's, 1 to MaxCompressLevel, as perf record -z does. It is to be called
// before Begin.
func (w *Writer) Compress(level int) error {
	if level < 1 || level > MaxCompressLevel {
		return fmt.Errorf("compression level %d: levels are 1 to %d", level, MaxCompressLevel)
	}
	z := &packer{level: uint32(level)}
	var err error
	// One goroutine's work, done when Write returns.
	z.enc, err = zstd.NewWriter(io.Writer(z), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false),
		zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)), zstd.WithLowerEncoderMem(true))
	w.zip = z
	return err
}

// feature is how readers are told of the compression.
func (z *packer) feature() *Compression {
	c := &Compression{Type: 1, Level: z.level, MmapLen: zipPiece}
	if z.got > 0 {
		c.Ratio = uint32(float64(z.raw)/float64(z.got) + 0.5)
	}
	return c
}

// writeZipped puts b into COMPRESSED records.
func (w *Writer) writeZipped(b []byte) error {
	z := w.zip
	for len(b) > 0 {
		piece := b[:min(len(b), zipPiece)]
		b = b[len(piece):]
		if _, err := z.enc.Write(piece); err != nil {
			return w.failed(err)
		}
		if err := z.enc.Flush(); err != nil {
			return w.failed(err)
		}
		z.raw += int64(len(piece))
		z.got += int64(len(z.out))
		if err := w.appendZipped(z.out); err != nil {
			return err
		}
		z.out = z.out[:0]
	}
	return nil
}

func (w *Writer) appendZipped(packed []byte) error {
	for len(packed) > 0 {
		n := min(len(packed), maxCompressed)
		if len(w.buf)+n > writeBuffer {
			if err := w.flush(nil, nil); err != nil {
				return err
			}
		}
		w.buf = ne.AppendUint32(w.buf, uint32(record.TypeCompressed))
		w.buf = ne.AppendUint16(ne.AppendUint16(w.buf, 0), uint16(record.HeaderSize+n))
		w.buf = append(w.buf, packed[:n]...)
		packed = packed[n:]
	}
	return nil
}
