package symbolize

import (
	"encoding/binary"
	"sync"

	"github.com/gperf-dev/gperf/internal/dwarffile"
	"github.com/gperf-dev/gperf/internal/gobin"
	"github.com/gperf-dev/gperf/internal/inlines"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// Inlined returns the functions that the compiler put into the one that User gives for an address, innermost first. As in perf, Offset is
// from the start of the function with code of its own, and Size is of that. returned tells that a call returns to the address: what
// counts is the instruction before it. The frames are the Cache's, as User's is.
//
// Programs of Go tell by what their runtime has for its own traces; all else by debug information, which is read when the first address of a
// file needs it.
func (c *Cache) Inlined(m *Mapping, addr uint64, returned bool) []Frame {
	a, known := c.users.of(m, addr)
	if !known {
		a.frame, a.at, a.reason = c.user(m, addr)
	}
	if a.reason != OK || m.isSymbol() {
		return nil
	}
	at, n := a.at, 0
	if returned {
		at, n = at-1, 1
	}
	if a.inlined[n] == nil {
		frames := c.inlinedIn(&a.frame, func(dst []string) []string { return c.s.inlinedAt(dst, c.module(m), m, at) })
		a.inlined[n] = &frames
	}
	return *a.inlined[n]
}

// inlinedIn makes the frames of functions that were put into one, whose names are appended by ask.
func (c *Cache) inlinedIn(f *Frame, ask func([]string) []string) (frames []Frame) {
	// Should the file have been cut short since, the names are lost, but not the program.
	_ = objfile.Guard("", func() error {
		c.inlines = ask(c.inlines[:0])
		return nil
	})
	for _, name := range c.inlines {
		in := *f
		in.Name, in.Mangled = c.demangled(name), name
		frames = append(frames, in)
	}
	c.inlines = c.inlines[:0]
	return frames
}

// demangled makes each name once.
func (c *Cache) demangled(name string) string {
	if !c.s.o.Demangle {
		return name
	}
	if d, ok := c.source[name]; ok {
		return d
	}
	if c.source == nil || len(c.source) >= maxNames {
		c.source = make(map[string]string)
	}
	d := symtab.Demangle(name)
	c.source[name] = d
	return d
}

func (s *Symbolizer) inlinedAt(dst []string, mod *module, m *Mapping, at uint64) []string {
	in := &mod.inlined
	if t := in.goTable(mod.file); t != nil {
		if names, ok := t.Inlined(dst, at); ok {
			return names
		}
	}
	in.once.Do(func() {
		f, opened := s.withSection(mod, m, ".debug_info")
		if opened {
			in.opened = f
		}
		if f != nil {
			in.table.load(mod.file, f, s.debugOptions())
		}
	})
	return in.table.at(dst, at)
}

// inlined is what a module tells of inlined functions, read when it is first asked for.
type inlined struct {
	goOnce    sync.Once
	functions *gobin.Table // nil but for a program of Go

	once   sync.Once
	table  debugTable
	opened *objfile.File // has the debug information where neither the module's file nor its debug does; nil else
}

func (in *inlined) goTable(f *objfile.File) *gobin.Table {
	in.goOnce.Do(func() {
		if f == nil || !gobin.Is(f) {
			return
		}
		if b, err := gobin.Open(f); err == nil {
			in.functions = b.Functions
		}
	})
	return in.functions
}

func (in *inlined) close() []error {
	errs := []error{in.table.close()}
	if in.opened != nil {
		errs = append(errs, in.opened.Close())
	}
	return errs
}

// debugTable finds inlined functions by debug information. Without any it finds none.
type debugTable struct {
	table *inlines.Table
	units *dwarffile.File
}

// load reads the debug information of program that debug has, which may be the same file.
func (d *debugTable) load(program, debug *objfile.File, find debugfile.Options) {
	if debug.Order() != binary.LittleEndian {
		return
	}
	find.Section = ""
	_ = objfile.Guard(debug.Path(), func() (err error) { // damaged, it tells nothing
		if d.units, err = dwarffile.Load(program, debug, dwarffile.Options{Find: find, Functions: true}); err == nil {
			d.table = inlines.New(d.units.Data)
		}
		return err
	})
}

func (d *debugTable) at(dst []string, addr uint64) []string {
	if d.table == nil {
		return dst
	}
	return d.table.At(dst, addr)
}

func (d *debugTable) close() error {
	if d.units == nil {
		return nil
	}
	return d.units.Close()
}

// withSection gives the file of a module that has a section: its own, that of its symbols, or another one, which it opens; nil if there
// is none.
func (s *Symbolizer) withSection(mod *module, m *Mapping, section string) (f *objfile.File, opened bool) {
	for _, f := range [...]*objfile.File{mod.file, mod.debug} {
		if f != nil && f.HasSection(section) {
			return f, false
		}
	}
	if mod.file == nil || m.Path == objfile.VDSOName {
		return nil, false
	}
	o := s.debugOptions()
	o.Section = section
	path := mod.file.Path()
	if s.o.Root != "" {
		path = m.Path
	}
	p, _, err := debugfile.Find(path, o)
	if err != nil {
		return nil, false
	}
	if f, err = objfile.Open(p); err != nil {
		return nil, false
	}
	return f, true
}
