package main

import (
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/perfevent"
	"github.com/gperf-dev/gperf/perfevent/evlist"
	"github.com/gperf-dev/gperf/perfevent/selector"
)

// recordHardwareFlags are the flags on what the machine keeps of a sample's moment.
func recordHardwareFlags(f *pflag.FlagSet, o *recordOptions) {
	f.BoolVarP(&o.branches, "branch-any", "b", false, "keep the branches that were taken before")
	f.StringVarP(&o.branchFilter, "branch-filter", "j", "", "keep the branches of `KINDS` that were taken before: any, any_call, any_ret, cond, u, k, ...")
	f.StringVar(&o.userRegs, "user-regs", "", "keep the registers `NAMES` of user space; ? lists them (default all)")
	f.StringVarP(&o.interruptRegs, "intr-regs", "I", "", "keep the registers `NAMES` of the interrupted code; ? lists them (default all)")
	for _, name := range []string{"user-regs", "intr-regs"} {
		f.Lookup(name).NoOptDefVal = allRegisters
	}
}

// recordSampleFlags are the flags on what else samples hold, and on the records beside them.
func recordSampleFlags(f *pflag.FlagSet, o *recordOptions) {
	e := &o.open
	f.BoolVarP(&e.Raw, "raw-samples", "R", false, "keep raw data, time and CPU of all events")
	f.BoolVarP(&e.Address, "data", "d", false, "keep the address of data")
	f.BoolVar(&e.PhysAddr, "phys-data", false, "keep the physical address of data")
	f.BoolVar(&e.DataPageSize, "data-page-size", false, "keep the size of the data's page")
	f.BoolVar(&e.CodePageSize, "code-page-size", false, "keep the size of the code's page")
	f.BoolVarP(&o.timestamp, "timestamp", "T", false, "keep the time of samples")
	f.BoolVarP(&o.period, "period", "P", false, "keep the period of samples")
	f.BoolVar(&e.SampleCPU, "sample-cpu", false, "keep the CPU of samples")
	f.BoolVarP(&e.Weight, "weight", "W", false, "keep the weight of samples")
	f.BoolVar(&e.Transaction, "transaction", false, "keep the flags of transactions")
	f.BoolVar(&e.CGroups, "all-cgroups", false, "keep the cgroup of samples")
	f.BoolVar(&e.RunningTime, "running-time", false, "keep how long the events of :S groups were counted")
	f.BoolVar(&e.Identifier, "sample-identifier", false, "keep the event's number in front of samples")
	f.BoolVar(&e.BuildIDs, "buildid-mmap", false, "let the kernel tell build-ids with the mappings")
	f.BoolVar(&e.Namespaces, "namespaces", false, "record namespaces")
	f.BoolVar(&e.Switches, "switch-events", false, "record context switches")
	f.BoolVar(&e.NoBPFEvent, "no-bpf-event", false, "do not record that BPF programs are loaded")
	f.StringVarP(&o.clock, "clockid", "k", "", "take times by `CLOCK`: monotonic, monotonic_raw, boottime, realtime, tai")
}

const allRegisters = "all"

// setBranches takes -b and -j; both together mean both.
func (o *recordOptions) setBranches(func(string, ...any)) error {
	if o.branches {
		o.open.BranchType = perfevent.BranchAny
	}
	if o.branchFilter == "" {
		return nil
	}
	mask, err := selector.ParseBranchFilter(o.branchFilter)
	if err != nil {
		return wrongValue("branch-filter", o.branchFilter, err.Error())
	}
	o.open.BranchType |= mask
	return nil
}

// setRegisters takes --user-regs and --intr-regs.
func (o *recordOptions) setRegisters(func(string, ...any)) (err error) {
	if o.open.UserRegs, err = registers("user-regs", o.userRegs); err != nil {
		return err
	}
	o.open.InterruptRegs, err = registers("intr-regs", o.interruptRegs)
	return err
}

// registers is the mask of registers of this machine.
func registers(flag, text string) (mask uint64, err error) {
	switch text {
	case "":
		return 0, nil
	case allRegisters:
		return evlist.GeneralRegs(), nil
	}
	names := registerNames()
	valid := strings.Join(slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" }), " ")
	if text == "?" {
		return 0, &exitError{129, "available registers: " + valid, ""}
	}
	for word := range strings.SplitSeq(text, ",") {
		i := slices.IndexFunc(names, func(s string) bool { return s != "" && strings.EqualFold(s, word) })
		if i < 0 {
			return 0, wrongValue(flag, text, "names of registers with commas between them: "+valid)
		}
		mask |= 1 << i
	}
	return mask, nil
}

// registerNames are the general registers of this machine by their bit; "" is a bit of another one.
func registerNames() []string {
	names := make([]string, 64)
	for _, m := range arch.Machines() {
		if m.GOARCH != runtime.GOARCH {
			continue
		}
		for i, name := range m.PerfRegs {
			if evlist.GeneralRegs()>>i&1 != 0 {
				names[i] = name
			}
		}
	}
	return names
}

// setPages takes -m.
func (o *recordOptions) setPages(note func(string, ...any)) error {
	if o.pages == "" {
		return nil
	}
	pages, _, aux := strings.Cut(o.pages, ",")
	if aux {
		return &exitError{129, "-m " + o.pages + ": AUX areas (Intel PT, CoreSight) are not recorded", "give one number: -m " + pages}
	}
	n, err := pagesOf(pages, note)
	o.open.MmapPages = n
	return err
}
