package session

import "strconv"

// Thread is a thread as it was at one time. It is immutable: a record that changes a thread makes a new one.
type Thread struct {
	PID, TID int32 // -1 if not known
	Comm     string
}

// thread is the current state behind Thread's versions.
type thread struct {
	now     *Thread
	named   bool // by a record, and not only ":TID"
	process *process
}

// process is what the threads of a process share.
type process struct{ maps *Maps }

// table is the threads by tid, and the kernel's mappings. Its rules are perf's: see ____machine__findnew_thread and
// machine__process_fork_event in tools/perf/util/machine.c.
type table struct {
	threads map[int32]*thread
	last    *thread // found last: samples come in rows of one thread
	kernel  *Maps
}

func newTable() *table {
	t := &table{threads: map[int32]*thread{}, kernel: &Maps{}}
	t.comm(0, 0, "swapper")
	return t
}

// find returns the thread with tid, made if it is not there. A pid of -1 is an unknown one.
func (t *table) find(pid, tid int32) *thread {
	th := t.last
	if th == nil || th.now.TID != tid {
		th = t.threads[tid]
	}
	if th == nil {
		th = t.add(pid, tid)
	} else if th.now.PID == -1 && pid != -1 {
		t.learnPID(th, pid)
	}
	t.last = th
	return th
}

func (t *table) add(pid, tid int32) *thread {
	th := &thread{now: &Thread{PID: pid, TID: tid, Comm: ":" + strconv.Itoa(int(tid))}}
	t.threads[tid] = th
	if pid == tid || pid == -1 {
		th.process = &process{maps: &Maps{}}
	} else {
		th.process = t.find(pid, pid).process
	}
	return th
}

func (t *table) learnPID(th *thread, pid int32) {
	th.now = &Thread{PID: pid, TID: th.now.TID, Comm: th.now.Comm}
	if pid != th.now.TID {
		th.process = t.find(pid, pid).process
	}
}

func (t *table) remove(th *thread) {
	delete(t.threads, th.now.TID)
	t.last = nil
}

func (t *table) comm(pid, tid int32, name string) {
	th := t.find(pid, tid)
	th.setComm(name)
}

func (th *thread) setComm(name string) {
	th.named = true
	if th.now.Comm != name {
		th.now = &Thread{PID: th.now.PID, TID: th.now.TID, Comm: name}
	}
}

// fork is called for a FORK record. copyMaps is false for one made up from /proc, whose mappings follow.
func (t *table) fork(pid, tid, ppid, ptid int32, copyMaps bool) {
	if ptid == tid && ppid == pid {
		return // an impossible record: no thread is its own parent
	}
	parent := t.find(ppid, ptid)
	if parent.now.PID != ppid {
		// The record that ended the former owner of this tid was lost.
		t.remove(parent)
		parent = t.find(ppid, ptid)
	}
	if old := t.threads[tid]; old != nil {
		t.remove(old)
	}
	th := t.find(pid, tid)
	if parent.named {
		th.setComm(parent.now.Comm)
	}
	if copyMaps && pid != ppid && th.process != parent.process {
		th.process.maps = parent.process.maps.freeze()
	}
}
