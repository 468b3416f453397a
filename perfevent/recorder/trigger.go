package recorder

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// Trigger asks a recording to go on in the next file when an event occurs. The event itself is not recorded.
type Trigger struct {
	list *evlist.List
	set  *record.Set
	own  uint32
	buf  []byte
}

// TriggerError is an event that says nothing about when to go on in the next file.
type TriggerError struct {
	Event string
	Never bool // its period is 0
}

func (e *TriggerError) Error() string {
	if e.Never {
		return e.Event + " with a period of 0 never occurs: after how many of it to switch?"
	}
	return e.Event + " occurs all the time: after how many of it to switch?"
}

// Hint is the next step.
func (e *TriggerError) Hint() string {
	return "write EVENT/period=N/: with cpu-clock/period=1000000000/ after each second of CPU time"
}

// triggerPages is the size of a ring, which is read as soon as there is anything in it.
const triggerPages = 8

// OpenTrigger opens and starts the events: each time that one occurs counts, or as often as its term period says. A command's trigger may come from any
// process, as in perf; where the user may not measure others, from the command alone, which notify is told. Errors are those of [evlist.Open], and a
// [*TriggerError]. The caller closes the Trigger.
func OpenTrigger(ctx context.Context, specs []selector.Spec, t evlist.Targets, notify func(string)) (*Trigger, error) {
	for i := range specs {
		never := specs[i].Terms.Period != nil && *specs[i].Terms.Period == 0
		if never || needsPeriod(&specs[i]) {
			return nil, &TriggerError{specs[i].Name, never}
		}
	}
	o := evlist.Options{Period: 1, MmapPages: triggerPages, NoBuffering: true, NoTasks: true, Identifier: true}
	all := t
	if len(t.PIDs)+len(t.TIDs)+len(t.CPUs) == 0 && t.User == nil {
		all.SystemWide, all.PerThread = true, false
	}
	list, err := evlist.Open(ctx, specs, all, o)
	var refused *perfevent.OpenError
	if errors.As(err, &refused) && refused.NotAllowed() && !t.SystemWide && all.SystemWide {
		notify("other processes may not be measured: only the command's own events go on in the next file")
		list, err = evlist.Open(ctx, specs, t, o)
	}
	if err != nil {
		return nil, err
	}
	events := make([]record.EventLayout, len(list.Events()))
	for i, e := range list.Events() {
		events[i] = record.EventLayout{Layout: e.Attr.Layout(), IDs: e.IDs}
	}
	set, err := record.NewSet(events)
	if err == nil {
		err = list.Enable()
	}
	if err != nil {
		return nil, errors.Join(err, list.Close())
	}
	return &Trigger{list: list, set: set, own: uint32(os.Getpid())}, nil
}

// needsPeriod tells whether an event is a clock or a counter of the processor, of which each one would be too often.
func needsPeriod(s *selector.Spec) bool {
	if s.Terms.Period != nil || s.Terms.Freq != nil {
		return false
	}
	switch s.Attr.Type {
	case perfevent.TypeTracepoint, perfevent.TypeBreakpoint:
		return false
	case perfevent.TypeSoftware:
		return s.Attr.Config == perfevent.SWCPUClock || s.Attr.Config == perfevent.SWTaskClock
	}
	return true
}

// Serve sends a request for each occurrence until the context is done. What occurs until a request is taken is one with it; what this process
// does itself does not count, for going on in the next file may bring the event about.
func (t *Trigger) Serve(ctx context.Context, send func(Request)) error {
	for {
		err := t.list.Wait(ctx, -1)
		if ctx.Err() != nil || errors.Is(err, evlist.ErrAllEnded) {
			return nil
		}
		if err != nil {
			return err
		}
		occurred, err := t.occurred()
		if err != nil {
			return err
		}
		if !occurred {
			continue
		}
		done := make(chan error, 1)
		send(Request{Kind: RequestSnapshot, Done: func(err error) { done <- err }})
		select {
		case err := <-done:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
		if _, err := t.occurred(); err != nil {
			return err
		}
	}
}

// occurred empties the rings and tells whether another process has brought an event about.
func (t *Trigger) occurred() (yes bool, err error) {
	for _, ring := range t.list.Rings() {
		a, b := ring.Peek()
		t.buf = append(append(t.buf[:0], a...), b...)
		ring.Consume(len(a) + len(b))
		for rest := t.buf; len(rest) >= record.HeaderSize; {
			size := int(binary.NativeEndian.Uint16(rest[6:]))
			if size < record.HeaderSize || size > len(rest) {
				return yes, fmt.Errorf("a record of %d bytes in a ring that has %d", size, len(rest))
			}
			yes = yes || t.counts(rest[:size])
			rest = rest[size:]
		}
	}
	return yes, nil
}

// counts tells whether a record is a sample of another process. A loss stands for samples that found no room.
func (t *Trigger) counts(rec []byte) bool {
	switch record.Type(binary.NativeEndian.Uint32(rec)) {
	case record.TypeLost:
		return true
	case record.TypeSample:
		var s record.Sample
		i, _, ok := t.set.Find(rec)
		return ok && t.set.Layout(i).DecodeSample(rec, &s) == nil && s.PID != t.own
	}
	return false
}

// Close closes the events. Serve must have returned.
func (t *Trigger) Close() error { return t.list.Close() }
