// Command gperf probes, records and prints what a Linux system does, with perf's command line.
package main

import (
	"os"

	"github.com/gperf-dev/gperf/internal/workload"
)

func main() {
	// Where no fork is granted, a command that is held before its exec is this binary again: see package workload.
	workload.Shim()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
