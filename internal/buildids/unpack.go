package buildids

import (
	"archive/tar"
	"bufio"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/gperf-dev/gperf/internal/buildidcache"
)

// ArchiveError tells that a file is no archive of Pack's.
type ArchiveError struct {
	What string
	Err  error // nil or the cause
}

func (e *ArchiveError) Error() string {
	if e.Err != nil {
		return e.What + ": " + e.Err.Error()
	}
	return e.What
}

func (e *ArchiveError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *ArchiveError) Hint() string {
	return "gperf pack makes archives that can be unpacked: copy it again, as binary"
}

// Unpack puts the files of an archive into the cache and returns how many builds it has. What is there already stays. An entry that does not belong
// into a build-id cache ends it with an *ArchiveError; nothing outside of the cache is ever written.
func Unpack(r io.Reader, cache *buildidcache.Cache) (int, error) {
	if err := os.MkdirAll(cache.Dir, 0o755); err != nil {
		return 0, err
	}
	root, err := os.OpenRoot(cache.Dir)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	zip, err := gzip.NewReader(bufio.NewReader(r))
	if err != nil {
		return 0, &ArchiveError{"this is no archive of gperf pack", err}
	}
	builds, in := 0, tar.NewReader(zip)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			// The sum of all stands at the end, behind what fills the last block of tar.
			if _, err = io.CopyN(io.Discard, zip, 1<<20); errors.Is(err, io.EOF) {
				return builds, nil
			}
		}
		if err != nil {
			return builds, &ArchiveError{"the archive is damaged or cut short", cmp.Or(err, errTail)}
		}
		switch h.Typeflag {
		case tar.TypeReg:
			err = unpackFile(root, h.Name, in)
		case tar.TypeSymlink:
			builds++
			err = unpackLink(root, h.Name, h.Linkname)
		case tar.TypeDir:
		default:
			err = strange(h.Name)
		}
		if err != nil {
			return builds, err
		}
	}
}

var errTail = errors.New("more follows than tar writes")

func strange(name string) error {
	return &ArchiveError{What: fmt.Sprintf("the archive's entry %q does not belong into a build-id cache", name)}
}

// entry checks the name of a file: PATH/ID/KIND.
func entry(name string) (dir string, err error) {
	dir, kind := path.Split(path.Clean(name))
	dir, id := path.Split(strings.TrimSuffix(dir, "/"))
	switch kind {
	case "elf", "debug", "kallsyms", "vdso", "probes":
	default:
		return "", strange(name)
	}
	if dir, err = buildidcache.EntryDir(strings.TrimSuffix(dir, "/"), id); err != nil {
		return "", &ArchiveError{fmt.Sprintf("the archive's entry %q", name), err}
	}
	return dir, nil
}

func unpackFile(root *os.Root, name string, in io.Reader) error {
	dir, err := entry(name)
	if err != nil {
		return err
	}
	if err := root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	to := dir + "/" + path.Base(name)
	if _, err := root.Lstat(to); err == nil {
		return nil
	}
	part := dir + "/.part"
	out, err := root.OpenFile(part, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err == nil {
		return root.Rename(part, to)
	}
	return &ArchiveError{"the archive is damaged, or there is no room", errors.Join(err, root.Remove(part))}
}

func unpackLink(root *os.Root, name, target string) error {
	id := strings.ReplaceAll(strings.TrimPrefix(name, ".build-id/"), "/", "")
	rel := strings.TrimPrefix(target, "../../")
	if dir, err := entry(rel + "/elf"); err != nil || dir != rel || path.Base(rel) != id || len(id) < 4 || buildidcache.LinkName(id) != name {
		return strange(name)
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := root.Symlink(target, name); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
