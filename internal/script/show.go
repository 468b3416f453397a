package script

import "github.com/gperf-dev/gperf/perfevent/record"

// Show chooses records that are printed beside the samples, each at its time. Records that were not recorded do not
// show.
type Show struct {
	Tasks      bool // names, starts and ends of threads
	Mmaps      bool // mappings
	Lost       bool // where records were lost
	Switches   bool // context switches
	Namespaces bool
	CGroups    bool
	BPF        bool // BPF programs, and kernel symbols that came and went
}

func (s *Show) records() []record.Type {
	var types []record.Type
	for _, c := range []struct {
		on    bool
		types []record.Type
	}{
		{s.Tasks, []record.Type{record.TypeComm, record.TypeFork, record.TypeExit}},
		{s.Mmaps, []record.Type{record.TypeMmap, record.TypeMmap2}},
		{s.Lost, []record.Type{record.TypeLost}},
		{s.Switches, []record.Type{record.TypeSwitch, record.TypeSwitchCPUWide}},
		{s.Namespaces, []record.Type{record.TypeNamespaces}},
		{s.CGroups, []record.Type{record.TypeCGroup}},
		{s.BPF, []record.Type{record.TypeKsymbol, record.TypeBPFEvent}},
	} {
		if c.on {
			types = append(types, c.types...)
		}
	}
	return types
}
