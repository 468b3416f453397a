package perfevent

// readPMC executes rdpmc. It must be allowed, or the process gets SIGSEGV.
//
//go:noescape
func readPMC(counter uint32) uint64

// readTSC executes rdtsc.
//
//go:noescape
func readTSC() uint64

func rdpmc() func(uint32) uint64 { return readPMC }

func timestamp() func() uint64 { return readTSC }
