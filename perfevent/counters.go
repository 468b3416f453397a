package perfevent

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Counters are events open on all that a [Scope] stands for, as one group on
// each thread or CPU. One goroutine at a time may use them.
type Counters struct {
	n       int
	groups  []*Group
	scratch []Count
	base    []Count // what is taken off each read, n a group; empty if nothing is
	held    []Count // what Pause read, n a group; empty while counting
}

// Total is what an event has counted on all threads or CPUs of its counters.
type Total struct {
	Value   uint64        // as counted
	Scaled  uint64        // the sum of what [Count.Scaled] gives for each thread or CPU
	Enabled time.Duration // sum of times, so that two CPUs make 2 s in a second
	Running time.Duration
}

// Multiplexed tells whether the event had to share the PMU somewhere, so that
// Scaled is an estimate.
func (t Total) Multiplexed() bool { return t.Running < t.Enabled }

// Sub is what was counted since an earlier total of the same counters.
func (t Total) Sub(earlier Total) Total {
	t.Value -= earlier.Value
	t.Scaled -= earlier.Scaled
	t.Enabled -= earlier.Enabled
	t.Running -= earlier.Running
	return t
}

// Add is what two totals of the same event have counted, one after the other.
func (t Total) Add(other Total) Total {
	t.Value += other.Value
	t.Scaled += other.Scaled
	t.Enabled += other.Enabled
	t.Running += other.Running
	return t
}

// threadRaces bounds how often OpenCounters begins again because a process
// started threads while its counters were opened.
const threadRaces = 20

// ErrThreadsStart means that a process starts threads faster than they can be
// given counters.
var ErrThreadsStart = errors.New("the process starts threads faster than counters can be opened on them")

// OpenCounters opens the attrs as one group on each thread or CPU of the
// scope; all start disabled. A process's threads are counted once each: if
// there are others when the last has its counters, all is done again, and after
// 20 times the error is [ErrThreadsStart]. Else it is an [*OpenError], or one of
// the file that tells the threads or CPUs. The caller closes the counters.
func OpenCounters(attrs []Attr, s Scope) (*Counters, error) {
	for range threadRaces {
		c, complete, err := tryCounters(attrs, s)
		if err != nil || complete {
			return c, err
		}
	}
	return nil, fmt.Errorf("process %d: %w", s.number, ErrThreadsStart)
}

// tryCounters opens the counters. It is not complete if a process has other
// threads afterwards: a new one may have inherited its counters or not, by the
// thread that started it, and nobody tells.
func tryCounters(attrs []Attr, s Scope) (_ *Counters, complete bool, err error) {
	if len(attrs) == 0 {
		return nil, false, errNoEvents
	}
	targets, flags, done, err := s.targets()
	defer done()
	if open := (*OpenError)(nil); errors.As(err, &open) {
		open.Attr = attrs[0]
	}
	if err != nil {
		return nil, false, err
	}
	c := &Counters{n: len(attrs), scratch: make([]Count, 0, len(attrs)*len(targets))}
	for _, t := range targets {
		g, err := OpenGroup(attrs, t, flags)
		if err != nil {
			_ = c.Close() // what failed is the opening
			if s.kind == scopeProcess && errors.Is(err, unix.ESRCH) && len(targets) > 1 {
				return nil, false, nil // that thread has ended
			}
			if open := (*OpenError)(nil); errors.As(err, &open) && s.kind == scopeCgroup {
				open.CGroup = s.dir
			}
			return nil, false, err
		}
		c.groups = append(c.groups, g)
	}
	if s.kind != scopeProcess {
		return c, true, nil
	}
	after, err := threadTargets(s.number)
	if err == nil && slices.Equal(targets, after) {
		return c, true, nil
	}
	_ = c.Close() // to be opened again
	return nil, false, err
}

// Len is the number of events, that is of attrs.
func (c *Counters) Len() int { return c.n }

// Groups are the open groups, one a thread or CPU. They stay c's.
func (c *Counters) Groups() []*Group { return c.groups }

// Enable starts all groups, one after the other.
func (c *Counters) Enable() error { return c.each((*Group).Enable) }

// Disable stops all groups, one after the other.
func (c *Counters) Disable() error { return c.each((*Group).Disable) }

// Reset makes all counts and times begin at zero again. The kernel's own reset
// would leave the times, and what threads that have ended had counted, so the
// present counts are kept and taken off what Read finds. It is one system call
// a thread or CPU.
func (c *Counters) Reset() (err error) {
	if len(c.held) > 0 {
		c.base = append(c.base[:0], c.held...)
		return nil
	}
	c.base, err = c.readAll(c.base)
	return err
}

// Pause leaves out what is counted until Resume. The events go on: to read them
// is one system call a thread or CPU, where stopping them is one an event and
// about ten times as long. Read gives the counts as they were meanwhile.
func (c *Counters) Pause() (err error) {
	if len(c.held) > 0 {
		return nil
	}
	c.held, err = c.readAll(c.held)
	return err
}

// Resume ends what Pause began.
func (c *Counters) Resume() (err error) {
	if len(c.held) == 0 {
		return nil
	}
	if c.scratch, err = c.readAll(c.scratch); err != nil {
		return err
	}
	if len(c.base) == 0 {
		c.base = append(c.base, make([]Count, len(c.held))...)
	}
	for i, now := range c.scratch {
		c.base[i] = c.base[i].add(now.Sub(c.held[i]))
	}
	c.held = c.held[:0]
	return nil
}

// readAll reads all groups into dst from its beginning on; on an error it is
// empty.
func (c *Counters) readAll(dst []Count) (_ []Count, err error) {
	dst = dst[:0]
	for _, g := range c.groups {
		if dst, err = g.Read(dst); err != nil {
			return dst[:0], err
		}
	}
	return dst, nil
}

// Close closes all events. A second Close does nothing.
func (c *Counters) Close() error { return c.each((*Group).Close) }

func (c *Counters) each(do func(*Group) error) error {
	var errs []error
	for _, g := range c.groups {
		errs = append(errs, do(g))
	}
	return errors.Join(errs...)
}

// Read appends one Total an event, in the order of the attrs. It is one system
// call a thread or CPU, and allocates nothing if dst has room.
func (c *Counters) Read(dst []Total) ([]Total, error) {
	start := len(dst)
	for range c.n {
		dst = append(dst, Total{})
	}
	totals := dst[start:]
	counts := c.held
	if len(counts) == 0 {
		var err error
		if c.scratch, err = c.readAll(c.scratch); err != nil {
			return dst[:start], err
		}
		counts = c.scratch
	}
	for i, count := range counts {
		if len(c.base) > 0 {
			count = count.Sub(c.base[i])
		}
		t := &totals[i%c.n]
		t.Value += count.Value
		t.Scaled += count.Scaled()
		t.Enabled += count.Enabled
		t.Running += count.Running
	}
	return dst, nil
}
