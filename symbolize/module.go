package symbolize

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/gperf-dev/gperf/internal/gobin"
	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
	"github.com/gperf-dev/gperf/symbolize/unwind"
)

// module is a file's (or a JIT's) symbols. It is immutable once made, but for what few ask for: the tables of frames, types, inlined functions.
type module struct {
	table    *symtab.Table // nil if there is none; reason says why
	file     *objfile.File // gives addresses; nil if addresses are used as they are
	debug    *objfile.File // holds .symtab where file does not; nil else
	reason   Reason
	identity bool // symbols have addresses of the process

	goTypes goTypes
	inlined inlined

	framesOnce sync.Once
	frames     *unwind.Table // nil if there is none; noFrames says why
	noFrames   unwind.Stop
	frameDebug *objfile.File // has .debug_frame where neither file nor debug does; nil else
}

func (m *module) close() error {
	errs := m.inlined.close()
	for _, f := range [...]*objfile.File{m.file, m.debug, m.frameDebug} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}

// vaddr is where addr lies in the file, in virtual addresses without a load bias.
func (m *module) vaddr(at *Mapping, addr uint64) (uint64, bool) {
	switch {
	case m.identity:
		return addr, true
	case m.file == nil:
		return 0, false
	}
	return m.file.VAddrInPage(addr - at.Start + at.Offset)
}

const deletedSuffix = " (deleted)"

func isDeleted(path string) bool { return strings.HasSuffix(path, deletedSuffix) }

// isAnon tells the names of memory without a file, where JIT compilers put code; perf's own name for it, "/tmp/perf-PID.map", is one too.
// See is_anon_memory in tools/perf/util/map.c.
func isAnon(path string) bool {
	if strings.HasPrefix(path, "/tmp/perf-") && strings.HasSuffix(path, ".map") {
		return true
	}
	return path == "//anon" || path == "" || strings.HasPrefix(path, "/dev/zero") || strings.HasPrefix(path, "/anon_hugepage") ||
		strings.HasPrefix(path, "[anon") || isNoFile(path)
}

// isNoFile tells the names of memory that perf never looks for a file of.
func isNoFile(path string) bool {
	return strings.HasPrefix(path, "[stack") || strings.HasPrefix(path, "/SYSV") || path == "[heap]"
}

// moduleName is what perf prints in parentheses.
func moduleName(m *Mapping) string {
	if m.Path == "" {
		return Unknown
	}
	if !m.Data && m.PID > 0 && isAnon(m.Path) && !strings.HasPrefix(m.Path, "[anon") {
		return fmt.Sprintf("/tmp/perf-%d.map", m.PID)
	}
	return m.Path
}

// load finds a mapping's file and its symbols. pid is not 0 if the process's own view of the file system counts.
func (s *Symbolizer) load(m *Mapping, pid int) *module {
	switch {
	case isAnon(m.Path):
		return s.loadPerfMap(m)
	case !strings.HasPrefix(m.Path, "/"):
		return &module{reason: Anonymous}
	}
	f, reason := s.open(m, pid)
	if f == nil {
		if f = s.openByBuildID(m.BuildID); f == nil {
			return &module{reason: reason}
		}
	}
	mod := &module{file: f}
	if !f.HasSection(".symtab") {
		mod.debug = s.openDebug(m, f)
	}
	source := f
	if mod.debug != nil {
		source = mod.debug
	}
	t, err := symtab.FromSeparate(f, source)
	if err == nil && !source.HasSection(".symtab") && gobin.Is(f) {
		t = goFunctions(f, t)
	}
	switch {
	case err != nil:
		mod.reason = Corrupt
	case t.Len() == 0:
		mod.reason = NoSymbols
	default:
		mod.table = t
	}
	return mod
}

// goFunctions adds to the symbols of a stripped Go program the functions that its runtime knows.
func goFunctions(f *objfile.File, t *symtab.Table) *symtab.Table {
	b, err := gobin.Open(f)
	if err != nil || b.Functions == nil {
		return t
	}
	return symtab.FromFunctions(func(add func(addr, end uint64, name string)) {
		for fn := range b.Functions.All() {
			add(fn.Entry, fn.End, fn.Name)
		}
		for s := range t.All() { // those of C
			if _, known := b.Functions.Find(s.Addr); !known && !s.Shadow {
				add(s.Addr, s.Addr+s.Size, s.Name)
			}
		}
	})
}

// open opens the mapped file if it is still the one that was mapped.
func (s *Symbolizer) open(m *Mapping, pid int) (*objfile.File, Reason) {
	reason := NoFile
	for _, p := range s.places(m, pid) {
		f, err := objfile.Open(p)
		if err != nil {
			if r := fileReason(err); r != NoFile {
				reason = r
			}
			continue
		}
		if m.BuildID == nil || sameBuildID(f.BuildID(), m.BuildID) {
			return f, OK
		}
		_ = f.Close()
		reason = BuildIDMismatch
	}
	if reason == NoFile && isDeleted(m.Path) {
		reason = Deleted
	}
	return nil, reason
}

// places are the paths under which the mapped file may be reached. A deleted file still lives as long as the process: the kernel links to
// it in map_files. The path without " (deleted)" is only tried if a build-id can tell whether a new file there is the same.
func (s *Symbolizer) places(m *Mapping, pid int) []string {
	if s.o.Root != "" {
		return []string{s.o.Root + m.Path}
	}
	if path, ok := strings.CutSuffix(m.Path, deletedSuffix); ok {
		var out []string
		if m.PID > 0 && !s.o.NoProcRoot {
			out = append(out, fmt.Sprintf("/proc/%d/map_files/%x-%x", m.PID, m.Start, m.End))
		}
		if m.BuildID != nil {
			out = append(out, path)
		}
		return append(out, m.Path)
	}
	if pid > 0 {
		return []string{fmt.Sprintf("/proc/%d/root%s", pid, m.Path), m.Path}
	}
	return []string{m.Path}
}

// sameBuildID compares as perf does: a record has room for 20 bytes, and zeros stand where a shorter one ended.
func sameBuildID(file, recorded []byte) bool {
	n := min(len(file), len(recorded))
	return n > 0 && bytes.Equal(file[:n], recorded[:n]) && allZero(file[n:]) && allZero(recorded[n:])
}

func allZero(b []byte) bool {
	return len(bytes.TrimLeft(b, "\x00")) == 0
}

// openByBuildID looks in perf's build-id cache, which has whole files, for one that is gone from its path.
func (s *Symbolizer) openByBuildID(id []byte) *objfile.File {
	if len(id) < 2 {
		return nil
	}
	// The program itself comes first: segments of a debug file do not tell where code stands in the file that was mapped.
	if f, err := objfile.Open(s.cached(id, "elf")); err == nil {
		if sameBuildID(f.BuildID(), id) {
			return f
		}
		_ = f.Close()
	}
	for _, section := range [...]string{".symtab", ".dynsym"} {
		o := s.debugOptions()
		o.Section = section
		p, _, err := debugfile.ByBuildID(id, o)
		if err != nil {
			continue
		}
		if f, err := objfile.Open(p); err == nil {
			return f
		}
	}
	return nil
}

// cached is the path of a file in perf's build-id cache, whether it is there or not; "" if there is no cache.
func (s *Symbolizer) cached(id []byte, file string) string {
	o := s.debugOptions()
	dir, h := o.CacheDir(), hex.EncodeToString(id)
	if dir == "" || len(id) < 2 {
		return ""
	}
	return dir + "/.build-id/" + h[:2] + "/" + h[2:] + "/" + file
}

// openDebug opens the separate file with the symbols that f was stripped of.
func (s *Symbolizer) openDebug(m *Mapping, f *objfile.File) *objfile.File {
	path := f.Path()
	if s.o.Root != "" {
		path = m.Path
	}
	p, _, err := debugfile.Find(path, s.debugOptions())
	if err != nil {
		return nil
	}
	d, err := objfile.Open(p)
	if err != nil {
		return nil
	}
	return d
}

// otherMounts reports whether a process sees other mounts than we do.
func otherMounts(pid int) bool {
	ours, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		return false
	}
	theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	return err == nil && ours != theirs
}
