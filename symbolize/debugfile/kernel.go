package debugfile

import (
	"bufio"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// Release is the running kernel's release, as `uname -r` prints it.
func Release() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}

// KernelBuildID is the running kernel's build-id, nil if /sys does not tell it.
func KernelBuildID() []byte {
	b, err := os.ReadFile("/sys/kernel/notes")
	if err != nil {
		return nil
	}
	return objfile.ParseBuildIDNotes(b)
}

// Vmlinux finds the kernel's image with debug information in the places where perf looks. release is `uname -r`, "" for the running one;
// buildID nil means that of the running kernel if release is the running one, else any. The error is a *NotFoundError. See vmlinux_path
// in tools/perf/util/symbol.c.
func Vmlinux(release string, buildID []byte, o Options) (found string, tried []string, err error) {
	running := Release()
	if release == "" {
		release = running
	}
	if buildID == nil && release == running {
		buildID = KernelBuildID()
	}
	s := search{o: o, id: buildID, section: o.section()}
	if s.byBuildID() {
		return s.found, s.tried, nil
	}
	for _, p := range [...]string{
		"/boot/vmlinux", "/boot/vmlinux-" + release, "/usr/lib/debug/boot/vmlinux-" + release, "/lib/modules/" + release + "/build/vmlinux",
		"/usr/lib/debug/lib/modules/" + release + "/vmlinux", "/usr/lib/debug/boot/vmlinux-" + release + ".debug",
	} {
		if s.tryKernel(o.Root + p) {
			return s.found, s.tried, nil
		}
	}
	if s.byFetch() {
		return s.found, s.tried, nil
	}
	return "", s.tried, &NotFoundError{Object: "vmlinux of " + release, BuildID: buildID, Section: s.section, Tried: s.tried}
}

// tryKernel is try, but without a build-id to compare any vmlinux of that name will do.
func (s *search) tryKernel(p string) bool {
	if s.id != nil {
		return s.try(p)
	}
	s.tried = append(s.tried, p)
	f, err := objfile.Open(p)
	if err != nil {
		return false
	}
	defer f.Close()
	if !f.HasSection(s.section) {
		return false
	}
	s.found = p
	return true
}

// Module finds the file of a kernel module below /lib/modules/RELEASE. name is as in /proc/modules or as a file's name:
// '-' and '_' are the same, ".ko" may follow. release "" means the running one. It may be compressed (".ko.xz"), which objfile.Open and Find see through.
func Module(name, release string, o Options) (found string, err error) {
	if release == "" {
		release = Release()
	}
	want := moduleName(name)
	dir := o.Root + "/lib/modules/" + release
	if p := moduleIn(dir, want); p != "" {
		return p, nil
	}
	if p := moduleBelow(dir, want); p != "" {
		return p, nil
	}
	return "", &NotFoundError{Object: "kernel module " + name + " of " + release, Section: "its code", Tried: []string{dir + "/modules.dep", dir}}
}

func moduleName(p string) string {
	base, _, _ := strings.Cut(path.Base(p), ".ko")
	return strings.ReplaceAll(base, "-", "_")
}

// moduleIn looks the module up in modules.dep, whose lines begin with "kernel/fs/ext4/ext4.ko:".
func moduleIn(dir, want string) string {
	f, err := os.Open(dir + "/modules.dep")
	if err != nil {
		return ""
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		file, _, ok := strings.Cut(sc.Text(), ":")
		if !ok || moduleName(file) != want {
			continue
		}
		p := dir + "/" + file
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return ""
}

// moduleBelow looks through the directory itself, for a tree that depmod has not seen.
func moduleBelow(dir, want string) (found string) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return ""
	}
	// What cannot be read holds no module that could be found.
	_ = filepath.WalkDir(real, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if d.Type().IsRegular() && strings.Contains(d.Name(), ".ko") && moduleName(p) == want {
			found = dir + strings.TrimPrefix(p, real)
			return filepath.SkipAll
		}
		return nil
	})
	return found
}
