package perfdata

import (
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/record"
)

func other() byteOrder {
	if isBig() {
		return binary.LittleEndian
	}
	return binary.BigEndian
}

// foreignFile is a small file as a machine of the other byte order writes it: one event, a COMM record, a sample, a build-id, a host's name.
func foreignFile() []byte {
	o := other()
	u32 := func(b []byte, v ...uint32) []byte {
		for _, x := range v {
			b = o.AppendUint32(b, x)
		}
		return b
	}
	u64 := func(b []byte, v ...uint64) []byte {
		for _, x := range v {
			b = o.AppendUint64(b, x)
		}
		return b
	}
	head := func(b []byte, t record.Type, misc, size uint16) []byte {
		return o.AppendUint16(o.AppendUint16(u32(b, uint32(t)), misc), size)
	}
	var data []byte
	data = head(data, record.TypeComm, 0x2000, 40)
	data = u32(data, 7, 8)
	data = append(data, "busy\x00\x00\x00\x00"...)
	data = u32(data, 7, 8)
	data = u64(data, 1000)
	data = head(data, record.TypeSample, 2, 56)
	data = u64(data, 0xffff800000001000)
	data = u32(data, 7, 8)
	data = u64(data, 2000, 2, 0x1111, 0x2222)

	const attrs, dataOff = 112, 112 + 144
	f := u64(nil, magicNumber, headerSize, 144, attrs, 144, dataOff, uint64(len(data)), 0, 0, 1<<FeatureHostname|1<<FeatureBuildID, 0, 0, 0)
	f = u64(f, 77) // id
	attr := u32(nil, 1, 128)
	attr = u64(attr, 0, 4000, uint64(record.SampleIP|record.SampleTID|record.SampleTime|record.SampleCallchain), 0)
	flags := o.AppendUint64(nil, 1<<(63-18)|1<<(63-10)) // sample_id_all, freq: C bit fields begin at the top on big-endian machines
	if o == byteOrder(binary.LittleEndian) {
		flags = o.AppendUint64(nil, 1<<18|1<<10)
	}
	attr = append(append(attr, flags...), make([]byte, 128-48)...)
	f = u64(append(f, attr...), 104, 8)
	f = append(f, data...)
	table := uint64(len(f))
	id := head(nil, 0, record.MiscUser, 100)
	id = u32(id, 0xffffffff)
	id = append(append(id, make([]byte, 24)...), append([]byte("/bin/busy"), make([]byte, 55)...)...)
	host := append(u32(nil, 64), append([]byte("far"), make([]byte, 61)...)...)
	f = u64(f, table+32, uint64(len(id)), table+32+uint64(len(id)), uint64(len(host)))
	return append(append(f, id...), host...)
}

func TestForeign(t *testing.T) {
	b := foreignFile()
	n, r, err := drain(b)
	if n != 2 || !errors.Is(err, io.EOF) || !r.Info().Foreign {
		t.Fatalf("%d records, %v", n, err)
	}
	if f := r.Features(); f.Hostname != "far" || len(f.BuildIDs) != 1 || f.BuildIDs[0].Filename != "/bin/busy" || f.BuildIDs[0].PID != -1 {
		t.Errorf("features %+v", f)
	}
	e := r.Events()[0]
	if e.Name != "cpu-clock:HG" || e.Attr.Freq != 4000 || !e.Layout().SampleIDAll || e.IDs[0] != 77 {
		t.Errorf("event %+v", e)
	}
	r, _ = NewReader(readerAt(b), int64(len(b)))
	var rec record.Record
	if err := r.Next(&rec); err != nil {
		t.Fatal(err)
	}
	body, err := record.Decode(e.Layout(), rec.Bytes)
	if c, ok := body.(*record.Comm); !ok || err != nil || c.Comm != "busy" || c.TID != 8 || c.SampleID.Time != 1000 || c.Misc != record.MiscCommExec {
		t.Errorf("%+v, %v", body, err)
	}
	if err := r.Next(&rec); err != nil {
		t.Fatal(err)
	}
	var s record.Sample
	if err := e.Layout().DecodeSample(rec.Bytes, &s); err != nil || s.IP != 0xffff800000001000 || s.PID != 7 || s.Time != 2000 || len(s.Callchain) != 2 || s.Callchain[1] != 0x2222 {
		t.Errorf("%+v, %v", s, err)
	}
}

type readerAt []byte

func (b readerAt) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
