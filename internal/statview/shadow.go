package statview

// shadow holds the counts that figures of other events are made of.
type shadow struct {
	kinds  map[shadowKey]*stats
	events map[eventKey]*stats // for metrics
}

type shadowKey struct {
	kind    Kind
	exclude uint8
	core    uint32
	cgroup  string
	at      int // CPU, thread or place; 0 for all
}

type eventKey struct{ event, at int }

func keyOf(e *Event, kind Kind, at int) shadowKey {
	k := shadowKey{kind, e.Exclude, e.Core, e.CGroup, at}
	if kind == Clock {
		k.exclude, k.core = 0, 0 // a clock is one for all
	}
	return k
}

// add takes the count of event i.
func (s *shadow) add(events []Event, i, at int, count uint64) {
	e := &events[i]
	if s.kinds == nil {
		s.kinds, s.events = map[shadowKey]*stats{}, map[eventKey]*stats{}
	}
	put(s.events, eventKey{i, at}, float64(count))
	if !tracked(e.Kind) {
		return
	}
	if e.Kind != Clock { // perf multiplies as integers
		count = uint64(float64(count) * e.Scale)
	}
	put(s.kinds, keyOf(e, e.Kind, at), float64(count))
}

func put[K comparable](m map[K]*stats, k K, v float64) {
	st := m[k]
	if st == nil {
		st = &stats{}
		m[k] = st
	}
	st.add(v)
}

// of is the mean count of a kind, as far as e may be compared with it; false if no such event was counted.
func (s *shadow) of(e *Event, kind Kind, at int) (float64, bool) {
	key := keyOf(e, kind, at)
	if e.together && kind != Clock {
		return s.ofAllCores(key)
	}
	st := s.kinds[key]
	if st == nil {
		return 0, false
	}
	return st.mean, true
}

func (s *shadow) ofAllCores(key shadowKey) (sum float64, counted bool) {
	for k, st := range s.kinds {
		core := k.core
		if k.core = key.core; k == key && core != 0 {
			sum, counted = sum+st.mean, true
		}
	}
	return sum, counted
}

// shadowPlaces takes the counts added up over each place.
func (v *View) shadowPlaces() {
	fresh := shadow{}
	for at, p := range v.placeList() {
		for i := range v.o.Events {
			var sum uint64
			c := &v.events[i]
			for _, j := range v.spots(i)[p] {
				if j < len(c.cells) {
					sum += c.cells[j].Count
				}
			}
			fresh.add(v.o.Events, i, at, uint64(v.mean(sum)))
		}
	}
	v.shadow = fresh
}
