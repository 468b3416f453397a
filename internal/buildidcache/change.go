package buildidcache

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gperf-dev/gperf/symbolize/debugfile"
)

// Source is a file to be put into the cache.
type Source struct {
	Name string // under which it is kept: the path that processes know it by
	Path string // where it is read, which is elsewhere for another mount namespace
	ID   []byte
}

// File makes a Source of a file. Symbolic links are followed, so that the file has one name. root is where the paths begin: "" or /proc/PID/root.
func File(root, path string) (Source, error) {
	id, err := FileID(root + path)
	if err != nil {
		return Source{}, err
	}
	s := Source{Name: path, Path: root + path, ID: id}
	if root == "" {
		if s.Name, err = filepath.Abs(path); err != nil {
			return Source{}, err
		}
		if s.Name, err = filepath.EvalSymlinks(s.Name); err != nil {
			return Source{}, err
		}
		s.Path = s.Name
	}
	return s, nil
}

// Add puts a file, and its separate debug file if there is one here, into the cache. What is there already stays.
func (c *Cache) Add(s Source) error {
	id := hex.EncodeToString(s.ID)
	rel, err := EntryDir(s.Name, id)
	if err != nil {
		return err
	}
	dir := filepath.Join(c.Dir, rel)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	kind := FileName(s.Name)
	if err := place(s.Path, filepath.Join(dir, kind)); err != nil {
		return err
	}
	if kind == "elf" {
		// The cache itself is no place to find a debug file in, for it would be the one that is there.
		if p, _, err := debugfile.ByBuildID(s.ID, debugfile.Options{Cache: "-", Section: ".symtab"}); err == nil {
			if err := place(p, filepath.Join(dir, "debug")); err != nil {
				return err
			}
		}
	}
	return c.link(id, rel)
}

// link makes the link of a build-id.
func (c *Cache) link(id, rel string) error {
	name := filepath.Join(c.Dir, LinkName(id))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	target := "../../" + rel
	err := os.Symlink(target, name)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Stat(name); err == nil {
		return nil // the same build under another name
	}
	if err := os.Remove(name); err != nil {
		return err
	}
	return os.Symlink(target, name)
}

// place makes a file of the cache: another link to it, as perf does, else a copy, which appears when it is whole.
func place(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	if filepath.Base(to) != "kallsyms" && os.Link(from, to) == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return write(in, to)
}

// write writes a file of the cache; nobody sees a part of it.
func write(in io.Reader, to string) error {
	out, err := os.CreateTemp(filepath.Dir(to), ".tmp-")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // after the rename there is nothing of that name
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Chmod(0o644)
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), to)
}

// Remove takes a build out of the cache. The error is fs.ErrNotExist if it is not there.
func (c *Cache) Remove(id string) error {
	name, ok := c.nameOf(id)
	if !ok {
		return fmt.Errorf("%s: %w", id, fs.ErrNotExist)
	}
	rel, err := EntryDir(name, id)
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(c.Dir, LinkName(id))); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(c.Dir, rel))
}

// Purge takes all builds of a path out of the cache, and tells how many there were.
func (c *Cache) Purge(path string) (int, error) {
	all, err := c.All()
	n := 0
	for _, e := range all {
		if e.Name != path {
			continue
		}
		if err := c.Remove(e.ID); err != nil {
			return n, err
		}
		n++
	}
	return n, err
}
