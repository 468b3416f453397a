package evlist

import (
	"errors"
	"fmt"
	"os"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

func isNotSupported(err error) bool { return errors.Is(err, perfevent.ErrNotSupported) }

// rings maps one ring for each CPU, or for each thread where events follow
// theirs, and sends the records of all its events to it. See
// mmap_per_evsel in tools/lib/perf/evlist.c.
func (p *opener) rings() error {
	l := p.list
	if l.cpus[0] == perfevent.AnyCPU {
		pages := p.threadPages()
		for _, tid := range l.threads {
			if err := p.ring(perfevent.AnyCPU, tid, pages); err != nil {
				if m := (*perfevent.MapError)(nil); errors.As(err, &m) {
					m.Threads = len(l.threads)
				}
				return err
			}
		}
		return nil
	}
	return p.preferredRings()
}

// preferredRings maps CPUs' rings of the size that was asked for; where none was, of the largest that the user may lock. Memory that others of the
// same user have locked counts too.
func (p *opener) preferredRings() error {
	const least = 8
	for pages := max(p.o.preferred, p.o.MmapPages); ; pages /= 2 {
		err := p.cpuRings(pages)
		if err == nil && pages < p.o.MmapPages {
			p.o.notify("no more memory may be locked: buffers of %d kB a CPU, in which records are lost sooner; ulimit -l and kernel.perf_event_mlock_kb (sysctl) hold the limits",
				pages*os.Getpagesize()>>10)
		}
		if err == nil || p.o.preferred == 0 || pages <= least {
			return err
		}
		if err := p.unmap(); err != nil {
			return err
		}
	}
}

// threadPages is the size of a thread's ring. Where nobody asked for one, it
// shrinks with the number of threads, so that thousands of rings do not take
// the machine's memory.
func (p *opener) threadPages() int {
	const room, least = 256 << 20, 8
	pages := p.o.MmapPages
	if p.o.preferred == 0 {
		return pages
	}
	for pages > least && pages*os.Getpagesize()*len(p.list.threads) > room {
		pages /= 2
	}
	return pages
}

// cpuRings maps a ring of a size for each CPU.
func (p *opener) cpuRings(pages int) error {
	for _, cpu := range p.list.cpus {
		if err := p.ring(cpu, perfevent.AnyPID, pages); err != nil {
			return err
		}
	}
	return nil
}

// unmap takes back the rings that were mapped. Events that were redirected to
// one may be redirected again.
func (p *opener) unmap() error {
	var errs []error
	for _, r := range p.list.rings {
		errs = append(errs, r.Close())
	}
	p.list.rings = nil
	return errors.Join(errs...)
}

// ring maps the ring of a CPU (tid is -1) or a thread (cpu is -1).
func (p *opener) ring(cpu, tid, pages int) error {
	var owner *perfevent.Event
	for _, e := range p.list.events {
		if e.Spec.Silent {
			continue
		}
		for _, h := range e.Open {
			if h.CPU != cpu || tid != perfevent.AnyPID && h.TID != tid {
				continue
			}
			if owner != nil {
				if err := h.SetOutput(owner); err != nil {
					return fmt.Errorf("event %s: %w", e.Name, err)
				}
				continue
			}
			owner = h.Event
			mapRing := owner.MapRing
			if p.o.Overwrite {
				mapRing = owner.MapLatest
			}
			r, err := mapRing(pages)
			if err != nil {
				return err
			}
			p.list.rings = append(p.list.rings, &Ring{Ring: r, CPU: cpu, TID: tid})
		}
	}
	return nil
}

// Lost is how many samples of an open event were lost for want of room in its
// ring.
type Lost struct {
	Event   *Event
	ID      uint64
	CPU     int
	TID     int
	Samples uint64
}

// ReadLost asks the kernel for the losses of all events. Without
// [perfevent.HaveReadLost] there are none to tell. Those that lost nothing are
// left out.
func (l *List) ReadLost() ([]Lost, error) {
	var all []Lost
	for _, e := range l.events {
		for _, h := range e.Open {
			n, err := e.lost(h)
			if err != nil {
				return all, fmt.Errorf("event %s: %w", e.Name, err)
			}
			if n > 0 {
				all = append(all, Lost{Event: e, ID: h.ID, CPU: h.CPU, TID: h.TID, Samples: n})
			}
		}
	}
	return all, nil
}

// lost reads the losses of one open event.
func (e *Event) lost(h Handle) (uint64, error) {
	const lost, group = record.ReadLost, record.ReadGroup
	switch {
	case e.Attr.ReadFormat&lost == 0:
		return 0, nil
	case e.Attr.ReadFormat&group == 0:
		c, err := h.Read()
		return c.Lost, ignorePinned(err)
	}
	counts, err := h.ReadGroup(nil)
	for _, c := range counts {
		if c.ID == h.ID {
			return c.Lost, nil
		}
	}
	return 0, ignorePinned(err)
}

// ignorePinned: an event that the PMU dropped lost no samples.
func ignorePinned(err error) error {
	if errors.Is(err, perfevent.ErrPinned) {
		return nil
	}
	return err
}
