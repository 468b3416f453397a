package main

import (
	"testing"

	"github.com/gperf-dev/gperf/perfevent/perfbench"
)

// BenchmarkSpin is 1,000 rounds of a loop an operation.
func BenchmarkSpin(b *testing.B) {
	perfbench.Open(b, "{cycles:u,instructions:u}")
	for b.Loop() {
		spin(1000)
	}
}

func BenchmarkDefault(b *testing.B) {
	perfbench.Open(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			spin(1000)
		}
	})
}
