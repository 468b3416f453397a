package recorder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// drain empties the rings whenever the kernel says that one has filled to its watermark, until the command has ended, the
// threads have gone or the context is done; then it stops the events and takes what is left.
//
// All rings are emptied in one sweep, and a FINISHED_ROUND ends it: a reader may then sort, for what comes in the next
// round is younger than what came in the last but one. Between sweeps it always waits, even when the rings have got new
// records meanwhile: many small pieces cost more system calls than a few large ones, and under -a they would be samples too.
func (r *run) drain(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.o.Command.Done != nil {
		go func() {
			select {
			case <-r.o.Command.Done:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	start := newAlarm(r.o.Delay)
	for over := false; !over; {
		err := r.list.Wait(ctx, start.left())
		over = errors.Is(err, evlist.ErrAllEnded) || ctx.Err() != nil
		if err != nil && !over {
			return err
		}
		if start.rings() {
			if err := r.list.EnableAll(); err != nil {
				return err
			}
			r.notify("Events enabled")
			continue
		}
		r.summary.Wakeups++
		if err := r.sweep(); err != nil {
			return err
		}
	}
	if err := r.list.Disable(); err != nil {
		return err
	}
	return r.sweep()
}

// sweep takes what all rings hold now.
func (r *run) sweep() error {
	wrote := false
	for _, ring := range r.list.Rings() {
		a, b := ring.Peek()
		if len(a)+len(b) == 0 {
			continue
		}
		if err := r.w.WriteRaw(a, b); err != nil {
			return fmt.Errorf("writing the recording: %w", err)
		}
		ring.Consume(len(a) + len(b))
		wrote = true
	}
	if !wrote {
		return nil
	}
	if err := r.emit(&record.Mark{Kind: record.TypeFinishedRound}); err != nil || !r.w.Stream() {
		return err
	}
	return r.w.Flush() // somebody may be reading at the other end
}

// lostSamples asks each event how many samples found no room (Linux 6.0) and writes it down, as perf does. LOST records
// tell of them too, but come late or not at all when nothing follows in the ring.
func (r *run) lostSamples() error {
	for _, e := range r.list.Events() {
		if e.Attr.ReadFormat&record.ReadLost == 0 || e.Attr.ReadFormat&record.ReadGroup != 0 {
			continue
		}
		layout := e.Attr.Layout()
		for _, h := range e.Open {
			count, err := h.Read()
			if err != nil || count.Lost == 0 {
				continue // an event that is in error state has lost nothing
			}
			lost := &record.LostSamples{Lost: count.Lost, Meta: record.Meta{SampleID: record.Trailer{ID: h.ID}}}
			r.buf = record.Append(layout, r.buf[:0], lost)
			if err := r.w.WriteRecord(r.buf); err != nil {
				return errors.Join(errors.New("writing the number of lost samples"), err)
			}
			r.summary.Lost += count.Lost
		}
	}
	return nil
}

// alarm rings once, at a time that may be never.
type alarm struct {
	at   time.Time
	over bool
}

func newAlarm(d time.Duration) alarm { return alarm{time.Now().Add(d), d <= 0} }

// left is how long it takes until the alarm rings, negative for never.
func (a *alarm) left() time.Duration {
	if a.over {
		return -1
	}
	return max(0, time.Until(a.at))
}

func (a *alarm) rings() bool {
	if a.over || time.Now().Before(a.at) {
		return false
	}
	a.over = true
	return true
}
