package cache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// The layout is in docs/formats.md. All numbers are little endian.
const (
	magic      = "gperfidx"
	headerSize = 128 // up to the directory of tables
	entrySize  = 24
	maxTables  = 64
	align      = 8
)

// Table is a named part of a file: four letters and bytes.
type Table struct {
	Tag  string
	Data []byte
}

var errDamaged = errors.New("damaged")

func castagnoli(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// encode makes a file of tables.
func encode(id *Identity, version int, tables []Table) []byte {
	le := binary.LittleEndian
	off := headerSize + entrySize*len(tables) + align
	size := off
	for _, t := range tables {
		size += (len(t.Data) + align - 1) &^ (align - 1)
	}
	b := make([]byte, 0, size)
	b = append(b, magic...)
	b = le.AppendUint32(b, uint32(version))
	b = le.AppendUint32(b, uint32(len(tables)))
	for _, n := range [...]uint64{uint64(id.Size), uint64(id.ModTime), uint64(id.ChangeTime), id.Device, id.Node, uint64(len(id.BuildID))} {
		b = le.AppendUint64(b, n)
	}
	b = append(b, id.BuildID...)
	b = append(b, make([]byte, headerSize-len(b))...)
	for _, t := range tables {
		b = append(b, t.Tag[:4]...)
		b = le.AppendUint32(b, castagnoli(t.Data))
		b = le.AppendUint64(b, uint64(off))
		b = le.AppendUint64(b, uint64(len(t.Data)))
		off += (len(t.Data) + align - 1) &^ (align - 1)
	}
	b = le.AppendUint32(b, castagnoli(b))
	b = append(b, 0, 0, 0, 0)
	for _, t := range tables {
		b = append(b, t.Data...)
		b = append(b, make([]byte, -len(b)&(align-1))...)
	}
	return b
}

// decode checks everything but the tables' sums, and returns the directory.
func decode(b []byte, id *Identity, version int) (map[string]entry, error) {
	le := binary.LittleEndian
	if len(b) < headerSize+align || string(b[:8]) != magic || le.Uint32(b[8:]) != uint32(version) {
		return nil, errDamaged
	}
	n := int(le.Uint32(b[12:]))
	if n > maxTables || len(b) < headerSize+entrySize*n+align {
		return nil, errDamaged
	}
	end := headerSize + entrySize*n
	if castagnoli(b[:end]) != le.Uint32(b[end:]) {
		return nil, errDamaged
	}
	if !id.madeBy(b) {
		return nil, ErrNone
	}
	tables := make(map[string]entry, n)
	for i := range n {
		e := b[headerSize+i*entrySize:]
		off, size := le.Uint64(e[8:]), le.Uint64(e[16:])
		if off > uint64(len(b)) || size > uint64(len(b))-off || off%align != 0 {
			return nil, errDamaged
		}
		tables[string(e[:4])] = entry{sum: le.Uint32(e[4:]), data: b[off : off+size : off+size]}
	}
	return tables, nil
}

// entry is a table whose bytes are not yet summed.
type entry struct {
	sum  uint32
	data []byte
}

// madeBy tells whether the header is of this very file.
func (id *Identity) madeBy(b []byte) bool {
	le := binary.LittleEndian
	for i, n := range [...]uint64{uint64(id.Size), uint64(id.ModTime), uint64(id.ChangeTime), id.Device, id.Node, uint64(len(id.BuildID))} {
		if le.Uint64(b[16+8*i:]) != n {
			return false
		}
	}
	return len(id.BuildID) <= maxBuildID && bytes.Equal(b[64:64+len(id.BuildID)], id.BuildID)
}
