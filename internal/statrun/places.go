package statrun

import (
	"io/fs"

	"github.com/gperf-dev/gperf/internal/cpulist"
	"github.com/gperf-dev/gperf/internal/machine"
	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// machinePlaces tells where this machine's CPUs sit.
func machinePlaces(root fs.FS) map[int]statview.Place {
	return places(machine.Describe(root, "x86_64")) // dies too: they are there where the kernel tells of them
}

// places tells where CPUs sit, by a machine's description.
func places(f *perfdata.Features) map[int]statview.Place {
	out := map[int]statview.Place{}
	if f.CPUTopology == nil {
		return out
	}
	for cpu, p := range f.CPUTopology.CPUs {
		out[cpu] = statview.Place{Node: -1, Socket: int(p.Socket), Die: max(int(p.Die), 0), Core: int(p.Core)}
	}
	for _, node := range f.NUMATopology {
		cpus, err := cpulist.Parse(node.CPUs)
		if err != nil {
			continue
		}
		for _, cpu := range cpus {
			if p, ok := out[cpu]; ok {
				p.Node = int(node.Node)
				out[cpu] = p
			}
		}
	}
	return out
}
