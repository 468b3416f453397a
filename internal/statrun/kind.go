package statrun

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/statview"
	"github.com/gperf-dev/gperf/perfevent"
)

// kindOf is what an event counts, by its attributes.
func kindOf(a *perfevent.Attr) statview.Kind {
	switch a.Type {
	case perfevent.TypeSoftware:
		if isClock(a) {
			return statview.Clock
		}
	case perfevent.TypeHardware:
		kinds := map[uint64]statview.Kind{
			perfevent.HWCPUCycles: statview.Cycles, perfevent.HWInstructions: statview.Instructions,
			perfevent.HWBranchInstructions: statview.Branches, perfevent.HWBranchMisses: statview.BranchMisses,
			perfevent.HWCacheReferences: statview.CacheReferences, perfevent.HWCacheMisses: statview.CacheMisses,
			perfevent.HWStalledCyclesFrontend: statview.FrontendStalls, perfevent.HWStalledCyclesBackend: statview.BackendStalls,
		}
		return kinds[a.Config&perfevent.GenericMask]
	case perfevent.TypeHWCache:
		loads := map[uint64][2]statview.Kind{
			perfevent.CacheL1D: {statview.L1DLoads, statview.L1DMisses}, perfevent.CacheL1I: {statview.L1ILoads, statview.L1IMisses},
			perfevent.CacheLL: {statview.LLCLoads, statview.LLCMisses}, perfevent.CacheDTLB: {statview.DTLBLoads, statview.DTLBMisses},
			perfevent.CacheITLB: {statview.ITLBLoads, statview.ITLBMisses},
		}
		config := a.Config & perfevent.GenericMask
		if k, ok := loads[config&0xff]; ok && config>>8&0xff == perfevent.CacheOpRead && config>>16 <= 1 {
			return k[config>>16]
		}
	}
	return statview.Other
}

// coreOf is the number of the unit of the kind of cores that a generic event is confined to; 0 for none.
func coreOf(a *perfevent.Attr) uint32 {
	if a.Type != perfevent.TypeHardware && a.Type != perfevent.TypeHWCache {
		return 0
	}
	return uint32(a.Config >> perfevent.GenericPMUShift)
}

func isClock(a *perfevent.Attr) bool {
	return a.Type == perfevent.TypeSoftware && (a.Config == perfevent.SWCPUClock || a.Config == perfevent.SWTaskClock)
}

// excludeOf tells apart what figures may not be mixed of: guests are not looked at, as in perf.
func excludeOf(a *perfevent.Attr) uint8 {
	var out uint8
	for i, f := range []perfevent.AttrFlags{perfevent.FlagExcludeKernel, perfevent.FlagExcludeUser, perfevent.FlagExcludeHV,
		perfevent.FlagExcludeHost, perfevent.FlagExcludeIdle} {
		if a.Flags&f != 0 {
			out |= 1 << i
		}
	}
	return out
}

// unit completes an event by what the kernel tells of counts: clocks are in nanoseconds, and a unit's events have files with
// their scale beside them (Documentation/ABI/testing/sysfs-bus-event_source-devices-events).
func unit(root fs.FS, e *statview.Event, a *perfevent.Attr) {
	e.Scale = 1
	if isClock(a) {
		e.Unit, e.Scale = "msec", 1e-6
	}
	if a.Type < perfevent.TypeMax {
		return
	}
	e.PMU = pmuName(root, uint32(a.Type))
	name := e.Name
	if _, inner, ok := strings.Cut(name, "/"); ok {
		name, _, _ = strings.Cut(inner, "/")
		name, _, _ = strings.Cut(name, ",")
	} else {
		name, _, _ = strings.Cut(name, ":")
	}
	file := path.Join(pmuDir, e.PMU, "events", name)
	if e.PMU == "" || !fs.ValidPath(file) {
		return
	}
	text := func(suffix string) (string, bool) {
		b, err := fs.ReadFile(root, file+suffix)
		return strings.TrimSpace(string(b)), err == nil
	}
	if s, ok := text(".scale"); ok {
		if v, err := strconv.ParseFloat(s, 64); err == nil && v > 0 {
			e.Scale = v
		}
	}
	e.Unit, _ = text(".unit")
	_, e.PerPackage = text(".per-pkg")
	_, e.Snapshot = text(".snapshot")
}

const pmuDir = "sys/bus/event_source/devices"

// pmuName is the unit that has this number; "" if none has.
func pmuName(root fs.FS, typ uint32) string {
	entries, err := fs.ReadDir(root, pmuDir)
	if err != nil {
		return ""
	}
	for _, e := range entries {
		b, err := fs.ReadFile(root, path.Join(pmuDir, e.Name(), "type"))
		if err == nil && strings.TrimSpace(string(b)) == strconv.FormatUint(uint64(typ), 10) {
			return e.Name()
		}
	}
	return ""
}
