package recorder

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gperf-dev/gperf/perfevent/evlist"
)

// Request asks something of a recording that goes on.
type Request struct {
	Kind RequestKind
	// Event is the event that RequestEnable and RequestDisable are for; "" for all.
	Event string
	// Done is called when it has been carried out, by the recording's goroutine; nil: nobody waits.
	Done func(error)
}

// RequestKind is what is asked.
type RequestKind int

// The requests.
const (
	RequestPing     RequestKind = iota // nothing: is it there?
	RequestEnable                      // start events
	RequestDisable                     // stop events
	RequestSnapshot                    // go on in the next file; of Overwrite: write what the rings hold
	RequestStop                        // end the recording
	RequestList                        // tell the events' names, by Options.List
)

// errNoSnapshot tells that there is nowhere to go on.
var errNoSnapshot = errors.New("a snapshot needs --switch-output or --overwrite")

// maxRequests is how many requests wait before their senders do.
const maxRequests = 64

// listen passes requests on to the recording's goroutine, which it wakes.
func (r *run) listen(ctx context.Context) {
	for {
		select {
		case q, ok := <-r.o.Requests:
			if !ok {
				return
			}
			r.requests <- q
			r.list.Wake()
		case <-ctx.Done():
			return
		}
	}
}

// answer carries out the requests that wait. stop tells that one was to end the recording, turn that one was to go on in the next file.
func (r *run) answer() (stop, turn bool) {
	for {
		select {
		case q := <-r.requests:
			var err error
			switch q.Kind {
			case RequestEnable, RequestDisable:
				err = r.toggle(q.Event, q.Kind == RequestEnable)
			case RequestSnapshot:
				if turn = r.o.Rotation.Next != nil; !turn {
					err = errNoSnapshot
				}
			case RequestStop:
				stop = true
			case RequestList:
				if r.o.List != nil {
					r.o.List(r.list.Events())
				}
			}
			if q.Done != nil {
				q.Done(err)
			}
		default:
			return stop, turn
		}
	}
}

// toggle starts or stops an event, or all.
func (r *run) toggle(name string, on bool) error {
	if name == "" {
		if !on {
			r.notify("Events disabled")
			return r.list.Pause() // processes that begin meanwhile have names when it goes on
		}
		r.notify("Events enabled")
		return r.list.EnableAll()
	}
	events := r.list.Events()
	i := slices.IndexFunc(events, func(e *evlist.Event) bool { return e.Name == name })
	if i < 0 {
		return fmt.Errorf("no event %s is recorded", name)
	}
	for _, h := range events[i].Open {
		do := h.Disable
		if on {
			do = h.Enable
		}
		if err := do(); err != nil {
			return err
		}
	}
	state := "disabled"
	if on {
		state = "enabled"
	}
	r.notify("Event %s %s", name, state)
	return nil
}
