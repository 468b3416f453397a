package evlist

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ErrAllEnded says that all measured threads have ended: no more records come
// once the rings are read.
var ErrAllEnded = errors.New("all measured threads have ended")

// maxReady bounds how many events one wake-up tells about. The rings are read
// all, so the number hardly matters.
const maxReady = 64

// poller waits for rings to fill up. The zero value is not ready: see init.
type poller struct {
	epoll   int
	watched int // events that have not ended
	forever bool

	mu   sync.Mutex
	wake int // eventfd, -1 when closed
}

func (w *poller) init() { w.epoll, w.wake = -1, -1 }

func (w *poller) open() error {
	var err error
	if w.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		w.wake = -1
		return fmt.Errorf("eventfd: %w", err)
	}
	return w.add(w.wake)
}

func (w *poller) add(fd int) error {
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	if err := unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// watch adds what a reader of the rings waits for. On whole CPUs one event a
// ring is enough. Events of threads are watched one by one, because each ends
// with its thread and then says no more of the ring that it shares.
func (p *opener) watch() error {
	w := &p.list.poll
	if err := w.open(); err != nil {
		return err
	}
	w.forever = p.t.HasCPU()
	seen := make(map[int]bool)
	for _, e := range p.list.events {
		if e.Spec.Silent {
			continue // without a ring it says that it has ended
		}
		for _, h := range e.Open {
			if w.forever && seen[h.CPU] {
				continue
			}
			seen[h.CPU] = true
			if err := w.add(h.FD()); err != nil {
				return err
			}
			if e.Spec.Output == nil { // which never ends
				w.watched++
			}
		}
	}
	return nil
}

// Wait returns when a ring is full enough to be read (half, by default), after
// timeout, or after [List.Wake]. A negative timeout is none. It returns the
// cause of the context's end when that comes first, and [ErrAllEnded] once no
// thread that is measured is left.
func (l *List) Wait(ctx context.Context, timeout time.Duration) error {
	w := &l.poll
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if w.watched == 0 && !w.forever {
		return ErrAllEnded
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, l.Wake)
		defer stop()
	}
	if err := w.wait(timeout); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if w.watched == 0 && !w.forever {
		return ErrAllEnded
	}
	return nil
}

// Wake makes a Wait that goes on, or else the next one, return. It may be
// called from any goroutine, also during and after Close.
func (l *List) Wake() {
	w := &l.poll
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wake >= 0 {
		// It fails only when 2^64-2 calls were not noticed.
		_, _ = unix.Write(w.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
}

func (w *poller) wait(timeout time.Duration) error {
	var ready [maxReady]unix.EpollEvent
	until := time.Now().Add(timeout)
	for {
		n, err := unix.EpollWait(w.epoll, ready[:], milliseconds(timeout))
		if err == unix.EINTR {
			if timeout >= 0 {
				timeout = max(0, time.Until(until))
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("epoll: %w", err)
		}
		return w.handle(ready[:n])
	}
}

// milliseconds rounds up, so that a short timeout does not spin.
func milliseconds(d time.Duration) int {
	if d < 0 {
		return -1
	}
	return int(min((d+time.Millisecond-1)/time.Millisecond, 1<<30))
}

func (w *poller) handle(ready []unix.EpollEvent) error {
	for _, ev := range ready {
		fd := int(ev.Fd)
		if fd == w.wake {
			var b [8]byte
			if _, err := unix.Read(fd, b[:]); err != nil && err != unix.EAGAIN {
				return fmt.Errorf("eventfd: %w", err)
			}
			continue
		}
		if ev.Events&(unix.EPOLLHUP|unix.EPOLLERR) != 0 {
			if err := unix.EpollCtl(w.epoll, unix.EPOLL_CTL_DEL, fd, nil); err != nil {
				return fmt.Errorf("epoll: %w", err)
			}
			w.watched--
		}
	}
	return nil
}

func (w *poller) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var errs []error
	for _, fd := range []*int{&w.epoll, &w.wake} {
		if *fd >= 0 {
			errs = append(errs, unix.Close(*fd))
			*fd = -1
		}
	}
	return errors.Join(errs...)
}
