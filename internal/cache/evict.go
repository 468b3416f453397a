package cache

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// temporary is how the names of files begin that are being written.
const temporary = ".tmp-"

// staleAfter is when a temporary file's writer is dead.
const staleAfter = time.Hour

// kept is a file in the cache.
type kept struct {
	dir, name string
	size      int64
	used      time.Time
}

// evict removes what was not used for longest until all versions of the kind fit, and what writers that died left.
func (s *Store) evict(limit int64) error {
	var all []kept
	total := int64(0)
	versions, err := s.list(s.Kind, true)
	if err != nil {
		return err
	}
	for _, v := range versions {
		files, err := s.list(s.Kind+"/"+v.name, false)
		if err != nil {
			continue // another version's, or somebody else's: not ours to clean
		}
		for _, f := range files {
			if strings.HasPrefix(f.name, temporary) {
				if time.Since(f.used) > staleAfter {
					err = errors.Join(err, s.remove(f))
				}
				continue
			}
			all = append(all, f)
			total += f.size
		}
	}
	slices.SortFunc(all, func(a, b kept) int { return cmp.Or(a.used.Compare(b.used), strings.Compare(a.name, b.name)) })
	for _, f := range all {
		if total <= limit {
			break
		}
		err = errors.Join(err, s.remove(f))
		total -= f.size
	}
	return err
}

// list returns the files, or the directories, of a directory below the store's.
func (s *Store) list(rel string, dirs bool) ([]kept, error) {
	fd, err := openDir(s.Dir, rel, false)
	if err != nil {
		return nil, err
	}
	d := os.NewFile(uintptr(fd), rel)
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	var out []kept
	for _, e := range entries {
		var st unix.Stat_t
		if unix.Fstatat(fd, e.Name(), &st, unix.AT_SYMLINK_NOFOLLOW) != nil {
			continue // another gperf removed it
		}
		isDir, isFile := st.Mode&unix.S_IFMT == unix.S_IFDIR, st.Mode&unix.S_IFMT == unix.S_IFREG
		if dirs && isDir || !dirs && isFile {
			out = append(out, kept{rel, e.Name(), st.Size, time.Unix(st.Mtim.Unix())})
		}
	}
	return out, nil
}

func (s *Store) remove(f kept) error {
	fd, err := openDir(s.Dir, f.dir, false)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.Unlinkat(fd, f.name, 0); err != nil && !errors.Is(err, unix.ENOENT) {
		return &os.PathError{Op: "remove", Path: f.dir + "/" + f.name, Err: err}
	}
	return nil
}
