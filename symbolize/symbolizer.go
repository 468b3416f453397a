package symbolize

import (
	"errors"
	"sync"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// Symbolizer keeps symbol tables of the kernel and of files. It is safe for concurrent use. Close it when no Cache of it is used any more.
type Symbolizer struct {
	o Options

	kernelOnce sync.Once
	kern       *kernel

	mu      sync.Mutex
	modules map[moduleKey]*moduleSlot
}

// moduleKey is what tells files apart: the same path may name another file in another mount namespace, or before an upgrade.
type moduleKey struct {
	path, buildID string
	pid           int // only where the process's view of the file system matters
	start         uint64
}

// moduleSlot lets several goroutines that need one file wait for the first to load it.
type moduleSlot struct {
	once sync.Once
	m    *module
}

// New makes a Symbolizer. Files are opened when the first address needs them.
func New(o Options) *Symbolizer {
	return &Symbolizer{o: o, modules: make(map[moduleKey]*moduleSlot)}
}

// Close unmaps all files.
func (s *Symbolizer) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, slot := range s.modules {
		if slot.m != nil {
			errs = append(errs, slot.m.close())
		}
	}
	clear(s.modules)
	if s.kern != nil {
		errs = append(errs, s.kern.inlined.close())
		if s.kern.image != nil {
			errs = append(errs, s.kern.image.Close())
		}
	}
	return errors.Join(errs...)
}

// module gives what is mapped by m, loading it if this is its first use.
func (s *Symbolizer) module(m *Mapping) *module {
	elsewhere := !s.o.NoProcRoot && m.PID > 0 && s.o.Root == "" && otherMounts(m.PID)
	id := m.BuildID
	if id == nil && !elsewhere {
		id = s.o.BuildIDs[m.Path]
	}
	key := moduleKey{path: m.Path, buildID: string(id)}
	switch {
	case isAnon(m.Path), elsewhere:
		key.pid = m.PID
	case isDeleted(m.Path):
		key.pid, key.start = m.PID, m.Start
	}
	s.mu.Lock()
	slot := s.modules[key]
	if slot == nil {
		slot = &moduleSlot{}
		s.modules[key] = slot
	}
	s.mu.Unlock()
	slot.once.Do(func() {
		known := *m
		known.BuildID = id
		if m.Path == objfile.VDSOName {
			slot.m = s.loadVDSO(id)
			return
		}
		slot.m = s.load(&known, key.pid)
	})
	return slot.m
}

// Kernel is Cache.Kernel for a single question; who has more asks a Cache, which remembers what it found.
func (s *Symbolizer) Kernel(addr uint64) (*Frame, Reason) {
	return s.NewCache().Kernel(addr)
}

// User is Cache.User for a single question, as Kernel.
func (s *Symbolizer) User(m *Mapping, addr uint64) (f *Frame, at uint64, r Reason) {
	return s.NewCache().User(m, addr)
}

// frame makes a Frame of a table's symbol. Should the file have been cut short since, the name is lost, but not the program.
func (s *Symbolizer) frame(t *symtab.Table, i int) Frame {
	var sym symtab.Symbol
	_ = objfile.Guard("", func() error {
		sym = t.At(i)
		return nil
	})
	f := Frame{Name: sym.Name, Mangled: sym.Name, Size: sym.Size, Module: sym.Module}
	if s.o.Demangle {
		f.Name = symtab.Demangle(sym.Name)
	}
	return f
}

func (s *Symbolizer) debugOptions() debugfile.Options {
	return debugfile.Options{Root: s.o.Root, Cache: s.o.BuildIDCache, Section: ".symtab"}
}
