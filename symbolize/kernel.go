package symbolize

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

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
	err    error

	inlined kernelInlined
}

// kernel resolves an address where the table has it. With a mapping the symbol must be of the same part of the kernel.
func (c *Cache) kernel(m *Mapping, addr uint64) (Frame, Reason) {
	if m.isSymbol() {
		return m.symbol(addr), OK
	}
	unknown := Frame{Module: Unknown}
	if m != nil {
		unknown.Module = KernelMapName(m.Path)
	}
	shift, ok := c.shift(m)
	if !ok {
		return unknown, KernelMismatch
	}
	k := c.s.loadKernel()
	if k.table == nil {
		return unknown, k.reason
	}
	i := k.table.Find(addr + shift)
	if i < 0 {
		return unknown, KernelNotCovered
	}
	f, start := c.name(k.table, i)
	if f.Module == "" {
		f.Module = KernelModule
	}
	if m != nil && f.Module != unknown.Module {
		return unknown, KernelNotCovered
	}
	f.Offset = addr + shift - start
	return f, OK
}

// KernelMapName is what perf prints for a kernel mapping's path: "[kernel.kallsyms]" for "[kernel.kallsyms]_text", "[ext4]" for
// "/lib/modules/…/ext4.ko.xz".
func KernelMapName(path string) string {
	if strings.HasPrefix(path, KernelModule) {
		return KernelModule
	}
	name, _, ok := strings.Cut(path[strings.LastIndexByte(path, '/')+1:], ".ko")
	if !ok {
		return path
	}
	return "[" + strings.ReplaceAll(name, "-", "_") + "]"
}

// shift is how far the table's kernel, or module, lies above the recorded one. It is not 0 if the machine was booted since (KASLR) or a
// vmlinux is read. ok is false if the table does not have what the position hangs on.
func (k *kernel) shift(m *Mapping) (shift uint64, ok bool) {
	if k.table == nil {
		return 0, true
	}
	ref, main := strings.CutPrefix(m.Path, KernelModule)
	if !main {
		base, ok := k.table.ModuleBase(KernelMapName(m.Path))
		return base - m.Start, ok
	}
	if ref == "" || m.Offset == 0 {
		return 0, true
	}
	for _, s := range k.table.Named(ref) {
		if s.Module == "" {
			return s.Addr - m.Offset, true
		}
	}
	return 0, false
}

func (s *Symbolizer) loadKernel() *kernel {
	s.kernelOnce.Do(func() {
		k := &kernel{}
		switch {
		case s.o.NoKernel:
			k.reason = NoKallsyms
		case s.o.Vmlinux != "":
			s.givenVmlinux(k)
		case s.o.Kallsyms != "":
			k.fromKallsyms(s.o.Root + s.o.Kallsyms)
		default:
			s.findKernel(k)
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
	for _, p := range [...]string{s.cached(s.o.KernelID, "kallsyms"), o.CacheDir() + "/" + KernelModule + "/" + hex.EncodeToString(s.o.KernelID) + "/kallsyms"} {
		if k.fromKallsyms(p); k.table != nil {
			return
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

// givenVmlinux takes the image that the user names, unless its build-id tells that it is not the recorded kernel's: its names would be wrong.
func (s *Symbolizer) givenVmlinux(k *kernel) {
	k.fromVmlinux(s.o.Root + s.o.Vmlinux)
	if k.image == nil || s.o.KernelID == nil {
		return
	}
	if id := k.image.BuildID(); id != nil && !bytes.Equal(id, s.o.KernelID) {
		err := fmt.Errorf("%s has the build-id %x, the recorded kernel %x", k.image.Path(), id, s.o.KernelID)
		*k = kernel{reason: KernelMismatch, err: errors.Join(err, k.image.Close())}
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
