package recorder

import (
	"context"
	"errors"
	"time"

	"github.com/gperf-dev/gperf/perfevent/evlist"
)

// sweepInterval is how long records stay in the rings at most, where a kill of the recorder takes them along.
const sweepInterval = time.Second

// drain empties the rings whenever the kernel says that one has filled to its watermark, and each second, until the command has ended, the
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
	if r.o.Requests != nil {
		go r.listen(ctx)
	}
	// Once for all waits: a wait that is told of ctx allocates, and what allocates stops for the garbage collector.
	defer context.AfterFunc(ctx, r.list.Wake)()
	times, next := newTimetable(&r.o), newAlarm(r.o.Rotation.Every)
	for over := false; !over; {
		err := r.list.Wait(context.Background(), soonest(soonest(times.left(), next.left()), sweepInterval))
		over = errors.Is(err, evlist.ErrAllEnded) || ctx.Err() != nil
		if err != nil && !over {
			return err
		}
		last, err := r.keep(times)
		if err != nil {
			return err
		}
		if err := r.sweep(); err != nil {
			return err
		}
		stop, turn := r.limits()
		if over = over || last || stop; over {
			continue
		}
		if next.rings() || turn {
			next = newAlarm(r.o.Rotation.Every)
			if err := r.rotate(); err != nil {
				return err
			}
		}
	}
	if err := r.list.Disable(); err != nil {
		return err
	}
	return r.sweep()
}

// limits tells whether the recording is to stop here, or to go on in the next file.
func (r *run) limits() (stop, turn bool) {
	stop, turn = r.answer()
	if r.sizeReached(r.o.MaxSize) {
		r.notify("the size limit of %d KB is reached: stopping", r.o.MaxSize>>10)
		stop = true
	}
	return stop, turn || r.sizeReached(r.o.Rotation.Size)
}

// sweep takes what all rings hold now, which is a round.
func (r *run) sweep() error {
	if r.o.Overwrite {
		return nil // the rings are read at the end of a file
	}
	before := r.w.BytesWritten()
	if err := r.takeRings(); err != nil {
		return err
	}
	if r.w.BytesWritten() == before {
		return nil
	}
	r.summary.Wakeups++
	if err := r.w.EndRound(); err != nil {
		return err
	}
	r.progress()
	return nil
}

// takeRings writes what the rings hold.
func (r *run) takeRings() error {
	for _, ring := range r.list.Rings() {
		a, b := ring.Peek()
		if len(a)+len(b) == 0 {
			continue
		}
		r.tally.count(a)
		r.tally.count(b)
		if err := r.w.WriteRaw(a, b); err != nil {
			return err
		}
		ring.Consume(len(a) + len(b))
	}
	return nil
}

// soonest is the shorter of two times, of which a negative one means never.
func soonest(a, b time.Duration) time.Duration {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
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
