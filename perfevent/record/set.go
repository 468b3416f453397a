package record

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// ErrNoID tells that several events write into one source and their records do not say whose they are.
var ErrNoID = errors.New("several events without an identifier at a common place")

// EventLayout is one event of a source: its layout and the ids by which its records name it.
type EventLayout struct {
	Layout *Layout
	IDs    []uint64
}

// Set finds the event that wrote a record. It is safe for concurrent use.
//
// The rule is perf's (evlist__event2evsel in tools/perf/util/evlist.c): a single event needs no id; with several, the id has a place that is
// the same for all; id 0 means the first event. Unlike perf, which stops at a sample with an id that is nobody's, it knows whose that is if one
// event only borrows ids: see [Layout].
type Set struct {
	layouts []*Layout
	base    uint64  // id of dense[0]
	dense   []int32 // event+1, by id-base; ids of one recording are near each other
	sparse  map[uint64]int32
	borrows int // 1 + the only event whose samples may have an id that is nobody's; 0: none, or several
}

// NewSet checks that the events' records can be told apart and indexes their ids. It keeps the layouts.
// The error is ErrNoID if they cannot.
func NewSet(events []EventLayout) (*Set, error) {
	s := &Set{layouts: make([]*Layout, len(events))}
	var low, high, n uint64
	low = ^uint64(0)
	for i, e := range events {
		s.layouts[i] = e.Layout
		for _, id := range e.IDs {
			low, high, n = min(low, id), max(high, id), n+1
		}
	}
	s.borrows = onlyBorrower(s.layouts)
	if len(events) > 1 && (n == 0 || haveSamples(s.layouts)) && !samePlaces(s.layouts) {
		return nil, ErrNoID
	}
	if n == 0 {
		return s, nil
	}
	if high-low < 64*n+1024 {
		s.base, s.dense = low, make([]int32, high-low+1)
	} else {
		s.sparse = make(map[uint64]int32, n)
	}
	for i, e := range events {
		for _, id := range e.IDs {
			if s.dense != nil {
				s.dense[id-s.base] = int32(i) + 1
			} else {
				s.sparse[id] = int32(i) + 1
			}
		}
	}
	return s, nil
}

// onlyBorrower returns 1 + the only event that borrows ids, 0 if there is none or more than one.
func onlyBorrower(ls []*Layout) (only int) {
	for i, l := range ls {
		if l.BorrowsID && only != 0 {
			return 0
		}
		if l.BorrowsID {
			only = i + 1
		}
	}
	return only
}

// haveSamples reports whether any of the events has samples that hold something. Those of a stream of perf stat have none.
func haveSamples(ls []*Layout) bool {
	for _, l := range ls {
		if l.SampleType != 0 {
			return true
		}
	}
	return false
}

// samePlaces reports whether all layouts have their id at one place, in samples and in trailers.
func samePlaces(ls []*Layout) bool {
	const probe = 1 << 12
	_, sample, _ := ls[0].places(TypeSample, probe)
	_, other, _ := ls[0].places(TypeComm, probe)
	for _, l := range ls {
		_, a, _ := l.places(TypeSample, probe)
		_, b, _ := l.places(TypeComm, probe)
		if a == 0 || a != sample || b != other {
			return false
		}
	}
	return true
}

// Layout returns the layout of event i, as Find numbers them; nil if there is none.
func (s *Set) Layout(i int) *Layout {
	if s == nil || i < 0 || i >= len(s.layouts) {
		return nil
	}
	return s.layouts[i]
}

// Len returns the number of events.
func (s *Set) Len() int { return len(s.layouts) }

// Event returns the number of the event that has this id; id 0 is the first event's.
func (s *Set) Event(id uint64) (event int, ok bool) {
	if len(s.layouts) == 0 {
		return 0, false
	}
	if id == 0 || len(s.layouts) == 1 {
		return 0, true
	}
	if s.dense != nil {
		if i := id - s.base; i < uint64(len(s.dense)) {
			e := s.dense[i]
			return int(e) - 1, e != 0
		}
		return 0, false
	}
	e := s.sparse[id]
	return int(e) - 1, e != 0
}

// Find returns the number of the event that wrote the whole record rec, header included, and the record's time in nanoseconds. It is
// false for perf's own types, for records without a trailer, and if the id is nobody's.
func (s *Set) Find(rec []byte) (event int, time uint64, ok bool) {
	if len(s.layouts) == 0 {
		return 0, 0, false
	}
	time, id, ok := s.layouts[0].Peek(rec)
	if !ok {
		return 0, 0, false
	}
	if event, ok = s.Event(id); !ok && s.borrows != 0 && Type(binary.NativeEndian.Uint32(rec)) == TypeSample {
		event, ok = s.borrows-1, true
	}
	if ok && event > 0 {
		// The id stands at one place for all events, the time need not.
		time, _, ok = s.layouts[event].Peek(rec)
	}
	return event, time, ok
}

// Borrowed tells whether a sample bears an id that is nobody's and yet Find knows its event, and where in rec the id stands.
func (s *Set) Borrowed(rec []byte) (event, at int, ok bool) {
	if s.borrows == 0 || len(rec) < HeaderSize || Type(binary.NativeEndian.Uint32(rec)) != TypeSample {
		return 0, 0, false
	}
	_, at, ok = s.layouts[0].places(TypeSample, len(rec))
	if !ok || at == 0 {
		return 0, 0, false
	}
	_, known := s.Event(binary.NativeEndian.Uint64(rec[at:]))
	return s.borrows - 1, at, !known
}

// Swap turns the whole record rec from foreign byte order into native, in place, by the layout of the event that wrote it.
func (s *Set) Swap(rec []byte) error {
	if len(rec) < HeaderSize {
		return ErrShort
	}
	t := Type(bits.ReverseBytes32(binary.NativeEndian.Uint32(rec)))
	if s == nil || len(s.layouts) == 0 || t >= FirstUserType {
		return Swap(nil, rec)
	}
	l := s.layouts[0]
	_, idAt, ok := l.places(t, len(rec))
	if ok && idAt != 0 {
		if i, ok := s.Event(bits.ReverseBytes64(binary.NativeEndian.Uint64(rec[idAt:]))); ok {
			l = s.layouts[i]
		}
	}
	return Swap(l, rec)
}
