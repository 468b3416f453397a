package perfevent

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/feature"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// Feature is something that only newer kernels, or some machines, can do.
type Feature struct{ test *feature.Test }

// Name is the feature in words.
func (f Feature) Name() string { return f.test.Name() }

// MinKernel is the first version of Linux that has the feature.
func (f Feature) MinKernel() string { return f.test.MinKernel() }

// Have is nil when the kernel has the feature. An error that matches
// [ErrNotSupported] means that it has not, another that it cannot be told.
func (f Feature) Have() error { return f.test.Check() }

// tests holds one test a feature; Features lists them for `gperf check`.
type tests struct {
	perfEvents, sampleIdentifier, commExec, mmap2, readLost, ksymbol, bpfEvent *feature.Test
	cgroup, textPoke, buildID, inheritThread, config3, branchStack, hardware   *feature.Test
	kprobePMU, uprobePMU                                                       *feature.Test
}

var have = tests{
	perfEvents:       feature.New("perf events", "2.6.32", tryPerfEvents),
	hardware:         feature.New("hardware counters", "", tryHardware),
	branchStack:      feature.New("hardware branch stacks", "", tryBranchStack),
	sampleIdentifier: trial("samples with an identifier in front", "3.12", func(a *Attr) { a.SampleType = record.SampleIdentifier }),
	mmap2:            trial("MMAP2 records", "3.16", func(a *Attr) { a.Flags |= FlagMmap2 }),
	commExec:         trial("COMM records marked at exec", "3.16", func(a *Attr) { a.Flags |= FlagCommExec }),
	ksymbol:          trial("KSYMBOL records", "5.1", func(a *Attr) { a.Flags |= FlagKsymbol }),
	bpfEvent:         trial("BPF_EVENT records", "5.1", func(a *Attr) { a.Flags |= FlagBPFEvent }),
	cgroup:           trial("CGROUP records", "5.7", func(a *Attr) { a.Flags |= FlagCGroup }),
	textPoke:         trial("TEXT_POKE records", "5.9", func(a *Attr) { a.Flags |= FlagTextPoke }),
	buildID:          trial("build-ids in MMAP2 records", "5.12", func(a *Attr) { a.Flags |= FlagMmap2 | FlagBuildID }),
	inheritThread:    trial("inheritance by threads only", "5.13", func(a *Attr) { a.Flags |= FlagInherit | FlagInheritThread }),
	readLost:         trial("counts of lost samples", "6.0", func(a *Attr) { a.ReadFormat = record.ReadLost }),
	config3:          feature.New("a third configuration word", "6.3", tryConfig3),
	kprobePMU:        feature.New("kprobes by perf_event_open", "4.17", func() error { return tryPMU("kprobe") }),
	uprobePMU:        feature.New("uprobes by perf_event_open", "4.17", func() error { return tryPMU("uprobe") }),
}

// Features lists all that this package can test, for a report on a machine.
func Features() []Feature {
	t := have
	all := []*feature.Test{
		t.perfEvents, t.hardware, t.branchStack, t.sampleIdentifier, t.mmap2, t.commExec, t.kprobePMU, t.uprobePMU,
		t.ksymbol, t.bpfEvent, t.cgroup, t.textPoke, t.buildID, t.inheritThread, t.readLost, t.config3,
	}
	list := make([]Feature, len(all))
	for i, test := range all {
		list[i] = Feature{test}
	}
	return list
}

// HavePerfEvents tests for perf_event_open itself.
func HavePerfEvents() error { return have.perfEvents.Check() }

// HaveHardware tests for a PMU that counts CPU cycles.
func HaveHardware() error { return have.hardware.Check() }

// HaveBranchStack tests for branch records (LBR) of the hardware.
func HaveBranchStack() error { return have.branchStack.Check() }

// HaveSampleIdentifier tests for [record.SampleIdentifier], Linux 3.12.
func HaveSampleIdentifier() error { return have.sampleIdentifier.Check() }

// HaveMmap2 tests for [FlagMmap2], Linux 3.16.
func HaveMmap2() error { return have.mmap2.Check() }

// HaveCommExec tests for [FlagCommExec], Linux 3.16.
func HaveCommExec() error { return have.commExec.Check() }

// HaveKsymbol tests for [FlagKsymbol], Linux 5.1.
func HaveKsymbol() error { return have.ksymbol.Check() }

// HaveBPFEvent tests for [FlagBPFEvent], Linux 5.1.
func HaveBPFEvent() error { return have.bpfEvent.Check() }

// HaveCGroup tests for [FlagCGroup], Linux 5.7.
func HaveCGroup() error { return have.cgroup.Check() }

// HaveTextPoke tests for [FlagTextPoke], Linux 5.9.
func HaveTextPoke() error { return have.textPoke.Check() }

// HaveBuildID tests for [FlagBuildID], Linux 5.12.
func HaveBuildID() error { return have.buildID.Check() }

// HaveInheritThread tests for [FlagInheritThread], Linux 5.13.
func HaveInheritThread() error { return have.inheritThread.Check() }

// HaveReadLost tests for [record.ReadLost], Linux 6.0.
func HaveReadLost() error { return have.readLost.Check() }

// HaveConfig3 tests for [Attr.Config3], Linux 6.3.
func HaveConfig3() error { return have.config3.Check() }

// HaveKprobePMU tests for kprobes without tracefs, Linux 4.17.
func HaveKprobePMU() error { return have.kprobePMU.Check() }

// HaveUprobePMU tests for uprobes without tracefs, Linux 4.17.
func HaveUprobePMU() error { return have.uprobePMU.Check() }

// trial tests by opening a software event on this thread that changes one
// thing: EINVAL then is the kernel's word for "unknown".
func trial(name, minKernel string, change func(*Attr)) *feature.Test {
	return feature.New(name, minKernel, func() error {
		a := Attr{Type: TypeSoftware, Config: SWDummy, Flags: FlagDisabled | FlagExcludeKernel | FlagExcludeHV}
		change(&a)
		return tryOpen(&a)
	})
}

func tryOpen(a *Attr) error {
	e, err := Open(a, Target{CPU: AnyCPU}, nil, 0)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.E2BIG) {
		return fmt.Errorf("%w: %v", ErrNotSupported, err)
	}
	if err != nil {
		return err // an OpenError matches ErrNotSupported where it means that
	}
	return e.Close()
}

func tryPerfEvents() error {
	return tryOpen(&Attr{Type: TypeSoftware, Config: SWCPUClock, Flags: FlagDisabled | FlagExcludeKernel | FlagExcludeHV})
}

func tryHardware() error {
	return tryOpen(&Attr{Type: TypeHardware, Config: HWCPUCycles, Flags: FlagDisabled | FlagExcludeKernel | FlagExcludeHV})
}

func tryBranchStack() error {
	return tryOpen(&Attr{
		Type: TypeHardware, Config: HWCPUCycles, Period: 1 << 40,
		SampleType: record.SampleBranchStack, BranchSampleType: BranchUser | BranchAny,
		Flags: FlagDisabled | FlagExcludeKernel | FlagExcludeHV,
	})
}

// tryConfig3 asks with a value that every PMU must refuse; a kernel that does
// not know the field says E2BIG instead.
func tryConfig3() error {
	e, err := Open(&Attr{Type: TypeSoftware, Config: SWDummy, Config3: 1, Flags: FlagDisabled | FlagExcludeKernel | FlagExcludeHV},
		Target{CPU: AnyCPU}, nil, 0)
	switch {
	case errors.Is(err, unix.E2BIG):
		return fmt.Errorf("%w: %v", ErrNotSupported, err)
	case err == nil:
		return e.Close()
	case errors.Is(err, unix.EINVAL):
		return nil
	}
	return err
}

func tryPMU(name string) error {
	_, err := os.Stat("/sys/bus/event_source/devices/" + name)
	if errors.Is(err, os.ErrNotExist) {
		if _, sys := os.Stat("/sys/bus/event_source/devices"); sys != nil {
			return sys
		}
		return fmt.Errorf("%w: no PMU %q in /sys", ErrNotSupported, name)
	}
	return err
}

// HaveEvent tests whether this machine has an event of a type and config, without a period: it is opened on this thread and closed.
func HaveEvent(t Type, config uint64) error {
	return tryOpen(&Attr{Type: t, Config: config, Flags: FlagDisabled | FlagExcludeKernel | FlagExcludeHV})
}
