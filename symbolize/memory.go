package symbolize

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/internal/symtab"
)

// loadVDSO reads the symbols of our own vdso, which is the same in all processes of a machine; of another machine's, whose build-id differs, those of
// the copy in perf's build-id cache.
func (s *Symbolizer) loadVDSO(id []byte) *module {
	f, err := objfile.VDSO()
	reason := NoFile
	if err == nil && len(id) > 0 && !sameBuildID(f.BuildID(), id) {
		_ = f.Close()
		f, reason = nil, BuildIDMismatch
		if p := s.cached(id, "vdso"); p != "" {
			f, err = objfile.Open(p)
		}
	}
	if err != nil || f == nil {
		return &module{reason: reason}
	}
	t, err := symtab.FromELF(f)
	if err != nil || t.Len() == 0 {
		_ = f.Close()
		return &module{reason: NoSymbols}
	}
	return &module{file: f, table: t}
}

// maxPerfMap bounds the size of a perf-PID.map file that is read, in bytes.
const maxPerfMap = 1 << 30

// loadPerfMap reads the file in which a runtime tells the functions that it compiled in memory. Like perf, only one that belongs to us or
// to root is believed.
func (s *Symbolizer) loadPerfMap(m *Mapping) *module {
	if m.PID <= 0 || m.Data {
		return &module{reason: Anonymous}
	}
	for _, p := range s.perfMaps(m.PID) {
		text, err := readOwn(p)
		if err != nil {
			continue
		}
		if t := symtab.FromPerfMap(text); t.Len() > 0 {
			return &module{table: t, identity: true}
		}
	}
	return &module{reason: Anonymous}
}

// perfMaps are the places of a process's file: in its own mount namespace it has the pid that the process knows.
func (s *Symbolizer) perfMaps(pid int) []string {
	out := []string{fmt.Sprintf("%s/tmp/perf-%d.map", s.o.Root, pid)}
	if s.o.Root == "" && !s.o.NoProcRoot {
		out = append([]string{fmt.Sprintf("/proc/%d/root/tmp/perf-%d.map", pid, innerPID(pid))}, out...)
	}
	return out
}

// innerPID is a process's id in its own pid namespace.
func innerPID(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return pid
	}
	for line := range bytes.Lines(status) {
		ids, ok := bytes.CutPrefix(line, []byte("NSpid:"))
		if !ok {
			continue
		}
		if f := bytes.Fields(ids); len(f) > 0 {
			if n, err := strconv.Atoi(string(f[len(f)-1])); err == nil {
				return n
			}
		}
	}
	return pid
}

var errNotOwn = errors.New("the file belongs to neither us nor root")

func readOwn(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok || !st.Mode().IsRegular() || sys.Uid != 0 && int(sys.Uid) != os.Geteuid() {
		return nil, fmt.Errorf("%s: %w", path, errNotOwn)
	}
	return io.ReadAll(io.LimitReader(f, maxPerfMap))
}
