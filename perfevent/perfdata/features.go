package perfdata

import "github.com/gperf-dev/gperf/perfevent/record"

// Features is what a recording tells of the machine, of itself and of its events. Each field is optional: a Writer writes those that are
// not nil, for strings and numbers those that are not zero.
type Features struct {
	// Present is what a Reader found. A Writer does not look at it.
	Present FeatureSet

	TracingData *TracingData
	BuildIDs    []record.BuildID

	Hostname  string
	OSRelease string // uname -r
	Version   string // of the recorder
	Arch      string // uname -m
	NRCPUs    *NRCPUs
	CPUDesc   string // "model name" of /proc/cpuinfo
	CPUID     string // "AuthenticAMD,26,2,1"
	TotalMem  uint64 // kB
	Cmdline   []string

	// EventDesc is the events as the feature of that name describes them; a Writer makes it from the events.
	EventDesc []Event

	CPUTopology    *CPUTopology
	NUMATopology   []NUMANode
	BranchStack    bool // samples have branch stacks
	PMUMappings    []PMUMapping
	Groups         []Group
	Auxtrace       []byte // as in the file, in its byte order
	Stat           bool   // the recording is perf stat's
	Caches         []Cache
	SampleTime     *SampleTime
	MemTopology    *MemTopology
	ClockIDRes     uint64 // nanoseconds, resolution of the clock that was asked for
	DirFormat      uint64 // version of a recording that is a directory
	BPFProgInfo    []byte // as in the file, in its byte order
	BPFBTF         []byte // as in the file, in its byte order
	Compressed     *Compression
	CPUPMUCaps     []Capability
	ClockData      *ClockData
	HybridTopology []HybridPMU
	PMUCaps        []PMUCapabilities
	CPUDomains     *CPUDomains
	EMachine       *EMachine
	CacheLine      uint32 // bytes

	// Damage tells which features could not be read, a *CorruptError each, and of a directory which files are not there, a *MissingError, which
	// the Reader's Next returns too, behind all records. A Writer does not look at it.
	Damage []error

	// Unknown is the features without a name here, as in the file.
	Unknown map[Feature][]byte
}

// NRCPUs counts the machine's CPUs.
type NRCPUs struct {
	Available, Online uint32
}

// CPUTopology tells which CPUs are siblings, as lists like "0-1,4".
type CPUTopology struct {
	Cores   []string // CPUs of a package each, perf prints "sibling sockets"
	Threads []string // CPUs of a core each
	Dies    []string // CPUs of a die each; perf 5.3
	CPUs    []CPUPlace
}

// CPUPlace is where a CPU sits, by the kernel's numbers. Die is -1 if the recording does not tell.
type CPUPlace struct {
	Core, Socket, Die int32
}

// NUMANode is one memory node.
type NUMANode struct {
	Node              uint32
	MemTotal, MemFree uint64 // kB
	CPUs              string
}

// PMUMapping gives the number that the kernel has for a PMU, attr.type.
type PMUMapping struct {
	Type uint32
	Name string
}

// Group is a group of events that was asked for as one, {a,b}.
type Group struct {
	Name    string // "{anon_group}" if it has none
	Leader  uint32 // index of the leader among the events; the members follow it
	Members uint32 // the leader included
}

// GroupsOf lists the groups of more than one event, by their leaders, as perf does: it knows no names for them.
func GroupsOf(events []Event) []Group {
	var groups []Group
	for i := 0; i < len(events); {
		n := 1
		for i+n < len(events) && events[i+n].Leader == i {
			n++
		}
		if n > 1 {
			groups = append(groups, Group{Name: "{anon_group}", Leader: uint32(i), Members: uint32(n)})
		}
		i += n
	}
	return groups
}

// Cache is one of the processor's caches.
type Cache struct {
	Level, LineSize, Sets, Ways uint32
	Type, Size, CPUs            string // as in sysfs
}

// SampleTime is the time of the first and last sample in nanoseconds of the events' clock.
type SampleTime struct {
	First, Last uint64
}

// MemTopology tells which blocks of physical memory belong to a node.
type MemTopology struct {
	BlockSize uint64 // bytes
	Nodes     []MemNode
}

// MemNode is one node of a MemTopology; bit i of Blocks is block i, of Size blocks.
type MemNode struct {
	Node, Size uint64
	Blocks     []uint64
}

// Compression tells how records were compressed.
type Compression struct {
	Version, Type, Level, Ratio uint32 // type 1 is zstd
	MmapLen                     uint32 // bytes that one decompressed record may have
}

// Capability is one entry of a PMU's caps directory in sysfs.
type Capability struct {
	Name, Value string
}

// ClockData ties the events' clock to wall time at one moment.
type ClockData struct {
	ClockID    uint32
	WallClock  uint64 // nanoseconds since 1970
	EventClock uint64 // nanoseconds of the events' clock
}

// HybridPMU is the CPUs of one kind of core.
type HybridPMU struct {
	PMU, CPUs string
}

// CPUDomains tells the scheduler's domains of each CPU, as /proc/schedstat does.
type CPUDomains struct {
	Version uint32 // of /proc/schedstat
	Max     uint32 // domains that a CPU has at most
	CPUs    []CPUDomain
}

// CPUDomain is the domains of one CPU.
type CPUDomain struct {
	CPU     uint32
	Domains []SchedDomain
}

// SchedDomain is one domain: its number, its name since version 17 of /proc/schedstat, its CPUs as a mask ("00000003") and as a list ("0-1").
type SchedDomain struct {
	Number           uint32
	Name, Mask, CPUs string
}

// EMachine is e_machine and e_flags of the ELF files of the machine that recorded.
type EMachine struct {
	Machine, Flags uint32
}

// PMUCapabilities is the caps of one PMU.
type PMUCapabilities struct {
	PMU  string
	Caps []Capability
}
