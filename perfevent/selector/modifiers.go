package selector

import (
	"strings"

	"github.com/gperf-dev/gperf/perfevent"
)

const modifierLetters = "ukhGHpPDSWIeb"

// badModifiers says what is wrong with modifiers, "" if nothing is. Each may
// stand once, p up to three times.
func badModifiers(text string) string {
	for i := range len(text) {
		c := text[i]
		if strings.IndexByte(modifierLetters, c) < 0 {
			return "no modifier '" + string(rune(c)) + "': there are u k h G H p P D S W I e b"
		}
		if c != 'p' && strings.IndexByte(text[i+1:], c) >= 0 {
			return "modifier '" + string(rune(c)) + "' stands twice"
		}
	}
	if strings.Count(text, "p") > 3 {
		return "more than three modifiers 'p'"
	}
	return ""
}

const excludeLevels = perfevent.FlagExcludeUser | perfevent.FlagExcludeKernel | perfevent.FlagExcludeHV

// applyModifiers sets what letters ask for. An event's own start from
// nothing: even the default of leaving guests out goes, except where a letter
// brings it back. A group's (add) are added to what its events have.
// See get_event_modifier in tools/perf/util/parse-events.c.
func (s *Spec) applyModifiers(letters string, add bool) {
	if letters == "" {
		return
	}
	a := &s.Attr
	if !add {
		s.Modifiers = Modifiers{Given: true}
		a.Flags &^= excludeLevels | perfevent.FlagExcludeHost | perfevent.FlagExcludeGuest | perfevent.FlagExcludeIdle
		a.Precise = 0
	}
	levels := a.Flags&excludeLevels != 0
	level := func(f perfevent.AttrFlags) {
		if !levels {
			a.Flags |= excludeLevels
			levels = true
		}
		a.Flags &^= f
	}
	world := func(f perfevent.AttrFlags) {
		if !s.Modifiers.HostGuest {
			a.Flags |= perfevent.FlagExcludeHost | perfevent.FlagExcludeGuest
			s.Modifiers.HostGuest = true
		}
		a.Flags &^= f
	}
	for _, c := range []byte(letters) {
		switch c {
		case 'u':
			if !s.Modifiers.HostGuest {
				a.Flags |= perfevent.FlagExcludeGuest
			}
			level(perfevent.FlagExcludeUser)
		case 'k':
			level(perfevent.FlagExcludeKernel)
		case 'h':
			level(perfevent.FlagExcludeHV)
		case 'G':
			world(perfevent.FlagExcludeGuest)
		case 'H':
			world(perfevent.FlagExcludeHost)
		case 'I':
			a.Flags |= perfevent.FlagExcludeIdle
		case 'p':
			a.Precise = min(a.Precise+1, 3)
			if !s.Modifiers.HostGuest {
				a.Flags |= perfevent.FlagExcludeGuest
			}
		case 'P':
			s.Modifiers.PreciseMax = true
		case 'S':
			s.Modifiers.SampleRead = true
		case 'D':
			a.Flags |= perfevent.FlagPinned
		case 'e':
			a.Flags |= perfevent.FlagExclusive
		case 'W':
			s.Modifiers.Weak = true
		case 'b':
			s.Modifiers.BPF = true
		}
	}
}
