package dwarfunit

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls the function that each worker makes for 0 to n-1.
func parallel(n, workers int, worker func() func(int)) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	const batch = 16
	workers = max(1, min(workers, (n+batch-1)/batch))
	if workers == 1 { // as for nearly all programs of one unit
		f := worker()
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			f := worker()
			for {
				lo := int(next.Add(batch)) - batch
				if lo >= n {
					return
				}
				for i := lo; i < min(n, lo+batch); i++ {
					f(i)
				}
			}
		})
	}
	wg.Wait()
}

// parallelFirst returns an i below n for which f is true, or -1.
func parallelFirst(n int, f func(int) bool) int {
	var hit atomic.Int64
	hit.Store(-1)
	parallel(n, 0, func() func(int) {
		return func(i int) {
			if hit.Load() < 0 && f(i) {
				hit.Store(int64(i))
			}
		}
	})
	return int(hit.Load())
}
