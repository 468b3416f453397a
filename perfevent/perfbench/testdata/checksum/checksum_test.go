package checksum

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gperf-dev/gperf/perfevent/perfbench"
)

func BenchmarkFile(tb *testing.B) {
	b := perfbench.Open(tb)
	name, data := filepath.Join(b.TempDir(), "data"), make([]byte, 16<<20)
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		data[len(data)/2]++
		if err := os.WriteFile(name, data, 0o666); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := File(name); err != nil {
			b.Fatal(err)
		}
	}
}
