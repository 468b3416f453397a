package probe

import (
	"runtime"
	"slices"
	"sync"

	"github.com/gperf-dev/gperf/internal/symtab"
)

// Functions returns the names of what can be probed, sorted: the symbols that the filter lets through, demangled.
func (r *Resolver) Functions(f *Filter) ([]string, error) {
	t, err := r.table()
	if err != nil {
		return nil, err
	}
	// A kernel has 100,000 and more: each CPU filters and sorts a part.
	parts := make([][]string, max(1, min(runtime.GOMAXPROCS(0), t.Len()/1000)))
	var wg sync.WaitGroup
	for k := range parts {
		from, to := t.Len()*k/len(parts), t.Len()*(k+1)/len(parts)
		wg.Go(func() { parts[k] = r.functionsIn(t, from, to, f) })
	}
	wg.Wait()
	return mergeSorted(parts), nil
}

// functionsIn is Functions for a part of the table.
func (r *Resolver) functionsIn(t *symtab.Table, from, to int, f *Filter) []string {
	names := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		section, module := t.Where(i)
		if r.kernel != nil && r.kernel.table == nil && !r.image.inSection(section, ".text") {
			continue
		}
		if module != "" && moduleName(module) != r.target.Module || module == "" && r.target.Module != "" {
			continue
		}
		name := symtab.Demangle(string(t.Name(i)))
		if f == nil || f.Match(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// mergeSorted joins sorted lists.
func mergeSorted(lists [][]string) []string {
	for len(lists) > 1 {
		half := lists[:0:0]
		for k := 0; k+1 < len(lists); k += 2 {
			half = append(half, merge(lists[k], lists[k+1]))
		}
		if len(lists)%2 == 1 {
			half = append(half, lists[len(lists)-1])
		}
		lists = half
	}
	return lists[0]
}

func merge(a, b []string) []string {
	out := make([]string, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] <= b[0] {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}
