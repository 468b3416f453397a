package perfdata

import (
	"encoding/binary"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// decodeBuildIDs reads the table of build-ids: records of the layout of HEADER_BUILD_ID, with type 0.
func (f *Features) decodeBuildIDs(w *walker) error {
	for len(w.b) > 0 {
		if len(w.b) < record.HeaderSize {
			return errFeatureShort
		}
		size := w.order.Uint16(w.b[6:])
		p := w.take(uint64(max(size, record.HeaderSize)))
		if p == nil {
			return errFeatureShort
		}
		rec := append([]byte(nil), p...)
		w.order.PutUint32(rec, uint32(record.TypeHeaderBuildID))
		if w.order.Uint16([]byte{0, 1}) != binary.NativeEndian.Uint16([]byte{0, 1}) {
			if err := record.Swap(nil, rec); err != nil {
				return err
			}
		}
		b, err := record.Decode(nil, rec)
		if err != nil {
			return err
		}
		f.BuildIDs = append(f.BuildIDs, *b.(*record.BuildID))
	}
	return nil
}

func (f *Features) appendBuildIDs(dst []byte) []byte {
	for i := range f.BuildIDs {
		dst = appendBuildID(dst, 0, &f.BuildIDs[i])
	}
	return dst
}

// appendBuildID appends b as perf does: the name's room rounded up to 64 bytes.
func appendBuildID(dst []byte, t record.Type, b *record.BuildID) []byte {
	ne := binary.NativeEndian
	room := (len(b.Filename) + 1 + stringAlign - 1) &^ (stringAlign - 1)
	size := record.HeaderSize + 4 + 24 + room
	if size > record.MaxSize {
		return dst
	}
	dst = ne.AppendUint32(dst, uint32(t))
	dst = ne.AppendUint16(dst, b.Misc)
	dst = ne.AppendUint16(dst, uint16(size))
	dst = ne.AppendUint32(dst, uint32(b.PID))
	dst = append(dst, b.ID[:]...)
	dst = append(dst, b.Size, 0, 0, 0)
	dst = append(dst, b.Filename...)
	return append(dst, make([]byte, room-len(b.Filename))...)
}
