// Package outside is a module of its own that uses perfbench as any other would.
package outside

import (
	"syscall"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/perfbench"
)

func touch(b *testing.B, pages int) {
	mem, err := syscall.Mmap(-1, 0, pages*4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		b.Fatal(err)
	}
	for i := range pages {
		mem[i*4096] = 1
	}
	if err := syscall.Munmap(mem); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDefault has what this machine has.
func BenchmarkDefault(b *testing.B) {
	perfbench.Open(b)
	for b.Loop() {
		touch(b, 4)
	}
}

func BenchmarkNamed(b *testing.B) {
	perfbench.Open(b, "page-faults", "task-clock", "no-such-event")
	for b.Loop() {
		touch(b, 4)
	}
}
