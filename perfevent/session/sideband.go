package session

import (
	"strings"

	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/symbolize"
)

// sideband applies a record that is no sample to the tables, and delivers it if it is to be seen: an EXIT before it is
// applied, all others after it, as perf shows them.
func (s *Session) sideband(b *Batch, e *entry, event *Event, rec []byte) {
	layout := &record.Layout{} // of a record of which no event can be told
	if event != nil {
		layout = event.Layout
	}
	body, err := record.Decode(layout, rec)
	if err != nil {
		s.stats.Damaged++
		return
	}
	th := s.apply(body)
	if h, err := record.ParseHeader(rec); err == nil && s.show[h.Type] {
		s.add(b, e, event, rec, th)
	}
}

// apply changes the tables as the record says, and returns the thread that it speaks of.
func (s *Session) apply(body record.Body) *thread {
	t := s.table
	switch r := body.(type) {
	case *record.Comm:
		t.comm(int32(r.PID), int32(r.TID), r.Comm)
		return t.find(int32(r.PID), int32(r.TID))
	case *record.Task:
		return s.task(r)
	case *record.Mmap:
		return s.mmap(r)
	case *record.Mmap2:
		return s.mmap2(r)
	case *record.Namespaces:
		return t.find(int32(r.PID), int32(r.TID))
	case *record.Ksymbol:
		s.ksymbol(r)
	case *record.Lost:
		s.stats.LostChunks++
		s.stats.Lost += r.Lost
	case *record.LostSamples:
		s.stats.LostSample += r.Lost
	case *record.Unknown:
		s.stats.Unknown++
	}
	if id := record.TrailerOf(body); id != nil {
		return t.find(int32(id.PID), int32(id.TID))
	}
	return nil
}

// task applies FORK; an EXIT changes nothing, for samples of the thread may follow it.
func (s *Session) task(r *record.Task) *thread {
	if !r.Exit {
		s.table.fork(int32(r.PID), int32(r.TID), int32(r.PPID), int32(r.PTID), r.Misc&record.MiscForkExec == 0)
	}
	return s.table.find(int32(r.PID), int32(r.TID))
}

// mmap applies a mapping; what perf writes of the kernel comes this way too.
func (s *Session) mmap(r *record.Mmap) *thread {
	if isKernel(r.Misc) {
		s.kernelMap(r.Addr, r.Len, r.PgOff, r.Filename, nil)
	} else {
		prot := uint32(protExec)
		if r.Misc&record.MiscMmapData != 0 {
			prot = protWrite // the record does not tell
		}
		s.userMap(r.PID, r.TID, userMapping(r.PID, r.Addr, r.Len, r.PgOff, prot, 0, r.Filename, nil))
	}
	return s.table.find(int32(r.PID), int32(r.TID))
}

func (s *Session) mmap2(r *record.Mmap2) *thread {
	var id []byte
	if r.Misc&record.MiscMmapBuildID != 0 {
		id = r.BuildID[:min(int(r.BuildIDSize), len(r.BuildID))]
	}
	if isKernel(r.Misc) {
		s.kernelMap(r.Addr, r.Len, r.PgOff, r.Filename, id)
	} else {
		s.userMap(r.PID, r.TID, userMapping(r.PID, r.Addr, r.Len, r.PgOff, r.Prot, r.Flags, r.Filename, id))
	}
	return s.table.find(int32(r.PID), int32(r.TID))
}

func isKernel(misc uint16) bool {
	mode := misc & record.MiscCPUModeMask
	return mode == record.MiscKernel || mode == record.MiscGuestKernel
}

func (s *Session) userMap(pid, tid uint32, m *Mapping) {
	p := s.table.find(int32(pid), int32(tid)).process
	p.maps = p.maps.insert(m)
}

// kernelMap takes in the kernel's own range or a module's. The Path keeps what stands behind the kernel's name: the symbol
// that Offset is the address of. See machine__process_kernel_mmap_event in tools/perf/util/machine.c.
func (s *Session) kernelMap(start, length, offset uint64, name string, buildID []byte) {
	if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "[") {
		return
	}
	m := &Mapping{Name: symbolize.KernelMapName(name), Kernel: true}
	m.Start, m.End, m.Offset, m.BuildID, m.Path = start, start+length, offset, buildID, name
	if m.End < m.Start || length == 0 {
		m.End = ^uint64(0)
	}
	s.table.kernel = s.table.kernel.insert(m)
}

// ksymbol takes in code that the kernel made at run time, or lets it go.
func (s *Session) ksymbol(r *record.Ksymbol) {
	k := s.table.kernel
	old := k.Find(r.Addr)
	if r.Flags&1 != 0 {
		if old != nil && old.Symbol != "" {
			s.table.kernel = k.remove(r.Addr)
		}
		return
	}
	if old != nil && old.Symbol == "" {
		return // inside the kernel's own range: its symbol table knows the name
	}
	m := &Mapping{Name: r.Name, Kernel: true}
	m.Start, m.End, m.Path, m.Symbol = r.Addr, r.Addr+uint64(r.Len), r.Name, r.Name
	s.table.kernel = k.insert(m)
}
