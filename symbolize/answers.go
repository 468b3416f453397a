package symbolize

// maxAnswers bounds the memory of answers; beyond, they start anew.
const maxAnswers = 1 << 18

// answers remember what addresses in mappings stand for.
type answers struct {
	recent [1 << recentBits]recentAnswer
	all    map[place]*answer
}

type place struct {
	m    *Mapping
	addr uint64
}

type answer struct {
	frame  Frame
	at     uint64 // as Cache.User has it
	reason Reason

	inlined [2]*[]Frame // at the address, and before it; nil until asked for
}

// recentAnswer is in the place that its address has: chains come back to the same addresses.
type recentAnswer struct {
	place
	*answer
}

const recentBits = 10

// of gives the answer for an address; if it is not known, the caller fills it in.
func (s *answers) of(m *Mapping, addr uint64) (a *answer, known bool) {
	key := place{m, addr}
	n := &s.recent[addr*0x9e3779b97f4a7c15>>(64-recentBits)]
	if n.place == key && n.answer != nil {
		return n.answer, true
	}
	if a, known = s.all[key]; !known {
		if len(s.all) >= maxAnswers || s.all == nil {
			s.all = make(map[place]*answer)
		}
		a = &answer{}
		s.all[key] = a
	}
	n.place, n.answer = key, a
	return a, known
}
