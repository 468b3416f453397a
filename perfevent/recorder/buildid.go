package recorder

import (
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/perfevent/record"
)

// hostMachine is the pid of records about this machine, as against a guest's.
const hostMachine = -1

// files are the files of a recording, each once, and the build-ids of those that have one.
type files struct {
	root fs.FS
	seen map[string]bool
	ids  []record.BuildID
}

func newFiles(root fs.FS) *files { return &files{root: root, seen: map[string]bool{}} }

// add takes the file of a mapping. Files that have gone, or have no build-id, are left out.
func (f *files) add(misc uint16, pid uint32, name string) {
	mode := misc & record.MiscCPUModeMask
	if mode == record.MiscKernel && strings.HasPrefix(name, "[kernel.kallsyms]") {
		name = "[kernel.kallsyms]" // behind it stands the symbol that the mapping's address is of
	}
	if f.seen[name] {
		return
	}
	f.seen[name] = true
	id := f.find(mode, pid, name)
	if len(id) == 0 || len(id) > 20 {
		return
	}
	b := record.BuildID{Meta: record.Meta{Misc: mode | record.MiscBuildIDSize}, PID: hostMachine, Size: uint8(len(id)), Filename: name}
	copy(b.ID[:], id)
	f.ids = append(f.ids, b)
}

func (f *files) find(mode uint16, pid uint32, name string) []byte {
	switch {
	case name == "[kernel.kallsyms]":
		return f.notes("sys/kernel/notes")
	case mode == record.MiscKernel:
		module := strings.Trim(path.Base(name), "[]")
		module, _, _ = strings.Cut(module, ".ko")
		return f.notes("sys/module/" + strings.ReplaceAll(module, "-", "_") + "/notes/.note.gnu.build-id")
	case name == objfile.VDSOName:
		return vdso()
	case !strings.HasPrefix(name, "/") || strings.HasPrefix(name, "//") || strings.HasPrefix(name, "/dev/"):
		return nil // [stack], //anon, memfd, a device that it would be wrong to open
	}
	// A process in a container has its own "/". One that has ended, or lives in ours, is found by the plain name.
	if id := fileID("/proc/" + strconv.Itoa(int(pid)) + "/root" + name); id != nil {
		return id
	}
	return fileID(name)
}

func (f *files) notes(name string) []byte {
	b, err := fs.ReadFile(f.root, name)
	if err != nil {
		return nil
	}
	return objfile.ParseBuildIDNotes(b)
}

func fileID(name string) []byte {
	if st, err := os.Stat(name); err != nil || !st.Mode().IsRegular() {
		return nil // opening a FIFO would wait for its writer
	}
	o, err := objfile.Open(name)
	if err != nil {
		return nil
	}
	defer o.Close()
	return append([]byte(nil), o.BuildID()...)
}

func vdso() []byte {
	o, err := objfile.VDSO()
	if err != nil {
		return nil
	}
	defer o.Close()
	return o.BuildID() // a copy
}
