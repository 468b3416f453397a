package counting

import (
	"errors"
	"slices"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// groups notes the members of each group.
func (s *Set) groups() {
	for i, e := range s.events {
		e.group = nil
		if e.Leader != i || e.Err != nil {
			continue
		}
		for j, m := range s.events {
			if m.Leader == i && m.Err == nil {
				e.group = append(e.group, j)
			}
		}
	}
}

// Read reads all events into dst, which is used again if it has room: by event, in it by CPU and thread as index
// CPU*len(Threads)+thread. A group is read by one system call. An event that is not supported, or could not be read, has nil; a
// thread that had ended before it could be counted reads as zeros. Several goroutines may read at once, each into its own dst.
func (s *Set) Read(dst [][]Value) [][]Value {
	s.reading.Lock()
	defer s.reading.Unlock()
	dst = slices.Grow(dst[:0], len(s.events))[:len(s.events)]
	for i, e := range s.events {
		if e.Err != nil || e.tool != NoTool {
			dst[i] = nil
			continue
		}
		dst[i] = slices.Grow(dst[i][:0], len(e.open))[:len(e.open)]
		clear(dst[i])
	}
	for i, e := range s.events {
		if e.Leader != i || e.Err != nil || e.tool != NoTool {
			continue
		}
		for cell := range e.open {
			if e.open[cell] != nil && s.readCell(dst, e, i, cell) != nil {
				for _, m := range e.group {
					dst[m] = nil // as perf: one that cannot be read has no count
				}
				break
			}
		}
	}
	return dst
}

// readCell reads event i, or the group that it leads, on one CPU for one thread.
func (s *Set) readCell(dst [][]Value, e *Event, i, cell int) error {
	if e.Attr.ReadFormat&record.ReadGroup == 0 {
		c, err := e.open[cell].Read()
		if err == nil && dst[i] != nil {
			dst[i][cell] = valueOf(&c)
		}
		return err
	}
	var err error
	if s.scratch, err = e.open[cell].ReadGroup(s.scratch[:0]); err != nil {
		return err
	}
	for k, m := range e.group {
		if k < len(s.scratch) && cell < len(dst[m]) {
			dst[m][cell] = valueOf(&s.scratch[k])
		}
	}
	return nil
}

func valueOf(c *perfevent.Count) Value {
	return Value{Count: c.Value, Enabled: uint64(c.Enabled), Running: uint64(c.Running)}
}

// Count is one count with what it is of.
type Count struct {
	Event  string
	CGroup string // directory; "" for none
	CPU    int    // perfevent.AnyCPU: of a thread
	TID    int    // perfevent.AnyPID: of a CPU
	Value
}

// Counts reads the running counts of all events that are supported, each with its labels, and appends them to dst.
func (s *Set) Counts(dst []Count) []Count {
	for i, values := range s.Read(nil) {
		e := s.events[i]
		for j, v := range values {
			dst = append(dst, Count{Event: e.Name, CGroup: e.Spec.CGroup, CPU: e.CPUs[j/len(s.threads)], TID: s.threads[j%len(s.threads)], Value: v})
		}
	}
	return dst
}

// Enable starts all events that the exec of a workload does not start.
func (s *Set) Enable() error {
	if s.held {
		return nil
	}
	return s.EnableAll()
}

// EnableAll starts all events, also those that wait for the exec of a workload.
func (s *Set) EnableAll() error { return s.each(counter.Enable) }

// Disable stops all events.
func (s *Set) Disable() error { return s.each(counter.Disable) }

// Toggle starts or stops the events of one name; false if there is none.
func (s *Set) Toggle(name string, on bool) (bool, error) {
	do, found := counter.Disable, false
	if on {
		do = counter.Enable
	}
	for _, e := range s.events {
		if e.Name != name {
			continue
		}
		found = true
		if err := e.each(do); err != nil {
			return true, err
		}
	}
	return found, nil
}

// each visits the leaders, which take their groups with them.
func (s *Set) each(do func(counter) error) error {
	for i, e := range s.events {
		if e.Leader != i {
			continue
		}
		if err := e.each(do); err != nil {
			return err
		}
	}
	return nil
}

func (e *Event) each(do func(counter) error) error {
	for _, c := range e.open {
		if c == nil {
			continue
		}
		if err := do(c); err != nil {
			return err
		}
	}
	return nil
}

// Close closes all events. The errors of all are joined.
func (s *Set) Close() error {
	var errs []error
	for _, e := range s.events {
		errs = append(errs, e.close())
	}
	return errors.Join(errs...)
}

func (e *Event) close() error {
	var errs []error
	for _, c := range e.open {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	e.open, e.IDs = nil, nil
	return errors.Join(errs...)
}
