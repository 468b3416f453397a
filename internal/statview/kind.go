package statview

// Kind is what an event counts, as far as figures are made of it.
type Kind int

// The kinds. Misses are of loads.
const (
	Other Kind = iota
	Clock
	Cycles
	Instructions
	Branches
	BranchMisses
	CacheReferences
	CacheMisses
	FrontendStalls
	BackendStalls
	L1DLoads
	L1DMisses
	L1ILoads
	L1IMisses
	LLCLoads
	LLCMisses
	DTLBLoads
	DTLBMisses
	ITLBLoads
	ITLBMisses
)

// ratio is a figure in per cent: this event's count of another's.
type ratio struct {
	of     Kind
	unit   string
	format string
	levels [3]float64 // from which it is coloured
}

// ratioOf is the figure of a kind that shows only if the other event was selected.
func ratioOf(k Kind) (ratio, bool) {
	misses := [3]float64{20, 10, 5}
	const format = "%7.2f%%"
	switch k {
	case BranchMisses:
		return ratio{Branches, "of all branches", format, misses}, true
	case L1DMisses:
		return ratio{L1DLoads, "of all L1-dcache accesses", format, misses}, true
	case L1IMisses:
		return ratio{L1ILoads, "of all L1-icache accesses", format, misses}, true
	case DTLBMisses:
		return ratio{DTLBLoads, "of all dTLB cache accesses", format, misses}, true
	case ITLBMisses:
		return ratio{ITLBLoads, "of all iTLB cache accesses", format, misses}, true
	case LLCMisses:
		return ratio{LLCLoads, "of all LL-cache accesses", format, misses}, true
	case CacheMisses:
		return ratio{CacheReferences, "of all cache refs", "%8.3f %%", [3]float64{}}, true
	}
	return ratio{}, false
}

// tracked tells the kinds whose counts other events' figures need.
func tracked(k Kind) bool {
	switch k {
	case Other, Instructions, BranchMisses, CacheMisses, L1DMisses, L1IMisses, LLCMisses, DTLBMisses, ITLBMisses:
		return false
	}
	return true
}
