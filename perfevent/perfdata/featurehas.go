package perfdata

// has reports whether the feature's field is there, for a Writer.
func (f *Features) has(n Feature) bool {
	switch n {
	case FeatureTracingData:
		return f.TracingData != nil
	case FeatureBuildID:
		return len(f.BuildIDs) > 0
	case FeatureHostname:
		return f.Hostname != ""
	case FeatureOSRelease:
		return f.OSRelease != ""
	case FeatureVersion:
		return f.Version != ""
	case FeatureArch:
		return f.Arch != ""
	case FeatureNRCPUs:
		return f.NRCPUs != nil
	case FeatureCPUDesc:
		return f.CPUDesc != ""
	case FeatureCPUID:
		return f.CPUID != ""
	case FeatureTotalMem:
		return f.TotalMem != 0
	case FeatureCmdline:
		return f.Cmdline != nil
	case FeatureEventDesc:
		return f.EventDesc != nil
	case FeatureCPUTopology:
		return f.CPUTopology != nil
	case FeatureNUMATopology:
		return f.NUMATopology != nil
	case FeatureBranchStack:
		return f.BranchStack
	case FeaturePMUMappings:
		return f.PMUMappings != nil
	case FeatureGroupDesc:
		return f.Groups != nil
	}
	return f.hasLate(n)
}

func (f *Features) hasLate(n Feature) bool {
	switch n {
	case FeatureAuxtrace:
		return f.Auxtrace != nil
	case FeatureStat:
		return f.Stat
	case FeatureCache:
		return f.Caches != nil
	case FeatureSampleTime:
		return f.SampleTime != nil
	case FeatureMemTopology:
		return f.MemTopology != nil
	case FeatureClockID:
		return f.ClockIDRes != 0
	case FeatureDirFormat:
		return f.DirFormat != 0
	case FeatureBPFProgInfo:
		return f.BPFProgInfo != nil
	case FeatureBPFBTF:
		return f.BPFBTF != nil
	case FeatureCompressed:
		return f.Compressed != nil
	case FeatureCPUPMUCaps:
		return f.CPUPMUCaps != nil
	case FeatureClockData:
		return f.ClockData != nil
	case FeatureHybridTopology:
		return f.HybridTopology != nil
	case FeaturePMUCaps:
		return f.PMUCaps != nil
	case FeatureCPUDomains:
		return f.CPUDomains != nil
	case FeatureEMachine:
		return f.EMachine != nil
	case FeatureCacheLine:
		return f.CacheLine != 0
	}
	return f.Unknown[n] != nil
}
