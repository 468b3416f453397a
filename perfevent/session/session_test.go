package session

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/perfevent/record"
)

const sampleType = record.SampleIdentifier | record.SampleIP | record.SampleTID | record.SampleTime

// script is a source whose records stand in the test.
type script struct {
	events []*Event
	recs   [][]byte
	err    error // at the end, instead of io.EOF
	at     int
	buf    []byte // a source's buffer is overwritten by the next record
}

func newScript() *script {
	l := &record.Layout{SampleType: sampleType, SampleIDAll: true}
	return &script{events: []*Event{{Name: "one", Layout: l, IDs: []uint64{1}}, {Name: "two", Layout: l, IDs: []uint64{2}}}}
}

func (s *script) Events() []*Event { return s.events }

func (s *script) Next(r *record.Record) error {
	if s.at == len(s.recs) {
		if s.err != nil {
			return s.err
		}
		return io.EOF
	}
	s.buf = append(s.buf[:0], s.recs[s.at]...)
	s.at++
	h, err := record.ParseHeader(s.buf)
	r.Header, r.Bytes, r.Offset, r.CPU = h, s.buf, int64(s.at), -1
	return err
}

func (s *script) body(b record.Body) {
	s.recs = append(s.recs, record.Append(s.events[0].Layout, nil, b))
}

func (s *script) sample(time uint64, pid, tid uint32, ip uint64) {
	s.recs = append(s.recs, s.events[0].Layout.AppendSample(nil, &record.Sample{Misc: record.MiscUser, ID: 1, Time: time, PID: pid, TID: tid, IP: ip}))
}

func (s *script) round() { s.recs = append(s.recs, []byte{68, 0, 0, 0, 0, 0, 8, 0}) }

// at is the trailing sample id of a record of this time.
func at(time uint64, pid, tid uint32) record.Meta {
	return record.Meta{Misc: record.MiscUser, SampleID: record.Trailer{PID: pid, TID: tid, Time: time, ID: 1}}
}

func (s *script) comm(time uint64, pid, tid uint32, name string) {
	s.body(&record.Comm{Meta: at(time, pid, tid), PID: pid, TID: tid, Comm: name})
}

func (s *script) mmap(time uint64, pid uint32, addr, length, offset uint64, path string) {
	s.body(&record.Mmap2{Meta: at(time, pid, pid), PID: pid, TID: pid, Addr: addr, Len: length, PgOff: offset, Prot: 5, Filename: path})
}

func (s *script) fork(time uint64, pid, tid, ppid, ptid uint32) {
	s.body(&record.Task{Meta: at(time, ppid, ptid), PID: pid, TID: tid, PPID: ppid, PTID: ptid, Time: time})
}

// lines reads all samples, as "TIME COMM FILE+OFFSET".
func (s *script) lines(t *testing.T, o Options) []string {
	t.Helper()
	sess, err := New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var batches []*Batch
	for {
		b := &Batch{}
		err := sess.Next(b)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		batches = append(batches, b)
	}
	// Only now: what a batch says may not change with what is read after it.
	for _, b := range batches {
		for i := range b.Items {
			got = append(got, line(&b.Items[i]))
		}
	}
	return got
}

func line(it *Item) string {
	if it.Header.Type != record.TypeSample {
		return fmt.Sprintf("%d %s %s", it.Time, it.Header.Type, it.Thread.Comm)
	}
	var s record.Sample
	if err := it.Layout.DecodeSample(it.Bytes, &s); err != nil {
		return err.Error()
	}
	where := "-"
	if m := it.Maps.Find(s.IP); m != nil {
		where = fmt.Sprintf("%s+%#x", m.Name, m.FileAddr(s.IP))
	}
	return fmt.Sprintf("%d %s %s", it.Time, it.Thread.Comm, where)
}

func want(t *testing.T, got []string, text string) {
	t.Helper()
	w := strings.Split(strings.ReplaceAll(strings.TrimSpace(text), "\n\t\t", "\n"), "\n")
	if d := cmp.Diff(w, got); d != "" {
		t.Error(d)
	}
}

func TestOrderAcrossRings(t *testing.T) {
	s := newScript()
	for _, times := range [][]uint64{{10, 30, 50}, {20, 40}} { // two rings of the first round
		for _, tm := range times {
			s.sample(tm, 1, 1, 0)
		}
	}
	s.round()
	for _, times := range [][]uint64{{60, 80}, {45, 70}} { // 45 was written while the first ring was read
		for _, tm := range times {
			s.sample(tm, 1, 1, 0)
		}
	}
	s.round()
	s.sample(90, 1, 1, 0)
	got := s.lines(t, Options{})
	if !slices.IsSortedFunc(got, strings.Compare) || len(got) != 10 {
		t.Error(got)
	}
}

func TestOrderKeepsArrivalOfEqualTimes(t *testing.T) {
	s := newScript()
	for i := range 100 {
		s.sample(uint64(7-i%5), uint32(i+1), uint32(i+1), 0)
	}
	var last [8]int
	for _, l := range s.lines(t, Options{}) {
		var tm, tid int
		if _, err := fmt.Sscanf(l, "%d :%d", &tm, &tid); err != nil {
			t.Fatal(err)
		}
		if tid < last[tm] {
			t.Errorf("at time %d, %d comes after %d", tm, tid, last[tm])
		}
		last[tm] = tid
	}
}

func TestThreadsAsAtTheirTime(t *testing.T) {
	s := newScript()
	s.comm(0, 10, 10, "shell") // from /proc: no time
	s.mmap(0, 10, 0x1000, 0x1000, 0, "/bin/sh")
	s.sample(1, 10, 10, 0x1010)
	s.fork(2, 11, 11, 10, 10)
	s.sample(3, 11, 11, 0x1020) // has its parent's name and mappings
	s.comm(4, 11, 11, "ls")
	s.mmap(5, 11, 0x1800, 0x1000, 0x800, "/bin/ls")
	s.sample(6, 11, 11, 0x1900)
	s.sample(7, 11, 11, 0x1010)
	s.sample(8, 10, 10, 0x1900) // the parent keeps its own
	s.fork(9, 11, 12, 11, 11)   // a thread: mappings are its process's
	s.mmap(10, 11, 0x9000, 0x100, 0, "//anon")
	s.sample(11, 11, 12, 0x9010)
	s.sample(12, 99, 98, 0)
	s.sample(13, 0, 0, 0)
	want(t, s.lines(t, Options{}), `1 shell /bin/sh+0x10
		3 shell /bin/sh+0x20
		6 ls /bin/ls+0x900
		7 ls /bin/sh+0x10
		8 shell /bin/sh+0x900
		11 ls /tmp/perf-11.map+0x9010
		12 :98 -
		13 swapper -`)
}

func TestSideRecordsInTheirPlace(t *testing.T) {
	s := newScript()
	s.sample(3, 5, 5, 0)
	s.comm(2, 5, 5, "late")
	s.comm(1, 5, 5, "early")
	s.body(&record.Lost{Meta: at(4, 5, 5), ID: 1, Lost: 17})
	want(t, s.lines(t, Options{Records: []record.Type{record.TypeComm, record.TypeLost}}), `1 COMM early
		2 COMM late
		3 late -
		4 LOST late`)
	sess, err := New(&script{events: s.events, recs: s.recs}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := drain(sess); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Stats{Records: 4, Samples: 1, Lost: 17, LostChunks: 1}, sess.Stats()); d != "" {
		t.Error(d)
	}
}

func TestMapsAreCutByLaterOnes(t *testing.T) {
	m := (&Maps{}).insert(userMapping(1, 0x1000, 0x3000, 0, 5, 0, "/a", nil))
	before := m.freeze()
	m = m.insert(userMapping(1, 0x2000, 0x1000, 0x100, 5, 0, "/b", nil))
	for _, tt := range []struct {
		maps *Maps
		addr uint64
		want string
	}{
		{before, 0x2000, "/a 1000"}, {m, 0xfff, ""}, {m, 0x1fff, "/a fff"}, {m, 0x2000, "/b 100"}, {m, 0x3000, "/a 2000"}, {m, 0x4000, ""},
	} {
		got := ""
		if o := tt.maps.Find(tt.addr); o != nil {
			got = fmt.Sprintf("%s %x", o.Name, o.FileAddr(tt.addr))
		}
		if got != tt.want {
			t.Errorf("at %#x: %q, want %q", tt.addr, got, tt.want)
		}
	}
	if m = m.remove(0x2000); m.Find(0x2000) != nil || len(m.All()) != 2 {
		t.Error("the mapping is still there")
	}
}

func TestKernelMappings(t *testing.T) {
	s := newScript()
	kernel := record.Meta{Misc: record.MiscKernel}
	s.body(&record.Mmap{Meta: kernel, PID: 1<<32 - 1, Addr: 1 << 63, Len: 0x1000, PgOff: 1 << 63, Filename: "[kernel.kallsyms]_text"})
	s.body(&record.Mmap{Meta: kernel, PID: 1<<32 - 1, Addr: 1<<63 + 0x2000, Len: 0x1000, Filename: "/lib/modules/6.1/kernel/fs/snd-pcm.ko.xz"})
	s.body(&record.Ksymbol{Meta: at(1, 0, 0), Addr: 1<<63 + 0x8000, Len: 0x40, Kind: 1, Name: "bpf_prog_1"})
	s.sample(2, 1, 1, 0)
	s.body(&record.Ksymbol{Meta: at(3, 0, 0), Addr: 1<<63 + 0x8000, Len: 0x40, Kind: 1, Flags: 1, Name: "bpf_prog_1"})
	s.sample(4, 1, 1, 0)
	sess, err := New(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	if err := sess.Next(&b); err != nil {
		t.Fatal(err)
	}
	name := func(i int, addr uint64) string {
		if m := b.Items[i].Kernel.Find(1<<63 + addr); m != nil {
			return m.Name
		}
		return ""
	}
	got := []string{name(0, 0x10), name(0, 0x2010), name(0, 0x8010), name(1, 0x8010), name(1, 0x5000)}
	if d := cmp.Diff([]string{"[kernel.kallsyms]", "[snd_pcm]", "bpf_prog_1", "", ""}, got); d != "" {
		t.Error(d)
	}
}

// A source that fails is heard after all that it gave before.
func TestSourceFails(t *testing.T) {
	s := newScript()
	s.sample(2, 1, 1, 0)
	s.sample(1, 1, 1, 0)
	s.err = errors.New("cut short")
	sess, err := New(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	if err := sess.Next(&b); err != nil || len(b.Items) != 2 || b.Items[0].Time != 1 {
		t.Fatalf("%d items, error %v", len(b.Items), err)
	}
	b.Release()
	for range 2 {
		if err := sess.Next(&b); !errors.Is(err, s.err) {
			t.Fatalf("error %v", err)
		}
	}
}

// With EachRound a batch ends with what a sweep over live rings gave.
func TestEachRound(t *testing.T) {
	s := newScript()
	s.sample(1, 1, 1, 0)
	s.round()
	s.sample(2, 1, 1, 0)
	s.round()
	s.sample(3, 1, 1, 0)
	sess, err := New(s, Options{EachRound: true})
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for {
		var b Batch
		if err := sess.Next(&b); err != nil {
			break
		}
		sizes = append(sizes, len(b.Items))
	}
	if d := cmp.Diff([]int{1, 2}, sizes); d != "" {
		t.Error(d)
	}
}

func TestUnknownEvent(t *testing.T) {
	s := newScript()
	s.recs = append(s.recs, s.events[0].Layout.AppendSample(nil, &record.Sample{ID: 77, Time: 1}))
	sess, err := New(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := drain(sess); err != nil {
		t.Fatal(err)
	}
	if n := sess.Stats().UnknownIDs; n != 1 {
		t.Errorf("%d samples of unknown events", n)
	}
}

// BenchmarkSession orders four rings with rounds.
func BenchmarkSession(b *testing.B) {
	s := newScript()
	for r := range uint64(50) {
		for ring := range uint64(4) {
			for i := range uint64(50) {
				s.sample(1+r*1000+i*10+ring, uint32(ring+1), uint32(ring+1), 0x1000)
			}
		}
		s.round()
	}
	var batch Batch
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		s.at = 0
		sess, err := New(s, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for sess.Next(&batch) == nil {
			n += len(batch.Items)
			batch.Release()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/sample")
}

// drain reads a session to its end and keeps nothing but its counts.
func drain(s *Session) error {
	var b Batch
	for {
		err := s.Next(&b)
		b.Release()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
