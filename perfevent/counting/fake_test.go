package counting

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// unit is a PMU of so many counters, which refuses events that it does not have and groups that do not fit.
type unit struct {
	counters int
	lacks    map[uint64]bool // hardware events by config
	userOnly bool            // the kernel may not be counted
	arm64    bool            // does not reckon with a leader that is off and that no exec enables
	opened   int
	closed   int
	enabled  int
	groups   map[*fake][]*fake
}

type fake struct {
	unit   *unit
	attr   perfevent.Attr
	id     uint64
	leader *fake
}

func (u *unit) open(a *perfevent.Attr, t perfevent.Target, group counter, _ int) (counter, error) {
	refuse := func(errno unix.Errno) (counter, error) {
		return nil, &perfevent.OpenError{Attr: *a, Target: t, Errno: errno}
	}
	if u.userOnly && a.Flags&perfevent.FlagExcludeKernel == 0 {
		return nil, &perfevent.OpenError{Attr: *a, Target: t, Errno: unix.EACCES, Paranoid: 2}
	}
	if a.Type == perfevent.TypeHardware && u.lacks[a.Config] {
		return refuse(unix.ENOENT)
	}
	u.opened++
	f := &fake{unit: u, attr: *a, id: uint64(u.opened)}
	if u.groups == nil {
		u.groups = map[*fake][]*fake{}
	}
	f.leader = f
	free := u.counters
	if l, ok := group.(*fake); ok && l != nil && u.arm64 && l.attr.Flags&(perfevent.FlagDisabled|perfevent.FlagEnableOnExec) == perfevent.FlagDisabled {
		free++
	}
	if l, ok := group.(*fake); ok && l != nil {
		f.leader = l
		if a.Type == perfevent.TypeHardware && len(u.groups[l])+1 > free {
			u.opened--
			return refuse(unix.EINVAL)
		}
	}
	u.groups[f.leader] = append(u.groups[f.leader], f)
	return f, nil
}

func (f *fake) count() perfevent.Count {
	return perfevent.Count{Value: 1000 + f.attr.Config, Enabled: 20 * time.Millisecond, Running: 10 * time.Millisecond, ID: f.id}
}

func (f *fake) Read() (perfevent.Count, error) { return f.count(), nil }

func (f *fake) ReadGroup(dst []perfevent.Count) ([]perfevent.Count, error) {
	for _, m := range f.unit.groups[f] {
		dst = append(dst, m.count())
	}
	return dst, nil
}

func (f *fake) Enable() error          { f.unit.enabled++; return nil }
func (f *fake) Disable() error         { f.unit.enabled--; return nil }
func (f *fake) ID() (uint64, error)    { return f.id, nil }
func (f *fake) SetFilter(string) error { return nil }
func (f *fake) Close() error           { f.unit.closed++; return nil }

func hardware(leader int, weak bool, configs ...uint64) []selector.Spec {
	var out []selector.Spec
	for _, c := range configs {
		s := selector.Spec{Name: (&perfevent.Attr{Config: c, Flags: perfevent.FlagExcludeGuest}).Name(), Leader: len(out)}
		s.Attr = perfevent.Attr{Type: perfevent.TypeHardware, Config: c, Flags: perfevent.FlagExcludeGuest}
		if leader >= 0 {
			s.Leader, s.Modifiers.Weak = leader, weak
		}
		out = append(out, s)
	}
	return out
}

func openFake(t *testing.T, u *unit, specs []selector.Spec) (*Set, []string) {
	t.Helper()
	var notes []string
	set, err := Open(context.Background(), specs, Targets{CPUs: []int{0, 1}}, Options{
		open: u.open, Notify: func(s string) { notes = append(notes, s) },
		Sys: fstest.MapFS{"devices/system/cpu/online": {Data: []byte("0-3\n")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := set.Close(); err != nil || u.closed != u.opened {
			t.Errorf("%v, %d opened, %d closed", err, u.opened, u.closed)
		}
	})
	return set, notes
}

// A group is opened on each CPU, enabled by its leader and read by one call.
func TestGroup(t *testing.T) {
	u := &unit{counters: 4}
	set, _ := openFake(t, u, hardware(0, true, perfevent.HWCPUCycles, perfevent.HWInstructions))
	if err := set.Enable(); err != nil || u.enabled != 2 {
		t.Errorf("%v, %d enabled", err, u.enabled)
	}
	e := set.Events()[1]
	if e.Leader != 0 || e.Attr.ReadFormat&record.ReadGroup == 0 || e.Attr.Flags&perfevent.FlagDisabled != 0 || len(e.IDs) != 2 {
		t.Errorf("%+v", e)
	}
	got := set.Read(nil)
	if len(got) != 2 || len(got[1]) != 2 || got[1][1] != (Value{1001, 20_000_000, 10_000_000}) {
		t.Errorf("%v", got)
	}
	counts := set.Counts(nil)
	if len(counts) != 4 || counts[3].Event != "instructions" || counts[3].CPU != 1 || counts[3].TID != perfevent.AnyPID {
		t.Errorf("%+v", counts)
	}
}

// Where the kernel may not be counted, all that is counted without it is told in one sentence, and in another that nothing is left
// of what happens there alone.
func TestUserOnly(t *testing.T) {
	u := &unit{counters: 4, userOnly: true}
	var notes []string
	set, err := Open(context.Background(), []selector.Spec{
		{Name: "page-faults", Attr: perfevent.Attr{Type: perfevent.TypeSoftware, Config: perfevent.SWPageFaults}, Leader: 0},
		{Name: "context-switches", Attr: perfevent.Attr{Type: perfevent.TypeSoftware, Config: perfevent.SWContextSwitches}, Leader: 1},
	}, Targets{TIDs: []int{1}}, Options{open: u.open, Notify: func(s string) { notes = append(notes, s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	want := []string{
		"kernel.perf_event_paranoid is 2: leaving kernel and hypervisor out of page-faults, context-switches",
		"counted in the kernel alone, so 0 without it: context-switches (" + perfevent.KernelForAll + ")",
	}
	if !slices.Equal(notes, want) || set.Events()[1].Name != "context-switches:u" {
		t.Errorf("%q\n%q", notes, set.Events()[1].Name)
	}
}

// A weak group that does not fit is taken apart, and said so; one with an event that is not there without a word: that is told by Err.
func TestWeakGroup(t *testing.T) {
	u := &unit{counters: 2}
	set, notes := openFake(t, u, hardware(0, true, 0, 1, 4, 5))
	for i, e := range set.Events() {
		if e.Leader != i || e.Err != nil || len(e.IDs) != 2 || e.Attr.ReadFormat&record.ReadGroup != 0 || e.Attr.Flags&perfevent.FlagDisabled == 0 {
			t.Errorf("%d: %+v", i, e)
		}
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "the group of cycles does not fit") {
		t.Errorf("%q", notes)
	}
	u = &unit{counters: 4, lacks: map[uint64]bool{0: true}}
	set, notes = openFake(t, u, hardware(0, true, 0, 1, 4))
	if e := set.Events(); e[0].Err == nil || e[1].Err != nil || e[2].Err != nil || len(notes) != 0 {
		t.Errorf("%v %v %v %q", e[0].Err, e[1].Err, e[2].Err, notes)
	}
	got := set.Read(nil)
	if got[0] != nil || len(got[1]) != 2 || got[2][0].Count != 1004 {
		t.Errorf("%v", got)
	}
	// One that is not there leaves the others their group.
	u = &unit{counters: 4, lacks: map[uint64]bool{1: true}}
	set, _ = openFake(t, u, hardware(0, false, 0, 1, 4))
	got = set.Read(nil)
	if e := set.Events(); e[1].Err == nil || e[2].Leader != 0 || got[1] != nil || got[0][0].Count != 1000 || got[2][1].Count != 1004 {
		t.Errorf("%v", got)
	}
}

// A strong group that does not fit has an event that is not supported, as perf has it.
func TestStrongGroup(t *testing.T) {
	u := &unit{counters: 2}
	set, _ := openFake(t, u, hardware(0, false, 0, 1, 4))
	if e := set.Events(); e[0].Err != nil || e[1].Err != nil || e[2].Err != ErrGroupFull {
		t.Errorf("%v %v %v", e[0].Err, e[1].Err, e[2].Err)
	}
}

// The clocks of stat itself are in no group of the kernel's: what is grouped with them is read as if they were not there.
func TestGroupWithTools(t *testing.T) {
	for _, clocks := range [][]int{{0}, {1}, {2}, {0, 1}, {0, 2}} { // where they stand
		u := &unit{counters: 4}
		specs := hardware(0, false, 0, 1, 4, 5)
		for _, i := range clocks {
			specs[i] = ToolSpec("duration_time", 0)
		}
		set, _ := openFake(t, u, specs)
		got := set.Read(nil)
		for i, e := range set.Events() {
			if slices.Contains(clocks, i) {
				if got[i] != nil || e.Leader != i || len(e.IDs) != 0 {
					t.Errorf("clocks at %v: clock %d: %v, %+v", clocks, i, got[i], e)
				}
				continue
			}
			if len(got[i]) != 2 || got[i][1].Count != 1000+e.Attr.Config || e.Attr.ReadFormat&record.ReadGroup == 0 {
				t.Errorf("clocks at %v: event %d: %v, %+v", clocks, i, got[i], e)
			}
		}
		if len(u.groups) != 2 { // one on each CPU
			t.Errorf("clocks at %v: %d groups", clocks, len(u.groups))
		}
	}
}

func TestFit(t *testing.T) {
	attrs := func(n int) []perfevent.Attr {
		var out []perfevent.Attr
		for i := range n {
			out = append(out, perfevent.Attr{Type: perfevent.TypeHardware, Config: uint64(i)})
		}
		return out
	}
	for _, tt := range []struct{ counters, events, room int }{{6, 10, 6}, {6, 6, 6}, {6, 5, 5}, {4, 1, 1}, {1, 2, 1}, {4, 0, 0}} {
		u := &unit{counters: tt.counters, arm64: true}
		f := fit(attrs(tt.events), u.open)
		if f.Need != tt.events || f.Room != tt.room || f.Fits() != (tt.room == tt.events) || u.opened != u.closed {
			t.Errorf("%+v: %+v, %d opened, %d closed", tt, f, u.opened, u.closed)
		}
	}
}

// The group that is tried is of one thread, whatever the scheduler does meanwhile: events of two make no group.
func TestFitOnOneThread(t *testing.T) {
	u := &unit{counters: 64}
	threads := map[int]bool{}
	open := func(a *perfevent.Attr, target perfevent.Target, group counter, flags int) (counter, error) {
		threads[unix.Gettid()] = true
		var others sync.WaitGroup
		for range 8 { // they take the thread while this one waits
			others.Go(func() {
				for end := time.Now().Add(2 * time.Millisecond); time.Now().Before(end); {
				}
			})
		}
		others.Wait()
		return u.open(a, target, group, flags)
	}
	if f := fit(make([]perfevent.Attr, 20), open); f.Room != 20 || len(threads) != 1 {
		t.Errorf("%+v on %d threads", f, len(threads))
	}
}

// Counters of one kind of cores do not serve the other's events.
func TestOnCores(t *testing.T) {
	event := func(typ perfevent.Type, core string) *Event {
		a := perfevent.Attr{Type: typ}
		return &Event{Spec: selector.Spec{Attr: a, Core: core}, Attr: a}
	}
	for _, test := range []struct {
		events []*Event
		want   []int
	}{
		{nil, nil},
		{[]*Event{event(perfevent.TypeSoftware, "")}, nil},
		{[]*Event{event(perfevent.TypeHardware, ""), event(perfevent.TypeSoftware, ""), event(perfevent.TypeRaw, "")}, []int{2}},
		{[]*Event{event(perfevent.TypeHardware, "cpu_core"), event(perfevent.TypeHardware, "cpu_atom"), event(10, "cpu_atom"), event(11, "")}, []int{1, 2}},
	} {
		var got []int
		for _, attrs := range (&Set{events: test.events}).onCores() {
			got = append(got, len(attrs))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%v, want %v", got, test.want)
		}
	}
}
