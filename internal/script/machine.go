package script

import (
	"bytes"

	"debug/elf"
	"encoding/binary"

	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/internal/headertext"
	"github.com/gperf-dev/gperf/internal/sampletext"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
	"github.com/gperf-dev/gperf/symbolize"
)

// machine is what a recording's header tells of the machine that made it.
func machine(about *headertext.Recording) sampletext.Machine {
	m := sampletext.Machine{Order: binary.NativeEndian}
	if t := about.Features.TracingData; t != nil {
		m.PointerSize = t.LongSize
		m.Printk = t.Printk().Lookup
	}
	if about.Info.Foreign {
		m.Order = binary.BigEndian
		if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
			m.Order = binary.LittleEndian
		}
	}
	if a, err := arch.ForMachine(elfMachine(about)); err == nil {
		m.Registers = a.PerfRegs
	}
	return m
}

// elfMachine is the machine that uname named, of those whose registers are known.
func elfMachine(about *headertext.Recording) elf.Machine {
	switch about.Features.Arch {
	case "x86_64", "i686":
		return elf.EM_X86_64
	case "aarch64":
		return elf.EM_AARCH64
	}
	return elf.EM_NONE
}

// cpuError is a choice of CPUs for a recording that does not tell them.
type cpuError struct{ event string }

func (e *cpuError) Error() string {
	return "samples of " + e.event + " do not tell their CPU, so -C cannot choose among them"
}

// Hint is the next step.
func (e *cpuError) Hint() string { return "leave -C out, or record with -a, -C or --sample-cpu" }

func haveCPUs(events []*session.Event) error {
	for _, e := range events {
		if e.Layout.SampleType&record.SampleCPU == 0 {
			return &cpuError{e.Name}
		}
	}
	return nil
}

// kernelID is the build-id of the kernel that was recorded, nil if the recording does not tell it.
func kernelID(f *perfdata.Features) []byte {
	for i := range f.BuildIDs {
		b := &f.BuildIDs[i]
		if b.Misc&record.MiscCPUModeMask == record.MiscKernel && b.Filename == symbolize.KernelModule {
			return b.ID[:min(int(b.Size), len(b.ID))]
		}
	}
	return nil
}

// buildIDs are those of the files that were recorded, by path. Of two builds under one path neither can be told from the
// other, so that path gets an id that no file has.
func buildIDs(f *perfdata.Features) map[string][]byte {
	ids := make(map[string][]byte, len(f.BuildIDs))
	for i := range f.BuildIDs {
		b := &f.BuildIDs[i]
		if b.Misc&record.MiscCPUModeMask != record.MiscUser {
			continue
		}
		id := b.ID[:]
		if b.Size > 0 { // recorders before Linux 5.12 do not tell it
			id = b.ID[:min(int(b.Size), len(b.ID))]
		}
		if old, ok := ids[b.Filename]; ok && !bytes.Equal(old, id) {
			id = make([]byte, len(b.ID))
		}
		ids[b.Filename] = id
	}
	return ids
}
