package probe

import (
	"runtime"
	"slices"
	"sync"

	"github.com/gperf-dev/gperf/internal/symtab"
)

// Functions returns the names of what can be probed, sorted: the symbols that the filter lets through, demangled.
func (r *Resolver) Functions(f *Filter) ([]string, error) {
	if raw := r.rawFunctions(); raw != nil {
		return inParallel(raw.Len(), f, func(i int) ([]byte, bool) {
			name, section, ok := raw.Name(i)
			return name, ok && r.image.inSection(section, ".text")
		}), nil
	}
	if b := r.golang(); b != nil && !r.image.symbolFile().HasSection(".symtab") {
		return inParallel(b.Functions.Len(), f, func(i int) ([]byte, bool) { return []byte(b.Functions.At(i).Name), true }), nil
	}
	t, err := r.table()
	if err != nil {
		return nil, err
	}
	offline := r.kernel != nil && r.byImage()
	if r.user() {
		return inParallel(t.Len(), f, func(i int) ([]byte, bool) { return t.Name(i), r.isCode(t.At(i)) }), nil
	}
	return inParallel(t.Len(), f, func(i int) ([]byte, bool) {
		section, module := t.Where(i)
		if offline {
			return t.Name(i), r.image.inSection(section, ".text")
		}
		if module != "" && moduleName(module) != r.target.Module || module == "" && r.target.Module != "" {
			return nil, false
		}
		return t.Name(i), true
	}), nil
}

// isCode tells symbols of functions from those of data, and of slots that the linker made.
func (r *Resolver) isCode(s symtab.Symbol) bool {
	return !s.PLT && s.Type != symtab.Object && r.image.file.InText(s.Addr)
}

// rawFunctions gives the symbols of a kernel's image, to list which no table by address is needed; nil for all else.
func (r *Resolver) rawFunctions() *symtab.Raw {
	if r.kernel == nil || !r.byImage() || r.image == nil || r.image.file.IsRelocatable() {
		return nil
	}
	raw, err := symtab.OpenRaw(r.image.file, r.image.symbolFile())
	if err != nil || !raw.Alone() || raw.Len() == 0 {
		return nil
	}
	return raw
}

// inParallel returns n names, but those that the filter stops, demangled and sorted. A kernel has 100,000 and more: each CPU
// takes a part.
func inParallel(n int, f *Filter, name func(i int) ([]byte, bool)) []string {
	parts := make([][]string, max(1, min(runtime.GOMAXPROCS(0), n/1000)))
	var wg sync.WaitGroup
	for k := range parts {
		from, to := n*k/len(parts), n*(k+1)/len(parts)
		wg.Go(func() {
			names := make([]string, 0, to-from)
			for i := from; i < to; i++ {
				raw, ok := name(i)
				if !ok {
					continue
				}
				if s := symtab.Demangle(string(raw)); f == nil || f.Match(s) {
					names = append(names, s)
				}
			}
			slices.Sort(names)
			parts[k] = names
		})
	}
	wg.Wait()
	return mergeSorted(parts)
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
