// Package debugfile finds the separate file that holds an object's debug information: by build-id, by debug link, in perf's build-id cache,
// and for the kernel in the places where distributions put vmlinux.
package debugfile

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"

	"github.com/gperf-dev/gperf/internal/objfile"
)

// Options say where to look. The zero value is this machine's usual places.
type Options struct {
	Root    string   // prefix of every path (perf's --symfs)
	Dirs    []string // directories like /usr/lib/debug, which is the default
	Cache   string   // perf's build-id cache; "" means $HOME/.debug, "-" none
	Section string   // what the file must have; "" means ".debug_info"
	// Fetch gets a file with debug information by build-id from elsewhere, after all places here; see package debuginfod.
	// nil: nothing is fetched.
	Fetch func(buildID []byte) (path string, err error)
}

// NotFoundError says that no debug file was found.
type NotFoundError struct {
	Object  string   // path of the program, library or kernel
	BuildID []byte   // its build-id, nil if it has none
	Section string   // what was looked for
	Tried   []string // files, and what else was asked, with its answer
}

func (e *NotFoundError) Error() string {
	id := "it has no build-id"
	if e.BuildID != nil {
		id = "build-id " + hex.EncodeToString(e.BuildID)
	}
	return fmt.Sprintf("%s: no file with %s found (%s); looked at %d places", e.Object, e.Section, id, len(e.Tried))
}

// Hint is the next step in words.
func (e *NotFoundError) Hint() string {
	if strings.Contains(e.Object, "vmlinux") {
		return "install the kernel's debug package (Debian: linux-image-$(uname -r)-dbg), or name a vmlinux with -k"
	}
	return "install its debug symbols (Debian: package -dbgsym, Fedora: debuginfo-install), or build it with -g"
}

// Find gives the file with debug information for the object at path; that may be path itself. tried lists where it looked, in order. The
// error is a *NotFoundError, or what opening path gave. A file found is of the same build: its build-id is equal, or, where one of the two
// has none, it was named by a debug link whose checksum fits.
func Find(path string, o Options) (found string, tried []string, err error) {
	full := o.Root + path
	f, err := objfile.Open(full)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	s := search{o: o, path: path, id: f.BuildID(), section: o.section()}
	if f.HasSection(s.section) {
		return full, []string{full}, nil
	}
	s.tried = append(s.tried, full)
	if s.byBuildID() || s.byDebugLink(f) || s.byPath() || s.byFetch() {
		return s.found, s.tried, nil
	}
	return "", s.tried, &NotFoundError{Object: full, BuildID: s.id, Section: s.section, Tried: s.tried}
}

// ByBuildID finds a file that has the wanted section by its build-id alone, for objects that are gone or changed.
func ByBuildID(id []byte, o Options) (found string, tried []string, err error) {
	s := search{o: o, id: id, section: o.section()}
	if s.byBuildID() || s.byFetch() {
		return s.found, s.tried, nil
	}
	return "", s.tried, &NotFoundError{Object: "build-id " + hex.EncodeToString(id), BuildID: id, Section: s.section, Tried: s.tried}
}

func (o *Options) section() string {
	if o.Section == "" {
		return ".debug_info"
	}
	return o.Section
}

func (o *Options) dirs() []string {
	if len(o.Dirs) == 0 {
		return []string{"/usr/lib/debug"}
	}
	return o.Dirs
}

// CacheDir is perf's build-id cache, "" if there is none to use.
func (o *Options) CacheDir() string {
	switch o.Cache {
	case "-":
		return ""
	case "":
		if home := os.Getenv("HOME"); home != "" {
			return filepath.Join(home, ".debug")
		}
		return ""
	}
	return o.Cache
}

// search is one question and the places looked at so far.
type search struct {
	o       Options
	path    string
	id      []byte
	section string
	crc     *uint32 // of the debug link, where it is what tells
	tried   []string
	found   string
}

// try looks whether the file at p will do.
func (s *search) try(p string) bool {
	for _, t := range s.tried {
		if t == p {
			return false
		}
	}
	s.tried = append(s.tried, p)
	f, err := objfile.Open(p)
	if err != nil {
		return false
	}
	defer f.Close()
	if !f.HasSection(s.section) || !s.sameBuild(f) {
		return false
	}
	s.found = p
	return true
}

func (s *search) sameBuild(f *objfile.File) bool {
	id := f.BuildID()
	if id == nil {
		id = f.SupplementID()
	}
	if id != nil && s.id != nil {
		return bytes.Equal(id, s.id)
	}
	if s.crc == nil {
		return false
	}
	sum := uint32(0)
	err := objfile.Guard(f.Path(), func() error {
		sum = crc32.ChecksumIEEE(f.Bytes())
		return nil
	})
	return err == nil && sum == *s.crc
}

// byBuildID looks for DIR/.build-id/ab/cdef….debug, then in perf's cache, which keeps whole files as DIR/.build-id/ab/cdef…/elf.
func (s *search) byBuildID() bool {
	if len(s.id) < 2 {
		return false
	}
	h := hex.EncodeToString(s.id)
	for _, d := range s.o.dirs() {
		if s.try(s.o.Root + d + "/.build-id/" + h[:2] + "/" + h[2:] + ".debug") {
			return true
		}
	}
	cache := s.o.CacheDir()
	if cache == "" {
		return false
	}
	base := cache + "/.build-id/" + h[:2] + "/" + h[2:]
	return s.try(base+"/debug") || s.try(base+"/elf")
}

// byDebugLink looks where gdb does: beside the object, in .debug there, and below each debug directory.
func (s *search) byDebugLink(f *objfile.File) bool {
	name, crc, ok := f.DebugLink()
	if !ok || strings.Contains(name, "/") {
		return false
	}
	s.crc = &crc
	defer func() { s.crc = nil }()
	dir, _ := filepath.Split(s.path)
	dir = filepath.Clean(dir)
	if s.try(s.o.Root+dir+"/"+name) || s.try(s.o.Root+dir+"/.debug/"+name) {
		return true
	}
	for _, d := range s.o.dirs() {
		for _, p := range merged(dir) {
			if s.try(s.o.Root + d + p + "/" + name) {
				return true
			}
		}
	}
	return false
}

// byPath looks for DIR/PATH.debug (Fedora) and DIR/PATH (Ubuntu, and kernel modules).
func (s *search) byPath() bool {
	if !filepath.IsAbs(s.path) {
		return false
	}
	for _, d := range s.o.dirs() {
		for _, p := range merged(unpackedName(s.path)) {
			if s.try(s.o.Root+d+p+".debug") || s.try(s.o.Root+d+p) {
				return true
			}
		}
	}
	return false
}

// byFetch asks elsewhere.
func (s *search) byFetch() bool {
	if s.o.Fetch == nil || len(s.id) < 2 {
		return false
	}
	p, err := s.o.Fetch(s.id)
	if err != nil {
		s.tried = append(s.tried, err.Error())
		return false
	}
	return s.try(p)
}

// unpackedName is the name of a compressed module (x.ko.xz) before it was compressed; debug files keep that.
func unpackedName(p string) string {
	for _, ext := range [...]string{".ko.xz", ".ko.zst", ".ko.gz"} {
		if base, ok := strings.CutSuffix(p, ext); ok {
			return base + ".ko"
		}
	}
	return p
}

// merged gives a path with and without /usr: debug packages were built before or after the two were merged.
func merged(p string) []string {
	if short, ok := strings.CutPrefix(p, "/usr/"); ok {
		return []string{p, "/" + short}
	}
	return []string{p, "/usr" + p}
}
