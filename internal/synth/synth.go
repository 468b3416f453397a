// Package synth tells what was there before a recording began, as the records that the kernel would have written: the
// kernel's own mapping and its modules, and for each thread its parent, its name and its process's mappings.
//
// The records and their order are those of perf 6.1 (tools/perf/util/synthetic-events.c). Everything is read from one
// fs.FS that begins at "/", so tests bring their own /proc.
package synth

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// Emit takes one record. The body is the callee's only until it returns. An error ends the synthesis.
type Emit func(record.Body) error

// Options choose what is told of processes. The zero value is perf's default.
type Options struct {
	// DataMaps tells of mappings that are readable but not executable too; perf does it under --data.
	DataMaps bool
	// NoMaps leaves mappings out, NoTasks threads (--synth).
	NoMaps, NoTasks bool
	// Namespaces tells each thread's namespaces (--namespaces).
	Namespaces bool
}

// Processes tells of all processes and their threads, by ascending process id: FORK and COMM of each thread, MMAP2 behind
// those of the first. Processes that end meanwhile are left out, as are files that cannot be read.
func Processes(root fs.FS, o Options, emit Emit) error {
	if o.NoTasks {
		return nil
	}
	pids, err := numbers(root, "proc")
	if err != nil {
		return fmt.Errorf("list of processes: %w", err)
	}
	s := synthesizer{root: root, o: o, emit: emit}
	for _, pid := range pids {
		if err := s.process(pid); err != nil {
			return err
		}
	}
	return nil
}

// Threads tells of these threads only: a COMM each, and MMAP2 of their processes. The first thread of a process that is
// not in the list comes behind those that need its mappings.
func Threads(root fs.FS, tids []int, o Options, emit Emit) error {
	if o.NoTasks {
		return nil
	}
	s := synthesizer{root: root, o: o, emit: emit}
	leaders := map[int]bool{}
	for _, tid := range tids {
		tgid, err := s.thread(tid)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return err
		}
		if tgid == tid || slices.Contains(tids, tgid) || leaders[tgid] {
			continue
		}
		leaders[tgid] = true
		if _, err := s.thread(tgid); err != nil && !errors.Is(err, errGone) {
			return err
		}
	}
	return nil
}

// Command tells the name of a process that waits for its exec: samples that come before the exec's own record get it.
func Command(root fs.FS, pid int, o Options, emit Emit) error {
	s := synthesizer{root: root, o: o, emit: emit}
	t, err := s.status(0, pid)
	if err != nil {
		return fmt.Errorf("process %d of the workload: %w", pid, err)
	}
	if err := emit(&record.Comm{PID: uint32(t.tgid), TID: uint32(pid), Comm: t.name}); err != nil {
		return err
	}
	return s.namespaces(pid, t.tgid)
}

// errGone is a thread that has ended.
var errGone = errors.New("the thread has ended")

type synthesizer struct {
	root fs.FS
	o    Options
	emit Emit
}

// process tells of a whole process.
func (s *synthesizer) process(pid int) error {
	tids, err := numbers(s.root, "proc/"+strconv.Itoa(pid)+"/task")
	if err != nil {
		return nil // it has ended
	}
	for _, tid := range tids {
		t, err := s.status(pid, tid)
		if err != nil {
			continue
		}
		if err := s.emit(fork(tid, t)); err != nil {
			return err
		}
		if err := s.namespaces(tid, t.tgid); err != nil {
			return err
		}
		if err := s.emit(&record.Comm{PID: uint32(t.tgid), TID: uint32(tid), Comm: t.name}); err != nil {
			return err
		}
		if tid == pid && !t.kernel && !s.o.NoMaps {
			if err := s.maps(pid); err != nil {
				return err
			}
		}
	}
	return nil
}

// fork names a first thread's parent process as its parent, and the first thread as that of all others: /proc does not
// tell which thread started them.
func fork(tid int, t task) *record.Task {
	parent := uint32(t.ppid)
	if t.tgid != tid {
		parent = uint32(t.tgid)
	}
	return &record.Task{
		Meta: record.Meta{Misc: record.MiscForkExec},
		PID:  uint32(t.tgid), TID: uint32(tid), PPID: parent, PTID: parent,
	}
}

// thread tells of one thread, and of its process's mappings if it is the first. It returns the process id.
func (s *synthesizer) thread(tid int) (tgid int, err error) {
	t, err := s.status(0, tid)
	if err != nil {
		return 0, errGone
	}
	if err := s.emit(&record.Comm{PID: uint32(t.tgid), TID: uint32(tid), Comm: t.name}); err != nil {
		return 0, err
	}
	if err := s.namespaces(tid, t.tgid); err != nil {
		return 0, err
	}
	if t.tgid == tid && !s.o.NoMaps {
		return t.tgid, s.maps(tid)
	}
	return t.tgid, nil
}

// numbers lists the entries of a directory that are numbers, ascending.
func numbers(root fs.FS, dir string) ([]int, error) {
	f, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: dir, Err: errors.ErrUnsupported}
	}
	entries, err := d.ReadDir(-1)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var out []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && n >= 0 {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out, nil
}
