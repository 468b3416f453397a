package machine

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gperf-dev/gperf/perfevent/perfdata"
)

func tree(files map[string]string) fstest.MapFS {
	t := fstest.MapFS{}
	for name, text := range files {
		t[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return t
}

// A machine of two sockets with a CPU each, of which one is off, in the way that Linux 6.1 shows it.
func TestDescribe(t *testing.T) {
	root := tree(map[string]string{
		"proc/cpuinfo":      "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 106\nmodel name\t: Intel(R)  Xeon(R)   CPU\nstepping\t: 6\n",
		"proc/meminfo":      "MemTotal:       24684092 kB\nMemFree:        1 kB\n",
		cpuDir + "/present": "0-1\n",
		cpuDir + "/online":  "0\n",
		cpuDir + "/cpu0/topology/package_cpus_list":             "0\n",
		cpuDir + "/cpu0/topology/thread_siblings_list":          "0\n",
		cpuDir + "/cpu0/topology/die_cpus_list":                 "0\n",
		cpuDir + "/cpu0/topology/core_id":                       "0\n",
		cpuDir + "/cpu0/topology/physical_package_id":           "0\n",
		cpuDir + "/cpu0/topology/die_id":                        "0\n",
		cpuDir + "/cpu0/cache/index0/level":                     "2\n",
		cpuDir + "/cpu0/cache/index0/size":                      "1024K\n",
		cpuDir + "/cpu0/cache/index0/type":                      "Unified\n",
		cpuDir + "/cpu0/cache/index0/shared_cpu_list":           "0-1\n",
		cpuDir + "/cpu0/cache/index0/number_of_sets":            "1024\n",
		cpuDir + "/cpu0/cache/index0/ways_of_associativity":     "16\n",
		cpuDir + "/cpu0/cache/index0/coherency_line_size":       "64\n",
		cpuDir + "/cpu0/cache/index1/level":                     "1\n",
		cpuDir + "/cpu0/cache/index1/type":                      "Data\n",
		cpuDir + "/cpu0/cache/index1/size":                      "48K\n",
		cpuDir + "/cpu0/cache/index1/shared_cpu_list":           "0\n",
		nodeDir + "/online":                                     "0\n",
		nodeDir + "/node0/meminfo":                              "Node 0 MemTotal:        5859540 kB\nNode 0 MemFree:         5115716 kB\n",
		nodeDir + "/node0/cpulist":                              "0-1\n",
		nodeDir + "/node0/memory0/phys_index":                   "0\n",
		nodeDir + "/node0/memory65/phys_index":                  "41\n",
		memoryDir + "/block_size_bytes":                         "8000000\n",
		pmuDir + "/cpu/type":                                    "4\n",
		pmuDir + "/cpu/caps/max_precise":                        "3\n",
		pmuDir + "/software/type":                               "1\n",
		pmuDir + "/uncore/type":                                 "12\n",
		pmuDir + "/uncore/caps/branches":                        "32\n",
		"sys/devices/system/cpu/cpu1/topology/nothing-is-known": "",
	})
	want := &perfdata.Features{
		Arch: "x86_64", CPUDesc: "Intel(R) Xeon(R) CPU", CPUID: "GenuineIntel,6,106,6", TotalMem: 24684092,
		NRCPUs: &perfdata.NRCPUs{Available: 2, Online: 1},
		CPUTopology: &perfdata.CPUTopology{
			Cores: []string{"0"}, Threads: []string{"0"}, Dies: []string{"0"},
			CPUs: []perfdata.CPUPlace{{Core: 0, Socket: 0, Die: 0}, {Core: -1, Socket: -1, Die: -1}},
		},
		NUMATopology: []perfdata.NUMANode{{Node: 0, MemTotal: 5859540, MemFree: 5115716, CPUs: "0-1"}},
		PMUMappings:  []perfdata.PMUMapping{{Type: 4, Name: "cpu"}, {Type: 1, Name: "software"}, {Type: 12, Name: "uncore"}},
		Caches: []perfdata.Cache{
			{Level: 1, Type: "Data", Size: "48K", CPUs: "0"},
			{Level: 2, LineSize: 64, Sets: 1024, Ways: 16, Type: "Unified", Size: "1024K", CPUs: "0-1"},
		},
		MemTopology: &perfdata.MemTopology{BlockSize: 0x8000000, Nodes: []perfdata.MemNode{{Size: 66, Blocks: []uint64{1, 2}}}},
		CPUPMUCaps:  []perfdata.Capability{{Name: "max_precise", Value: "3"}},
		PMUCaps:     []perfdata.PMUCapabilities{{PMU: "uncore", Caps: []perfdata.Capability{{Name: "branches", Value: "32"}}}},
		BPFProgInfo: make([]byte, 4), BPFBTF: make([]byte, 4),
	}
	if diff := cmp.Diff(want, Describe(root, "x86_64")); diff != "" {
		t.Errorf("Describe (-want +got):\n%s", diff)
	}
}

func TestCPUIDOfARM(t *testing.T) {
	root := tree(map[string]string{
		cpuDir + "/online": "0-1\n", cpuDir + "/cpu1/regs/identification/midr_el1": "0x00000000413fd0c1\n",
	})
	if got, want := (reader{root}).cpuID("aarch64"), "0x00000000410fd0c0"; got != want {
		t.Errorf("cpuID = %q, want %q", got, want)
	}
}

// Nothing is known of an empty machine, and that is no error.
func TestDescribeNothing(t *testing.T) {
	want := &perfdata.Features{
		Arch: "riscv64", PMUCaps: []perfdata.PMUCapabilities{}, BPFProgInfo: make([]byte, 4), BPFBTF: make([]byte, 4),
	}
	if diff := cmp.Diff(want, Describe(fstest.MapFS{}, "riscv64")); diff != "" {
		t.Errorf("Describe (-want +got):\n%s", diff)
	}
}

func TestFeaturesOfThisMachine(t *testing.T) {
	f, err := Features(os.DirFS("/"))
	if err != nil {
		t.Fatal(err)
	}
	if f.Hostname == "" || f.OSRelease == "" || f.Arch == "" || f.TotalMem == 0 || f.NRCPUs == nil || f.NRCPUs.Online == 0 {
		t.Errorf("Features = %+v", f)
	}
}
