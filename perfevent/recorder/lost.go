package recorder

import (
	"fmt"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// lostSamples asks each event how many records found no room (Linux 6.0) and writes it down, as perf does. LOST records
// tell of them too, but come late, or not at all when nothing follows in the ring.
func (r *run) lostSamples() error {
	all, err := r.list.ReadLost()
	if err != nil {
		return fmt.Errorf("asking for losses: %w", err)
	}
	if r.told == nil {
		r.told = map[uint64]uint64{}
	}
	for _, l := range all {
		fresh := l.Samples - r.told[l.ID]
		if fresh == 0 {
			continue
		}
		r.told[l.ID] = l.Samples
		lost := &record.LostSamples{Lost: fresh, Meta: record.Meta{SampleID: record.Trailer{ID: l.ID}}}
		r.buf = record.Append(l.Event.Attr.Layout(), r.buf[:0], lost)
		if err := r.w.WriteRecord(r.buf); err != nil {
			return err
		}
		r.summary.lose(l.Event.Name, fresh)
	}
	return nil
}

// lose adds to the losses of an event.
func (s *Summary) lose(event string, n uint64) {
	s.Lost += n
	for i := range s.Losses {
		if s.Losses[i].Event == event {
			s.Losses[i].Records += n
			return
		}
	}
	s.Losses = append(s.Losses, Loss{Event: event, Records: n})
}

// lostRecord takes a LOST record, where the kernel does not count for each event.
func (s *seen) lostRecord(in *perfdata.Reader, rec *record.Record) {
	e := eventOf(in, rec)
	if e.Attr.ReadFormat&record.ReadLost != 0 {
		return
	}
	if body, err := record.Decode(e.Attr.Layout(), rec.Bytes); err == nil {
		if l, ok := body.(*record.Lost); ok {
			s.losses = append(s.losses, Loss{e.Name, l.Lost})
		}
	}
}
