package machine

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/cpulist"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

// cpuTopology follows perf's build_cpu_topology (tools/perf/util/cputopo.c): the lists of the CPUs that are online, each
// list once; the places of the CPUs from 0 on.
func (r reader) cpuTopology(present, online []int, arch string) *perfdata.CPUTopology {
	if len(present) == 0 {
		return nil
	}
	t := new(perfdata.CPUTopology)
	hasDies := arch == "x86_64" && r.text(topologyFile(online[0], "die_cpus_list")) != ""
	for _, cpu := range online {
		add(&t.Cores, r.either(cpu, "package_cpus_list", "core_siblings_list"))
		if hasDies {
			add(&t.Dies, r.text(topologyFile(cpu, "die_cpus_list")))
		}
		add(&t.Threads, r.either(cpu, "core_cpus_list", "thread_siblings_list"))
	}
	for cpu := range slices.Max(present) + 1 {
		t.CPUs = append(t.CPUs, perfdata.CPUPlace{
			Core:   int32(r.number(topologyFile(cpu, "core_id"), -1)),
			Socket: int32(r.number(topologyFile(cpu, "physical_package_id"), -1)),
			Die:    int32(r.number(topologyFile(cpu, "die_id"), -1)),
		})
	}
	return t
}

func topologyFile(cpu int, name string) string {
	return fmt.Sprintf("%s/cpu%d/topology/%s", cpuDir, cpu, name)
}

// either reads a file by its name since Linux 5.3, or by the one before.
func (r reader) either(cpu int, name, old string) string {
	if s := r.text(topologyFile(cpu, name)); s != "" {
		return s
	}
	return r.text(topologyFile(cpu, old))
}

func add(list *[]string, s string) {
	if s != "" && !slices.Contains(*list, s) {
		*list = append(*list, s)
	}
}

func (r reader) numa() []perfdata.NUMANode {
	nodes, err := cpulist.Parse(r.text(nodeDir + "/online")) // the same form as a list of CPUs
	if err != nil {
		return nil
	}
	var out []perfdata.NUMANode
	for _, n := range nodes {
		dir := fmt.Sprintf("%s/node%d", nodeDir, n)
		b, err := fs.ReadFile(r.root, dir+"/meminfo")
		if err != nil {
			return nil
		}
		out = append(out, perfdata.NUMANode{
			Node: uint32(n), MemTotal: memField(b, "MemTotal"), MemFree: memField(b, "MemFree"), CPUs: r.text(dir + "/cpulist"),
		})
	}
	return out
}

// caches lists the processor's caches, each once, by level.
func (r reader) caches() []perfdata.Cache {
	present, err := presentCPUs(r.root)
	if err != nil {
		return nil
	}
	var out []perfdata.Cache
	for _, cpu := range present {
		const mostIndexes = 10 // perf's limit
		for i := range mostIndexes {
			c, ok := r.cache(fmt.Sprintf("%s/cpu%d/cache/index%d", cpuDir, cpu, i))
			if !ok {
				break
			}
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b perfdata.Cache) int { return int(a.Level) - int(b.Level) })
	return out
}

func (r reader) cache(dir string) (perfdata.Cache, bool) {
	level := r.number(dir+"/level", -1)
	if level < 0 {
		return perfdata.Cache{}, false
	}
	return perfdata.Cache{
		Level:    uint32(level),
		LineSize: uint32(r.number(dir+"/coherency_line_size", 0)),
		Sets:     uint32(r.number(dir+"/number_of_sets", 0)),
		Ways:     uint32(r.number(dir+"/ways_of_associativity", 0)),
		Type:     r.text(dir + "/type"),
		Size:     r.text(dir + "/size"),
		CPUs:     r.text(dir + "/shared_cpu_list"),
	}, true
}

// memory tells which blocks of memory the nodes have: nodeN has a link memoryM for each.
func (r reader) memory() *perfdata.MemTopology {
	blockSize, err := strconv.ParseUint(r.text(memoryDir+"/block_size_bytes"), 16, 64)
	if err != nil {
		return nil
	}
	t := &perfdata.MemTopology{BlockSize: blockSize}
	for _, name := range r.names(nodeDir) {
		n, ok := numbered(name, "node")
		if !ok {
			continue
		}
		node := perfdata.MemNode{Node: n}
		for _, entry := range r.names(nodeDir + "/" + name) {
			const mostBlocks = 1 << 32 // 512 PiB in blocks of 128 MiB
			block, ok := numbered(entry, "memory")
			if !ok || block >= mostBlocks {
				continue
			}
			node.Size = max(node.Size, block+1)
			for uint64(len(node.Blocks)) <= block/64 {
				node.Blocks = append(node.Blocks, 0)
			}
			node.Blocks[block/64] |= 1 << (block % 64)
		}
		t.Nodes = append(t.Nodes, node)
	}
	slices.SortFunc(t.Nodes, func(a, b perfdata.MemNode) int { return int(a.Node) - int(b.Node) })
	return t
}

// numbered splits a name such as "node0".
func numbered(name, prefix string) (uint64, bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	return n, err == nil
}

func (r reader) pmus() []perfdata.PMUMapping {
	var out []perfdata.PMUMapping
	for _, name := range r.names(pmuDir) {
		n, err := strconv.ParseUint(r.text(pmuDir+"/"+name+"/type"), 10, 32)
		if err != nil {
			continue
		}
		out = append(out, perfdata.PMUMapping{Type: uint32(n), Name: name})
	}
	return out
}

// pmuCaps is a PMU's capabilities; nil if there is no such PMU or the kernel is too old (5.9) to tell.
func (r reader) pmuCaps(pmu string) []perfdata.Capability {
	dir := pmuDir + "/" + pmu + "/caps"
	var out []perfdata.Capability
	for _, name := range r.names(dir) {
		out = append(out, perfdata.Capability{Name: name, Value: r.text(dir + "/" + name)})
	}
	return out
}

// otherPMUCaps is not nil even when it is empty: perf writes an empty list.
func (r reader) otherPMUCaps() []perfdata.PMUCapabilities {
	out := []perfdata.PMUCapabilities{}
	for _, name := range r.names(pmuDir) {
		if caps := r.pmuCaps(name); name != "cpu" && len(caps) > 0 {
			out = append(out, perfdata.PMUCapabilities{PMU: name, Caps: caps})
		}
	}
	return out
}
