package selector

import (
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/perfevent/tracefs"
)

const maxNear = 4

// nearNames proposes names of any kind for a word.
func (r *Resolver) nearNames(name string) []string {
	candidates := symbolNames()
	for _, pmu := range r.pmuNames() {
		candidates = append(candidates, r.pmuFiles(pmu, "events")...)
	}
	found := near(name, candidates, maxNear)
	t, err := r.trace()
	if err != nil {
		return found // without tracefs there are no tracepoints to propose
	}
	systems, err := t.Systems()
	if err != nil {
		return found
	}
	for _, system := range systems {
		events, err := t.Events(system)
		if err != nil {
			continue // it went away
		}
		if slices.Contains(events, name) && len(found) < maxNear+2 {
			found = append([]string{system + ":" + name}, found...)
		}
	}
	return found
}

// nearTracepoints proposes tracepoints: those of the system, or systems of
// near names.
func (r *Resolver) nearTracepoints(t *tracefs.FS, system, event string) []string {
	events, err := t.Events(system)
	if err == nil {
		return prefixed(system+":", near(event, events, maxNear))
	}
	systems, err := t.Systems()
	if err != nil {
		return nil
	}
	var found []string
	for _, s := range near(system, systems, maxNear) {
		events, err := t.Events(s)
		if err != nil {
			continue // it went away
		}
		if slices.Contains(events, event) {
			found = append(found, s+":"+event)
		} else {
			found = append(found, prefixed(s+":", near(event, events, 1))...)
		}
	}
	return found
}

func prefixed(prefix string, names []string) []string {
	for i := range names {
		names[i] = prefix + names[i]
	}
	return names
}

// near picks the at most n candidates that are the fewest edits away from
// name, those that contain it among them.
func near(name string, candidates []string, n int) []string {
	type scored struct {
		name string
		far  int
	}
	limit := max(1, min(3, len(name)/3))
	var list []scored
	for _, c := range candidates {
		far := distance(name, c, limit)
		if far > limit && len(name) >= 3 && strings.Contains(c, name) {
			far = limit
		}
		if far <= limit {
			list = append(list, scored{c, far})
		}
	}
	slices.SortStableFunc(list, func(a, b scored) int {
		if a.far != b.far {
			return a.far - b.far
		}
		return strings.Compare(a.name, b.name)
	})
	names := make([]string, 0, n)
	for _, s := range list {
		if len(names) < n && !slices.Contains(names, s.name) {
			names = append(names, s.name)
		}
	}
	return names
}

// distance counts the bytes to insert, delete, replace or swap with their
// neighbour between a and b. Above limit it may be any number above limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
