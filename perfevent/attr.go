package perfevent

import (
	"github.com/gperf-dev/gperf/perfevent/record"
)

// Type is the kind of an event (perf_event_attr.type). Values from
// [TypeMax] up are dynamic: the kernel hands them out to PMUs, and
// /sys/bus/event_source/devices/NAME/type tells them.
type Type uint32

// The types with fixed numbers.
const (
	TypeHardware   Type = 0 // Config is an HW… constant
	TypeSoftware   Type = 1 // Config is an SW… constant
	TypeTracepoint Type = 2 // Config is the id from the event's format
	TypeHWCache    Type = 3 // Config is made by [CacheConfig]
	TypeRaw        Type = 4 // Config goes to the CPU's PMU as it is
	TypeBreakpoint Type = 5 // BPType, Config1 (address), Config2 (length)
	TypeMax        Type = 6
)

// A generic event ([TypeHardware], [TypeHWCache]) is named by the lower half of Config, GenericMask. The upper half, from GenericPMUShift on, is
// the type of the PMU that is meant, on a machine with several kinds of cores; 0 leaves it to the kernel. Since Linux 5.13.
const (
	GenericMask     uint64 = 1<<GenericPMUShift - 1
	GenericPMUShift        = 32
)

// The generic hardware events, Config of [TypeHardware].
const (
	HWCPUCycles uint64 = iota
	HWInstructions
	HWCacheReferences
	HWCacheMisses
	HWBranchInstructions
	HWBranchMisses
	HWBusCycles
	HWStalledCyclesFrontend
	HWStalledCyclesBackend
	HWRefCPUCycles
)

// The software events, Config of [TypeSoftware].
const (
	SWCPUClock  uint64 = iota // nanoseconds on the CPU
	SWTaskClock               // nanoseconds of the task
	SWPageFaults
	SWContextSwitches
	SWCPUMigrations
	SWPageFaultsMin
	SWPageFaultsMaj
	SWAlignmentFaults
	SWEmulationFaults
	SWDummy          // Linux 3.12; counts nothing, carries side-band records
	SWBPFOutput      // Linux 4.4
	SWCgroupSwitches // Linux 5.13
)

// KernelOnly tells whether the event happens in the kernel alone, so that it
// counts nothing where the kernel is left out (FlagExcludeKernel).
func (a *Attr) KernelOnly() bool {
	return a.Type == TypeSoftware && (a.Config == SWContextSwitches || a.Config == SWCPUMigrations || a.Config == SWCgroupSwitches)
}

// The parts of a generic cache event; see [CacheConfig].
const (
	CacheL1D  uint64 = 0
	CacheL1I  uint64 = 1
	CacheLL   uint64 = 2
	CacheDTLB uint64 = 3
	CacheITLB uint64 = 4
	CacheBPU  uint64 = 5
	CacheNode uint64 = 6

	CacheOpRead     uint64 = 0
	CacheOpWrite    uint64 = 1
	CacheOpPrefetch uint64 = 2

	CacheResultAccess uint64 = 0
	CacheResultMiss   uint64 = 1
)

// CacheConfig makes the Config of a [TypeHWCache] event.
func CacheConfig(cache, op, result uint64) uint64 {
	return cache | op<<8 | result<<16
}

// Breakpoint accesses, BPType of [TypeBreakpoint].
const (
	BreakpointRead    uint32 = 1
	BreakpointWrite   uint32 = 2
	BreakpointExecute uint32 = 4
)

// AttrFlags are the one-bit fields of perf_event_attr. The two bits of
// precise_ip are no flag: see [Attr.Precise].
type AttrFlags uint64

// The flags. A kernel that does not know one refuses the event with EINVAL.
const (
	FlagDisabled      AttrFlags = 1 << 0 // starts off
	FlagInherit       AttrFlags = 1 << 1 // children get it too
	FlagPinned        AttrFlags = 1 << 2 // always on the PMU
	FlagExclusive     AttrFlags = 1 << 3 // alone on the PMU
	FlagExcludeUser   AttrFlags = 1 << 4
	FlagExcludeKernel AttrFlags = 1 << 5
	FlagExcludeHV     AttrFlags = 1 << 6
	FlagExcludeIdle   AttrFlags = 1 << 7
	FlagMmap          AttrFlags = 1 << 8  // MMAP records of executable mappings
	FlagComm          AttrFlags = 1 << 9  // COMM records
	FlagFreq          AttrFlags = 1 << 10 // Freq is used, not Period; set by AppendBinary when Freq is
	FlagInheritStat   AttrFlags = 1 << 11
	FlagEnableOnExec  AttrFlags = 1 << 12
	FlagTask          AttrFlags = 1 << 13 // FORK and EXIT records
	FlagWatermark     AttrFlags = 1 << 14 // Wakeup is in bytes
	FlagMmapData      AttrFlags = 1 << 17 // MMAP records of other mappings
	FlagSampleIDAll   AttrFlags = 1 << 18 // all records end in time, id and so on

	FlagExcludeHost            AttrFlags = 1 << 19
	FlagExcludeGuest           AttrFlags = 1 << 20
	FlagExcludeCallchainKernel AttrFlags = 1 << 21 // Linux 3.7
	FlagExcludeCallchainUser   AttrFlags = 1 << 22 // Linux 3.7
	FlagMmap2                  AttrFlags = 1 << 23 // Linux 3.16
	FlagCommExec               AttrFlags = 1 << 24 // Linux 3.16
	FlagUseClockID             AttrFlags = 1 << 25 // Linux 4.1
	FlagContextSwitch          AttrFlags = 1 << 26 // Linux 4.3
	FlagWriteBackward          AttrFlags = 1 << 27 // Linux 4.7
	FlagNamespaces             AttrFlags = 1 << 28 // Linux 4.12
	FlagKsymbol                AttrFlags = 1 << 29 // Linux 5.1
	FlagBPFEvent               AttrFlags = 1 << 30 // Linux 5.1
	FlagAuxOutput              AttrFlags = 1 << 31 // Linux 5.4
	FlagCGroup                 AttrFlags = 1 << 32 // Linux 5.7
	FlagTextPoke               AttrFlags = 1 << 33 // Linux 5.9
	FlagBuildID                AttrFlags = 1 << 34 // Linux 5.12; MMAP2 with build-id
	FlagInheritThread          AttrFlags = 1 << 35 // Linux 5.13
	FlagRemoveOnExec           AttrFlags = 1 << 36 // Linux 5.13
	FlagSigtrap                AttrFlags = 1 << 37 // Linux 5.13
)

const preciseShift = 15

// Branch filters, Attr.BranchSampleType.
const (
	BranchUser uint64 = 1 << iota
	BranchKernel
	BranchHV
	BranchAny
	BranchAnyCall
	BranchAnyReturn
	BranchIndCall
	BranchAbortTX
	BranchInTX
	BranchNoTX
	BranchCond
	BranchCallStack
	BranchIndJump
	BranchCall
	BranchNoFlags
	BranchNoCycles
	BranchTypeSave
	BranchHWIndex
	BranchPrivSave
	BranchCounters
)

// Sizes of perf_event_attr as the kernel published them.
const (
	AttrSizeVer0 = 64  // Linux 2.6.31
	AttrSizeVer7 = 128 // Linux 5.13; what perf 6.1 writes
	AttrSizeVer8 = 136 // Linux 6.3; Config3
)

// Attr is a perf_event_attr: what to count or sample, and what a sample
// holds. The zero value counts CPU cycles.
type Attr struct {
	Type   Type
	Config uint64

	// At most one of Period and Freq is used: a sample every Period
	// events, or about Freq samples a second.
	Period uint64
	Freq   uint64

	SampleType record.SampleFormat
	ReadFormat record.ReadFormat
	Flags      AttrFlags

	// Precise is precise_ip: 0 any skid, 1 constant skid, 2 no skid
	// asked for, 3 no skid required.
	Precise uint8

	// Wakeup is after how many samples, or with [FlagWatermark] after how
	// many bytes, a reader of the ring is woken.
	Wakeup uint32

	BPType  uint32
	Config1 uint64 // the address of a breakpoint; a PMU's second word; a kprobe's or uprobe's name
	Config2 uint64 // the length of a breakpoint; a PMU's third word

	BranchSampleType uint64
	SampleRegsUser   uint64 // mask of the registers of user space
	SampleStackUser  uint32 // bytes, a multiple of 8
	ClockID          int32  // with FlagUseClockID
	SampleRegsIntr   uint64

	AuxWatermark   uint32 // bytes
	SampleMaxStack uint16 // frames; 0 is sysctl kernel.perf_event_max_stack
	AuxSampleSize  uint32 // bytes
	AuxAction      uint32 // Linux 6.13
	SigData        uint64
	Config3        uint64 // Linux 6.3

	// Tail holds the bytes that a newer writer put behind the fields
	// above. [Open] refuses an Attr whose Tail is not all zero.
	Tail string
}

// Layout tells how the records of the event are laid out. It shares nothing
// with a.
func (a *Attr) Layout() *record.Layout {
	return &record.Layout{
		SampleType:       a.SampleType,
		ReadFormat:       a.ReadFormat,
		BranchSampleType: a.BranchSampleType,
		RegsUser:         a.SampleRegsUser,
		RegsIntr:         a.SampleRegsIntr,
		SampleIDAll:      a.Flags&FlagSampleIDAll != 0,
		BorrowsID:        a.occurs(),
	}
}

// occurs tells whether this is a software event that the kernel counts where it occurs, which clocks and events without occurrences are not.
func (a *Attr) occurs() bool {
	if a.Type != TypeSoftware {
		return false
	}
	switch a.Config {
	case SWCPUClock, SWTaskClock, SWDummy, SWBPFOutput:
		return false
	}
	return true
}
