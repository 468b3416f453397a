package statrun

import (
	"time"

	"github.com/gperf-dev/gperf/internal/openmetrics"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/counting"
)

// Scrape appends the running counts for who scrapes them: told apart by event, control group and, where events are counted on
// CPUs, by CPU; threads are added up, so that the number of series is known before. Cgroups has the group's name by event, as
// Events.CGroups. Units of one kind with events of one name are added up too, and an event that is selected twice is given once.
func Scrape(dst []openmetrics.Count, set *counting.Set, cgroups []string) []openmetrics.Count {
	s := scrape{index: make(map[cell]int), first: make(map[selected]int), counts: dst}
	values := set.Read(nil)
	for i, e := range set.Events() {
		if e.Tool() != counting.NoTool {
			continue // the clocks of stat itself
		}
		cgroup := ""
		if i < len(cgroups) {
			cgroup = cgroups[i]
		}
		one := selected{e.Name, cgroup, e.Spec.Attr.Type}
		if first, there := s.first[one]; there && first != i {
			continue // selected twice
		}
		s.first[one] = i
		if !e.Supported() {
			s.at(cell{e.Name, cgroup, perfevent.AnyCPU}).Unsupported = true
			continue
		}
		threads := max(1, len(set.Threads()))
		for j, v := range values[i] {
			n := s.at(cell{e.Name, cgroup, e.CPUs[j/threads]})
			n.Clock = isClock(&e.Attr)
			n.add(v)
		}
	}
	return s.counts
}

// scrape collects counts by what they are of.
type scrape struct {
	index  map[cell]int
	first  map[selected]int
	counts []openmetrics.Count
}

type cell struct {
	event, cgroup string
	cpu           int
}

type selected struct {
	event, cgroup string
	unit          perfevent.Type
}

// at is the count of a cell, made if it is new.
func (s *scrape) at(c cell) *total {
	i, ok := s.index[c]
	if !ok {
		i = len(s.counts)
		s.index[c] = i
		s.counts = append(s.counts, openmetrics.Count{Event: c.event, Cgroup: c.cgroup, CPU: c.cpu})
	}
	return (*total)(&s.counts[i])
}

// total adds readings up.
type total openmetrics.Count

func (t *total) add(v counting.Value) {
	c := perfevent.Count{Value: v.Count, Enabled: time.Duration(v.Enabled), Running: time.Duration(v.Running)}
	t.Value += float64(c.Scaled())
	t.Enabled += c.Enabled
	t.Running += c.Running
}
