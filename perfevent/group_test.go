package perfevent

import (
	"sync/atomic"
	"testing"

	"github.com/gperf-dev/gperf/internal/testkit"
)

// The events of a group are of one thread, also where the goroutine that opens them is not locked to one.
func TestGroupOfOneThread(t *testing.T) {
	testkit.Need(t, testkit.Root)
	var over atomic.Bool
	defer over.Store(true)
	for range 8 { // they want the threads that wait for the kernel
		go func() {
			for !over.Load() {
			}
		}()
	}
	configs := make([]uint64, 100)
	for i := range configs {
		configs[i] = SWPageFaults
	}
	for range 20 {
		g, err := OpenGroup(software(configs...), Target{CPU: AnyCPU}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
