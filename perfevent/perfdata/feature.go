package perfdata

import "fmt"

// Feature is the number of a feature in the file header's bitmap.
type Feature int

// The features, with the perf version that brought the late ones.
const (
	FeatureTracingData    Feature = 1
	FeatureBuildID        Feature = 2
	FeatureHostname       Feature = 3
	FeatureOSRelease      Feature = 4
	FeatureVersion        Feature = 5
	FeatureArch           Feature = 6
	FeatureNRCPUs         Feature = 7
	FeatureCPUDesc        Feature = 8
	FeatureCPUID          Feature = 9
	FeatureTotalMem       Feature = 10
	FeatureCmdline        Feature = 11
	FeatureEventDesc      Feature = 12
	FeatureCPUTopology    Feature = 13
	FeatureNUMATopology   Feature = 14
	FeatureBranchStack    Feature = 15
	FeaturePMUMappings    Feature = 16
	FeatureGroupDesc      Feature = 17
	FeatureAuxtrace       Feature = 18
	FeatureStat           Feature = 19
	FeatureCache          Feature = 20
	FeatureSampleTime     Feature = 21 // 4.16
	FeatureMemTopology    Feature = 22 // 4.17
	FeatureClockID        Feature = 23 // 4.20
	FeatureDirFormat      Feature = 24 // 5.1
	FeatureBPFProgInfo    Feature = 25 // 5.1
	FeatureBPFBTF         Feature = 26 // 5.1
	FeatureCompressed     Feature = 27 // 5.2
	FeatureCPUPMUCaps     Feature = 28 // 5.9
	FeatureClockData      Feature = 29 // 5.9
	FeatureHybridTopology Feature = 30 // 5.14
	FeaturePMUCaps        Feature = 31 // 5.19
	FeatureCPUDomains     Feature = 32 // CPU_DOMAIN_INFO; this and the next are newer than 6.12, and 7.2 has them
	FeatureEMachine       Feature = 33
	FeatureCacheLine      Feature = 34 // CLN_SIZE

	// featureReserved is used by no perf. A live file has it until its end.
	featureReserved = 0
	// featureEnd is, in a stream, the number of the record that ends the features: that of perf 6.1.
	featureEnd  = 32
	featureBits = 256
)

// String returns perf's name of the feature, as in "CPU_TOPOLOGY".
func (f Feature) String() string {
	names := [...]string{
		"RESERVED", "TRACING_DATA", "BUILD_ID", "HOSTNAME", "OSRELEASE", "VERSION", "ARCH", "NRCPUS", "CPUDESC", "CPUID", "TOTAL_MEM",
		"CMDLINE", "EVENT_DESC", "CPU_TOPOLOGY", "NUMA_TOPOLOGY", "BRANCH_STACK", "PMU_MAPPINGS", "GROUP_DESC", "AUXTRACE", "STAT", "CACHE",
		"SAMPLE_TIME", "MEM_TOPOLOGY", "CLOCKID", "DIR_FORMAT", "BPF_PROG_INFO", "BPF_BTF", "COMPRESSED", "CPU_PMU_CAPS", "CLOCK_DATA",
		"HYBRID_TOPOLOGY", "PMU_CAPS", "CPU_DOMAIN_INFO", "E_MACHINE", "CLN_SIZE",
	}
	if f >= 0 && int(f) < len(names) {
		return names[f]
	}
	return fmt.Sprintf("feature %d", int(f))
}

// FeatureSet is the bitmap of the features that a recording has.
type FeatureSet [featureBits / 64]uint64

// Has reports whether f is in the set.
func (s *FeatureSet) Has(f Feature) bool {
	return f >= 0 && f < featureBits && s[f/64]>>(f%64)&1 != 0
}

func (s *FeatureSet) add(f Feature) {
	if f >= 0 && f < featureBits {
		s[f/64] |= 1 << (f % 64)
	}
}
