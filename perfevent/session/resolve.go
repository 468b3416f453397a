package session

import (
	"debug/elf"
	"iter"
	"maps"

	"github.com/gperf-dev/gperf/perfevent/record"
	"github.com/gperf-dev/gperf/perfevent/tracefs"
	"github.com/gperf-dev/gperf/symbolize"
	"github.com/gperf-dev/gperf/symbolize/unwind"
)

// Location is what an address of an item stands for.
type Location struct {
	Addr  uint64           // as sampled
	Map   *Mapping         // nil if nothing is mapped there
	Frame *symbolize.Frame // never nil; its Name is "" if no symbol covers Addr
	Why   symbolize.Reason // why it has no name
	// Inlined is for a function that the compiler put into that of the next Location with the same Addr that is not Inlined.
	Inlined bool
}

// Inlines says in which call chains inlined functions stand as places of their own.
type Inlines uint8

// Where inlined functions are shown.
const (
	InlinesUnwound Inlines = iota // in what registers and stack tell, as perf has it
	InlinesNone
	InlinesAll // also in what the kernel found
)

// Module is what perf shows for where the address lies.
func (l *Location) Module() string {
	if l.Map == nil {
		return symbolize.Unknown
	}
	if l.Map.Kernel && l.Frame.Module != "" {
		return l.Frame.Module
	}
	return l.Map.Name
}

// PrintAddr is the address as call chains show it: that of the file for user space, the sampled one for the kernel.
func (l *Location) PrintAddr() uint64 {
	if l.Map == nil {
		return l.Addr
	}
	return l.Map.FileAddr(l.Addr)
}

// Unnamed is a file, or the kernel, in which addresses got no name for a reason that the user can mend.
type Unnamed struct {
	Module string
	Why    symbolize.Reason
}

// Resolver turns addresses of items into locations. One goroutine uses it.
type Resolver struct {
	Inlines Inlines // which Chain adds

	cache   *symbolize.Cache
	nothing symbolize.Frame // of what is not mapped

	unnamed     map[Unnamed]struct{}
	lastUnnamed Unnamed

	last *Maps    // of the kernel, as of the last item that needed main
	main *Mapping // the kernel's own mapping in last

	unwinder *unwind.Unwinder // nil for samples of a machine that is not known
	sampled  unwind.Sample
	addrs    []uint64
	stop     unwind.Stop // of the last chain, if unwound
	unwound  bool
	unwinds  Unwinds
	space    space
}

// NewResolver makes a resolver that asks c. machine is that of the samples; EM_NONE is this one.
func NewResolver(c *symbolize.Cache, machine elf.Machine) *Resolver {
	r := &Resolver{cache: c, unnamed: map[Unnamed]struct{}{}}
	if machine == elf.EM_NONE {
		machine = thisMachine()
	}
	if u, err := unwind.NewUnwinder(machine); err == nil { // without, a chain is what the kernel found
		r.unwinder = u
	}
	r.space.cache = c
	return r
}

// Resolve finds addr as seen from the item in a processor mode (record.MiscUser, record.MiscKernel, …).
func (r *Resolver) Resolve(it *Item, mode uint16, addr uint64) Location {
	l := Location{Addr: addr}
	switch mode {
	case record.MiscKernel:
		if l.Map = it.Kernel.Find(addr); l.Map == nil {
			return r.beside(it, l)
		}
	case record.MiscUser:
		l.Map = it.Maps.Find(addr)
	}
	if l.Map == nil {
		l.Frame, l.Why = &r.nothing, symbolize.Unmapped
	} else {
		l.Frame, l.Why = r.ask(l.Map, addr)
	}
	return l
}

// beside resolves a kernel address outside the recorded mappings. That of the kernel ends before the code that only runs
// at boot, which idle threads have in their call chains; perf stretches it to what kallsyms covers.
func (r *Resolver) beside(it *Item, l Location) Location {
	l.Frame, l.Why = &r.nothing, symbolize.Unmapped
	main := r.kernel(it.Kernel)
	if main == nil || l.Addr>>63 == 0 {
		return l
	}
	if f, why := r.ask(main, l.Addr); why == symbolize.OK {
		l.Map, l.Frame, l.Why = main, f, why
	}
	return l
}

// kernel is the kernel's own mapping, nil if it was not recorded.
func (r *Resolver) kernel(maps *Maps) *Mapping {
	if r.last != maps {
		r.last, r.main = maps, nil
		for _, m := range maps.All() {
			if m.Name == symbolize.KernelModule {
				r.main = m
			}
		}
	}
	return r.main
}

func (r *Resolver) ask(m *Mapping, addr uint64) (f *symbolize.Frame, why symbolize.Reason) {
	if m.Kernel {
		f, why = r.cache.KernelIn(&m.Mapping, addr)
	} else {
		f, _, why = r.cache.User(&m.Mapping, addr)
	}
	if why.Mendable() {
		if u := (Unnamed{m.Name, why}); u != r.lastUnnamed { // a file without symbols is asked for again and again
			r.unnamed[u], r.lastUnnamed = struct{}{}, u
		}
	}
	return f, why
}

// Unnamed lists, in no order, where names were missing so far for a mendable reason.
func (r *Resolver) Unnamed() iter.Seq[Unnamed] { return maps.Keys(r.unnamed) }

// Chain appends the places of a sample's call chain, innermost first: at most max of those that the kernel found, and at most max of those
// that registers and stack tell, not counting inlined functions. A chain with a marker that is not known counts as damaged and is not shown, as in perf.
func (r *Resolver) Chain(it *Item, s *record.Sample, max int, dst []Location) []Location {
	return r.unwind(it, s, max, r.recorded(it, s.Callchain, max, dst))
}

func (r *Resolver) recorded(it *Item, chain []uint64, max int, dst []Location) []Location {
	mode, start, n := record.MiscUser, len(dst), 0
	returned := false // a call returns to the address
	for _, addr := range chain {
		if n >= max {
			break
		}
		if addr < record.ContextMax {
			dst = r.place(dst, it, mode, addr, r.Inlines == InlinesAll, returned)
			n, returned = n+1, true
			continue
		}
		returned = false
		switch addr {
		case record.ContextKernel:
			mode = record.MiscKernel
		case record.ContextUser:
			mode = record.MiscUser
		case record.ContextHypervisor:
			mode = record.MiscHypervisor
		default:
			return dst[:start]
		}
	}
	return dst
}

// place appends what an address of a chain stands for.
func (r *Resolver) place(dst []Location, it *Item, mode uint16, addr uint64, inlined, returned bool) []Location {
	l := r.Resolve(it, mode, addr)
	var frames []symbolize.Frame
	switch {
	case !inlined || l.Map == nil:
	case l.Map.Kernel:
		frames = r.cache.KernelInlined(&l.Map.Mapping, addr, returned)
	default:
		frames = r.cache.Inlined(&l.Map.Mapping, addr, returned)
	}
	for i := range frames {
		dst = append(dst, Location{Addr: addr, Map: l.Map, Frame: &frames[i], Inlined: true})
	}
	return append(dst, l)
}

// Kernel names a kernel address, for print formats that show functions: the symbol and the distance from its start.
func (r *Resolver) Kernel(addr uint64) (name string, off uint64, ok bool) {
	f, why := r.cache.Kernel(addr)
	return f.Name, f.Offset, why == symbolize.OK
}

// GoType names a type of a Go program by the address of its descriptor, for a tracefs.Context.
func (r *Resolver) GoType(path, buildID string, addr uint64) (t tracefs.GoType, ok bool) {
	g, ok := r.cache.GoType(path, buildID, addr)
	return tracefs.GoType{Name: g.Name, Kind: g.Kind, Text: g.Text}, ok
}
