package session

import "github.com/gperf-dev/gperf/perfevent/record"

// reading is the last value of a counter that samples carry.
type reading struct {
	event *Event
	last  uint64
}

// counted delivers a sample that carries the values of counters (PERF_SAMPLE_READ, perf's modifier S): one item for
// each counter of the group that moved, with the difference as its period. See deliver_sample_group in
// tools/perf/util/session.c.
func (s *Session) counted(b *Batch, e *entry, event *Event, rec []byte, pid, tid int32) {
	var sample record.Sample
	if event.Layout.DecodeSample(rec, &sample) != nil {
		s.stats.Damaged++
		return
	}
	if s.byID == nil {
		s.byID = map[uint64]*reading{}
		for _, ev := range s.events {
			for _, id := range ev.IDs {
				s.byID[id] = &reading{event: ev}
			}
		}
	}
	values := sample.Read.Group
	if event.Layout.ReadFormat&record.ReadGroup == 0 {
		values = []record.ReadValue{{Value: sample.Read.Value, ID: sample.Read.ID}}
	}
	for _, v := range values {
		r := s.byID[v.ID]
		if r == nil {
			s.stats.UnknownIDs++
			continue
		}
		period := v.Value - r.last
		r.last = v.Value
		if period == 0 {
			continue
		}
		it := s.add(b, e, r.event, rec, s.table.find(pid, tid))
		it.Layout, it.Period = event.Layout, period // the bytes are the leader's
	}
}
