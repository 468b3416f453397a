package probe

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// openModule finds the file of the kernel module that is the target, and makes a name of a path.
func (r *Resolver) openModule() error {
	m, k := &r.target.Module, r.kernel
	file := ""
	if isModuleFile(*m) {
		file = *m
		if err := r.openModuleFile(file); err != nil {
			return err
		}
		*m = r.image.moduleName()
	} else {
		*m = moduleOf(*m)
	}
	if !isName("_" + *m) { // what follows a blank would be read as something else
		return errors.Join(&TargetError{Path: cmp.Or(file, *m), Err: fmt.Errorf("%q is no name of a module", *m)}, r.Close())
	}
	if file != "" && r.target.Offline {
		k.unloaded = true
		return nil
	}
	if err := k.readRunning(r); err != nil {
		return errors.Join(err, r.Close())
	}
	k.unloaded = !r.isLoaded(*m)
	switch {
	case k.unloaded && file == "":
		return &ModuleError{Module: *m}
	case k.unloaded:
		return nil
	case file != "":
		return r.sameModule(file)
	}
	return r.findModule()
}

// isModuleFile tells paths from names of modules.
func isModuleFile(s string) bool {
	return strings.Contains(s, "/") || strings.HasSuffix(s, ".ko") || strings.Contains(s, ".ko.") || strings.HasSuffix(s, ".o")
}

// moduleOf makes a module's name of a file's: without its ending, and with '_' for '-'.
func moduleOf(file string) string {
	base, _, _ := strings.Cut(path.Base(file), ".")
	return strings.ReplaceAll(base, "-", "_")
}

func (r *Resolver) openModuleFile(file string) error {
	abs, err := filepath.Abs(file)
	if err != nil {
		return &TargetError{Path: file, Err: err}
	}
	if r.image, err = openImage(abs, r.options); err != nil {
		return err
	}
	if !r.image.file.IsRelocatable() {
		return errors.Join(&TargetError{Path: file, Err: errors.New("it is no kernel module")}, r.Close())
	}
	return nil
}

// moduleName is what a module's file says that the module is called (in .modinfo since Linux 4.13), else the file's own name.
func (m *image) moduleName() string {
	if info, err := m.file.Section(".modinfo"); err == nil {
		for text := range bytes.SplitSeq(info, []byte{0}) {
			if name, ok := bytes.CutPrefix(text, []byte("name=")); ok && isName("_"+strings.ReplaceAll(string(name), "-", "_")) {
				return moduleOf(string(name))
			}
		}
	}
	return moduleOf(m.path)
}

// isLoaded tells whether the running kernel has a module.
func (r *Resolver) isLoaded(module string) bool {
	for line := range bytes.Lines(r.systemFile("proc/modules")) {
		if name, _, _ := bytes.Cut(line, []byte(" ")); string(name) == module {
			return true
		}
	}
	return false
}

// sameModule refuses a file that the loaded module was not loaded from.
func (r *Resolver) sameModule(file string) error {
	id := objfile.ParseBuildIDNotes(r.systemFile("sys/module/" + r.target.Module + "/notes/.note.gnu.build-id"))
	own := r.image.file.BuildID()
	if len(id) == 0 || bytes.Equal(own, id) {
		return nil
	}
	err := &MismatchError{Path: file, BuildID: hex.EncodeToString(own), Running: hex.EncodeToString(id), Module: r.target.Module}
	if r.Close() != nil {
		return err // the file was only mapped: what closing says is of no use beside it
	}
	r.image = nil
	return err
}

// findModule opens the file of a loaded module. Without it functions are found by the kernel's symbols.
func (r *Resolver) findModule() error {
	k := r.kernel
	found, err := debugfile.Module(r.target.Module, k.release, debugfile.Options{Root: r.options.Root})
	if err != nil {
		k.missing = &ModuleDebugError{Module: r.target.Module, Release: k.release, Cause: err}
		return nil
	}
	if err := r.openModuleFile(found); err != nil {
		k.missing = &ModuleDebugError{Module: r.target.Module, Release: k.release, Cause: err}
		r.image = nil
		return nil
	}
	if err := r.sameModule(found); err != nil {
		k.missing = &ModuleDebugError{Module: r.target.Module, Release: k.release, Cause: err}
	}
	return nil
}

// byImage tells whether symbols are those of the image, not those of the running kernel.
func (r *Resolver) byImage() bool {
	return r.kernel == nil || r.kernel.table == nil || r.kernel.unloaded
}
