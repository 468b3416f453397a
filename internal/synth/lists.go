package synth

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/gperf-dev/gperf/perfevent/record"
)

// entriesPerRecord is how many ids fit into one ID_INDEX record, whose length is 16 bits.
const entriesPerRecord = (record.MaxSize - 16) / 32

// IDIndex tells which event, CPU and thread the ids belong to, in as many records as needed.
func IDIndex(entries []record.IDEntry, emit Emit) error {
	for len(entries) > 0 {
		n := min(len(entries), entriesPerRecord)
		if err := emit(&record.IDIndex{Entries: entries[:n]}); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// ThreadMap tells which threads were asked for: those of -p and -t, the workload, or -1 for all. perf gives no names.
func ThreadMap(tids []int, emit Emit) error {
	const perRecord = (record.MaxSize - 16) / 24
	for len(tids) > 0 {
		n := min(len(tids), perRecord)
		m := &record.ThreadMap{}
		for _, tid := range tids[:n] {
			m.Threads = append(m.Threads, record.ThreadMapEntry{PID: uint64(tid)})
		}
		if err := emit(m); err != nil {
			return err
		}
		tids = tids[n:]
	}
	return nil
}

// CPUMap tells on which CPUs the events are open, ascending; -1 first stands for any. As perf 6.1 it takes the shortest
// of three forms: a range, a list, a mask.
func CPUMap(cpus []int, emit Emit) error { return emit(cpuMap(cpus)) }

func cpuMap(cpus []int) *record.CPUMap {
	anyCPU := uint8(0)
	if len(cpus) > 0 && cpus[0] == -1 {
		anyCPU, cpus = 1, cpus[1:]
	}
	n := len(cpus)
	switch {
	case n == 0:
		return &record.CPUMap{Kind: record.CPUMapList, CPUs: []uint16{0xffff}}
	case cpus[n-1]-cpus[0] == n-1:
		return &record.CPUMap{Kind: record.CPUMapRange, Any: anyCPU, Start: uint16(cpus[0]), End: uint16(cpus[n-1])}
	}
	words := cpus[n-1]/32 + 1
	if list, mask := 2+2*n, 4+4*words; anyCPU == 1 || list < mask {
		m := &record.CPUMap{Kind: record.CPUMapList}
		if anyCPU == 1 {
			m.CPUs = append(m.CPUs, 0xffff)
		}
		for _, c := range cpus {
			m.CPUs = append(m.CPUs, uint16(c))
		}
		return m
	}
	m := &record.CPUMap{Kind: record.CPUMapMask, LongSize: 4, Mask32: make([]uint32, words)}
	for _, c := range cpus {
		m.Mask32[c/32] |= 1 << (c % 32)
	}
	return m
}

// namespaces tells a thread's namespaces, in the order of the kernel's record (PERF_NR_NAMESPACES).
func (s *synthesizer) namespaces(tid, tgid int) error {
	if !s.o.Namespaces {
		return nil
	}
	n := &record.Namespaces{PID: uint32(tgid), TID: uint32(tid)}
	for _, name := range strings.Fields("net uts ipc pid user mnt cgroup") {
		link := record.Namespace{}
		if info, err := fs.Stat(s.root, fmt.Sprintf("proc/%d/ns/%s", tid, name)); err == nil {
			link.Dev, link.Inode = statIDs(info)
		}
		n.Links = append(n.Links, link)
	}
	return s.emit(n)
}

func statIDs(info os.FileInfo) (dev, inode uint64) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Dev), st.Ino
	}
	return 0, 0
}
