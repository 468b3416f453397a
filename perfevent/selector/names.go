package selector

import (
	"strings"

	"github.com/gperf-dev/gperf/perfevent"
)

// symbol is a generic event that every kernel knows by number.
type symbol struct {
	name   string
	typ    perfevent.Type
	config uint64
}

// symbols are perf's names for the generic events, aliases included.
// duration_time and its kin are perf's own clocks; in a recording they are
// dummy events.
var symbols = [...]symbol{
	{"cpu-cycles", perfevent.TypeHardware, perfevent.HWCPUCycles},
	{"cycles", perfevent.TypeHardware, perfevent.HWCPUCycles},
	{"instructions", perfevent.TypeHardware, perfevent.HWInstructions},
	{"cache-references", perfevent.TypeHardware, perfevent.HWCacheReferences},
	{"cache-misses", perfevent.TypeHardware, perfevent.HWCacheMisses},
	{"branch-instructions", perfevent.TypeHardware, perfevent.HWBranchInstructions},
	{"branches", perfevent.TypeHardware, perfevent.HWBranchInstructions},
	{"branch-misses", perfevent.TypeHardware, perfevent.HWBranchMisses},
	{"bus-cycles", perfevent.TypeHardware, perfevent.HWBusCycles},
	{"stalled-cycles-frontend", perfevent.TypeHardware, perfevent.HWStalledCyclesFrontend},
	{"idle-cycles-frontend", perfevent.TypeHardware, perfevent.HWStalledCyclesFrontend},
	{"stalled-cycles-backend", perfevent.TypeHardware, perfevent.HWStalledCyclesBackend},
	{"idle-cycles-backend", perfevent.TypeHardware, perfevent.HWStalledCyclesBackend},
	{"ref-cycles", perfevent.TypeHardware, perfevent.HWRefCPUCycles},
	{"cpu-clock", perfevent.TypeSoftware, perfevent.SWCPUClock},
	{"task-clock", perfevent.TypeSoftware, perfevent.SWTaskClock},
	{"page-faults", perfevent.TypeSoftware, perfevent.SWPageFaults},
	{"faults", perfevent.TypeSoftware, perfevent.SWPageFaults},
	{"minor-faults", perfevent.TypeSoftware, perfevent.SWPageFaultsMin},
	{"major-faults", perfevent.TypeSoftware, perfevent.SWPageFaultsMaj},
	{"context-switches", perfevent.TypeSoftware, perfevent.SWContextSwitches},
	{"cs", perfevent.TypeSoftware, perfevent.SWContextSwitches},
	{"cpu-migrations", perfevent.TypeSoftware, perfevent.SWCPUMigrations},
	{"migrations", perfevent.TypeSoftware, perfevent.SWCPUMigrations},
	{"alignment-faults", perfevent.TypeSoftware, perfevent.SWAlignmentFaults},
	{"emulation-faults", perfevent.TypeSoftware, perfevent.SWEmulationFaults},
	{"dummy", perfevent.TypeSoftware, perfevent.SWDummy},
	{"duration_time", perfevent.TypeSoftware, perfevent.SWDummy},
	{"user_time", perfevent.TypeSoftware, perfevent.SWDummy},
	{"system_time", perfevent.TypeSoftware, perfevent.SWDummy},
	{"bpf-output", perfevent.TypeSoftware, perfevent.SWBPFOutput},
	{"cgroup-switches", perfevent.TypeSoftware, perfevent.SWCgroupSwitches},
}

func findSymbol(name string) (symbol, bool) {
	for _, s := range symbols {
		if s.name == name {
			return s, true
		}
	}
	if config, ok := cacheConfig(name); ok {
		return symbol{name, perfevent.TypeHWCache, config}, true
	}
	return symbol{}, false
}

// cacheUnit is a cache with its names and the operations that perf offers.
type cacheUnit struct {
	id    uint64
	names []string
	ops   []uint64
}

func cacheUnits() []cacheUnit {
	const r, w, p = perfevent.CacheOpRead, perfevent.CacheOpWrite, perfevent.CacheOpPrefetch
	return []cacheUnit{
		{perfevent.CacheL1D, []string{"L1-dcache", "l1-d", "l1d", "L1-data"}, []uint64{r, w, p}},
		{perfevent.CacheL1I, []string{"L1-icache", "l1-i", "l1i", "L1-instruction"}, []uint64{r, p}},
		{perfevent.CacheLL, []string{"LLC", "L2"}, []uint64{r, w, p}},
		{perfevent.CacheDTLB, []string{"dTLB", "d-tlb", "Data-TLB"}, []uint64{r, w, p}},
		{perfevent.CacheITLB, []string{"iTLB", "i-tlb", "Instruction-TLB"}, []uint64{r}},
		{perfevent.CacheBPU, []string{"branch", "branches", "bpu", "btb", "bpc"}, []uint64{r}},
		{perfevent.CacheNode, []string{"node"}, []uint64{r, w, p}},
	}
}

// cacheWord is an operation or a result in the name of a cache event.
type cacheWord struct {
	op     bool
	value  uint64
	spells []string
}

func cacheWords() []cacheWord {
	return []cacheWord{
		{true, perfevent.CacheOpRead, []string{"load", "loads", "read"}},
		{true, perfevent.CacheOpWrite, []string{"store", "stores", "write"}},
		{true, perfevent.CacheOpPrefetch, []string{"prefetch", "prefetches", "speculative-read", "speculative-load"}},
		{false, perfevent.CacheResultAccess, []string{"refs", "Reference", "ops", "access"}},
		{false, perfevent.CacheResultMiss, []string{"misses", "miss"}},
	}
}

// cacheConfig parses CACHE[-OPERATION][-RESULT], either part in either order.
// Without them it is the accesses of reads.
func cacheConfig(name string) (uint64, bool) {
	for _, unit := range cacheUnits() {
		for _, n := range unit.names {
			rest, ok := strings.CutPrefix(name, n)
			if !ok || rest != "" && rest[0] != '-' {
				continue
			}
			if config, ok := unit.config(rest); ok {
				return config, true
			}
		}
	}
	return 0, false
}

func (u *cacheUnit) config(rest string) (uint64, bool) {
	op, result := perfevent.CacheOpRead, perfevent.CacheResultAccess
	var haveOp, haveResult bool
	for rest != "" {
		w, after, ok := cutCacheWord(rest[1:])
		switch {
		case !ok, w.op && haveOp, !w.op && haveResult:
			return 0, false
		case w.op:
			op, haveOp = w.value, true
		default:
			result, haveResult = w.value, true
		}
		rest = after
	}
	for _, o := range u.ops {
		if o == op {
			return perfevent.CacheConfig(u.id, op, result), true
		}
	}
	return 0, false
}

// cutCacheWord takes the word off the start of s; what follows is empty or
// begins with a dash.
func cutCacheWord(s string) (cacheWord, string, bool) {
	for _, w := range cacheWords() {
		for _, spell := range w.spells {
			if rest, ok := strings.CutPrefix(s, spell); ok && (rest == "" || rest[0] == '-') {
				return w, rest, true
			}
		}
	}
	return cacheWord{}, "", false
}

// symbolNames lists the generic names that an error may propose, the usual
// spelling of each.
func symbolNames() []string {
	var names []string
	for _, s := range symbols {
		names = append(names, s.name)
	}
	spell := []string{"load", "store", "prefetch"}
	for _, u := range cacheUnits() {
		for _, op := range u.ops {
			plural := spell[op] + "s"
			if op == perfevent.CacheOpPrefetch {
				plural = "prefetches"
			}
			names = append(names, u.names[0]+"-"+plural, u.names[0]+"-"+spell[op]+"-misses")
		}
	}
	return names
}
