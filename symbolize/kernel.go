package symbolize

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// KernelModule is what perf prints as the module of the kernel's own addresses.
const KernelModule = "[kernel.kallsyms]"

// kernel is where names of kernel addresses come from.
type kernel struct {
	table  *symtab.Table
	image  *objfile.File // of a vmlinux, nil for kallsyms
	reason Reason        // why there is no table
	delta  uint64        // what to add to a recorded address to have the table's
	err    error
}

func (c *Cache) kernel(addr uint64) (Frame, Reason) {
	s := c.s
	unknown := Frame{Module: Unknown}
	inside := s.o.KernelEnd == 0
	if !inside && addr >= s.o.KernelStart && addr < s.o.KernelEnd {
		inside, unknown.Module = true, KernelModule
	}
	k := s.loadKernel()
	if k.table == nil {
		return unknown, k.reason
	}
	i := k.table.Find(addr + k.delta)
	if i < 0 {
		return unknown, KernelNotCovered
	}
	f, start := c.name(k.table, i)
	if f.Module == "" {
		if !inside {
			return unknown, KernelNotCovered
		}
		f.Module = KernelModule
	}
	f.Offset = addr + k.delta - start
	return f, OK
}

func (s *Symbolizer) loadKernel() *kernel {
	s.kernelOnce.Do(func() {
		k := &kernel{}
		switch {
		case s.o.NoKernel:
			k.reason = NoKallsyms
		case s.o.Vmlinux != "":
			k.fromVmlinux(s.o.Root + s.o.Vmlinux)
		case s.o.Kallsyms != "":
			k.fromKallsyms(s.o.Root + s.o.Kallsyms)
		default:
			s.findKernel(k)
		}
		if k.table != nil {
			k.relocate(&s.o)
		}
		s.kern = k
	})
	return s.kern
}

// KernelError is why the kernel's symbols could not be had, in detail; nil if they are there.
func (s *Symbolizer) KernelError() error { return s.loadKernel().err }

// findKernel looks for symbols of the recorded kernel: the running kernel's kallsyms if it is that one, else the copy in perf's build-id
// cache, else a vmlinux of that build-id.
func (s *Symbolizer) findKernel(k *kernel) {
	running := debugfile.KernelBuildID()
	if s.o.KernelID == nil || bytes.Equal(s.o.KernelID, running) {
		k.fromKallsyms("/proc/kallsyms")
		return
	}
	o := s.debugOptions()
	if dir := o.CacheDir(); dir != "" && len(s.o.KernelID) > 1 {
		h := hex.EncodeToString(s.o.KernelID)
		for _, p := range [...]string{dir + "/.build-id/" + h[:2] + "/" + h[2:] + "/kallsyms", dir + "/" + KernelModule + "/" + h + "/kallsyms"} {
			if k.fromKallsyms(p); k.table != nil {
				return
			}
		}
	}
	if p, _, err := debugfile.ByBuildID(s.o.KernelID, o); err == nil {
		if k.fromVmlinux(p); k.table != nil {
			return
		}
	}
	k.reason = KernelMismatch
}

func (k *kernel) fromKallsyms(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		k.err, k.reason = err, NoKallsyms
		return
	}
	t, err := symtab.FromKallsyms(text)
	switch {
	case err != nil:
		k.err, k.reason = err, NoKallsyms
	case t.Hidden():
		k.reason = KernelHidden
	default:
		k.table, k.err, k.reason = t, nil, OK
	}
}

func (k *kernel) fromVmlinux(path string) {
	f, err := objfile.Open(path)
	if err != nil {
		k.err, k.reason = err, fileReason(err)
		return
	}
	t, err := symtab.FromELF(f)
	if err != nil || t.Len() == 0 {
		k.err, k.reason = err, NoSymbols
		_ = f.Close()
		return
	}
	k.table, k.image, k.err, k.reason = t, f, nil, OK
}

// relocate finds how far the recorded kernel was from the table's.
func (k *kernel) relocate(o *Options) {
	if o.KernelRef == "" || o.KernelRefAddr == 0 {
		return
	}
	for _, s := range k.table.Named(o.KernelRef) {
		if s.Module == "" {
			k.delta = s.Addr - o.KernelRefAddr
			return
		}
	}
}

// fileReason puts an error of opening a file into a Reason.
func fileReason(err error) Reason {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return NoPermission
	case errors.Is(err, objfile.ErrNotELF):
		return NotELF
	case errors.Is(err, fs.ErrNotExist):
		return NoFile
	}
	return Corrupt
}
