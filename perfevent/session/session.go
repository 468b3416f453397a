package session

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Options of a session. The zero value orders by time and delivers samples only.
type Options struct {
	// Records are the types of records that become items as samples do, for who shows them.
	Records []record.Type
	// EachRound ends a batch at each round mark, so that what a live source has is seen at once.
	EachRound bool
}

// Stats counts what a session has read.
type Stats struct {
	Records    uint64 // all, perf's own too
	Samples    uint64
	Lost       uint64 // records that the kernel could not write for want of space
	LostChunks uint64 // how often
	LostSample uint64 // samples that the hardware or the kernel lost
	Unordered  uint64 // records older than one delivered before
	UnknownIDs uint64 // samples of no known event
	Unknown    uint64 // records of a type that is not known
	Damaged    uint64 // records that their layout does not fit
}

// Session orders the records of a source and keeps what they say of threads and mappings. One goroutine uses it.
type Session struct {
	src    Source
	events []*Event
	set    *record.Set
	tidAt  []int // where pid and tid stand in a sample of an event, 0 nowhere
	show   map[record.Type]bool
	round  bool // batches end at round marks
	marked bool // the record read last was one
	stale  bool // the source may know more of its events
	byID   map[uint64]*reading

	q     queue
	table *table
	stats Stats
	rec   record.Record
	err   error
}

// New makes a session. It fails if the events of the source cannot be told apart in its records.
func New(src Source, o Options) (*Session, error) {
	s := &Session{src: src, table: newTable(), round: o.EachRound, show: map[record.Type]bool{}}
	for _, t := range o.Records {
		s.show[t] = true
	}
	return s, s.learnEvents()
}

// Events returns the events of the source, as they are known now.
func (s *Session) Events() []*Event {
	s.refresh()
	return s.events
}

// refresh learns what the source told of its events since the last time.
func (s *Session) refresh() {
	if !s.stale {
		return
	}
	s.stale = false
	if err := s.learnEvents(); err != nil {
		s.err = err
		s.q.finish()
	}
}

// Stats returns the counts so far.
func (s *Session) Stats() Stats {
	st := s.stats
	st.Unordered = s.q.unordered
	return st
}

func (s *Session) learnEvents() error {
	events := s.src.Events()
	if s.set != nil && len(events) == len(s.events) {
		same := true
		for i, e := range events {
			same = same && len(e.IDs) == len(s.events[i].IDs)
		}
		s.events = events
		if same {
			return nil
		}
	}
	layouts := make([]record.EventLayout, len(events))
	s.tidAt = make([]int, len(events))
	for i, e := range events {
		layouts[i] = record.EventLayout{Layout: e.Layout, IDs: e.IDs}
		if st := e.Layout.SampleType; st&record.SampleTID != 0 {
			s.tidAt[i] = record.HeaderSize + 8*bits.OnesCount64(uint64(st&(record.SampleIdentifier|record.SampleIP)))
		}
	}
	set, err := record.NewSet(layouts)
	if err != nil {
		return fmt.Errorf("events of the recording: %w", err)
	}
	s.events, s.set = events, set
	return nil
}

// Next fills b, which is empty, with the next items in time order. It fails with io.EOF at the end, or with the
// source's error after everything read before the error has been delivered.
func (s *Session) Next(b *Batch) error {
	for !b.full() {
		if e := s.q.pop(); e != nil {
			s.deliver(b, e, e.bytes())
			s.q.drop(e)
			continue
		}
		if s.err != nil || s.round && s.marked && len(b.Items) > 0 {
			break
		}
		s.read(b)
	}
	if len(b.Items) == 0 {
		return s.err
	}
	return nil
}

// read takes one record from the source, into the queue or at once into b.
func (s *Session) read(b *Batch) {
	if err := s.src.Next(&s.rec); err != nil {
		s.err = err
		s.q.finish()
		return
	}
	s.stats.Records++
	r := &s.rec
	s.marked = r.Type == record.TypeFinishedRound
	if s.marked {
		s.q.round()
		return
	}
	if r.Type >= record.FirstUserType {
		// Streams begin with thousands of such records: the events are asked for when one of their own comes.
		s.stale = s.stale || tellsOfEvents(r.Type)
		return
	}
	if s.refresh(); s.err != nil {
		return
	}
	e := entry{offset: r.Offset, cpu: r.CPU, event: -1}
	event, time, ok := s.set.Find(r.Bytes)
	if ok {
		e.event, e.time = int32(event), time
	}
	// Records made up from /proc have no time, others of an old perf neither: perf delivers them as they come.
	if e.time == 0 || e.time == ^uint64(0) {
		s.deliver(b, &e, r.Bytes)
		return
	}
	s.q.push(e, r.Bytes)
}

// deliver applies a record to the tables, and puts it into the batch if it is to be seen.
func (s *Session) deliver(b *Batch, e *entry, rec []byte) {
	var event *Event
	if e.event >= 0 {
		event = s.events[e.event]
	}
	if record.Type(binary.NativeEndian.Uint32(rec)) == record.TypeSample {
		s.stats.Samples++
		if event == nil {
			s.stats.UnknownIDs++
			return
		}
		s.sample(b, e, event, rec)
		return
	}
	s.sideband(b, e, event, rec)
}

func (s *Session) sample(b *Batch, e *entry, event *Event, rec []byte) {
	pid, tid := int32(-1), int32(-1)
	if at := s.tidAt[e.event]; at != 0 && len(rec) >= at+8 {
		pid = int32(binary.NativeEndian.Uint32(rec[at:]))
		tid = int32(binary.NativeEndian.Uint32(rec[at+4:]))
	}
	if event.Layout.SampleType&record.SampleRead != 0 {
		s.counted(b, e, event, rec, pid, tid)
		return
	}
	s.add(b, e, event, rec, s.table.find(pid, tid))
}

func (s *Session) add(b *Batch, e *entry, event *Event, rec []byte, th *thread) *Item {
	it := b.add(rec)
	it.Event, it.Time, it.Offset, it.CPU = event, e.time, e.offset, e.cpu
	if event != nil {
		it.Layout = event.Layout
	}
	it.Kernel = s.table.kernel.freeze()
	if th != nil {
		it.Thread, it.Maps = th.now, th.process.maps.freeze()
	}
	return it
}
