package main

import (
	"os"
	"runtime/debug"
)

// probeMemory keeps the anonymous memory of a probe command below 32 MiB: what is behind it is the runtime's own.
const probeMemory = 28 << 20

// newProber begins a probe command. It makes the collector work before the heap grows, unless the user says how much memory there is: a search of a kernel's
// units leaves more behind than it needs.
func newProber(a *app, o *probeOptions) *prober {
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(probeMemory)
	}
	return &prober{app: a, o: o}
}
