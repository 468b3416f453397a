package headertext

import (
	"fmt"
	"math/bits"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// machine writes the features that fill pages.
func (t *header) machine(f perfdata.Feature) {
	x := t.r.Features
	switch f {
	case perfdata.FeatureCPUTopology:
		if x.CPUTopology != nil {
			t.topology(x.CPUTopology)
		}
	case perfdata.FeatureNUMATopology:
		for _, n := range x.NUMATopology {
			t.printf("# node%d meminfo  : total = %d kB, free = %d kB\n", n.Node, n.MemTotal, n.MemFree)
			t.printf("# node%d cpu list : %s\n", n.Node, n.CPUs)
		}
	case perfdata.FeatureCache:
		t.printf("# CPU cache info:\n")
		for _, c := range x.Caches {
			t.printf("#  L%d %-15s %8s [%s]\n", c.Level, c.Type, c.Size, c.CPUs)
		}
	case perfdata.FeatureMemTopology:
		if x.MemTopology != nil {
			t.memory(x.MemTopology)
		}
	case perfdata.FeatureHybridTopology:
		t.printf("# hybrid cpu system:\n")
		for _, h := range x.HybridTopology {
			t.printf("# %s cpu list : %s\n", h.PMU, h.CPUs)
		}
	case perfdata.FeatureCPUDomains:
		if x.CPUDomains != nil {
			t.domains(x.CPUDomains)
		}
	}
}

// domains prints as newer perfs do (print_cpu_domain_info in tools/perf/util/header.c).
func (t *header) domains(d *perfdata.CPUDomains) {
	t.printf("# schedstat version\t: %d\n# Maximum sched domains\t: %d\n", d.Version, d.Max)
	for _, c := range d.CPUs {
		t.printf("# cpu\t\t: %d\n# nr_domains\t: %d\n", c.CPU, len(c.Domains))
		for _, s := range c.Domains {
			t.printf("# Domain\t\t: %d\n", s.Number)
			if d.Version >= 17 {
				t.printf("# Domain name      : %s\n", s.Name)
			}
			t.printf("# Domain cpu map   : %s\n# Domain cpu list  : %s\n", s.Mask, s.CPUs)
		}
	}
}

func (t *header) topology(c *perfdata.CPUTopology) {
	for _, s := range c.Cores {
		t.printf("# sibling sockets : %s\n", s)
	}
	for _, s := range c.Dies {
		t.printf("# sibling dies    : %s\n", s)
	}
	for _, s := range c.Threads {
		t.printf("# sibling threads : %s\n", s)
	}
	for i, p := range c.CPUs {
		if len(c.Dies) > 0 {
			t.printf("# CPU %d: Core ID %d, Die ID %d, Socket ID %d\n", i, p.Core, p.Die, p.Socket)
		} else {
			t.printf("# CPU %d: Core ID %d, Socket ID %d\n", i, p.Core, p.Socket)
		}
	}
	if len(c.CPUs) == 0 {
		t.printf("# Core ID and Socket ID information is not available\n")
	}
}

func (t *header) memory(m *perfdata.MemTopology) {
	t.printf("# memory nodes (nr %d, block size 0x%x):\n", len(m.Nodes), m.BlockSize)
	for _, n := range m.Nodes {
		var count uint64
		for _, w := range n.Blocks {
			count += uint64(bits.OnesCount64(w))
		}
		t.printf("#  %3d [%s]: %s\n", n.Node, size(m.BlockSize*count), ranges(n.Blocks))
	}
}

// size is n in the largest unit that leaves more than one.
func size(n uint64) string {
	unit := 0
	for n/1024 > 1 && unit < 3 {
		n, unit = n/1024, unit+1
	}
	return fmt.Sprintf("%d%c", n, "BKMG"[unit])
}

// ranges lists the bits that are set, as in "0-23,32".
func ranges(words []uint64) string {
	var b strings.Builder
	set := func(i int) bool { return i < 64*len(words) && words[i/64]>>(i%64)&1 != 0 }
	for i := 0; i < 64*len(words); i++ {
		if !set(i) {
			continue
		}
		first := i
		for set(i + 1) {
			i++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%d", first)
		if i > first {
			fmt.Fprintf(&b, "-%d", i)
		}
	}
	return b.String()
}
