package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// Cache keeps resolved definitions where perf does, by the build-id of what they are for: a file "probes" in
// Dir/PATH/BUILDID, to which Dir/.build-id/xx/yyyy… leads. Each of the two reads what the other wrote.
type Cache struct {
	Dir string // ~/.debug
}

// CachedFile are the definitions for one file.
type CachedFile struct {
	Path    string // of the program or module; "[kernel.kallsyms]" for the kernel
	BuildID string // hexadecimal
	Events  []CachedEvent
}

// kernelPath is what perf calls the kernel in its cache.
const kernelPath = "[kernel.kallsyms]"

// CacheError is a cache that cannot be used, or not for this event.
type CacheError struct{ Path, Reason, Next string }

func (e *CacheError) Error() string {
	return "the cache of definitions is not used: " + e.Path + " " + e.Reason
}

// Hint returns the next step.
func (e *CacheError) Hint() string { return e.Next }

// Add keeps events that a Resolver has made. What is kept of the same name is replaced.
func (c *Cache) Add(events ...*Event) error {
	for _, e := range events {
		if e.file.BuildID == "" {
			return &CacheError{e.Group + ":" + e.Name, "is in a file without a build-id", "link it with -Wl,--build-id"}
		}
		f, err := c.read(e.file.Path, e.file.BuildID)
		if err != nil {
			return err
		}
		f.put(e.cached())
		if err := c.write(&f); err != nil {
			return err
		}
	}
	return nil
}

// List returns the files that have definitions in the cache, by build-id, with those that the filter lets through. Files that
// are no longer what they were, by their build-id, are left out.
func (c *Cache) List(f *Filter) ([]CachedFile, error) {
	all, err := c.all()
	if err != nil {
		return nil, err
	}
	var valid []CachedFile
	for _, file := range all {
		if !file.current() {
			continue
		}
		file.Events = slices.DeleteFunc(file.Events, func(e CachedEvent) bool { return !e.passes(f) })
		valid = append(valid, file)
	}
	return valid, nil
}

// Remove takes definitions that the filter lets through from the cache and returns them. The probes in the kernel stay.
func (c *Cache) Remove(f *Filter) ([]CachedEvent, error) {
	all, err := c.all()
	if err != nil {
		return nil, err
	}
	var removed []CachedEvent
	for i := range all {
		n := len(removed)
		all[i].Events = slices.DeleteFunc(all[i].Events, func(e CachedEvent) bool {
			if e.passes(f) {
				removed = append(removed, e)
				return true
			}
			return false
		})
		if len(removed) > n {
			if err := c.write(&all[i]); err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// all reads the whole cache.
func (c *Cache) all() ([]CachedFile, error) {
	links, err := filepath.Glob(globQuoted(c.Dir) + "/.build-id/??/*")
	if err != nil {
		return nil, err
	}
	var all []CachedFile
	for _, link := range links {
		to, err := os.Readlink(link)
		if err != nil {
			continue
		}
		id := filepath.Base(filepath.Dir(link)) + filepath.Base(link)
		path, ok := strings.CutPrefix(filepath.Join(filepath.Dir(link), to), filepath.Clean(c.Dir))
		if !ok || filepath.Base(path) != id {
			continue
		}
		f, err := c.read(filepath.Dir(path), id)
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// globQuoted takes the meaning from what filepath.Glob would expand.
func globQuoted(dir string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(dir)
}

// current tells whether the file still has the build-id.
func (f *CachedFile) current() bool {
	if f.Path == kernelPath {
		b, err := os.ReadFile("/sys/kernel/notes")
		return err == nil && fmt.Sprintf("%x", objfile.ParseBuildIDNotes(b)) == f.BuildID
	}
	file, err := objfile.Open(f.Path)
	if err != nil {
		return false
	}
	defer file.Close()
	return fmt.Sprintf("%x", file.BuildID()) == f.BuildID
}

// place is the directory for a file's definitions, below Dir.
func (f *CachedFile) place() string { return strings.TrimPrefix(f.Path, "/") + "/" + f.BuildID }

// maxProbes bounds a file with definitions, in bytes.
const maxProbes = 16 << 20

// read reads the definitions for a file, of which there may be none.
func (c *Cache) read(path, buildID string) (CachedFile, error) {
	f := CachedFile{Path: path, BuildID: buildID}
	if path == "/"+kernelPath {
		f.Path = kernelPath
	}
	if err := c.check(f.place() + "/probes"); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return f, err
	}
	name := filepath.Join(c.Dir, f.place(), "probes")
	b, err := os.ReadFile(name)
	if err != nil {
		return f, err
	}
	if f.Events, err = parseCache(b); err != nil {
		return f, &CacheError{name, "is damaged: " + err.Error(), "remove it; it holds only what was kept by --cache"}
	}
	return f, nil
}

// check refuses a path that another user could have written: what the cache holds is written to the kernel.
func (c *Cache) check(rel string) error {
	at := c.Dir
	for _, part := range append([]string{""}, strings.Split(rel, "/")...) {
		at = filepath.Join(at, part)
		var st unix.Stat_t
		if err := unix.Lstat(at, &st); err != nil {
			return &fs.PathError{Op: "lstat", Path: at, Err: err}
		}
		const next = "chmod go-w and chown it, or remove it"
		switch kind := st.Mode & unix.S_IFMT; {
		case kind != unix.S_IFDIR && kind != unix.S_IFREG:
			return &CacheError{at, "is neither a directory nor a file", next}
		case st.Uid != uint32(os.Geteuid()) && st.Uid != 0 || st.Mode&0o022 != 0:
			return &CacheError{at, "can be written by other users", next}
		case kind == unix.S_IFREG && st.Size > maxProbes:
			return &CacheError{at, "is too long", next}
		}
	}
	return nil
}

// write replaces a file's definitions, and lets its build-id lead there.
func (c *Cache) write(f *CachedFile) error {
	dir := filepath.Join(c.Dir, f.place())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := c.check(f.place()); err != nil {
		return err
	}
	if err := c.link(f); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, ".probes-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(formatCache(f.Events))
	if err = errors.Join(err, temp.Chmod(0o644), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), dir+"/probes")
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}

func (c *Cache) link(f *CachedFile) error {
	name := filepath.Join(c.Dir, ".build-id", f.BuildID[:2], f.BuildID[2:])
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	err := os.Symlink("../../"+f.place(), name)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}
