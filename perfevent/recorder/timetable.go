package recorder

import "time"

// Span is a part of a recording, from From to To after its start.
type Span struct{ From, To time.Duration }

// timetable is when events are switched on and off.
type timetable struct {
	begin time.Time
	steps []time.Duration // after begin: on, off, on…
	done  int
	ends  bool // the recording, with the last step
}

func newTimetable(o *Options) *timetable {
	t := &timetable{begin: time.Now(), ends: len(o.Spans) > 0}
	for _, s := range o.Spans {
		t.steps = append(t.steps, s.From, s.To)
	}
	if o.Delay > 0 {
		t.steps = append(t.steps, o.Delay)
	}
	if t.ends && t.steps[0] == 0 {
		t.done = 1 // they are on from the start
	}
	return t
}

// left is how long it takes until the next step, negative for never.
func (t *timetable) left() time.Duration {
	if t.done == len(t.steps) {
		return -1
	}
	return max(0, t.steps[t.done]-time.Since(t.begin))
}

// keep takes the steps that are due. last tells that the recording ends with them.
func (r *run) keep(t *timetable) (last bool, err error) {
	for t.left() == 0 {
		text, do := "Events enabled", r.list.EnableAll
		if t.done%2 == 1 {
			text, do = "Events disabled", r.list.Pause
		}
		r.notify("%s", text)
		if err := do(); err != nil {
			return false, err
		}
		t.done++
	}
	return t.ends && t.done == len(t.steps), nil
}
