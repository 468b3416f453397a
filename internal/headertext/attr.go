package headertext

import (
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

var sampleBits = []struct {
	bit  record.SampleFormat
	name string
}{
	{record.SampleIP, "IP"}, {record.SampleTID, "TID"}, {record.SampleTime, "TIME"}, {record.SampleAddr, "ADDR"},
	{record.SampleRead, "READ"}, {record.SampleCallchain, "CALLCHAIN"}, {record.SampleID, "ID"}, {record.SampleCPU, "CPU"},
	{record.SamplePeriod, "PERIOD"}, {record.SampleStreamID, "STREAM_ID"}, {record.SampleRaw, "RAW"},
	{record.SampleBranchStack, "BRANCH_STACK"}, {record.SampleRegsUser, "REGS_USER"}, {record.SampleStackUser, "STACK_USER"},
	{record.SampleIdentifier, "IDENTIFIER"}, {record.SampleRegsIntr, "REGS_INTR"}, {record.SampleDataSrc, "DATA_SRC"},
	{record.SampleWeight, "WEIGHT"}, {record.SamplePhysAddr, "PHYS_ADDR"}, {record.SampleAux, "AUX"},
	{record.SampleCGroup, "CGROUP"}, {record.SampleDataPageSize, "DATA_PAGE_SIZE"}, {record.SampleCodePageSize, "CODE_PAGE_SIZE"},
	{record.SampleWeightStruct, "WEIGHT_STRUCT"},
}

var (
	readNames   = []string{"TOTAL_TIME_ENABLED", "TOTAL_TIME_RUNNING", "ID", "GROUP", "LOST"}
	branchNames = []string{"USER", "KERNEL", "HV", "ANY", "ANY_CALL", "ANY_RETURN", "IND_CALL", "ABORT_TX", "IN_TX", "NO_TX", "COND",
		"CALL_STACK", "IND_JUMP", "CALL", "NO_FLAGS", "NO_CYCLES", "TYPE_SAVE", "HW_INDEX", "PRIV_SAVE"}
)

// flagNames are the one-bit fields by bit, as perf names them. perf leaves exclude bits 15 and 16 to precise_ip.
var flagNames = []struct {
	flag perfevent.AttrFlags
	name string
}{
	{perfevent.FlagDisabled, "disabled"}, {perfevent.FlagInherit, "inherit"}, {perfevent.FlagPinned, "pinned"},
	{perfevent.FlagExclusive, "exclusive"}, {perfevent.FlagExcludeUser, "exclude_user"}, {perfevent.FlagExcludeKernel, "exclude_kernel"},
	{perfevent.FlagExcludeHV, "exclude_hv"}, {perfevent.FlagExcludeIdle, "exclude_idle"}, {perfevent.FlagMmap, "mmap"},
	{perfevent.FlagComm, "comm"}, {perfevent.FlagFreq, "freq"}, {perfevent.FlagInheritStat, "inherit_stat"},
	{perfevent.FlagEnableOnExec, "enable_on_exec"}, {perfevent.FlagTask, "task"}, {perfevent.FlagWatermark, "watermark"},
	{0, "precise_ip"}, {perfevent.FlagMmapData, "mmap_data"}, {perfevent.FlagSampleIDAll, "sample_id_all"},
	{perfevent.FlagExcludeHost, "exclude_host"}, {perfevent.FlagExcludeGuest, "exclude_guest"},
	{perfevent.FlagExcludeCallchainKernel, "exclude_callchain_kernel"}, {perfevent.FlagExcludeCallchainUser, "exclude_callchain_user"},
	{perfevent.FlagMmap2, "mmap2"}, {perfevent.FlagCommExec, "comm_exec"}, {perfevent.FlagUseClockID, "use_clockid"},
	{perfevent.FlagContextSwitch, "context_switch"}, {perfevent.FlagWriteBackward, "write_backward"},
	{perfevent.FlagNamespaces, "namespaces"}, {perfevent.FlagKsymbol, "ksymbol"}, {perfevent.FlagBPFEvent, "bpf_event"},
	{perfevent.FlagAuxOutput, "aux_output"}, {perfevent.FlagCGroup, "cgroup"}, {perfevent.FlagTextPoke, "text_poke"},
	{perfevent.FlagBuildID, "build_id"}, {perfevent.FlagInheritThread, "inherit_thread"}, {perfevent.FlagRemoveOnExec, "remove_on_exec"},
	{perfevent.FlagSigtrap, "sigtrap"},
}

// eachAttr calls emit for each field of an attr that is not zero, in the order and with the names and values that perf
// prints (perf_event_attr__fprintf in tools/perf/util/perf_event_attr_fprintf.c).
func eachAttr(a *perfevent.Attr, emit func(name, value string)) {
	number := func(name string, v uint64) {
		if v != 0 {
			emit(name, strconv.FormatUint(v, 10))
		}
	}
	hexa := func(name string, v uint64) {
		if v != 0 {
			emit(name, "0x"+strconv.FormatUint(v, 16))
		}
	}
	number("type", uint64(a.Type))
	number("size", attrSize(a))
	hexa("config", a.Config)
	number("{ sample_period, sample_freq }", max(a.Period, a.Freq))
	if a.SampleType != 0 {
		emit("sample_type", sampleNames(a.SampleType))
	}
	if a.ReadFormat != 0 {
		emit("read_format", bitNames(uint64(a.ReadFormat), readNames))
	}
	for _, f := range flagNames {
		switch {
		case f.flag == 0:
			number(f.name, uint64(a.Precise))
		case a.Flags&f.flag != 0 || f.flag == perfevent.FlagFreq && a.Freq != 0:
			emit(f.name, "1")
		}
	}
	number("{ wakeup_events, wakeup_watermark }", uint64(a.Wakeup))
	number("bp_type", uint64(a.BPType))
	hexa("{ bp_addr, config1 }", a.Config1)
	hexa("{ bp_len, config2 }", a.Config2)
	if a.BranchSampleType != 0 {
		emit("branch_sample_type", bitNames(a.BranchSampleType, branchNames))
	}
	hexa("sample_regs_user", a.SampleRegsUser)
	number("sample_stack_user", uint64(a.SampleStackUser))
	if a.ClockID != 0 {
		emit("clockid", strconv.Itoa(int(a.ClockID)))
	}
	hexa("sample_regs_intr", a.SampleRegsIntr)
	number("aux_watermark", uint64(a.AuxWatermark))
	number("sample_max_stack", uint64(a.SampleMaxStack))
	number("aux_sample_size", uint64(a.AuxSampleSize))
	number("sig_data", a.SigData)
}

// attrSize is the size that a writer of these fields gives.
func attrSize(a *perfevent.Attr) uint64 {
	size := uint64(perfevent.AttrSizeVer7)
	if a.Config3 != 0 || a.Tail != "" {
		size = perfevent.AttrSizeVer8
	}
	return size + uint64(len(a.Tail))
}

func sampleNames(f record.SampleFormat) string {
	var names []string
	for _, b := range sampleBits {
		if f&b.bit != 0 {
			names = append(names, b.name)
		}
	}
	return strings.Join(names, "|")
}

func bitNames(v uint64, all []string) string {
	var names []string
	for i, n := range all {
		if v>>i&1 != 0 {
			names = append(names, n)
		}
	}
	return strings.Join(names, "|")
}
