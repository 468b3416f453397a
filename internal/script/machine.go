package script

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strconv"

	"github.com/gperf-dev/gperf/internal/arch"
	"github.com/gperf-dev/gperf/internal/headertext"
	"github.com/gperf-dev/gperf/internal/sampletext"
	"github.com/gperf-dev/gperf/perfevent/perfdata"
	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/session"
)

// machine is what a recording's header tells of the machine that made it.
func machine(about *headertext.Recording) sampletext.Machine {
	m := sampletext.Machine{Order: binary.NativeEndian}
	if t := about.Features.TracingData; t != nil {
		m.PointerSize = t.LongSize
		m.Printk = constants(t.PrintkFormats)
	}
	if about.Info.Foreign {
		m.Order = binary.BigEndian
		if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
			m.Order = binary.LittleEndian
		}
	}
	// uname's names of the machines whose registers are known.
	machines := map[string]elf.Machine{"x86_64": elf.EM_X86_64, "i686": elf.EM_X86_64, "aarch64": elf.EM_AARCH64}
	if a, err := arch.ForMachine(machines[about.Features.Arch]); err == nil {
		m.Registers = a.PerfRegs
	}
	return m
}

// constants reads printk_formats, lines of: address : "string".
func constants(text []byte) func(addr uint64) (string, bool) {
	table := map[uint64]string{}
	for line := range bytes.Lines(text) {
		at, s, ok := bytes.Cut(line, []byte(" : "))
		addr, err := strconv.ParseUint(string(bytes.TrimSpace(at)), 0, 64)
		if !ok || err != nil {
			continue
		}
		s = bytes.Trim(bytes.TrimSpace(s), `"`)
		table[addr] = string(bytes.TrimSuffix(s, []byte(`\n`)))
	}
	return func(addr uint64) (string, bool) {
		s, ok := table[addr]
		return s, ok
	}
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
		if b.Misc&record.MiscCPUModeMask == record.MiscKernel && b.Filename == "[kernel.kallsyms]" {
			return b.ID[:min(int(b.Size), len(b.ID))]
		}
	}
	return nil
}
