package evlist

import (
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// config makes the attributes of all events, as evlist__config and
// evsel__config of perf 6.1 do.
type config struct {
	o *Options
	t *Targets

	freq   uint64 // what events without a period of their own get
	period uint64
	user   bool // the user gave one: it wins over the events' own

	perThread bool
}

func configure(events []*Event, o *Options, t *Targets) {
	c := &config{o: o, t: t, freq: o.Freq, period: o.Period, user: o.Freq != 0 || o.Period != 0, perThread: t.PerThread && !t.HasCPU()}
	if !c.user {
		c.freq = o.defaultFreq()
	}
	for i, e := range events {
		c.event(e, e.Leader == i, groupSize(events, e.Leader))
	}
	for i, e := range events {
		if e.Leader != i && events[e.Leader].Spec.Modifiers.SampleRead {
			c.sampledByLeader(e, events[e.Leader])
		}
	}
	c.ids(events)
}

func groupSize(events []*Event, leader int) int {
	n := 0
	for _, e := range events {
		if e.Leader == leader {
			n++
		}
	}
	return n
}

// setFlag sets or clears flags.
func setFlag(a *perfevent.Attr, f perfevent.AttrFlags, on bool) {
	if on {
		a.Flags |= f
	} else {
		a.Flags &^= f
	}
}

func (c *config) event(e *Event, leader bool, members int) {
	a, o := &e.Attr, c.o
	setFlag(a, perfevent.FlagSampleIDAll, true)
	setFlag(a, perfevent.FlagWriteBackward, o.Overwrite)
	setFlag(a, perfevent.FlagInherit, !o.NoInherit && !c.perThread)
	a.ReadFormat = record.ReadLost | record.ReadID
	a.SampleType |= record.SampleIP | record.SampleTID
	if e.Spec.Modifiers.SampleRead {
		a.SampleType |= record.SampleRead | record.SampleID
		if members > 1 {
			a.ReadFormat |= record.ReadGroup
			setFlag(a, perfevent.FlagInherit, false)
		}
	}
	c.rate(a)
	if o.RunningTime {
		a.ReadFormat |= record.ReadTotalTimeEnabled | record.ReadTotalTimeRunning
	}
	if o.InheritStat {
		a.ReadFormat |= record.ReadTotalTimeEnabled | record.ReadTotalTimeRunning
		setFlag(a, perfevent.FlagInheritStat, true)
	}
	chain := c.chain()
	c.callchain(a, chain)
	c.sampled(a, e.tracking, chain.address)
	c.sideband(a, e.tracking)
	c.start(e, leader)
	if e.Spec.Modifiers.PreciseMax {
		a.Precise = 3
	}
	if o.AllUser {
		a.Flags = a.Flags&^perfevent.FlagExcludeUser | perfevent.FlagExcludeKernel
	}
	if o.AllKernel {
		a.Flags = a.Flags&^perfevent.FlagExcludeKernel | perfevent.FlagExcludeUser
	}
	c.terms(e, chain)
	if o.SamplePeriod != nil {
		setSample(a, record.SamplePeriod, *o.SamplePeriod)
	}
	if isDummy(a) {
		setSample(a, record.SampleBranchStack, false)
	}
}

func setSample(a *perfevent.Attr, f record.SampleFormat, on bool) {
	if on {
		a.SampleType |= f
	} else {
		a.SampleType &^= f
	}
}

func isDummy(a *perfevent.Attr) bool {
	return a.Type == perfevent.TypeSoftware && a.Config == perfevent.SWDummy
}

// rate: an event's own period holds unless the user gave a rate. Even the
// dummy event takes part, which decides on the form of the ids.
func (c *config) rate(a *perfevent.Attr) {
	if a.Period == 0 || c.user {
		a.Freq, a.Period = c.freq, c.period
		setFlag(a, perfevent.FlagFreq, c.freq != 0)
	}
	if a.Flags&perfevent.FlagFreq != 0 {
		a.SampleType |= record.SamplePeriod
	}
	if c.o.NoSamples {
		a.Freq, a.Period = 0, 0 // one field in the kernel
	}
}

// sampled sets what samples hold.
func (c *config) sampled(a *perfevent.Attr, tracking, address bool) {
	o := c.o
	time := !c.perThread
	if o.Timestamp != nil {
		time = *o.Timestamp
	}
	for _, s := range []struct {
		on  bool
		bit record.SampleFormat
	}{
		{o.Address || address, record.SampleAddr | record.SampleDataSrc},
		{c.t.HasCPU() || o.SampleCPU, record.SampleCPU},
		{time, record.SampleTime},
		{o.Raw, record.SampleRaw | record.SampleTime | record.SampleCPU},
		{o.PhysAddr, record.SamplePhysAddr},
		{o.DataPageSize, record.SampleDataPageSize},
		{o.CodePageSize, record.SampleCodePageSize},
		{o.Weight, record.SampleWeightStruct},
		{o.Transaction, record.SampleTransaction},
		{o.CGroups, record.SampleCGroup},
		{o.BranchType != 0, record.SampleBranchStack},
		{o.UserRegs != 0 && !isDummy(a), record.SampleRegsUser},
		{o.InterruptRegs != 0 && !isDummy(a), record.SampleRegsIntr},
	} {
		if s.on {
			a.SampleType |= s.bit
		}
	}
	if o.Address || address {
		setFlag(a, perfevent.FlagMmapData, tracking)
	}
	a.BranchSampleType |= o.BranchType
	if !isDummy(a) {
		a.SampleRegsUser |= o.UserRegs
		a.SampleRegsIntr |= o.InterruptRegs
	}
	if o.NoBuffering {
		setFlag(a, perfevent.FlagWatermark, false)
		a.Wakeup = 1
	}
	if o.ClockID != nil {
		setFlag(a, perfevent.FlagUseClockID, true)
		a.ClockID = *o.ClockID
	}
}

// sideband sets which records beside samples the event writes: one event
// of the list writes all of them.
func (c *config) sideband(a *perfevent.Attr, tracking bool) {
	o := c.o
	for _, s := range []struct {
		on   bool
		flag perfevent.AttrFlags
	}{
		{true, perfevent.FlagTask | perfevent.FlagMmap | perfevent.FlagMmap2 | perfevent.FlagComm | perfevent.FlagCommExec | perfevent.FlagKsymbol},
		{!o.NoBPFEvent, perfevent.FlagBPFEvent},
		{o.BuildIDs, perfevent.FlagBuildID},
		{o.Namespaces, perfevent.FlagNamespaces},
		{o.CGroups, perfevent.FlagCGroup},
		{o.Switches, perfevent.FlagContextSwitch},
	} {
		if s.on {
			setFlag(a, s.flag, tracking)
		}
	}
}

// start sets when the event begins to count: leaders and lone events wait for
// Enable or the workload's exec, members for their leader.
func (c *config) start(e *Event, leader bool) {
	a := &e.Attr
	if leader {
		setFlag(a, perfevent.FlagDisabled, true)
		setFlag(a, perfevent.FlagEnableOnExec, e.onExec || c.t.WorkloadAlone() && !c.o.Delayed)
	}
	if e.immediate {
		setFlag(a, perfevent.FlagDisabled|perfevent.FlagEnableOnExec, false)
	}
	if e.Spec.Output != nil {
		setFlag(a, perfevent.FlagInherit, false)
	}
}

// sampledByLeader: the leader's samples hold the counts of e, which takes
// samples of its own only if its terms say so.
func (c *config) sampledByLeader(e, leader *Event) {
	a := &e.Attr
	if e.Spec.Terms.Freq == nil && e.Spec.Terms.Period == nil {
		a.Freq, a.Period = 0, 0
		setFlag(a, perfevent.FlagFreq, false)
	}
	a.SampleType = leader.Attr.SampleType
}

// ids makes records tell their event where there are several: by an
// identifier in front if they are laid out differently.
func (c *config) ids(events []*Event) {
	if len(events) < 2 && !c.o.Identifier {
		return
	}
	bit := record.SampleID
	if c.o.Identifier {
		bit = record.SampleIdentifier
	}
	for _, e := range events {
		if e.Attr.SampleType != events[0].Attr.SampleType {
			bit = record.SampleIdentifier
		}
	}
	for _, e := range events {
		e.Attr.SampleType = e.Attr.SampleType&^(record.SampleID|record.SampleIdentifier) | bit
	}
}

// terms applies what the event's own terms say over the command line.
func (c *config) terms(e *Event, chain chain) {
	a, t := &e.Attr, &e.Spec.Terms
	if t.Period != nil {
		a.Period, a.Freq = *t.Period, 0
		setFlag(a, perfevent.FlagFreq, false)
		setSample(a, record.SamplePeriod, false)
	}
	if t.Freq != nil {
		a.Period, a.Freq = 0, *t.Freq
		setFlag(a, perfevent.FlagFreq, true)
		setSample(a, record.SamplePeriod, true)
	}
	if t.Time != nil {
		setSample(a, record.SampleTime, *t.Time)
	}
	if t.Inherit != nil {
		setFlag(a, perfevent.FlagInherit, *t.Inherit)
	}
	if t.BranchType != nil {
		setSample(a, record.SampleBranchStack, true)
		a.BranchSampleType = *t.BranchType
	}
	c.chainTerms(e, chain)
}
