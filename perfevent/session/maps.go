package session

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/symbolize"
)

// Mapping is a range of addresses and the file behind it.
type Mapping struct {
	symbolize.Mapping
	// Name is what perf shows for it: the path, "[kernel.kallsyms]", "[vdso]", "/tmp/perf-PID.map" for executable
	// memory without a file.
	Name string
	// Identity: addresses are not turned into the file's, because there is no file.
	Identity bool
	Kernel   bool // of the kernel, a module, or code that the kernel made (then Symbol is its name)
}

// FileAddr turns an address inside the mapping into what perf prints for it in call chains: the place in the file, or
// the address itself where there is no file and in the kernel.
func (m *Mapping) FileAddr(addr uint64) uint64 {
	if m.Identity || m.Kernel {
		return addr
	}
	return addr - m.Start + m.Offset
}

// Maps is the mappings of a process or of the kernel at one time. Once a batch points at it, it never changes.
type Maps struct {
	list   []*Mapping // by Start, none overlaps another
	frozen bool       // a batch, or another process, points at it
}

// Find returns the mapping that holds addr, nil if there is none.
func (m *Maps) Find(addr uint64) *Mapping {
	if m == nil {
		return nil
	}
	i, j := 0, len(m.list)
	for i < j {
		if h := (i + j) / 2; m.list[h].Start <= addr {
			i = h + 1
		} else {
			j = h
		}
	}
	if i == 0 || addr >= m.list[i-1].End {
		return nil
	}
	return m.list[i-1]
}

// All returns the mappings by address. The slice is not to be changed.
func (m *Maps) All() []*Mapping {
	if m == nil {
		return nil
	}
	return m.list
}

func (m *Maps) freeze() *Maps {
	if !m.frozen { // not written when it is set, for it may be shared then
		m.frozen = true
	}
	return m
}

// insert puts n into m and cuts away what it covers, as the kernel did. It returns m, or a copy if m is frozen.
func (m *Maps) insert(n *Mapping) *Maps {
	m = m.writable()
	first, _ := slices.BinarySearchFunc(m.list, n.Start, func(o *Mapping, a uint64) int {
		if o.End > a {
			return 1
		}
		return -1
	})
	last := first
	var left, right *Mapping
	for ; last < len(m.list) && m.list[last].Start < n.End; last++ {
		o := m.list[last]
		if o.Start < n.Start {
			c := *o
			c.End, left = n.Start, &c
		}
		if o.End > n.End {
			c := *o
			c.Start, c.Offset, right = n.End, o.Offset+n.End-o.Start, &c
		}
	}
	with := make([]*Mapping, 0, 3)
	if left != nil {
		with = append(with, left)
	}
	with = append(with, n)
	if right != nil {
		with = append(with, right)
	}
	m.list = slices.Replace(m.list, first, last, with...)
	return m
}

// remove takes out the mapping that holds addr.
func (m *Maps) remove(addr uint64) *Maps {
	o := m.Find(addr)
	if o == nil {
		return m
	}
	m = m.writable()
	m.list = slices.DeleteFunc(m.list, func(x *Mapping) bool { return x == o })
	return m
}

func (m *Maps) writable() *Maps {
	if !m.frozen {
		return m
	}
	return &Maps{list: slices.Clone(m.list)}
}

const protWrite, protExec, mapHugeTLB = 2, 4, 0x40000

// userMapping makes the mapping of an MMAP or MMAP2 record of user space. The names are perf's, see map__new in
// tools/perf/util/map.c.
func userMapping(pid uint32, start, length, offset uint64, prot, flags uint32, path string, buildID []byte) *Mapping {
	n := &Mapping{Name: path}
	n.Path, n.Start, n.End, n.Offset, n.BuildID, n.PID = path, start, start+length, offset, buildID, int(int32(pid))
	n.Writable = prot&protWrite != 0
	if n.End < n.Start {
		n.End = ^uint64(0)
	}
	anon := strings.HasPrefix(path, "//anon") || strings.HasPrefix(path, "/dev/zero") ||
		strings.HasPrefix(path, "/anon_hugepage") || flags&mapHugeTLB != 0
	noFile := strings.HasPrefix(path, "[stack") || strings.HasPrefix(path, "/SYSV") || path == "[heap]"
	switch {
	case anon || noFile:
		n.Identity = true
		if prot&protExec != 0 {
			n.Name = "/tmp/perf-" + strconv.FormatUint(uint64(pid), 10) + ".map"
			n.Path = n.Name
		}
	case path == "[vdso]":
		n.Offset = 0
	}
	return n
}
