package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// TestProbeMemory asks a kernel for what searches most of it, and looks at how large the heap was when it was collected.
func TestProbeMemory(t *testing.T) {
	testkit.Need(t, testkit.KernelLab)
	vmlinux, err := testkit.Vmlinux()
	if err != nil {
		t.Fatal(err)
	}
	gperf := gperfBinary(t)
	for _, define := range []string{"nosuchfunction", "kmalloc size"} {
		c := exec.Command(gperf, "probe", "-q", "--no-index", "-k", vmlinux, "--max-probes", "5000", "-D", define)
		c.Env = append(os.Environ(), "GODEBUG=gctrace=1")
		var trace bytes.Buffer
		c.Stderr = &trace
		_ = c.Run() // one of the functions is not there
		most := 0
		for _, m := range regexp.MustCompile(`(?m)^gc .* \d+->(\d+)->\d+ MB`).FindAllStringSubmatch(trace.String(), -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			most = max(most, n)
		}
		if most == 0 || most > 31 {
			t.Errorf("%s: the heap grew to %d MB", define, most)
		}
	}
}
