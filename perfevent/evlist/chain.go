package evlist

import (
	"runtime"

	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// chain is how the callers of a sample are found.
type chain struct {
	how      Callchain
	stack    uint32
	maxStack uint16
	address  bool // perf samples addresses wherever it keeps stacks
}

func (c *config) chain() chain {
	size := c.o.StackSize
	if size == 0 {
		size = DefaultStackSize
	}
	return chain{c.o.Callchain, (size + 7) &^ 7, c.o.MaxStack, c.o.Callchain == CallchainDWARF}
}

// GeneralRegs are the registers that can be sampled of the machine that we run on: all general ones, as perf takes them. Unwinding user space needs
// them too. See arch/*/include/uapi/asm/perf_regs.h.
func GeneralRegs() uint64 {
	if runtime.GOARCH == "arm64" {
		return 1<<33 - 1 // x0 to x30 (lr), sp, pc
	}
	return 0xff0fff // ax to ip, flags, cs, ss, r8 to r15; without ds, es, fs, gs
}

// callchain sets the bits of a call chain.
func (c *config) callchain(a *perfevent.Attr, ch chain) {
	if ch.how == CallchainNone {
		return
	}
	a.SampleType |= record.SampleCallchain
	a.SampleMaxStack = ch.maxStack
	if c.o.KernelChains {
		a.Flags |= perfevent.FlagExcludeCallchainUser
	}
	if c.o.UserChains {
		a.Flags |= perfevent.FlagExcludeCallchainKernel
	}
	switch {
	case ch.how == CallchainLBR && a.Flags&perfevent.FlagExcludeUser == 0 && c.o.BranchType == 0:
		a.SampleType |= record.SampleBranchStack
		a.BranchSampleType = perfevent.BranchUser | perfevent.BranchCallStack | perfevent.BranchNoCycles |
			perfevent.BranchNoFlags | perfevent.BranchHWIndex
	case ch.how == CallchainDWARF:
		a.SampleType |= record.SampleRegsUser | record.SampleStackUser
		a.SampleRegsUser |= GeneralRegs()
		a.SampleStackUser = ch.stack
		a.Flags |= perfevent.FlagExcludeCallchainUser
	}
}

// noCallchain takes back what callchain set.
func (c *config) noCallchain(a *perfevent.Attr, ch chain) {
	a.SampleType &^= record.SampleCallchain
	switch ch.how {
	case CallchainLBR:
		a.SampleType &^= record.SampleBranchStack
		a.BranchSampleType &^= perfevent.BranchUser | perfevent.BranchCallStack | perfevent.BranchHWIndex
	case CallchainDWARF:
		a.SampleType &^= record.SampleRegsUser | record.SampleStackUser
		a.SampleRegsUser, a.SampleStackUser = c.o.UserRegs, 0
		if c.o.UserRegs != 0 {
			a.SampleType |= record.SampleRegsUser
		}
		if !c.o.KernelChains {
			a.Flags &^= perfevent.FlagExcludeCallchainUser
		}
	}
	a.SampleMaxStack = 0
}

// chainTerms applies call-graph=, stack-size= and max-stack=. A stack-size
// alone switches a chain of the command line off, as in perf 6.1.
func (c *config) chainTerms(e *Event, global chain) {
	t := &e.Spec.Terms
	if t.Callchain == nil && t.StackSize == nil && t.MaxStack == nil {
		return
	}
	own := chain{stack: DefaultStackSize}
	if t.MaxStack != nil {
		own.maxStack = uint16(min(*t.MaxStack, 1<<16-1))
		own.how = CallchainFP
	}
	if t.Callchain != nil {
		own.how = map[string]Callchain{"no": CallchainNone, "fp": CallchainFP, "dwarf": CallchainDWARF, "lbr": CallchainLBR}[*t.Callchain]
	}
	if t.StackSize != nil {
		own.stack = uint32(min(*t.StackSize+7, maxStackSize) &^ 7)
	}
	a := &e.Attr
	if global.how != CallchainNone {
		c.noCallchain(a, global)
	}
	if own.how == CallchainNone {
		return
	}
	if own.how == CallchainDWARF {
		a.SampleType |= record.SampleAddr | record.SampleDataSrc
		setFlag(a, perfevent.FlagMmapData, e.tracking)
	}
	c.callchain(a, own)
}
