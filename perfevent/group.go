package perfevent

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// iocFlagGroup (PERF_IOC_FLAG_GROUP) makes a request one for the whole group.
const iocFlagGroup = 1

// EnableGroup starts the group that e leads.
func (e *Event) EnableGroup() error {
	return e.ioctl("enable the group", unix.PERF_EVENT_IOC_ENABLE, iocFlagGroup)
}

// DisableGroup stops the group that e leads.
func (e *Event) DisableGroup() error {
	return e.ioctl("disable the group", unix.PERF_EVENT_IOC_DISABLE, iocFlagGroup)
}

// ResetGroup sets the counts of the group that e leads to zero; times keep
// running.
func (e *Event) ResetGroup() error {
	return e.ioctl("reset the group", unix.PERF_EVENT_IOC_RESET, iocFlagGroup)
}

// Group is a set of events that the kernel puts on the PMU all at once or not
// at all, so that their counts are of the same time and may be divided by each
// other. Its methods may be called concurrently, but not with Close.
type Group struct {
	events []*Event // the leader first
}

var errNoEvents = errors.New("a group of perf events needs at least one")

// OpenGroup opens one event per attr for one target, as a group that the first
// one leads; it starts disabled. Flags are the FlagFD… constants. All read
// formats become [CountFormat], and with [record.ReadGroup] if there are several.
//
// The error is an [*OpenError], with errno EINVAL where the PMU has too few
// counters for the whole group. With [FlagInherit] a group needs Linux 4.13.
// The caller closes the group.
func OpenGroup(attrs []Attr, t Target, flags int) (*Group, error) {
	if len(attrs) == 0 {
		return nil, errNoEvents
	}
	runtime.LockOSThread() // the calling thread, if that is the target, is one for all
	defer runtime.UnlockOSThread()
	g := &Group{events: make([]*Event, 0, len(attrs))}
	for i := range attrs {
		a := attrs[i]
		a.ReadFormat = CountFormat
		if len(attrs) > 1 { // of one alone the kernel makes more work in that format
			a.ReadFormat |= record.ReadGroup
		}
		a.Flags &^= FlagDisabled
		var leader *Event
		if i == 0 {
			a.Flags |= FlagDisabled // members follow their leader
		} else {
			leader = g.events[0]
		}
		e, err := Open(&a, t, leader, flags)
		if err != nil {
			_ = g.Close() // what failed is the opening
			return nil, err
		}
		g.events = append(g.events, e)
	}
	return g, nil
}

// Events are the open events in the order of the attrs. They stay g's.
func (g *Group) Events() []*Event { return g.events }

// Enable starts the group.
func (g *Group) Enable() error { return g.events[0].EnableGroup() }

// Disable stops the group.
func (g *Group) Disable() error { return g.events[0].DisableGroup() }

// Reset sets all counts to zero; times keep running.
func (g *Group) Reset() error { return g.events[0].ResetGroup() }

// Read appends one Count an event, in the order of the attrs, all of the same
// moment. It is one system call and allocates nothing if dst has room.
func (g *Group) Read(dst []Count) ([]Count, error) {
	if len(g.events) == 1 {
		c, err := g.events[0].Read()
		if err != nil {
			return dst, err
		}
		return append(dst, c), nil
	}
	start := len(dst)
	dst, err := g.events[0].ReadGroup(dst)
	if err == nil && len(dst)-start != len(g.events) {
		return dst[:start], fmt.Errorf("read of a group of %d perf events: %d answered", len(g.events), len(dst)-start)
	}
	return dst, err
}

// Close closes all events. A second Close does nothing.
func (g *Group) Close() error {
	var errs []error
	for i := len(g.events) - 1; i >= 0; i-- { // members first: a member without leader would go on alone
		errs = append(errs, g.events[i].Close())
	}
	return errors.Join(errs...)
}
