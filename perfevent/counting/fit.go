package counting

import (
	"errors"
	"runtime"
	"slices"

	"github.com/gperf-dev/gperf/perfevent"
)

// Fit tells whether the counters of the CPU are enough for all events at once.
type Fit struct {
	Need int // events that want a counter of the CPU
	Room int // how many of them, from the first on, can be counted at once; Need if all
}

// Fits tells that nobody has to wait.
func (f Fit) Fits() bool { return f.Room >= f.Need }

// Fit tries how many of the events that use the CPU's own counters can be counted at once: as one group, which the kernel takes
// only if all of it can be on the unit together. Of several kinds of cores it tells the first whose counters are not enough. It does not know of
// counters that others hold, such as the NMI watchdog.
func (s *Set) Fit() Fit {
	var f Fit
	for _, attrs := range s.onCores() {
		if f = fit(attrs, kernel); !f.Fits() {
			return f
		}
	}
	return f
}

// onCores are the events that are counted by the CPU's own counters, for each kind of cores.
func (s *Set) onCores() [][]perfevent.Attr {
	var kinds []string
	var all [][]perfevent.Attr
	for _, e := range s.events {
		if e.Err != nil || e.tool != NoTool || !e.Spec.OnCore() {
			continue
		}
		i := slices.Index(kinds, e.Spec.Core)
		if i < 0 {
			i = len(kinds)
			kinds, all = append(kinds, e.Spec.Core), append(all, nil)
		}
		all[i] = append(all[i], e.Attr)
	}
	return all
}

func fit(attrs []perfevent.Attr, open opener) Fit {
	f := Fit{Need: len(attrs), Room: len(attrs)}
	if len(attrs) < 2 {
		return f
	}
	runtime.LockOSThread() // a group is of one thread
	defer runtime.UnlockOSThread()
	var held []counter
	defer func() {
		for _, c := range slices.Backward(held) {
			_ = c.Close() // it was never on
		}
	}()
	for i := range attrs {
		a := attrs[i]
		// Units of arm64 do not reckon with a leader that is disabled and that no exec will enable (validate_event in Linux).
		a.Flags = a.Flags&^(perfevent.FlagInherit|perfevent.FlagPinned|perfevent.FlagExclusive) | perfevent.FlagDisabled | perfevent.FlagEnableOnExec
		a.ReadFormat, a.SampleType = 0, 0
		var leader counter
		if len(held) > 0 {
			leader = held[0]
			a.Flags &^= perfevent.FlagDisabled | perfevent.FlagEnableOnExec
		}
		c, err := open(&a, perfevent.Target{PID: 0, CPU: perfevent.AnyCPU}, leader, 0)
		var refused *perfevent.OpenError
		switch {
		case err == nil:
			held = append(held, c)
		case errors.As(err, &refused) && leader != nil && missing(refused):
			f.Room = len(held)
			return f
		default:
			return f // it cannot be tried here
		}
	}
	return f
}
