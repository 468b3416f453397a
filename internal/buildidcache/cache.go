// Package buildidcache is the directory in which perf keeps copies of what was recorded, by build-id: ~/.debug. perf finds what is put there, and what
// perf put there is found.
//
// A file of build-id abcd… is DIR/PATH/abcd…/elf, its separate debug file DIR/PATH/abcd…/debug; the kernel's symbols are
// DIR/[kernel.kallsyms]/abcd…/kallsyms, the vdso DIR/[vdso]/abcd…/vdso. The link DIR/.build-id/ab/cd… leads to that directory.
// See tools/perf/util/build-id.c.
package buildidcache

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gperf-dev/gperf/internal/objfile"
	"github.com/gperf-dev/gperf/symbolize"
	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// Cache is a build-id cache.
type Cache struct {
	Dir string
}

// Default is the cache that perf uses: below $PERF_BUILDID_DIR, else $HOME/.debug. It is an error if neither is set.
func Default() (*Cache, error) {
	if dir := os.Getenv("PERF_BUILDID_DIR"); dir != "" {
		return &Cache{filepath.Join(dir, ".debug")}, nil
	}
	if dir := (&debugfile.Options{}).CacheDir(); dir != "" {
		return &Cache{dir}, nil
	}
	return nil, errors.New("no build-id cache: neither PERF_BUILDID_DIR nor HOME is set")
}

// Entry is one build in the cache.
type Entry struct {
	ID   string // in hexadecimal
	Name string // the path of the file, "[kernel.kallsyms]", "[vdso]"
}

// FileName is the name of what a directory of the cache holds for a file of that name.
func FileName(name string) string {
	switch name {
	case symbolize.KernelModule:
		return "kallsyms"
	case objfile.VDSOName:
		return "vdso"
	}
	return "elf"
}

// EntryDir is the directory of a build, relative to the cache. It is an error if name or id could lead out of it.
func EntryDir(name, id string) (string, error) {
	if _, err := hex.DecodeString(id); err != nil || len(id) < 4 || len(id) > 2*maxID {
		return "", fmt.Errorf("%q is no build-id", id)
	}
	clean := filepath.Clean("/" + name)
	if clean == "/" || strings.ContainsRune(name, 0) || strings.HasPrefix(clean, "/.build-id") {
		return "", fmt.Errorf("%q is no name for a file of the build-id cache", name)
	}
	return filepath.Join(clean[1:], id), nil
}

// maxID is the longest build-id, in bytes: perf's records have room for 20, ELF notes may have more.
const maxID = 64

// LinkName is the link of a build-id, relative to the cache.
func LinkName(id string) string { return filepath.Join(".build-id", id[:2], id[2:]) }

// Dir of a build, by its link; "" if it is not in the cache.
func (c *Cache) dirOf(id string) string {
	if len(id) < 4 {
		return ""
	}
	dir := filepath.Join(c.Dir, LinkName(id))
	if _, err := os.Stat(dir); err != nil {
		return ""
	}
	return dir
}

// Find gives the cached file of a build: "elf", "debug", "kallsyms" or "vdso" as FileName tells; "" if it is not there.
func (c *Cache) Find(id, file string) string {
	dir := c.dirOf(id)
	if dir == "" {
		return ""
	}
	p := filepath.Join(dir, file)
	if st, err := os.Stat(p); err != nil || !st.Mode().IsRegular() {
		return ""
	}
	return p
}

// All lists the builds of the cache by their ids.
func (c *Cache) All() ([]Entry, error) {
	groups, err := os.ReadDir(filepath.Join(c.Dir, ".build-id"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Entry
	for _, g := range groups {
		links, err := os.ReadDir(filepath.Join(c.Dir, ".build-id", g.Name()))
		if err != nil {
			continue // not a directory: not perf's
		}
		for _, l := range links {
			id := g.Name() + l.Name()
			if name, ok := c.nameOf(id); ok {
				all = append(all, Entry{ID: id, Name: name})
			}
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// nameOf reads whose build an id is off its link: ../../usr/bin/ls/ID.
func (c *Cache) nameOf(id string) (string, bool) {
	if len(id) < 4 {
		return "", false
	}
	target, err := os.Readlink(filepath.Join(c.Dir, LinkName(id)))
	if err != nil {
		return "", false
	}
	name, ok := strings.CutPrefix(target, "../..")
	name, ok2 := strings.CutSuffix(name, "/"+id)
	if !ok || !ok2 {
		return "", false
	}
	if strings.HasPrefix(name, "/[") {
		name = name[1:]
	}
	return name, true
}

// Valid lists the builds whose file is still the same at its path, which is what perf lists.
func (c *Cache) Valid() ([]Entry, error) {
	all, err := c.All()
	return slices.DeleteFunc(all, func(e Entry) bool { return hex.EncodeToString(currentID(e.Name)) != e.ID }), err
}

// currentID is the build-id that a name stands for now, nil for none.
func currentID(name string) []byte {
	switch {
	case name == symbolize.KernelModule:
		return debugfile.KernelBuildID()
	case !strings.HasPrefix(name, "/"):
		return nil
	}
	id, err := FileID(name)
	if err != nil {
		return nil
	}
	return id
}

// errNoID is wrapped when a file has no build-id.
var errNoID = errors.New("it has no build-id")

// FileID is the build-id of a file.
func FileID(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w: it is no regular file", path, errNoID)
	}
	f, err := objfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	id := slices.Clone(f.BuildID())
	if len(id) == 0 {
		return nil, fmt.Errorf("%s: %w", path, errNoID)
	}
	return id, nil
}
