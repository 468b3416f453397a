package script

import (
	"path"
	"slices"

	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
)

// Filter chooses samples. Each list that is not empty lets through what is in it; the zero value lets everything
// through.
type Filter struct {
	CPUs    []int
	PIDs    []int
	TIDs    []int
	Comms   []string
	Symbols []string // names of the function at the sampled address
	Modules []string // path of the file at the sampled address, or what is shown for it
	Times   []Span
}

// Span is a time from Start to End in nanoseconds, both in it; an End of 0 is no end.
type Span struct{ Start, End uint64 }

// early tells by what needs no decoding whether an item may pass.
func (f *Filter) early(it *session.Item) bool {
	if len(f.Times) > 0 && !slices.ContainsFunc(f.Times, func(s Span) bool {
		return it.Time >= s.Start && (s.End == 0 || it.Time <= s.End)
	}) {
		return false
	}
	th := it.Thread
	if th == nil {
		return true
	}
	return pass(f.Comms, th.Comm) && pass(f.PIDs, int(th.PID)) && pass(f.TIDs, int(th.TID))
}

func pass[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }

func (f *Filter) cpu(have bool, cpu uint32) bool {
	return len(f.CPUs) == 0 || !have || slices.Contains(f.CPUs, int(cpu))
}

// late asks for the symbol.
func (f *Filter) late(it *session.Item, s *record.Sample, r *session.Resolver) bool {
	if len(f.Symbols) == 0 && len(f.Modules) == 0 {
		return true
	}
	l := r.Resolve(it, it.Mode(), s.IP)
	if len(f.Symbols) > 0 && (l.Frame.Name == "" || !slices.Contains(f.Symbols, l.Frame.Name)) {
		return false
	}
	return len(f.Modules) == 0 || l.Map != nil && f.module(l.Map)
}

// module takes a mapping by its path, by the last part of that, or as it is shown.
func (f *Filter) module(m *session.Mapping) bool {
	return slices.ContainsFunc(f.Modules, func(want string) bool {
		return want == m.Name || want == m.Path || want == path.Base(m.Path)
	})
}
