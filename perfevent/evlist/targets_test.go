package evlist

import (
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/gperf-dev/gperf/perfevent"
)

// All threads that there are: a process that ends while they are listed is left out, as is one that is ending and has none left.
func TestAllThreads(t *testing.T) {
	proc := fstest.MapFS{}
	for _, dir := range []string{"7/task/7", "7/task/9", "8/task", "11", "12/task/12", "self/task/7"} {
		proc[dir] = &fstest.MapFile{Mode: fs.ModeDir | 0o555}
	}
	cpus, threads, err := (&Targets{AllThreads: true, CPUs: []int{0}}).Where(fstest.MapFS{}, proc)
	if err != nil || !slices.Equal(cpus, []int{perfevent.AnyCPU}) || !slices.Equal(threads, []int{7, 9, 12}) {
		t.Errorf("%v, %v, %v", cpus, threads, err)
	}
}
