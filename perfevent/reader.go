package perfevent

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Reader reads one event of the calling thread again and again, as cheaply as
// this machine can: in user space, on amd64 by the instruction rdpmc and on
// arm64 by mrs, where the kernel allows it (amd64:
// /sys/bus/event_source/devices/cpu/rdpmc; arm64: sysctl
// kernel.perf_user_access, Linux 5.17, which is off by default) and where it is
// in fact cheaper, else by read(2). In virtual machines rdpmc may be emulated,
// and then costs more than the system call. Only the goroutine that opened the
// reader, locked to its thread, may use it; and nobody may switch the kernel's
// permission off meanwhile, or the process gets SIGSEGV or SIGILL.
//
// On arm64 only generic and raw events are asked for in this way. For one of a
// PMU by name, bit 1 of [Attr.Config1] asks (the term rdpmc of its format).
type Reader struct {
	event *Event
	page  userPage
	way   readWay
}

type readWay int

const (
	wayUnknown readWay = iota // not compared yet
	wayUser
	waySyscall
)

// ErrInherit means that a [Reader] was asked for an event that is inherited:
// what other threads counted is not in the page of this one.
var ErrInherit = errors.New("an event that is inherited cannot be read in user space")

// OpenReader opens the event on the calling thread. The caller has locked the
// goroutine to it by [runtime.LockOSThread]. Its read format becomes
// [CountFormat]. The error is an [*OpenError] or [ErrInherit]. The caller closes
// the reader.
func OpenReader(a *Attr) (*Reader, error) {
	if a.Flags&FlagInherit != 0 {
		return nil, ErrInherit
	}
	attr := *a
	attr.ReadFormat = CountFormat
	allowUserRead(&attr)
	e, err := Open(&attr, Target{CPU: AnyCPU}, nil, 0)
	if err != nil {
		return nil, err
	}
	r := &Reader{event: e, page: userPage{rdpmc: rdpmc(), clock: timestamp()}}
	if r.page.rdpmc != nil {
		mem, err := unix.Mmap(e.fd, 0, os.Getpagesize(), unix.PROT_READ, unix.MAP_SHARED)
		if err == nil { // else read(2) does it
			r.page.mem = mem
		}
	}
	if r.page.mem == nil {
		r.way = waySyscall
	}
	return r, nil
}

// Event is the open event, to enable, disable or reset it. It stays r's.
func (r *Reader) Event() *Event { return r.event }

// Read reads the count. The first Read that finds the event on the PMU, in a
// page that allows to read it, compares the two ways, which takes as long as 16
// of each; the cheaper one is kept. It allocates nothing.
func (r *Reader) Read() (Count, error) {
	if r.way != waySyscall {
		if c, ok := r.page.read(); ok {
			if r.way == wayUser {
				return c, nil
			}
			r.way = r.compare(r.event.Read)
			return r.Read()
		}
	}
	return r.event.Read()
}

// UserSpace tells whether Read goes without a system call. It is false until a Read has
// compared the ways.
func (r *Reader) UserSpace() bool { return r.way == wayUser }

// Close closes the event. A second Close does nothing.
func (r *Reader) Close() error {
	var unmap error
	if r.page.mem != nil {
		unmap = unix.Munmap(r.page.mem)
		r.page.mem = nil
	}
	r.way = waySyscall
	return errors.Join(unmap, r.event.Close())
}

// compareRounds is how often each way is tried; the fastest try of each counts,
// since what disturbs makes slower.
const compareRounds = 16

// compare finds the cheaper way; system is the system call.
func (r *Reader) compare(system func() (Count, error)) readWay {
	user, call := time.Duration(1<<62), time.Duration(1<<62)
	for range compareRounds {
		start := time.Now()
		_, ok := r.page.read()
		between := time.Now()
		_, err := system()
		end := time.Now()
		if ok {
			user = min(user, between.Sub(start))
		}
		if err == nil {
			call = min(call, end.Sub(between))
		}
	}
	if user < call {
		return wayUser
	}
	return waySyscall
}
