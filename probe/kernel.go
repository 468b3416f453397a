package probe

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// kernel is what is known of the kernel besides its image.
type kernel struct {
	release   string
	table     *symtab.Table // kallsyms; nil for an image that need not be the running kernel's
	missing   error         // why there is no image, nil if there is one
	unloaded  bool          // the target is a module that the kernel has not loaded, or not from this file
	blacklist []span

	once             sync.Once // for what findMarks finds in table
	ref              symtab.Symbol
	refOK            bool
	textFrom, textTo uint64 // of the kernel's permanent code; 0 if unknown

	linkedOnce sync.Once
	linked     uint64 // address of ref in the image
	linkedOK   bool
}

type span struct{ from, to uint64 }

// openKernel reads kallsyms and finds the image.
func (r *Resolver) openKernel() error {
	k := &kernel{}
	r.kernel = k
	if r.target.Module != "" {
		return r.openModule()
	}
	if r.target.Offline && r.target.Vmlinux != "" {
		return r.openVmlinux(r.target.Vmlinux)
	}
	if err := k.readRunning(r); err != nil {
		return err
	}
	id := runningBuildID(r)
	if r.target.Vmlinux != "" {
		return r.openMatching(r.target.Vmlinux, id)
	}
	found, tried, err := debugfile.Vmlinux(k.release, id, debugfile.Options{Root: r.options.Root, Fetch: r.options.Fetch})
	if err != nil || found == "" {
		k.missing = &KernelDebugError{Release: k.release, Tried: tried}
		return nil
	}
	return r.openVmlinux(found)
}

// readRunning reads what the running kernel says of itself.
func (k *kernel) readRunning(r *Resolver) error {
	k.release = strings.TrimSpace(string(r.systemFile("proc/sys/kernel/osrelease")))
	k.blacklist = parseBlacklist(r.systemFile("sys/kernel/debug/kprobes/blacklist"))
	text := r.systemFile("proc/kallsyms")
	if text == nil {
		return nil
	}
	t, err := symtab.FromKallsyms(text)
	k.table = t
	return err
}

// openMatching opens an image that the user named and refuses that of another kernel.
func (r *Resolver) openMatching(name string, id []byte) error {
	if err := r.openVmlinux(name); err != nil {
		return err
	}
	if own := r.image.file.BuildID(); len(id) > 0 && !bytes.Equal(own, id) {
		err := &MismatchError{Path: name, BuildID: hex.EncodeToString(own), Running: hex.EncodeToString(id)}
		if r.Close() != nil {
			return err // the file was only mapped: what closing says is of no use beside it
		}
		r.image = nil
		return err
	}
	return nil
}

func runningBuildID(r *Resolver) []byte {
	return objfile.ParseBuildIDNotes(r.systemFile("sys/kernel/notes"))
}

func (r *Resolver) openVmlinux(name string) (err error) {
	r.image, err = openImage(name, r.options)
	return err
}

// systemFile reads a small file of the machine; nil if it cannot be read.
func (r *Resolver) systemFile(name string) []byte {
	if r.options.System == nil {
		return nil
	}
	b, err := fs.ReadFile(r.options.System, name)
	if err != nil {
		return nil
	}
	return b
}

// named returns functions of the kernel, or of the module that is the target.
func (k *kernel) named(r *Resolver, function string) ([]symtab.Symbol, error) {
	var found []symtab.Symbol
	var modules []string
	for _, s := range k.table.Named(function) {
		switch {
		case !s.IsFunc():
		case moduleName(s.Module) == r.target.Module:
			found = append(found, s)
		case s.Module != "":
			modules = appendNew(modules, moduleName(s.Module))
		}
	}
	if len(found) == 0 {
		where := "the kernel"
		if r.target.Module != "" {
			where = "kernel module " + r.target.Module
		}
		return nil, &NoFunctionError{Name: function, Where: where, Nearest: k.table.Nearest(function, 5), Modules: modules, Kernel: true}
	}
	return found, nil
}

func moduleName(bracketed string) string { return strings.Trim(bracketed, "[]") }

// reference is the symbol that places are counted from: KASLR moves it with the rest (as kernel_get_ref_reloc_sym in
// tools/perf/util/probe-event.c).
func (k *kernel) reference() (symtab.Symbol, bool) {
	k.once.Do(k.findMarks)
	return k.ref, k.refOK
}

// findMarks looks for the symbols that all places are compared with.
func (k *kernel) findMarks() {
	if k.table == nil || k.table.Hidden() {
		return
	}
	for _, name := range []string{"_text", "_stext"} {
		for _, s := range k.table.Named(name) {
			if s.Module == "" && !k.refOK {
				k.ref, k.refOK = s, true
			}
		}
	}
	begin, end := k.table.Named("_stext"), k.table.Named("_etext")
	if len(begin) > 0 && len(end) > 0 {
		k.textFrom, k.textTo = begin[0].Addr, end[0].Addr
	}
}

// base is what to subtract from a spot's address to have it count from the reference symbol.
func (k *kernel) base(r *Resolver, s *spot, ref symtab.Symbol) (uint64, bool) {
	if s.live {
		return ref.Addr, true
	}
	k.linkedOnce.Do(func() {
		if t, err := r.image.symbols(); err == nil {
			for _, s := range t.Named(ref.Name) {
				k.linked, k.linkedOK = s.Addr, true
				break
			}
		}
	})
	return k.linked, k.linkedOK
}

// at writes a place as kprobe_events takes it.
func (k *kernel) at(r *Resolver, s *spot) string {
	if s.module != "" {
		return s.module + ":" + s.symbol + "+" + strconv.FormatUint(s.offset, 10)
	}
	if ref, ok := k.reference(); ok {
		if base, ok := k.base(r, s, ref); ok && s.addr >= base {
			return ref.Name + "+" + strconv.FormatUint(s.addr-base, 10)
		}
	}
	return s.symbol + "+" + strconv.FormatUint(s.offset, 10)
}

// forbids says why the running kernel takes no probe at a place, in perf's words, or "".
func (k *kernel) forbids(r *Resolver, s *spot) string {
	ref, ok := k.reference()
	if !ok || s.module != "" {
		return ""
	}
	base, ok := k.base(r, s, ref)
	if !ok {
		return ""
	}
	addr := s.addr - base + ref.Addr
	if k.textTo != 0 && (addr < k.textFrom || addr >= k.textTo) {
		return "out of .text"
	}
	for _, b := range k.blacklist {
		if b.from <= addr && addr < b.to {
			return "blacklisted function"
		}
	}
	return ""
}

// parseBlacklist reads /sys/kernel/debug/kprobes/blacklist: lines "0xFROM-0xTO<tab>name". Lines of another form, and
// addresses that the kernel hides, are passed over.
func parseBlacklist(text []byte) []span {
	var spans []span
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		bounds, _, _ := strings.Cut(strings.ReplaceAll(lines.Text(), "\t", " "), " ")
		from, to, ok := strings.Cut(bounds, "-")
		if !ok {
			continue
		}
		a, errA := strconv.ParseUint(from, 0, 64)
		b, errB := strconv.ParseUint(to, 0, 64)
		if errA == nil && errB == nil && a < b {
			spans = append(spans, span{a, b})
		}
	}
	return spans
}
