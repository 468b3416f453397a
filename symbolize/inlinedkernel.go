package symbolize

import (
	"errors"
	"sync"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// KernelInlined is Inlined for an address that KernelIn resolves. It knows of the kernel itself, not of modules: by the vmlinux that gave
// the names, else by that which is installed for the build-id of the recorded kernel.
func (c *Cache) KernelInlined(m *Mapping, addr uint64, returned bool) []Frame {
	a, known := c.kernels.of(m, addr)
	if !known {
		a.frame, a.reason = c.kernel(m, addr)
	}
	if a.reason != OK || m.isSymbol() || a.frame.Module != KernelModule {
		return nil
	}
	at, n := addr, 0
	if returned {
		at, n = at-1, 1
	}
	if a.inlined[n] == nil {
		shift, _ := c.shift(m)
		frames := c.inlinedIn(&a.frame, func(dst []string) []string { return c.s.kernelInlinedAt(dst, at+shift) })
		a.inlined[n] = &frames
	}
	return *a.inlined[n]
}

// kernelInlined is what the kernel's debug information tells of inlined functions, read when it is first asked for.
type kernelInlined struct {
	once   sync.Once
	table  debugTable
	opened *objfile.File // nil if it is the image that gave the names
	shift  uint64        // from addresses of the names to those of the debug information
}

func (s *Symbolizer) kernelInlinedAt(dst []string, addr uint64) []string {
	k := s.loadKernel()
	in := &k.inlined
	in.once.Do(func() {
		f := k.image
		if f == nil || !f.HasSection(".debug_info") {
			if in.opened = s.openVmlinux(); in.opened == nil {
				return
			}
			f = in.opened
		}
		in.table.load(f, f, s.debugOptions())
		if k.image == nil {
			in.shift = in.table.distance(k.table, f)
		}
	})
	return in.table.at(dst, addr+in.shift)
}

func (in *kernelInlined) close() error {
	err := in.table.close()
	if in.opened != nil {
		err = errors.Join(err, in.opened.Close())
	}
	return err
}

// openVmlinux opens the debug information of the recorded kernel; nil if it is not there, or the kernel is not known.
func (s *Symbolizer) openVmlinux() *objfile.File {
	id := s.o.KernelID
	if s.o.Kallsyms != "" || s.o.Vmlinux != "" {
		return nil
	}
	if id == nil {
		id = debugfile.KernelBuildID()
	}
	o := s.debugOptions()
	o.Section = ".debug_info"
	p, _, err := debugfile.Vmlinux("", id, o)
	if err != nil || len(id) == 0 {
		return nil
	}
	f, err := objfile.Open(p)
	if err != nil {
		return nil
	}
	return f
}

// distance is how far the image lies above the kernel that the names are of, by the begin of both.
func (d *debugTable) distance(names *symtab.Table, image *objfile.File) (by uint64) {
	const begin = "_text"
	t, err := symtab.FromELF(image)
	if err != nil {
		d.table = nil
		return 0
	}
	there, here := t.Named(begin), names.Named(begin)
	if len(there) != 1 || len(here) != 1 {
		d.table = nil // nothing that is true can be said
		return 0
	}
	return there[0].Addr - here[0].Addr
}
