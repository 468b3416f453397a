package record

// newBody returns an empty body for the type.
func newBody(t Type) Body {
	switch t {
	case TypeMmap:
		return new(Mmap)
	case TypeMmap2:
		return new(Mmap2)
	case TypeComm:
		return new(Comm)
	case TypeFork, TypeExit:
		return &Task{Exit: t == TypeExit}
	case TypeLost:
		return new(Lost)
	case TypeLostSamples:
		return new(LostSamples)
	case TypeThrottle, TypeUnthrottle:
		return &Throttle{End: t == TypeUnthrottle}
	case TypeRead:
		return new(ReadRecord)
	case TypeSample:
		return new(Sample)
	case TypeAux:
		return new(Aux)
	case TypeItraceStart:
		return new(ItraceStart)
	case TypeSwitch, TypeSwitchCPUWide:
		return &Switch{CPUWide: t == TypeSwitchCPUWide}
	case TypeNamespaces:
		return new(Namespaces)
	case TypeKsymbol:
		return new(Ksymbol)
	case TypeBPFEvent:
		return new(BPFEvent)
	case TypeCGroup:
		return new(CGroup)
	case TypeTextPoke:
		return new(TextPoke)
	case TypeAuxOutputHWID:
		return new(AuxOutputHWID)
	case TypeCallchainDeferred:
		return new(CallchainDeferred)
	}
	return newUserBody(t)
}

// newUserBody returns an empty body for a type of perf's own.
func newUserBody(t Type) Body {
	switch t {
	case TypeHeaderAttr:
		return new(HeaderAttr)
	case TypeHeaderTracingData:
		return new(TracingData)
	case TypeHeaderBuildID:
		return new(BuildID)
	case TypeFinishedRound, TypeFinishedInit:
		return &Mark{Kind: t}
	case TypeIDIndex:
		return new(IDIndex)
	case TypeAuxtraceInfo:
		return new(AuxtraceInfo)
	case TypeAuxtrace:
		return new(Auxtrace)
	case TypeAuxtraceError:
		return new(AuxtraceError)
	case TypeThreadMap:
		return new(ThreadMap)
	case TypeCPUMap:
		return new(CPUMap)
	case TypeStatConfig:
		return new(StatConfig)
	case TypeStat:
		return new(Stat)
	case TypeStatRound:
		return new(StatRound)
	case TypeEventUpdate:
		return new(EventUpdate)
	case TypeTimeConv:
		return new(TimeConv)
	case TypeHeaderFeature:
		return new(HeaderFeature)
	case TypeCompressed:
		return new(Compressed)
	case TypeCompressed2:
		return new(Compressed2)
	}
	return newLateBody(t)
}

// newLateBody returns an empty body for the types that few recordings have.
func newLateBody(t Type) Body {
	switch t {
	case TypeHeaderEventType:
		return new(EventType)
	case TypeBPFMetadata:
		return new(BPFMetadata)
	case TypeSchedstatCPU:
		return new(SchedstatCPU)
	case TypeSchedstatDomain:
		return new(SchedstatDomain)
	}
	return &Unknown{Kind: t}
}

func typeName(t Type) string {
	switch t {
	case TypeMmap:
		return "MMAP"
	case TypeLost:
		return "LOST"
	case TypeComm:
		return "COMM"
	case TypeExit:
		return "EXIT"
	case TypeThrottle:
		return "THROTTLE"
	case TypeUnthrottle:
		return "UNTHROTTLE"
	case TypeFork:
		return "FORK"
	case TypeRead:
		return "READ"
	case TypeSample:
		return "SAMPLE"
	case TypeMmap2:
		return "MMAP2"
	case TypeAux:
		return "AUX"
	case TypeItraceStart:
		return "ITRACE_START"
	case TypeLostSamples:
		return "LOST_SAMPLES"
	case TypeSwitch:
		return "SWITCH"
	case TypeSwitchCPUWide:
		return "SWITCH_CPU_WIDE"
	case TypeNamespaces:
		return "NAMESPACES"
	case TypeKsymbol:
		return "KSYMBOL"
	case TypeBPFEvent:
		return "BPF_EVENT"
	case TypeCGroup:
		return "CGROUP"
	case TypeTextPoke:
		return "TEXT_POKE"
	case TypeAuxOutputHWID:
		return "AUX_OUTPUT_HW_ID"
	case TypeCallchainDeferred:
		return "CALLCHAIN_DEFERRED"
	}
	return userTypeName(t)
}

func userTypeName(t Type) string {
	switch t {
	case TypeHeaderAttr:
		return "ATTR"
	case TypeHeaderEventType:
		return "EVENT_TYPE"
	case TypeHeaderTracingData:
		return "TRACING_DATA"
	case TypeHeaderBuildID:
		return "BUILD_ID"
	case TypeFinishedRound:
		return "FINISHED_ROUND"
	case TypeIDIndex:
		return "ID_INDEX"
	case TypeAuxtraceInfo:
		return "AUXTRACE_INFO"
	case TypeAuxtrace:
		return "AUXTRACE"
	case TypeAuxtraceError:
		return "AUXTRACE_ERROR"
	case TypeThreadMap:
		return "THREAD_MAP"
	case TypeCPUMap:
		return "CPU_MAP"
	case TypeStatConfig:
		return "STAT_CONFIG"
	case TypeStat:
		return "STAT"
	case TypeStatRound:
		return "STAT_ROUND"
	case TypeEventUpdate:
		return "EVENT_UPDATE"
	case TypeTimeConv:
		return "TIME_CONV"
	case TypeHeaderFeature:
		return "FEATURE"
	case TypeCompressed:
		return "COMPRESSED"
	case TypeFinishedInit:
		return "FINISHED_INIT"
	case TypeCompressed2:
		return "COMPRESSED2"
	case TypeBPFMetadata:
		return "BPF_METADATA"
	case TypeSchedstatCPU:
		return "SCHEDSTAT_CPU"
	case TypeSchedstatDomain:
		return "SCHEDSTAT_DOMAIN"
	}
	return ""
}
