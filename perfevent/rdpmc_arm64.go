package perfevent

// readPMC reads a counter of the processor by its number, 31 for that of
// cycles. It must be allowed, or the process gets SIGILL.
//
//go:noescape
func readPMC(counter uint32) uint64

// readTimer reads the virtual counter of the generic timer, which the kernel's
// clock is made of.
//
//go:noescape
func readTimer() uint64

// lastCounter is the greatest number that readPMC knows. Processors may have
// more, such as one for instructions (PMICNTR_EL0, Armv9.4).
const lastCounter = 31

// config1UserRead is the term rdpmc of armv8_pmuv3 (drivers/perf/arm_pmuv3.c in
// Linux, before 6.4 arch/arm64/kernel/perf_event.c).
const config1UserRead = 1 << 1

// allowUserRead changes an event so that user space may read it.
func allowUserRead(a *Attr) {
	switch a.Type {
	case TypeHardware, TypeHWCache, TypeRaw:
		a.Config1 |= config1UserRead
	}
}

func rdpmc() func(uint32) uint64 { return readPMC }

func timestamp() func() uint64 { return readTimer }
