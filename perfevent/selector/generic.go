package selector

import "github.com/gperf-dev/gperf/perfevent"

// Generic is an event that every kernel knows by number, whether this machine can count it or not.
type Generic struct {
	Name   string // the usual one
	Alias  string // another name, "" for none
	Type   perfevent.Type
	Config uint64
	Tool   bool // perf's own clock: duration_time and its kin
}

// Generics lists the generic hardware and software events, perf's clocks, and the cache events.
func Generics() []Generic {
	var all []Generic
	for _, s := range symbols {
		g := Generic{Name: s.name, Type: s.typ, Config: s.config}
		switch s.name {
		case "duration_time", "user_time", "system_time":
			g.Tool = true
		}
		if n := len(all); n > 0 && !g.Tool && all[n-1].Type == s.typ && all[n-1].Config == s.config {
			all[n-1].Alias = s.name // an alias stands behind the name
			continue
		}
		all = append(all, g)
	}
	return append(all, cacheGenerics()...)
}

func cacheGenerics() []Generic {
	var all []Generic
	one, many := [...]string{"load", "store", "prefetch"}, [...]string{"loads", "stores", "prefetches"}
	for _, u := range cacheUnits() {
		for _, op := range u.ops {
			access := perfevent.CacheConfig(u.id, op, perfevent.CacheResultAccess)
			miss := perfevent.CacheConfig(u.id, op, perfevent.CacheResultMiss)
			all = append(all, Generic{Name: u.names[0] + "-" + many[op], Type: perfevent.TypeHWCache, Config: access},
				Generic{Name: u.names[0] + "-" + one[op] + "-misses", Type: perfevent.TypeHWCache, Config: miss})
		}
	}
	return all
}

// PMUEvent is an event or a format of a PMU in sysfs.
type PMUEvent struct {
	PMU, Name string
	Terms     string // what an event stands for: "event=0x3c,umask=0x1"
	Unit      string // of its counts
	Scale     string // what a count is multiplied with
}

// PMUEvents lists the events of all PMUs in sysfs.
func (r *Resolver) PMUEvents() []PMUEvent {
	var all []PMUEvent
	for _, pmu := range r.pmuNames() {
		for _, name := range r.pmuFiles(pmu, "events") {
			text, err := r.sysText(pmu, "events", name)
			if err != nil {
				continue // gone since, or not ours to read
			}
			e := PMUEvent{PMU: pmu, Name: name, Terms: text}
			e.Unit, _ = r.sysText(pmu, "events", name+".unit")   // most have none
			e.Scale, _ = r.sysText(pmu, "events", name+".scale") // the same
			all = append(all, e)
		}
	}
	return all
}
